package record

import (
	"io"
	"strconv"
	"strings"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
)

// beforeFile holds the records that a deletion took away, as records insert takes them.
const beforeFile = "before.csv"

// write writes before.csv of a deletion.
func write(name string, out *job.Output) error {
	var t table
	if err := out.Notebook.Get(keyTable, &t); err != nil || name != Delete || out.DryRun {
		return err
	}
	out.Summary.Files.Before = out.Folder.File(beforeFile)
	return out.Folder.WriteWhole(beforeFile, func(w io.Writer) error {
		columns := []csvio.Column{{Name: "rc_row", Kind: csvio.PlainColumn}, {Name: string(ID), Kind: csvio.IDColumn}}
		for _, c := range t.Columns {
			kind := csvio.TextColumn
			if strings.HasSuffix(c.Field.Type, "lookup") {
				kind = csvio.IDColumn
			}
			columns = append(columns, csvio.Column{Name: c.Field.APIName, Kind: kind})
		}
		file, err := csvio.NewTableWriter(w, columns, csvio.TableOptions{Format: csvio.FormatCSV})
		if err != nil {
			return err
		}
		n := 0
		for e, err := range out.Rows.Entries() {
			if err != nil {
				return err
			}
			note := job.Decoded[looked](e.Value)
			if note.Record == nil {
				continue
			}
			n++
			cells := []csvio.Value{{Text: strconv.Itoa(n)}, {Text: e.Key}}
			for _, c := range t.Columns {
				cells = append(cells, csvio.Value{Text: textOf(note.Record[c.Field.APIName])})
			}
			if err := file.Write(cells); err != nil {
				return err
			}
		}
		return file.Close()
	})
}

// story is a Kind.Story: the record, what the row writes, and what was before.
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
