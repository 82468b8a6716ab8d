package csvio

import (
	"encoding/csv"
	"strings"
)

// cellReader gives the cells of records, also of those that are no proper
// rows: what they hold is shown to people, never sent.
type cellReader struct {
	delimiter rune
	separator string // the delimiter as text
	cells     []string
}

func newCellReader(delimiter rune) *cellReader {
	return &cellReader{delimiter: delimiter, separator: string(delimiter)}
}

// read gives the cells of rec in a slice that the next call uses again. The
// strings may be kept.
//
// Records are cut here and not by a csv.Reader, because gocsv reads each of
// them with one as well and does not hand out what it has read: reading twice
// would be the dearest part of a row. The fuzz targets hold the two together.
func (c *cellReader) read(rec record) []string {
	switch {
	case rec.stray != "":
		return c.guess(rec.raw)
	case rec.quoted:
		return c.unquote(withLF(string(rec.raw)))
	}
	return c.split(string(rec.raw))
}

// split cuts a record without quotes.
func (c *cellReader) split(raw string) []string {
	c.cells = c.cells[:0]
	for found := true; found; {
		var cell string
		cell, raw, found = strings.Cut(raw, c.separator)
		c.cells = append(c.cells, cell)
	}
	return c.cells
}

// unquote cuts a record whose quotes are proper, as quoteScan has found.
func (c *cellReader) unquote(raw string) []string {
	c.cells = c.cells[:0]
	for found := true; found; {
		var cell string
		if quoted, isQuoted := strings.CutPrefix(raw, `"`); isQuoted {
			cell, raw = closeQuote(quoted)
			raw, found = strings.CutPrefix(raw, c.separator)
		} else {
			cell, raw, found = strings.Cut(raw, c.separator)
		}
		c.cells = append(c.cells, cell)
	}
	return c.cells
}

// closeQuote gives the text up to the quote that closes it, two quotes being
// one, and what follows.
func closeQuote(text string) (cell, rest string) {
	at, doubled := 0, false
	for {
		i := strings.IndexByte(text[at:], '"')
		if i < 0 {
			return text, ""
		}
		at += i
		if at+1 == len(text) || text[at+1] != '"' {
			break
		}
		at, doubled = at+2, true
	}
	cell, rest = text[:at], text[at+1:]
	if doubled {
		cell = strings.ReplaceAll(cell, `""`, `"`)
	}
	return cell, rest
}

// withLF turns every line break into LF.
func withLF(text string) string {
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// guess cuts a record whose quotes are not proper the way most programs do.
func (c *cellReader) guess(raw []byte) []string {
	r := csv.NewReader(strings.NewReader(withLF(string(raw))))
	r.Comma = c.delimiter
	r.LazyQuotes = true
	cells, err := r.Read()
	if err != nil {
		return c.split(string(raw))
	}
	return cells
}
