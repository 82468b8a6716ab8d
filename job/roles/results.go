package roles

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// The files of a run's folder that only runs over roles have.
const (
	beforeFile = "before.csv" // the list before the run
	prunedFile = "pruned.csv" // what became of the roles that the table does not name
)

// What the results say of a row that has no outcome.
const (
	unfinished = "the run ended before this row was done; resume goes on with it"
	notSent    = "a dry run: not sent"
)

// write makes the tables, and the summary of them. open is what a row without an outcome is told.
func (r *run) write(open string) (*report.Summary, error) {
	r.dir.Sweep()
	sum := r.summary()
	groups := report.NewGroups(func(code string) bool { _, own := job.OwnAdvice(code); return own }, func(code, details string) string { return advice(r.facts.Command, code) })
	outcomes := make([]outcome, len(r.state.rows))
	for i := range r.state.rows {
		row := &r.state.rows[i]
		o, ok := r.state.done[row.number]
		switch {
		case ok:
		case row.bad != nil && open == notSent:
			o = rejected(row, *row.bad)
		default:
			o = outcome{row: row.number, status: job.StatusNotAttempted, message: open}
		}
		outcomes[i] = o
		count(&sum.Rows, &o)
		if o.status == job.StatusError {
			groups.Add(o.code, o.message, o.details, row.line)
		}
	}
	sum.Errors = groups.List()
	if n := sum.Rows; n.Success+n.Error+n.NotAttempted != n.Total || int(n.Total) != len(r.table.rows) {
		return nil, fmt.Errorf("%d rows have %d outcomes", len(r.table.rows), n.Success+n.Error+n.NotAttempted)
	}
	err := r.dir.WriteWhole(rundir.Results, func(w io.Writer) error { return r.writeRows(w, outcomes, func(*outcome) bool { return true }) })
	if err == nil {
		err = r.dir.WriteWhole(rundir.Failed, func(w io.Writer) error {
			return r.writeRows(w, outcomes, func(o *outcome) bool { return o.status == job.StatusError })
		})
	}
	if err == nil {
		err = r.dir.WriteWhole(beforeFile, func(w io.Writer) error {
			return WriteList(w, r.facts.Before, csvio.TableOptions{Format: csvio.FormatCSV})
		})
	}
	if err == nil {
		err = r.writePruned(sum)
	}
	if err != nil {
		return nil, err
	}
	return sum, rundir.CopyResults(r.dir.File(rundir.Results), r.facts.Settings.ResultsCopy, r.Stdout)
}

// count takes one row into the counts.
func count(n *report.Rows, o *outcome) {
	n.Total++
	switch o.status {
	case job.StatusSuccess:
		n.Success++
	case job.StatusError:
		n.Error++
	default:
		n.NotAttempted++
	}
	switch o.action {
	case job.ActionCreated:
		n.Created++
	case job.ActionUpdated:
		n.Updated++
	case job.ActionDeleted:
		n.Deleted++
	case job.ActionUnchanged:
		n.Unchanged++
	}
}

// writeRows writes a result table of some of the rows.
func (r *run) writeRows(w io.Writer, outcomes []outcome, among func(*outcome) bool) error {
	t := csvio.NewResultWriter(w, r.table.header, job.ResultColumns())
	for i := range outcomes {
		if o := &outcomes[i]; among(o) {
			if err := t.Write(r.state.rows[i].cells, o.result()); err != nil {
				return errors.Join(err, t.Close())
			}
		}
	}
	return t.Close()
}

// result returns the results of a row, parallel to job.ResultColumns.
func (o *outcome) result() []string {
	return []string{
		number(int(o.row)), o.action, o.status, csvio.Guard(o.code), csvio.Guard(o.message), o.details,
		number(o.http), number(o.attempts), "", "", o.role, csvio.Guard(o.prior),
	}
}

// number writes a number, and nothing for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// writePruned writes what became of the roles that the table does not name, as a table that can be imported again.
func (r *run) writePruned(sum *report.Summary) error {
	gone, err := r.s.pruned()
	if err != nil || len(gone) == 0 {
		return err
	}
	sum.Files.Pruned = r.dir.File(prunedFile)
	return r.dir.WriteWhole(prunedFile, func(w io.Writer) error {
		t := csvio.NewResultWriter(w, []string{string(ID), string(Name), string(Sequence)}, job.ResultColumns())
		for _, role := range r.facts.Before {
			o, ok := gone[role.ID]
			if !ok {
				continue
			}
			if o.action = job.ActionDeleted; !o.ok() {
				o.action = ""
				sum.Roles.NotPrunedWhy = cmp.Or(sum.Roles.NotPrunedWhy, o.code+": "+o.message)
			}
			o.prior = role.Name
			if err := t.Write([]string{role.ID, csvio.Guard(role.Name), number(role.Sequence)}, o.result()); err != nil {
				return errors.Join(err, t.Close())
			}
		}
		return t.Close()
	})
}

// WriteList writes an org's roles as a table that can be imported.
func WriteList(w io.Writer, l picklist.List, o csvio.TableOptions) error {
	o.Sheet = Sheet
	t, err := csvio.NewTableWriter(w, []csvio.Column{{Name: string(ID), Kind: csvio.IDColumn}, {Name: string(Name)}, {Name: string(Sequence), Kind: csvio.PlainColumn}}, o)
	if err != nil {
		return err
	}
	for i, role := range l {
		position := strconv.Itoa(i + 1)
		if role.Sequence > 0 {
			position = strconv.Itoa(role.Sequence)
		}
		if err := t.Write([]csvio.Value{{Text: role.ID}, {Text: role.Name}, {Text: position, JSON: []byte(position)}}); err != nil {
			return errors.Join(err, t.Close())
		}
	}
	return t.Close()
}

// summary begins to say what became of the run: its rows are still to be counted.
func (r *run) summary() *report.Summary {
	f := &r.facts
	told := *r.told
	sum := &report.Summary{
		Version: r.Version, Command: string(f.Command), RunDir: r.dir.Name, State: report.Finished,
		Input: report.Input{Name: f.Input.Name, Dialect: f.Input.Dialect, SHA256: f.Input.SHA256},
		Roles: &told, Notes: slices.Clone(r.notes), Started: f.Started.UTC(), Finished: r.Now().UTC(),
		Files: report.Files{
			Results: r.dir.File(rundir.Results), Failed: r.dir.File(rundir.Failed), Summary: r.dir.File(rundir.Summary), Log: r.dir.File(rundir.Log), Before: r.dir.File(beforeFile),
		},
	}
	told.Pruned, told.NotPruned = r.countPruned()
	sum.Plan = report.Plan{Calls: told.Calls, Reads: told.Reads, Sent: int64(len(r.state.rows)) - told.Unusable, Way: "one call after the other", InFlight: 1, CreditsLeft: told.CreditsLeft, Fits: told.Fits}
	if err := r.s.Get("differs", &told.Differs); err != nil {
		told.Differs = nil
	}
	// What cannot be read here stays out of the summary: the results do not depend on it.
	_ = errors.Join(r.s.Get("spent", &sum.Spent), r.s.Get("seconds", &sum.Seconds))
	return sum
}

// countPruned counts what became of the roles that the table does not name and that were to be deleted.
func (r *run) countPruned() (deleted, not int64) {
	gone, err := r.s.pruned()
	if err != nil || !r.facts.Settings.Prune {
		return 0, 0
	}
	worked := false
	if r.s.Get("worked", &worked) != nil {
		return 0, 0
	}
	for _, role := range r.state.beyond() {
		switch o, ok := gone[role.ID]; {
		case ok && o.ok():
			deleted++
		case ok || worked: // else a later command may
			not++
		}
	}
	return deleted, not
}
