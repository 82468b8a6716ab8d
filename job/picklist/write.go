package picklist

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
)

// The files of a run's folder that only these jobs have.
const (
	beforeFile = "before.csv" // the list before the run
	prunedFile = "pruned.csv" // the roles that the table does not name, with the outcomes of their deletions
)

// write writes the job's own files, and completes the summary.
func write(out *job.Output) error {
	if out.DryRun {
		return nil
	}
	var before, beyond List
	pruned, roles := map[string]job.Outcome{}, report.Roles{}
	if out.Summary.Roles != nil {
		roles = *out.Summary.Roles // a copy, because the plan must not change
	}
	out.Summary.Roles = &roles
	for key, into := range map[string]any{
		keyBefore: &before, keyBeyond: &beyond, keyPruned: &pruned, keyDiffers: &roles.Differs,
	} {
		if err := out.Notebook.Get(key, into); err != nil {
			return err
		}
	}
	if out.Stop != nil && out.Stop.Reason == job.OutOfBudget && out.Settings.MaxCredits > 0 {
		out.Note(fmt.Sprintf("resume has the same --max-credits, unless you give another one; "+
			"it first spends %d credits on reading the org and its list", reads))
	}
	out.Summary.Files.Before = out.Folder.File(beforeFile)
	err := out.Folder.WriteWhole(beforeFile, func(w io.Writer) error {
		return WriteList(w, before, csvio.TableOptions{Format: csvio.FormatCSV})
	})
	if err != nil {
		return err
	}
	countPruned(&roles, beyond, pruned, out.Stop != nil)
	if len(pruned) == 0 {
		return nil
	}
	out.Summary.Files.Pruned = out.Folder.File(prunedFile)
	return out.Folder.WriteWhole(prunedFile, func(w io.Writer) error { return writePruned(w, beyond, pruned) })
}

// countPruned counts the outcomes of the deletions.
func countPruned(roles *report.Roles, beyond List, pruned map[string]job.Outcome, stopped bool) {
	for _, role := range beyond {
		switch o, tried := pruned[role.ID]; {
		case tried && o.OK():
			roles.Pruned++
		case tried:
			roles.NotPruned++
			roles.NotPrunedWhy = cmp.Or(roles.NotPrunedWhy, o.Code+": "+o.Message)
		case !stopped: // else resume may delete the role
			roles.NotPruned++
		}
	}
}

// writePruned writes the roles that the run tried to delete, with their outcomes, as a table that roles import accepts.
func writePruned(w io.Writer, beyond List, pruned map[string]job.Outcome) error {
	names := csvio.ResultColumns()
	for _, c := range columns() {
		names = append(names, c.Name)
	}
	t := csvio.NewResultWriter(w, []string{string(ID), string(Name), string(Sequence)}, names)
	for _, role := range beyond {
		o, tried := pruned[role.ID]
		if !tried {
			continue
		}
		name := csvio.Guard(role.Name)
		err := t.Write([]string{role.ID, name, number(role.Sequence)}, []string{
			"", o.Action, string(o.Status), csvio.Guard(o.Code), csvio.Guard(o.Message), o.Details, number(o.HTTP),
			number(o.Attempts), "", "", role.ID, name,
		})
		if err != nil {
			return errors.Join(err, t.Close())
		}
	}
	return t.Close()
}

// number returns n as text, or "" for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
