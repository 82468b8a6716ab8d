package record

import (
	"errors"
	"io"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/export"
	"rolecall/job/report"
)

// beforeFile is the file with the records that a deletion took away. It has the form of an export, which records insert
// accepts.
const beforeFile = "before.csv"

// write writes before.csv of a deletion, or undo.csv of a run that read first.
func write(name string, out *job.Output) error {
	var t table
	reads := false
	err := errors.Join(out.Notebook.Get(keyTable, &t), out.Notebook.Get(keyReads, &reads))
	if err != nil || out.DryRun {
		return err
	}
	if name != Delete {
		if !reads {
			return nil // undo refuses the run, or the rows only inserted
		}
		return out.WritePriors(ID, undoPrior, idOf, priorOf)
	}
	var all []api.Field
	for _, c := range t.Columns {
		all = append(all, c.Field)
	}
	records := func(yield func(api.Record, error) bool) {
		for e, err := range out.Rows.Entries() {
			note := job.Decoded[looked](e.Value)
			if (err != nil || note.Record != nil) && !yield(api.Record{ID: e.Key, Fields: note.Record}, err) {
				return
			}
		}
	}
	out.Summary.Files.Before = out.Folder.File(beforeFile)
	return out.Folder.WriteWhole(beforeFile, func(w io.Writer) error {
		return export.WriteCSV(w, all, records, csvio.TableOptions{Format: csvio.FormatCSV})
	})
}

// story is a Kind.Story: the record, the values that the row writes, and the values before.
func story(r *job.Row, _ job.Results) (job.Understood, error) {
	a, prior := job.Decoded[ask](r.Ask), r.Prior
	if r.Done != nil && r.Done.Prior != nil {
		prior = r.Done.Prior
	}
	id := idOf(r, r.Done)
	var facts []report.Fact
	if id != "" {
		facts = append(facts, report.Fact{Name: "record", Text: id})
	}
	for _, list := range []struct {
		name string
		of   fields
	}{{"writes", a.Write}, {"before", job.Decoded[before](prior).Fields}} {
		for _, name := range sorted(list.of) {
			facts = append(facts, report.Fact{Name: list.name, Text: name + " = " + textOf(list.of[name])})
		}
	}
	return job.Understood{Facts: facts, About: func(path string) (may, others bool) {
		return !strings.Contains(path, "/settings/") && !strings.HasSuffix(path, "/users"), true
	}}, nil
}
