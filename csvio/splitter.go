package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	// maxRecordBytes is the most of a row: memory must stay flat. A longer row fails, and the rows after it are read.
	maxRecordBytes = 1 << 20

	// maxTextBytes is the most bytes that are read to find the end of a record. A longer record lacks a line break or a
	// quote, so the rest of the file cannot be read. A row of a result table can be longer than maxRecordBytes: it has
	// an input row and its results, and quotes and escapes make it longer.
	maxTextBytes = 16 << 20

	// maxRawBytes is how many bytes of its text a row keeps that is too long.
	maxRawBytes = 4 << 10
)

// record is one physical record: the bytes between two line breaks that are not inside quotes. A record of a workbook
// or of JSON Lines comes as cells.
type record struct {
	raw   []byte   // without the line break; valid until the next record; nil for a workbook
	edits []edit   // what makes proper CSV of raw
	width int      // the number of cells of raw, if it is CSV
	line  int      // physical line where the record starts, 1-based
	stray string   // why the quotes, or the whole record, are malformed, or ""
	cells []string // nil for CSV; valid until the next record
	size  int      // with cells: the bytes they were made of
}

// edit replaces the bytes from one offset of a record to another.
type edit struct {
	from, to int
	by       string
}

// text returns the record as proper CSV.
func (r *record) text() []byte {
	if r.edits == nil || r.stray != "" {
		return r.raw
	}
	var text []byte
	at := 0
	for _, e := range r.edits {
		text = append(append(text, r.raw[at:e.from]...), e.by...)
		at = e.to
	}
	return append(text, r.raw[at:]...)
}

// isBlank reports whether nothing but white space and invisible characters is in the cells of a record. Such a record
// is no row: editors leave them, and nobody sees them.
func (r *record) isBlank(delimiter []byte) bool {
	switch {
	case r.stray != "":
		return false
	case r.cells != nil || len(r.raw) == 0:
		return areBlank(r.cells)
	case isAlphanumeric(r.raw[0]) && r.raw[0] != delimiter[0]: // most rows begin with an id
		return false
	}
	comma, _ := utf8.DecodeRune(delimiter)
	return areBlank(looseCells(r.text(), comma))
}

// isAlphanumeric reports whether c is a letter or a digit of ASCII.
func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// bound makes a record of more than that many bytes malformed, and keeps only its beginning.
func (r *record) bound(most int) {
	if len(r.raw) <= most {
		return
	}
	r.stray = fmt.Sprintf("the row has %d KiB, and a row has at most %d KiB", len(r.raw)>>10, most>>10)
	end := maxRawBytes
	for !utf8.RuneStart(r.raw[end]) {
		end--
	}
	r.raw = append(bytes.Clone(r.raw[:end]), "…"...)
}

// splitter cuts text into physical records, so that a broken record cannot reach into the next one. CR, LF and CRLF
// all end a line. A csv.Reader could not do this: after a lost quote it takes the following lines for one cell.
type splitter struct {
	src       io.Reader
	buf       []byte
	pos, end  int   // buf[pos:end] is read and not yet consumed
	err       error // how src ended
	line      int   // physical line at pos
	delimiter []byte
	maxBytes  int                    // of a row
	problem   func(error) *FileError // explains an err other than io.EOF
}

func newSplitter(src io.Reader, problem func(error) *FileError) *splitter {
	return &splitter{
		src: src, buf: make([]byte, blockSize), line: 1, problem: problem,
		maxBytes: maxRecordBytes,
	}
}

// over returns a splitter of the text that is already read, to look ahead.
func (s *splitter) over(delimiter rune) *splitter {
	ahead := *s
	ahead.src, ahead.err = nil, io.EOF
	ahead.delimiter = []byte(string(delimiter))
	return &ahead
}

// window returns the text from pos on that is read.
func (s *splitter) window() []byte { return s.buf[s.pos:s.end] }

// more reads on, and reports whether there was more text. Offsets from pos stay the same.
func (s *splitter) more() bool {
	if s.err != nil {
		return false
	}
	if s.pos > 0 {
		copy(s.buf, s.window())
		s.pos, s.end = 0, s.end-s.pos
	}
	if len(s.buf)-s.end < blockSize/2 {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n := 0
	for n < blockSize/4 && s.err == nil {
		var k int
		k, s.err = s.src.Read(s.buf[s.end+n:])
		n += k
	}
	s.end += n
	return n > 0
}

// readAhead reads until the window has that size, or the text ends.
func (s *splitter) readAhead(size int) {
	for more := true; more && len(s.window()) < size; {
		more = s.more()
	}
}

// next returns the next record that is not blank. The end is io.EOF; a *FileError says that the rest cannot be split.
func (s *splitter) next() (record, error) {
	for {
		end, err := s.breakAfter(0)
		if err != nil {
			return record{}, err
		}
		switch {
		case end > 0:
			if rec, err := s.recordTo(end); err != nil || !rec.isBlank(s.delimiter) {
				return rec, err
			}
		case len(s.window()) == 0:
			return record{}, io.EOF
		default:
			s.consume(0, 0)
		}
	}
}

// recordTo returns the record at pos, whose first line ends at end.
func (s *splitter) recordTo(end int) (record, error) {
	rec := record{line: s.line}
	lines := 0
	if bytes.IndexByte(s.window()[:end], '"') >= 0 {
		scan := quoteScan{splitter: s, lineEnd: end}
		if err := scan.run(); err != nil {
			return record{}, err
		}
		if end, rec.stray, rec.edits = scan.end, scan.stray, scan.edits; rec.stray == "" {
			rec.width = scan.cells
		}
		lines = countBreaks(s.window()[:end])
	}
	rec.raw = s.window()[:end]
	if rec.width == 0 { // there are no quotes, or broken ones, which tell nothing
		rec.width = bytes.Count(rec.raw, s.delimiter) + 1
	}
	rec.bound(s.maxBytes)
	s.consume(end, lines)
	return rec, nil
}

// consume skips end bytes that hold that many line breaks, and the line break after them.
func (s *splitter) consume(end, lines int) {
	rest := s.window()[end:]
	switch {
	case len(rest) == 0:
	case rest[0] == '\r' && len(rest) > 1 && rest[1] == '\n':
		end, lines = end+2, lines+1
	default:
		end, lines = end+1, lines+1
	}
	s.pos += end
	s.line += lines
}

// breakAfter returns the offset of the first line break at or after the offset from, or of the end of the text. After a
// CR it reads the next byte as well.
func (s *splitter) breakAfter(from int) (int, error) {
	for {
		text := s.window()[from:]
		at := bytes.IndexByte(text, '\n')
		if at >= 0 {
			text = text[:at]
		}
		if cr := bytes.IndexByte(text, '\r'); cr >= 0 {
			at = cr
		}
		end := from + at
		switch {
		case at >= 0 && end > maxTextBytes, at < 0 && len(s.window()) > maxTextBytes:
			return 0, tooLong(s.line)
		case at >= 0 && (s.window()[end] == '\n' || end+1 < len(s.window())):
			return end, nil
		case s.more():
		case !errors.Is(s.err, io.EOF):
			return 0, s.broken()
		case at >= 0:
			return end, nil
		default:
			return len(s.window()), nil
		}
	}
}

// broken explains a read error.
func (s *splitter) broken() error {
	e := s.problem(s.err)
	e.Line = s.line + countBreaks(s.window())
	return e
}

func tooLong(line int) error {
	return &FileError{
		Line:    line,
		Problem: fmt.Sprintf("the row that starts here is longer than %d MiB", maxTextBytes>>20),
		Hint:    "look there for a missing line break or a quote that is never closed",
	}
}

// countBreaks counts the line breaks in text; CRLF is one.
func countBreaks(text []byte) int {
	n := bytes.Count(text, []byte{'\n'})
	for {
		i := bytes.IndexByte(text, '\r')
		if i < 0 {
			return n
		}
		if i+1 == len(text) || text[i+1] != '\n' {
			n++
		}
		text = text[i+1:]
	}
}
