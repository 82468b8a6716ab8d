package stakeholder

import (
	"fmt"
	"strconv"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/picklist"
)

// write writes the job's own files: removed.csv and the saved plan of a plan; else undo.csv, if there is anything to
// undo. In undo.csv an empty role means that the contact was not on the deal.
func write(name string, out *job.Output) error {
	if name == Plan || name == Apply {
		if err := writeRemoved(out); err != nil {
			return err
		}
	}
	if name == Plan {
		return savePlan(out)
	}
	if err := noteProof(out); err != nil || out.DryRun {
		return err
	}
	if c := &out.Summary.Rows; name == Assign && c.Added+c.Updated == 0 { // spares a pass over all rows
		return nil
	}
	return out.WriteUndo(undoColumns(), func(r *job.Row) []csvio.Value {
		if !undoable(r.Done) {
			return nil
		}
		was := job.Decoded[before](r.Done.Prior)
		return []csvio.Value{
			{Text: r.Key}, {Text: r.Item}, {Text: was.Name}, {Text: was.ID}, {Text: r.Done.Action},
			{Text: strconv.FormatInt(r.N, 10)},
		}
	})
}

// undoColumns returns the columns of undo.csv.
func undoColumns() []csvio.Column {
	return []csvio.Column{
		{Name: "deal_id", Kind: csvio.IDColumn}, {Name: "contact_id", Kind: csvio.IDColumn}, {Name: "role"},
		{Name: "role_id", Kind: csvio.IDColumn}, {Name: "rc_action"},
		{Name: string(csvio.UndoRow), Kind: csvio.PlainColumn},
	}
}

// undoable reports whether an outcome is a change whose prior state is known.
func undoable(o *job.Outcome) bool {
	switch o.Action {
	case job.ActionAdded, job.ActionUpdated:
		return true
	case job.ActionRemoved:
		return job.Decoded[before](o.Prior).role != (role{})
	}
	return false
}

// noteProof adds a note about an open proof. Only resume can find out whether a call took contacts off the deal.
func noteProof(out *job.Output) error {
	deal, err := openProof(out.Notebook)
	if err == nil && deal != "" {
		out.Note(fmt.Sprintf("the run stopped before it checked whether a call for several contacts "+
			"took others off deal %s: resume checks, and puts them back", deal))
	}
	return err
}

// undoSurvey turns the records of the input of undo into rows.
type undoSurvey struct{}

// Row implements job.Survey.
func (undoSurvey) Row(in *csvio.Reader, rec *csvio.Record) (row job.Row, err error) {
	if row.Done = job.Malformed(rec); row.Done != nil {
		return row, nil
	}
	row.Key, row.Item = writtenID(in, &row, csvio.DealID), writtenID(in, &row, csvio.ContactID)
	a := ask{
		role:     role{writtenID(in, &row, csvio.RoleID), in.Value(csvio.Role)},
		TakesOff: in.Value(csvio.UndoAction) == undoRemove,
		Left: &before{
			role:   role{writtenID(in, &row, leftRoleID), in.Value(leftRole)},
			Absent: in.Value(csvio.UndoAction) == undoAdd,
		},
		Unsure: in.Value(undoOutcome) == outcomeUnknown,
	}
	switch {
	case row.Done != nil:
	case in.Value(csvio.UndoAction) == "":
		row.Done = job.Reject(job.CodePriorUnknown,
			"the run could not read the deal before it wrote to the deal, so the earlier roles are not known", "")
	case !a.TakesOff && a.role == role{}:
		row.Done = job.Reject(job.CodeRoleMissing,
			"the contact was on the deal without a role, and Zoho puts no contact on a deal without a role", "")
	}
	row.Ask = job.Encode(a)
	return row, nil
}

// End implements job.Survey.
func (undoSurvey) End(*csvio.Reader, func(string), func(string)) error { return nil }

// resolveUndo finds the role that a row of undo restores in the org's list: by its id, else by its name.
func (w *work) resolveUndo(r *job.Row) {
	a := askOf(r)
	if a.TakesOff {
		return
	}
	found, err := w.index.Find(picklist.Cell{Text: a.ID, ByID: true})
	if err != nil {
		found, err = w.index.Find(picklist.Cell{Text: strings.TrimSpace(a.Name)})
	}
	if err != nil {
		r.Done = job.Reject(job.CodeRoleUnknown,
			fmt.Sprintf("the contact had the role %q (%s), which the org no longer has", a.Name, a.ID), "")
		return
	}
	a.role = role{found.ID, found.Name}
	r.Ask = job.Encode(a)
}

// judge returns the outcome of a row that needs no call: the contact is already as the row wants it, or somebody
// changed the contact since the earlier run or since the plan. ok is false if the contact is still as it was then, so
// that the row is sent.
func (d *deal) judge(r *job.Row) (o job.Outcome, ok bool) {
	a, now := askOf(r), d.now(r.Item)
	asWanted, then := "the contact is as before the run already", "the run left the contact"
	if d.plans() {
		asWanted, then = "the contact is as the row wants it already", "when the plan was made the contact was"
	}
	switch want := (before{role: a.role, Absent: a.TakesOff}); {
	case d.same(now, want) && r.Sent:
		return d.changedByLostCall(r), true
	case d.same(now, want):
		o = job.Settle(r.N, job.ActionUnchanged, asWanted, 0)
		return priorOf(o, job.Encode(now)), true
	case d.same(now, *a.Left):
		return o, false
	}
	o = *job.Reject(job.CodeChangedSince, fmt.Sprintf("%s %s, and now it is %s: "+
		"somebody changed it since, so it was not touched", then, *a.Left, now), "")
	o.Row = r.N
	return o, true
}

// same reports whether two states of a contact are the same. Up to v3 a deal has only the id or only the name of a
// role.
func (d *deal) same(a, b before) bool {
	if a.Absent || b.Absent {
		return a.Absent == b.Absent
	}
	if a.ID != "" && b.ID != "" {
		return a.ID == b.ID
	}
	return a.Name == b.Name
}

// String returns the state for people.
func (b before) String() string {
	switch {
	case b.Absent:
		return "off the deal"
	case b.role == role{}:
		return "on the deal without a role"
	case b.Name == "":
		return "on the deal with the role " + b.ID
	}
	return fmt.Sprintf("on the deal as %q", b.Name)
}
