package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits of one record: a lost quote must not swallow a file, and memory must
// not follow the input.
const (
	maxRecordBytes = 1 << 20
	maxRecordLines = 100

	// A row that rolecall wrote holds an input row and what was answered to
	// it. Quotes and escapes make it longer than either; it must still be
	// readable.
	maxOwnRecordBytes = 16 << 20
	maxOwnRecordLines = 1000
)

// record is one physical record: the bytes between two line breaks that are
// not inside quotes. One of a workbook or of JSON Lines comes as cells.
type record struct {
	raw    []byte   // without its line break; valid until the next record is asked for; nil in a workbook
	line   int      // physical line where it starts, 1-based
	quoted bool     // there is a quote in it
	stray  string   // why its quotes, or it itself, are not proper; empty when they are
	cells  []string // nil in CSV; valid as raw
	size   int      // with cells: the bytes they were made of
}

// splitter cuts text into physical records, so that a broken one cannot reach
// into the next. CR, LF and CRLF all end a line.
type splitter struct {
	src       io.Reader
	buf       []byte
	pos, end  int   // what is read and not yet given out is buf[pos:end]
	err       error // what src ended with
	line      int   // physical line at pos
	delimiter []byte
	maxBytes  int
	maxLines  int
	lf, cr, q mark
	problem   func(error) *FileError // explains an err that is not io.EOF
}

func newSplitter(src io.Reader, problem func(error) *FileError) *splitter {
	return &splitter{
		src: src, buf: make([]byte, blockSize), line: 1, problem: problem,
		maxBytes: maxRecordBytes, maxLines: maxRecordLines,
		lf: mark{c: '\n', at: -1}, cr: mark{c: '\r', at: -1}, q: mark{c: '"', at: -1},
	}
}

// over gives a splitter of the text that is already read, for a look ahead.
func (s *splitter) over(delimiter rune) *splitter {
	ahead := *s
	ahead.src, ahead.err = nil, io.EOF
	ahead.delimiter = []byte(string(delimiter))
	return &ahead
}

// window is the text from pos on, as far as it is read.
func (s *splitter) window() []byte { return s.buf[s.pos:s.end] }

// more reads on, and tells whether there was anything. Offsets from pos stay
// what they were.
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

// readAhead reads until that much text is in hand, or all there is.
func (s *splitter) readAhead(size int) {
	for more := true; more && len(s.window()) < size; {
		more = s.more()
	}
}

// next gives the next record, passing over empty lines. It ends with io.EOF,
// or with a *FileError when the rest cannot be told apart.
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

// recordTo gives the record at pos, whose first line ends at end.
func (s *splitter) recordTo(end int) (record, error) {
	rec := record{line: s.line}
	lines := 0
	if q := s.q.find(s.buf[:s.end], s.pos); q >= 0 && q < s.pos+end {
		rec.quoted = true
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

// consume passes over end bytes that hold that many line breaks, and over the
// line break after them.
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

// breakAfter gives the offset of the first line break at or after the offset
// from, or of the end of the text. After a CR the next byte is read as well.
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

// broken explains text that ends before its end.
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

// mark remembers where a byte comes next, so that text is searched only once.
type mark struct {
	c       byte
	low, at int // there is none from low up to at; at is -1 when none is known
	scanned int // with at -1: there is none from low up to here
}

// find gives the first place of the byte in text at or after from, or -1.
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

// shift follows the text when it moves to the front of its buffer.
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
