package stakeholder

import (
	"fmt"
	"strconv"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/rundir"
)

// undoFile holds the prior state of each row that changed a deal, if the run read the deal first. It is a record for
// people: undo goes by run.db, and the column csvio.UndoRow keeps every command from taking the file as its input. The
// latest change comes first. An empty role means that the contact was not on the deal.
const undoFile = "undo.csv"

// write writes undo.csv, if there is anything to undo.
func write(out *job.Output) error {
	if err := noteProof(out); err != nil {
		return err
	}
	if out.DryRun {
		return nil
	}
	var file *rundir.Whole
	var table *csvio.TableWriter
	for r, err := range out.Rows.Backward() {
		if err != nil {
			return err
		}
		if !undoable(r.Done) {
			continue
		}
		if file == nil {
			if file, err = rundir.CreateWhole(out.Folder.File(undoFile)); err != nil {
				return err
			}
			defer file.Discard()
			o := csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true}
			table, err = csvio.NewTableWriter(file, undoColumns(), o)
			if err != nil {
				return err
			}
		}
		was := job.Decoded[before](r.Done.Prior)
		cells := []csvio.Value{
			{Text: r.Key}, {Text: r.Item}, {Text: was.Name}, {Text: was.ID}, {Text: r.Done.Action},
			{Text: strconv.FormatInt(r.N, 10)},
		}
		if err := table.Write(cells); err != nil {
			return err
		}
	}
	if file == nil {
		return nil
	}
	if err := table.Close(); err != nil {
		return err
	}
	out.Summary.Files.Undo = out.Folder.File(undoFile)
	return file.Commit()
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
	if o == nil || o.SameAs != 0 {
		return false
	}
	switch o.Action {
	case job.ActionAdded, job.ActionUpdated:
		return true
	case job.ActionRemoved:
		return job.Decoded[before](o.Prior).role != (role{})
	}
	return false
}

// noteProof adds a note about an open proof: only resume can tell whether a call took contacts off the deal.
func noteProof(out *job.Output) error {
	deal, err := openProof(out.Notebook)
	if err == nil && deal != "" {
		out.Note(fmt.Sprintf("the run stopped before it looked whether a call for several contacts "+
			"took others off deal %s: resume looks, and puts them back", deal))
	}
	return err
}
