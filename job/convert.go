package job

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rolecall/csvio"
	"rolecall/job/rundir"
)

// copyResults copies results.csv to where the user wants it, in the format that the ending of its name stands for.
func (r *run) copyResults(ctx context.Context) error {
	to := r.Settings.ResultsCopy
	copyTable := func(w io.Writer, from io.Reader) error { _, err := io.Copy(w, from); return err }
	if format, known := csvio.FormatOf(to); known && format != csvio.FormatCSV {
		copyTable = func(w io.Writer, from io.Reader) error { return convert(w, from, format, r.folder.Path) }
	} else if to == "-" {
		copyTable = func(w io.Writer, from io.Reader) error { _, err := io.Copy(w, unmarked(from)); return err }
	}
	return rundir.CopyResults(ctx, r.folder.File(rundir.Results), to, r.Stdout, copyTable)
}

// unmarked returns a reader of a text without the mark that it may begin with.
func unmarked(from io.Reader) io.Reader {
	b := bufio.NewReader(from)
	if begin, _ := b.Peek(len(csvio.MarkUTF8)); string(begin) == csvio.MarkUTF8 { // Read returns the error
		_, _ = b.Discard(len(csvio.MarkUTF8))
	}
	return b
}

// convert writes a result table in another format. tempDir is for the parts of a workbook.
func convert(w io.Writer, from io.Reader, format csvio.Format, tempDir string) error {
	in := csv.NewReader(unmarked(from))
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return fmt.Errorf("read %s: %w", rundir.Results, err)
	}
	columns := resultColumns(header)
	out, err := csvio.NewTableWriter(w, columns, csvio.TableOptions{
		Format: format, NoGuard: true, BareIDs: true, Sheet: "results", TempDir: tempDir,
	})
	if err != nil {
		return err
	}
	err = convertRows(in, out, columns, format == csvio.FormatJSONL)
	return errors.Join(err, out.Close())
}

// resultColumns returns the columns of a table with that header. Each gets a name of its own, because JSON Lines need
// it.
func resultColumns(header []string) []csvio.Column {
	numbers := []string{"rc_row", "rc_http", "rc_attempts"}
	columns, taken := make([]csvio.Column, len(header)), map[string]bool{}
	for i, name := range header {
		unique := name
		for n := 2; taken[unique] || n > 2 && slices.Contains(header, unique); n++ {
			unique = fmt.Sprintf("%s (%d)", name, n)
		}
		taken[unique] = true
		columns[i] = csvio.Column{Name: unique}
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
