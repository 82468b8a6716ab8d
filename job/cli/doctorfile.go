package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"rolecall/csvio"
)

// doctorRows is how many rows of a file are looked at: enough to see what a spreadsheet did to ids, and read in an instant.
const doctorRows = 1000

// shownTroubles is how many rows with a mistake are named.
const shownTroubles = 3

// examineFile looks at a file's dialect, header, ids and first rows.
func (d *doctor) examineFile(f *fileFlags) {
	in, err := d.openTable(f.File)
	if err != nil {
		d.fail(exitUsage, "file", err.Error(), "give a file that is there and can be read")
		d.skip("headers", "ids", "rows")
		return
	}
	defer func() { _ = in.Close() }()
	set := f.settings()
	o := csvio.Options{Name: f.File, Encoding: set.Encoding, Delimiter: set.Delimiter, Map: set.Map, ValuesOnly: true,
		Needs: [][]csvio.Field{{csvio.DealID}, {csvio.ContactID}, {csvio.Role, csvio.RoleID}}}
	table, err := csvio.NewReader(in, o)
	if problem, ok := errors.AsType[*csvio.FileError](err); ok {
		d.unusable(problem)
		return
	}
	if err != nil {
		d.fail(exitUsage, "file", err.Error(), "give a file that can be read")
		return
	}
	d.ok("file", "%s", table.Dialect())
	if table.Empty() {
		d.warn("headers", "the file is empty: a run of it does nothing", "give the file that was meant")
		d.skip("ids", "rows")
		return
	}
	d.headers(table)
	d.rows(table, f.File)
}

func (d *doctor) openTable(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(d.stdin), nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder", path)
	}
	return os.Open(path)
}

// unusable tells why a table cannot be read from its beginning. One without a role fits remove.
func (d *doctor) unusable(problem *csvio.FileError) {
	hint := problem.Hint
	problem.Hint = ""
	name := "file"
	if len(problem.Missing) > 0 {
		name = "headers"
	} else {
		d.skip("headers")
	}
	d.skip("ids", "rows")
	if slices.Equal(problem.Missing, []csvio.Field{csvio.Role}) {
		d.warn(name, problem.Error()+": it fits remove, not assign", hint)
		return
	}
	d.fail(exitUsage, name, problem.Error(), hint)
}

func (d *doctor) headers(table *csvio.Reader) {
	var has []string
	for _, f := range []csvio.Field{csvio.DealID, csvio.ContactID, csvio.Role, csvio.RoleID} {
		if table.Has(f) {
			has = append(has, string(f))
		}
	}
	d.ok("headers", "%d columns; found: %s", len(table.Header()), joined(has))
}

// seen is what the first rows of a file are like.
type seen struct {
	rows          int
	malformed     []string
	ids           []string
	rounding      csvio.Rounding
	malformedRows int
	idRows        int
}

// rows looks at the first rows.
func (d *doctor) rows(table *csvio.Reader, name string) {
	found := seen{rounding: csvio.Rounding{File: name}}
	end := found.read(table)
	switch rounded := found.rounding.Err(); {
	case rounded != nil:
		problem, _ := errors.AsType[*csvio.FileError](rounded)
		hint := problem.Hint
		problem.Hint = ""
		d.fail(exitUsage, "ids", problem.Error(), hint)
	case found.idRows > 0:
		d.warn("ids", fmt.Sprintf("%d of the first %d rows have no usable id: %s", found.idRows, found.rows, joined(found.ids)), "mend those rows; a run would put them into failed.csv")
	default:
		d.ok("ids", "of the first %d rows, all are whole", found.rows)
	}
	switch {
	case end != nil:
		d.fail(exitUsage, "rows", end.Error(), "mend the file there")
	case found.malformedRows > 0:
		d.warn("rows", fmt.Sprintf("%d of the first %d rows are malformed: %s", found.malformedRows, found.rows, joined(found.malformed)),
			"mend those rows; a run would put them into failed.csv")
	case found.rows == 0:
		d.warn("rows", "there is a header and no row: a run of it does nothing", "give the file that was meant")
	default:
		d.ok("rows", "the first %d are well-formed", found.rows)
	}
}

// read looks at rows until there are enough. Its error ends the file before its end.
func (s *seen) read(table *csvio.Reader) error {
	for s.rows < doctorRows {
		rec, err := table.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s.rows++
		if rec.Malformed != nil {
			s.malformedRows++
			s.malformed = named(s.malformed, rec.Malformed.Error())
			continue
		}
		s.lookAtIDs(rec)
	}
	return nil
}

func (s *seen) lookAtIDs(rec *csvio.Record) {
	wrong := ""
	for _, one := range []struct {
		field csvio.Field
		cell  string
	}{{csvio.DealID, rec.DealID}, {csvio.ContactID, rec.ContactID}} {
		id, err := csvio.ParseID(one.cell)
		if err != nil && wrong == "" {
			wrong = fmt.Sprintf("line %d, %s: %s", rec.Line, one.field, err.Message)
		}
		if err == nil {
			s.rounding.Observe(one.field, id)
		}
	}
	if wrong != "" {
		s.idRows++
		s.ids = named(s.ids, wrong)
	}
}

// named adds a trouble to those that are named, of which there are few.
func named(list []string, trouble string) []string {
	switch {
	case len(list) < shownTroubles:
		return append(list, trouble)
	case len(list) == shownTroubles:
		return append(list, "...")
	}
	return list
}
