package job

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"rolecall/csvio"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// copyResults copies results.csv to the file that the user named, in the format that the ending of its name stands for.
func (r *run) copyResults(ctx context.Context) error {
	to := r.Settings.ResultsCopy
	copyTable := func(w io.Writer, from io.Reader) error { _, err := io.Copy(w, from); return err }
	if format, known := csvio.FormatOf(to); known && format != csvio.FormatCSV {
		o := csvio.TableOptions{Format: format, Sheet: "results"}
		copyTable = func(w io.Writer, from io.Reader) error { return r.convert(w, from, o) }
	} else if to == "-" {
		copyTable = func(w io.Writer, from io.Reader) error { _, err := io.Copy(w, unmarked(from)); return err }
	}
	return rundir.CopyResults(ctx, r.folder.File(rundir.Results), to, r.Stdout, copyTable)
}

// unmarked returns a reader of a text without its UTF-8 byte order mark, if there is one.
func unmarked(from io.Reader) io.Reader {
	b := bufio.NewReader(from)
	if begin, _ := b.Peek(len(csvio.MarkUTF8)); string(begin) == csvio.MarkUTF8 { // Read returns the error
		_, _ = b.Discard(len(csvio.MarkUTF8))
	}
	return b
}

// writeFailedBook writes failed.csv as a workbook too, for an input that is a workbook. Its sheet has the name of the
// input's sheet. If the table does not fit into a workbook, writeFailedBook only adds a note.
func (r *run) writeFailedBook(sheet string, sum *report.Summary) error {
	from, err := os.Open(r.folder.File(rundir.Failed))
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	if _, err := from.Seek(int64(len(csvio.MarkUTF8)), io.SeekStart); err != nil {
		return err
	}
	o := csvio.TableOptions{Format: csvio.FormatXLSX, Sheet: sheet}
	err = r.folder.WriteWhole(rundir.FailedBook, func(w io.Writer) error { return r.convert(w, from, o) })
	path := r.folder.File(rundir.FailedBook)
	if csvio.FitsNoWorkbook(err) {
		r.say(rundir.FailedBook + " was not written, use " + rundir.Failed + ": " + err.Error())
		sum.Notes = r.said()
		if err = os.Remove(path); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	}
	sum.Files.FailedBook = path
	return err
}

// convert writes a result table in another format.
func (r *run) convert(w io.Writer, from io.Reader, o csvio.TableOptions) error {
	in := csv.NewReader(unmarked(from))
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return fmt.Errorf("read %s: %w", rundir.Results, err)
	}
	columns := resultColumns(header, r.kind.Table)
	o.NoGuard, o.BareIDs, o.TempDir = true, true, r.folder.Path
	out, err := csvio.NewTableWriter(w, columns, o)
	if err != nil {
		return err
	}
	err = convertRows(in, out, columns, o.Format == csvio.FormatJSONL)
	return errors.Join(err, out.Close())
}

// resultColumns returns the columns of a table with that header. Each gets a name of its own, because JSON Lines need
// it.
func resultColumns(header []string, known *csvio.Vocabulary) []csvio.Column {
	numbers := []string{"rc_row", "rc_http", "rc_attempts"}
	columns, taken := make([]csvio.Column, len(header)), map[string]bool{}
	for i, name := range header {
		unique := name
		for n := 2; taken[unique] || n > 2 && slices.Contains(header, unique); n++ {
			unique = fmt.Sprintf("%s (%d)", name, n)
		}
		taken[unique] = true
		columns[i] = csvio.Column{Name: unique, Text: known != nil && known.HasIDs(name)}
		if slices.Contains(numbers, name) {
			columns[i].Kind = csvio.PlainColumn
		}
	}
	return columns
}

// convertRows writes the rows of a result table. With bare, rolecall's own columns lose their guards, and numbers are
// numbers, as JSON Lines have them.
func convertRows(in *csv.Reader, out *csvio.TableWriter, columns []csvio.Column, bare bool) error {
	values := make([]csvio.Value, len(columns))
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", rundir.Results, err)
		}
		for i, cell := range cells {
			values[i] = csvio.Value{Text: cell}
			switch {
			case !bare || cell == "":
			case columns[i].Kind == csvio.PlainColumn:
				values[i].JSON = []byte(cell)
			case strings.HasPrefix(columns[i].Name, "rc_"):
				values[i].Text = csvio.Unguard(cell)
			}
		}
		if err := out.Write(values); err != nil {
			return err
		}
	}
}
