package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Why the quotes of a record are not proper.
const (
	strayInside = "a quote stands inside a cell that does not begin with one"
	strayAfter  = "there is text after the quote that closes a cell"
)

// quoteScan finds the end of a record that has quotes. A quote opens a cell only at the cell's beginning. Inside the
// cell, two quotes stand for one. A delimiter or the end of the line follows the quote that closes the cell.
type quoteScan struct {
	*splitter
	at      int    // offset from pos up to which the record is scanned
	lineEnd int    // offset of the end of the line; smaller than at if it is not known
	lines   int    // line breaks inside quotes so far
	end     int    // the result: where the record ends
	stray   string // the result: what is wrong with the quotes, or ""
}

// run sets end and stray.
func (q *quoteScan) run() error {
	for {
		cell := q.plainCell
		if c, ok := q.byteAt(q.at); ok && c == '"' {
			cell = q.quotedCell
		}
		last, err := cell()
		if err != nil {
			return err
		}
		if last {
			if q.end > q.maxBytes {
				return q.tooLong(q.line)
			}
			return nil
		}
	}
}

// plainCell skips a cell without quotes, and reports whether it was the record's last.
func (q *quoteScan) plainCell() (last bool, err error) {
	if q.at > q.lineEnd { // after a cell with line breaks
		if q.lineEnd, err = q.breakAfter(q.at); err != nil {
			return false, err
		}
	}
	cell := q.window()[q.at:q.lineEnd]
	delimiter := bytes.Index(cell, q.delimiter)
	if delimiter >= 0 {
		cell = cell[:delimiter]
	}
	if bytes.IndexByte(cell, '"') >= 0 {
		q.end, q.stray = q.lineEnd, strayInside
		return true, nil
	}
	q.end = q.lineEnd
	q.at += delimiter + len(q.delimiter)
	return delimiter < 0, nil
}

// quotedCell skips a cell in quotes, and reports whether it was the record's last.
func (q *quoteScan) quotedCell() (last bool, err error) {
	open, line := q.at, q.line+q.lines
	for at := open + 1; ; {
		closing, err := q.nextQuote(at, open, line)
		if err != nil {
			return false, err
		}
		q.lines += countBreaks(q.window()[at:closing])
		if q.lines >= q.maxLines {
			return false, q.tooManyLines(line)
		}
		c, ok := q.byteAt(closing + 1)
		switch {
		case !ok || c == '\r' || c == '\n':
			q.end = closing + 1
			return true, nil
		case c == '"':
			at = closing + 2
			continue
		case q.delimiterAt(closing + 1):
			q.at = closing + 1 + len(q.delimiter)
			return false, nil
		}
		// The cell may have run into the next lines, which are rows of their own. Only the line where the cell opened
		// is malformed.
		q.stray = strayAfter
		q.end, err = q.breakAfter(open)
		return true, err
	}
}

// nextQuote finds the next quote at or after the offset at, in a cell that opened at the offset open on that line.
func (q *quoteScan) nextQuote(at, open, line int) (int, error) {
	for {
		if quote := bytes.IndexByte(q.window()[at:], '"'); quote >= 0 {
			if at+quote > q.maxBytes {
				return 0, q.unclosed(line, fmt.Sprintf("within %d KiB", q.maxBytes>>10))
			}
			return at + quote, nil
		}
		switch {
		case countBreaks(q.window()[open:]) >= q.maxLines:
			return 0, q.tooManyLines(line)
		case len(q.window()) > q.maxBytes:
			return 0, q.unclosed(line, fmt.Sprintf("within %d KiB", q.maxBytes>>10))
		case q.more():
		case !errors.Is(q.err, io.EOF):
			return 0, q.broken()
		default:
			return 0, q.unclosed(line, "up to the end of the file")
		}
	}
}

func (q *quoteScan) tooManyLines(line int) error {
	return q.unclosed(line, fmt.Sprintf("within %d lines", q.maxLines))
}

func (q *quoteScan) unclosed(line int, where string) error {
	return &FileError{
		Line:    line,
		Problem: "the quote that opens here is not closed " + where,
		Hint:    "close it, or write it twice if it is part of the text",
	}
}

// byteAt returns the byte at an offset from pos, or false at the end of the text.
func (q *quoteScan) byteAt(at int) (byte, bool) {
	for at >= len(q.window()) {
		if !q.more() {
			return 0, false
		}
	}
	return q.window()[at], true
}

func (q *quoteScan) delimiterAt(at int) bool {
	q.byteAt(at + len(q.delimiter) - 1)
	return bytes.HasPrefix(q.window()[at:], q.delimiter)
}
