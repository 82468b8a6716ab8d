package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"rolecall/csvio/alike"
)

// Why the quotes of a record are not proper.
const (
	strayInside = "a quote stands inside a cell that does not begin with one"
	strayAfter  = "there is text after the quote that closes a cell"
)

// quoteScan finds the end of a record that has quotes. A quote opens a cell only at the cell's beginning. Inside the
// cell, two quotes stand for one. A delimiter or the end of the line follows the quote that closes the cell. White
// space and invisible characters may stand around the quotes: they are not part of the cell.
type quoteScan struct {
	*splitter
	at      int    // offset from pos up to which the record is scanned
	lineEnd int    // offset of the end of the line; smaller than at if it is not known
	lines   int    // line breaks inside quotes so far
	cells   int    // the result: the cells so far
	end     int    // the result: where the record ends
	stray   string // the result: what is wrong with the quotes, or ""
	edits   []edit // the result: what makes proper CSV of the record
}

// run sets end and stray.
func (q *quoteScan) run() error {
	for {
		q.cells++
		cell := q.plainCell
		open := q.afterPadding(q.at)
		if c, ok := q.byteAt(open); ok && c == '"' {
			q.leaveOut(q.at, open)
			q.at, cell = open, q.quotedCell
		}
		if last, err := cell(); last || err != nil {
			return err
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
		if !isFormulaText(cell) {
			q.end, q.stray = q.lineEnd, strayInside
			return true, nil
		}
		quoted := `"` + strings.ReplaceAll(string(cell), `"`, `""`) + `"`
		q.edits = append(q.edits, edit{q.at, q.at + len(cell), quoted})
	}
	q.end = q.lineEnd
	q.at += delimiter + len(q.delimiter)
	return delimiter < 0, nil
}

// quotedCell skips a cell in quotes, and reports whether it was the record's last.
func (q *quoteScan) quotedCell() (last bool, err error) {
	open, line := q.at, q.line+q.lines
	for at := open + 1; ; {
		closing, err := q.nextQuote(at, line)
		if err != nil {
			return false, err
		}
		q.lines += countBreaks(q.window()[at:closing])
		if c, ok := q.byteAt(closing + 1); ok && c == '"' {
			at = closing + 2
			continue
		}
		next := q.afterPadding(closing + 1)
		switch c, ok := q.byteAt(next); {
		case !ok || c == '\r' || c == '\n':
			q.leaveOut(closing+1, next)
			q.end = next
			return true, nil
		case q.delimiterAt(next):
			q.leaveOut(closing+1, next)
			q.at = next + len(q.delimiter)
			return false, nil
		}
		// The cell may have run into the next lines, which are rows of their own. Only the line where the cell opened
		// is malformed.
		q.stray = strayAfter
		q.end, err = q.breakAfter(open)
		return true, err
	}
}

// nextQuote finds the next quote at or after the offset at, in a cell that opened on that line.
func (q *quoteScan) nextQuote(at, line int) (int, error) {
	for {
		quote := bytes.IndexByte(q.window()[at:], '"')
		switch {
		case quote >= 0 && at+quote <= maxTextBytes:
			return at + quote, nil
		case len(q.window()) > maxTextBytes:
			return 0, q.unclosed(line, fmt.Sprintf("within %d MiB", maxTextBytes>>20))
		case q.more():
		case !errors.Is(q.err, io.EOF):
			return 0, q.broken()
		default:
			return 0, q.unclosed(line, "up to the end of the file")
		}
	}
}

func (q *quoteScan) unclosed(line int, where string) error {
	return &FileError{
		Line:    line,
		Problem: "the quote that opens here is not closed " + where,
		Hint:    "close it, or write it twice if it is part of the text",
	}
}

// afterPadding returns the offset of the first character at or after an offset that is neither white space, nor
// invisible, nor a delimiter.
func (q *quoteScan) afterPadding(at int) int {
	for {
		c, ok := q.byteAt(at)
		if !ok || c == '\r' || c == '\n' || c > ' ' && c < utf8.RuneSelf || q.delimiterAt(at) {
			return at
		}
		q.byteAt(at + utf8.UTFMax - 1)
		r, size := utf8.DecodeRune(q.window()[at:])
		if !alike.Padding(r) {
			return at
		}
		at += size
	}
}

// leaveOut removes the padding between two offsets from the record.
func (q *quoteScan) leaveOut(from, to int) {
	if from < to {
		q.edits = append(q.edits, edit{from: from, to: to})
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
