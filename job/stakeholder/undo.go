package stakeholder

import (
	"fmt"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/rundir"
)

// undoFile has the state before of each row that changed a deal which was read first. The latest change comes first:
// whoever puts the roles back in the order of the file ends where the run began, also where a contact changed twice. An
// empty role means that the contact was not on the deal.
const undoFile = "undo.csv"

// write writes undo.csv, where there is anything to undo.
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
			table, err = csvio.NewTableWriter(file, undoColumns(), csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
			if err != nil {
				return err
			}
		}
		was := job.Decoded[before](r.Done.Prior)
		cells := []csvio.Value{{Text: r.Key}, {Text: r.Item}, {Text: was.Name}, {Text: was.ID}, {Text: r.Done.Action}}
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

func undoColumns() []csvio.Column {
	return []csvio.Column{
		{Name: "deal_id", Kind: csvio.IDColumn}, {Name: "contact_id", Kind: csvio.IDColumn}, {Name: "role"},
		{Name: "role_id", Kind: csvio.IDColumn}, {Name: "rc_action"},
	}
}

// undoable reports whether an outcome is a change whose state before is known and was another one.
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

// noteProof tells of a proof that is open: whether a call took contacts off a deal is not known before resume.
func noteProof(out *job.Output) error {
	deal, err := openProof(out.Notebook)
	if err == nil && deal != "" {
		out.Note(fmt.Sprintf("the run stopped before it looked whether a call for several contacts took others off deal %s: "+
			"resume looks, and puts them back", deal))
	}
	return err
}
