package export

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
)

// writeRecords writes the files of an export of records or users if it has listed everything, and completes the
// summary.
func writeRecords(out *job.Output) error {
	o, err := newOutput(out)
	if err != nil {
		return err
	}
	var is shape
	if err := out.Notebook.Get(keyShape, &is); err != nil {
		return err
	}
	o.sum.Module = cmp.Or(is.Module, o.set.Module)
	n, err := out.Rows.Entered()
	if err != nil {
		return err
	}
	switch {
	case out.DryRun:
		return nil
	case out.Stop != nil:
		if out.Reports {
			o.stopped(fmt.Sprintf("%s of its %s are listed so far", report.Count(n), o.sum.Module))
		}
		return nil
	}
	out.Progress.Enter(job.Writing, n, 0)
	columns := tableColumns(is.ID, is.Columns)
	t := table{
		columns: columns, known: csvio.VocabularyOf(columns[:1]), sheet: is.Module[:min(len(is.Module), longestSheet)],
		rows: func() int64 { return n },
		fill: func(put func([]csvio.Value) error) error { return fillRecords(is.Columns, out.Rows, put) },
	}
	if err := o.file(&t); err != nil {
		return err
	}
	o.sum.Counts.Records = n
	compare := func(t *csvio.TableWriter, sum *report.Changes, last, now job.Results) error {
		return (&fieldFeed{is.Columns, t, sum}).compare(last.Entries(), now.Entries())
	}
	o.sum.Changes, err = o.changes(fieldFeedColumns(), compare)
	return err
}

// longestSheet is the most characters of a sheet's name (Microsoft Support, "Rename a worksheet").
const longestSheet = 31

// fillRecords calls put with the row of each record, in the order of ids.
func fillRecords(columns []column, rows job.Results, put func([]csvio.Value) error) error {
	for e, err := range rows.Entries() {
		if err != nil {
			return err
		}
		cells, err := cellsOf(columns, &e)
		if err == nil {
			err = put(cells)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cellsOf returns the row of the record in an entry.
func cellsOf(columns []column, e *job.Entry) ([]csvio.Value, error) {
	var fields record
	if err := decode(e.Value, &fields); err != nil {
		return nil, err
	}
	return rowOf(columns, unkey(e.Key), fields), nil
}

// markBytes is the length of the hash in the last column of an export of records.
const markBytes = 6

// rowOf returns the row of a record. The last cell is a hash of the others. It marks a table of rolecall.
func rowOf(columns []column, id string, fields record) []csvio.Value {
	cells := []csvio.Value{{Text: id}}
	var all []byte
	for i := range columns {
		cell := columns[i].cell(fields[columns[i].Field])
		all = append(strconv.AppendQuote(all, cell.Text), '\n')
		cells = append(cells, cell)
	}
	sum := sha256.Sum256(all)
	return append(cells, csvio.Value{Text: "h" + hex.EncodeToString(sum[:markBytes])})
}

// fieldFeed writes the changes between two exports of records: a row for each record that is new or gone, and for each
// cell that changed.
type fieldFeed struct {
	columns []column
	table   *csvio.TableWriter
	sum     *report.Changes
}

// fieldFeedColumns returns the columns of the change feed.
func fieldFeedColumns() []csvio.Column {
	return []csvio.Column{
		{Name: "change"}, {Name: "id", Kind: csvio.IDColumn}, {Name: "field"}, {Name: "value"}, {Name: "prior_value"},
	}
}

// compare compares the records of the last export with those of this one, both in the order of their ids.
func (f *fieldFeed) compare(last, now iter.Seq2[job.Entry, error]) error {
	next, stop := iter.Pull2(last)
	defer stop()
	was, failed, more := next()
	gone := func() error { // the earlier record is not in this export
		f.sum.Removed++
		if err := f.put("removed", was.Key, "", "", ""); err != nil {
			return err
		}
		was, failed, more = next()
		return failed
	}
	for is, err := range now {
		for err == nil && failed == nil && more && was.Key < is.Key {
			err = gone()
		}
		switch {
		case err != nil:
		case failed != nil:
			err = failed
		case more && was.Key == is.Key:
			if err = f.record(&was, &is); err == nil {
				was, failed, more = next()
			}
		default:
			f.sum.Added++
			err = f.put("added", is.Key, "", "", "")
		}
		if err != nil {
			return err
		}
	}
	for failed == nil && more {
		if err := gone(); err != nil {
			return err
		}
	}
	return failed
}

// record writes the changed cells of a record. It leaves out the fields that the earlier export did not have.
func (f *fieldFeed) record(was, is *job.Entry) error {
	if bytes.Equal(was.Value, is.Value) {
		return nil
	}
	var before, after record
	if err := decode(was.Value, &before); err != nil {
		return err
	}
	if err := decode(is.Value, &after); err != nil {
		return err
	}
	changed := false
	for i := range f.columns {
		c := &f.columns[i]
		old, had := before[c.Field]
		then, now := c.cell(old).Text, c.cell(after[c.Field]).Text
		if !had || then == now {
			continue
		}
		changed = true
		if err := f.put("changed", is.Key, c.Name, now, then); err != nil {
			return err
		}
	}
	if changed {
		f.sum.Changed++
	}
	return nil
}

func (f *fieldFeed) put(change, key, field, value, prior string) error {
	return f.table.Write([]csvio.Value{{Text: change}, {Text: unkey(key)}, {Text: field}, {Text: value}, {Text: prior}})
}

// WriteCSV writes records as the CSV of an export of their fields.
func WriteCSV(w io.Writer, fields []api.Field, records iter.Seq2[api.Record, error], o csvio.TableOptions) error {
	var columns []column
	for i := range fields {
		columns = addField(columns, &fields[i])
	}
	t, err := csvio.NewTableWriter(w, tableColumns("", columns), o)
	if err != nil {
		return err
	}
	for r, err := range records {
		if err == nil {
			err = t.Write(rowOf(columns, r.ID, r.Fields))
		}
		if err != nil {
			return errors.Join(err, t.Close())
		}
	}
	return t.Close()
}

// Text returns the value of a field as text for people: the name of a lookup, or all values of a list.
func Text(raw json.RawMessage) string { return value(raw).Text }
