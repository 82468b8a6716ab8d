package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of one record: a lost quote must not swallow a file, and memory must stay flat.
const (
	maxRecordBytes = 1 << 20
	maxRecordLines = 100

	// A row of a result table holds an input row and its results. Quotes and escapes make it longer; it must still be
	// readable.
	maxOwnRecordBytes = 16 << 20
	maxOwnRecordLines = 1000

	// Line breaks in the cells of a row of a workbook or of JSON Lines: the result table that repeats the cells must be
	// readable.
	maxRowBreaks = maxOwnRecordLines / 2
)

// record is one physical record: the bytes between two line breaks that are not inside quotes. A record of a workbook
// or of JSON Lines comes as cells.
type record struct {
	raw   []byte   // without the line break; valid until the next record; nil for a workbook
	line  int      // physical line where the record starts, 1-based
	stray string   // why the quotes, or the whole record, are malformed, or ""
	cells []string // nil for CSV; valid until the next record
	size  int      // with cells: the bytes they were made of
}

// checkBreaks refuses more line breaks in the cells than a result table may hold.
func (r record) checkBreaks() error {
	breaks := 0
	for _, cell := range r.cells {
		breaks += strings.Count(cell, "\n")
	}
	if breaks <= maxRowBreaks {
		return nil
	}
	return &FileError{
		Line:    r.line,
		Problem: fmt.Sprintf("the row has more than %d line breaks in its cells", maxRowBreaks),
		Hint:    "leave the column with the long texts out",
	}
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
	maxBytes  int
	maxLines  int
	lf, cr, q mark
	problem   func(error) *FileError // explains an err other than io.EOF
}

func newSplitter(src io.Reader, problem func(error) *FileError) *splitter {
	return &splitter{
		src: src, buf: make([]byte, blockSize), line: 1, problem: problem,
		maxBytes: maxRecordBytes, maxLines: maxRecordLines,
		lf: mark{c: '\n', at: -1}, cr: mark{c: '\r', at: -1}, q: mark{c: '"', at: -1},
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
		s.lf.shift(s.pos)
		s.cr.shift(s.pos)
		s.q.shift(s.pos)
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

// next returns the next record and skips empty lines. The end is io.EOF; a *FileError says that the rest cannot be
// split.
func (s *splitter) next() (record, error) {
	for {
		end, err := s.breakAfter(0)
		if err != nil {
			return record{}, err
		}
		if end > 0 {
			return s.recordTo(end)
		}
		if len(s.window()) == 0 {
			return record{}, io.EOF
		}
		s.consume(0, 0)
	}
}

// recordTo returns the record at pos, whose first line ends at end.
func (s *splitter) recordTo(end int) (record, error) {
	rec := record{line: s.line}
	lines := 0
	if q := s.q.find(s.buf[:s.end], s.pos); q >= 0 && q < s.pos+end {
		scan := quoteScan{splitter: s}
		if err := scan.run(); err != nil {
			return record{}, err
		}
		end, rec.stray = scan.end, scan.stray
		lines = countBreaks(s.window()[:end])
	}
	rec.raw = s.window()[:end]
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
		at := s.lf.find(s.buf[:s.end], s.pos+from)
		if cr := s.cr.find(s.buf[:s.end], s.pos+from); cr >= 0 && (at < 0 || cr < at) {
			at = cr
		}
		switch {
		case at-s.pos > s.maxBytes, at < 0 && len(s.window()) > s.maxBytes:
			return 0, s.tooLong(s.line)
		case at >= 0 && (s.buf[at] == '\n' || at+1 < s.end):
			return at - s.pos, nil
		case s.more():
		case !errors.Is(s.err, io.EOF):
			return 0, s.broken()
		case at >= 0:
			return at - s.pos, nil
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

func (s *splitter) tooLong(line int) error {
	return &FileError{
		Line:    line,
		Problem: fmt.Sprintf("the record that starts here is longer than %d KiB", s.maxBytes>>10),
		Hint:    "look there for a missing line break or a quote that is never closed",
	}
}

// mark remembers where a byte comes next, so that text is searched only once: a file without quotes, or without CR,
// would otherwise be searched to its end for each record.
type mark struct {
	c       byte
	low, at int // the byte does not occur from low up to at; at is -1 if it is not known
	scanned int // with at -1: the byte does not occur from low up to here
}

// find returns the first index of the byte in text at or after from, or -1.
func (m *mark) find(text []byte, from int) int {
	start := from
	if m.low <= from {
		if m.at >= from {
			return m.at
		}
		if m.at < 0 {
			start = max(start, m.scanned)
		}
	}
	m.low = from
	m.at = bytes.IndexByte(text[start:], m.c)
	if m.at < 0 {
		m.scanned = len(text)
		return -1
	}
	m.at += start
	return m.at
}

// shift adjusts the mark after the text has moved to the front of its buffer.
func (m *mark) shift(by int) {
	m.low = max(m.low-by, 0)
	switch {
	case m.at >= by:
		m.at -= by
	case m.at >= 0:
		m.at, m.scanned = -1, 0
	default:
		m.scanned = max(m.scanned-by, 0)
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
