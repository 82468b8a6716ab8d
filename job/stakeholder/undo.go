package stakeholder

import (
	"fmt"
	"strconv"

	"rolecall/csvio"
	"rolecall/job"
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
