package job

import (
	"errors"
	"fmt"
	"strconv"

	"rolecall/csvio"
	"rolecall/job/report"
)

// unfinished is what results.csv says of a row that has no outcome.
const (
	unfinished = "the run ended before this row was done; resume goes on with it"
	notSent    = "a dry run: not sent"
)

// tally is what the write stage learns about the run while it goes through every row.
type tally struct {
	rows   report.Rows
	groups *report.Groups
	undo   int64 // rows in undo.csv
}

// writer makes the result tables from the input and the outcomes, in input order.
type writer struct {
	s     *store
	names string // of the org's roles, for people
	open  string // what a row without an outcome is told
	plan  batcher
}

// write streams input and outcomes side by side. That each row of the input has exactly one outcome or none is checked here: when it is not so, it is an error and says where.
func (w *writer) write(in *csvio.Reader, to *rowBatcher, undo *undoList) (*tally, error) {
	t := &tally{groups: report.NewGroups(isOwn, func(code, details string) string { return Advice(w.plan.command, code, details) })}
	outcomes := w.s.outcomesInOrder()
	err := w.eachRow(in, func(r *surveyedRow, cells []string) error {
		o, err := w.outcome(r, outcomes)
		if err != nil {
			return err
		}
		t.add(r, &o)
		if err := undo.add(r, &o); err != nil {
			return err
		}
		return to.add(cells, w.result(r, &o), o.status == StatusError)
	})
	if err == nil {
		err = to.flush()
	}
	if err != nil {
		return nil, err
	}
	t.undo = undo.rows
	if row, ok, err := outcomes.left(); ok || err != nil {
		return nil, errors.Join(err, fmt.Errorf("row %d has an outcome too many", row))
	}
	if sum := t.rows.Success + t.rows.Error + t.rows.NotAttempted; sum != t.rows.Total {
		return nil, fmt.Errorf("%d rows have %d outcomes", t.rows.Total, sum)
	}
	return t, nil
}

// eachRow goes through the surveyed rows beside the cells of the input.
func (w *writer) eachRow(in *csvio.Reader, each func(r *surveyedRow, cells []string) error) error {
	rows := w.s.rowsInOrder()
	for {
		r, err := rows.next()
		if r == nil || err != nil {
			return err
		}
		rec, err := in.Read()
		if err != nil {
			return fmt.Errorf("the kept input ends before row %d: %w", r.row, err)
		}
		if int64(rec.Row) != r.row || int64(rec.Line) != r.line {
			return fmt.Errorf("the kept input has row %d at line %d where run.db has row %d at line %d: one of them was changed", rec.Row, rec.Line, r.row, r.line)
		}
		if err := each(r, rec.Cells); err != nil {
			return err
		}
	}
}

// outcome returns what became of a row: what the survey found, what was recorded, or that it is still open.
func (w *writer) outcome(r *surveyedRow, recorded *outcomeCursor) (outcome, error) {
	if o, ok, err := w.local(r); ok || err != nil {
		return o, err
	}
	o, ok, err := recorded.take(r.row)
	if err != nil || ok {
		return o, err
	}
	return outcome{row: r.row, answer: answer{status: StatusNotAttempted, message: w.open}}, nil
}

// local is the outcome of a row that can never be sent.
func (w *writer) local(r *surveyedRow) (o outcome, ok bool, err error) {
	o = outcome{row: r.row, details: r.detail, answer: answer{status: StatusError, code: r.code, message: r.message}}
	switch {
	case r.code == CodeNoStakeholder:
		o.status, o.action = StatusSuccess, ActionUnchanged
		return o, true, nil
	case r.code != "":
		return o, true, nil
	case w.plan.knowsRole(dealRow{role: r.role}):
		return o, false, nil
	}
	problem, err := w.s.roleProblem(r.role)
	o.code, o.message = CodeRoleUnknown, problem+"; it has "+w.names
	return o, true, err
}

// ResultColumns returns the columns that follow the input's own in results.csv.
func ResultColumns() []string {
	return append(csvio.ResultColumns(), "rc_deal_id", "rc_contact_id", "rc_role_id", "rc_prior_role")
}

// result returns the results of one row, parallel to ResultColumns.
func (w *writer) result(r *surveyedRow, o *outcome) []string {
	return []string{
		strconv.FormatInt(r.row, 10), o.action, o.status, csvio.Guard(o.code), csvio.Guard(o.message), o.details,
		positive(o.http), positive(o.attempts),
		r.deal.String(), r.contact.String(), w.plan.roles[r.role].ID, csvio.Guard(o.prior),
	}
}

// positive writes a number, and nothing for 0.
func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// add counts one row.
func (t *tally) add(r *surveyedRow, o *outcome) {
	t.rows.Total++
	switch o.status {
	case StatusSuccess:
		t.rows.Success++
	case StatusError:
		t.rows.Error++
		t.groups.Add(o.code, o.message, o.details, r.line)
	default:
		t.rows.NotAttempted++
	}
	switch o.action {
	case ActionAssigned:
		t.rows.Assigned++
	case ActionAdded:
		t.rows.Added++
	case ActionUpdated:
		t.rows.Updated++
	case ActionRemoved:
		t.rows.Removed++
	case ActionUnchanged:
		t.rows.Unchanged++
	}
}
