package csvio

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// openCSV reads the delimiter and the header of a table in CSV.
func (r *Reader) openCSV(o Options) error {
	r.dialect.Format = FormatCSV
	if problem := setDelimiter(r.split, o, &r.dialect); problem != nil {
		return problem
	}
	r.next = r.split.next
	want := r.split.line
	first, err := r.split.next()
	switch {
	case r.dialect.HeaderLine > 0 && (errors.Is(err, io.EOF) || err == nil && first.line > want):
		return &FileError{
			Line:    r.dialect.HeaderLine,
			Problem: "--header-row names this line, which is empty or beyond the end of the file", Hint: hintHeaderRow,
		}
	case errors.Is(err, io.EOF):
		r.err = io.EOF
		return nil
	case err != nil:
		return err
	case first.stray != "":
		return &FileError{Line: first.line, Problem: headerUnreadable + first.stray, Hint: "quote it properly"}
	}
	cols, err := readHeader(looseCells(first.text(), r.dialect.Delimiter), first.line, o, r.dialect)
	if err != nil {
		return err
	}
	r.use(cols)
	if r.cells, err = newCellReader(r.dialect.Delimiter, len(cols.all)); err != nil {
		return &FileError{Problem: "the header cannot be used", Err: err}
	}
	return nil
}

const (
	headerUnreadable = "the header cannot be read: "
	hintHeaderRow    = "name the line that has the names of the columns"
)

// openJSON reads the columns of a table of JSON objects. lines is whether each object has a line of its own.
func (r *Reader) openJSON(o Options, lines bool) error {
	r.dialect.Format, r.dialect.Objects = FormatJSONL, !lines
	if o.Delimiter != 0 {
		r.dialect.Ignored += " (it has no delimiter: --delimiter has no effect)"
	}
	if o.HeaderRow > 0 {
		r.dialect.Ignored += " (its keys are the header: --header-row has no effect)"
	}
	objects, err := openJSON(r.split, lines)
	if errors.Is(err, io.EOF) { // an array of nothing
		r.err = io.EOF
		return nil
	}
	if err != nil {
		return err
	}
	cols, err := readHeader(objects.keys, objects.line, o, r.dialect)
	if err != nil {
		return err
	}
	r.use(cols)
	r.next = objects.next
	return nil
}

// headerLines is how many lines of a table may be its header.
const headerLines = 50

// fits reports whether the cells are a header that meets all needs. It returns false if there are no needs: then
// nothing shows which line is the header.
func (o *Options) fits(cells []string) bool {
	if len(cells) == 0 || len(o.Needs) == 0 {
		return false
	}
	cols, _ := matchHeader(cleanHeader(cells), o.Vocabulary, o.Map)
	for f := range o.Map {
		if !cols.has(f) {
			return false
		}
	}
	return cols.countMet(o.Needs) == len(o.Needs)
}

// candidates are the lines of a table that may be its header.
type candidates struct {
	first int   // the first line with any text; 0: none
	fit   []int // the lines that meet all needs
}

// add adds a line.
func (c *candidates) add(line int, cells []string, o *Options) {
	if c.first == 0 || line < c.first {
		c.first = line
	}
	if o.fits(cells) && !slices.Contains(c.fit, line) {
		c.fit = append(c.fit, line)
	}
}

// choose returns the line of the header, or 0 for the first line with any text. It returns an error if several lines
// meet all needs, and the first one does not.
func (c *candidates) choose(where string) (int, *FileError) {
	switch {
	case len(c.fit) == 0, slices.Contains(c.fit, c.first):
		return 0, nil
	case len(c.fit) == 1:
		return c.fit[0], nil
	}
	lines := make([]string, len(c.fit))
	for i, line := range c.fit {
		lines[i] = strconv.Itoa(line)
	}
	return 0, &FileError{
		Problem: fmt.Sprintf("several lines%s have the needed columns: %s", where, strings.Join(lines, ", ")),
		Hint:    fmt.Sprintf("name the line of the header, for example --header-row %d", c.fit[0]),
	}
}

// toHeader moves the splitter to the header of a text, and returns its line, or 0 if that is the first line.
func toHeader(s *splitter, o Options, delimiters []rune) (int, error) {
	line := o.HeaderRow
	if line == 0 {
		var c candidates
		for _, delimiter := range delimiters {
			ahead := s.over(delimiter)
			for rec, err := ahead.next(); err == nil && rec.line <= headerLines; rec, err = ahead.next() {
				var cells []string
				if rec.stray == "" {
					cells = looseCells(rec.text(), delimiter)
				}
				c.add(rec.line, cells, &o)
			}
		}
		slices.Sort(c.fit)
		var problem *FileError
		if line, problem = c.choose(""); problem != nil {
			return 0, problem
		}
	}
	return line, skipLines(s, line)
}

// skipLines moves the splitter to the beginning of a line, or to the end of the text.
func skipLines(s *splitter, line int) error {
	for s.line < line {
		end, err := s.breakAfter(0)
		if err != nil {
			return err
		}
		if len(s.window()) == 0 {
			return nil
		}
		s.consume(end, 0)
	}
	return nil
}
