package csvio

import (
	"bytes"
	"fmt"
)

// maxCells is the most cells of a row, so that memory stays flat in columns too: as many as a sheet has columns
// (Microsoft Support, "Excel specifications and limits").
const maxCells = 16_384

const rowTooWide = "the row has more than 16384 cells, the most that a table may have"

// headerTooWide returns an error for a header of too many columns, or nil.
func headerTooWide(columns int) *FileError {
	if columns <= maxCells {
		return nil
	}
	return &FileError{
		Problem: fmt.Sprintf("the header has %d columns, and a table may have %d at most", columns, maxCells),
		Hint:    "leave out the columns that rolecall does not read, or look for delimiters that are no table's",
	}
}

// isTooWide reports whether a record of CSV has too many cells. It splits nothing, so it needs no memory.
func isTooWide(rec record, delimiter rune) bool {
	separator := []byte(string(delimiter))
	if bytes.Count(rec.raw, separator) < maxCells {
		return false
	}
	if rec.stray != "" { // the quotes tell nothing
		return true
	}
	cells := 1
	for rest := rec.raw; ; cells++ {
		if bytes.HasPrefix(rest, []byte{'"'}) {
			rest = rest[quotedEnd(rest):]
		}
		i := bytes.Index(rest, separator)
		if i < 0 || cells > maxCells {
			return cells > maxCells
		}
		rest = rest[i+len(separator):]
	}
}

// quotedEnd returns the length of the cell in proper quotes with which a text begins.
func quotedEnd(text []byte) int {
	for end := 1; ; {
		i := bytes.IndexByte(text[end:], '"')
		if i < 0 {
			return len(text)
		}
		end += i + 1
		if !bytes.HasPrefix(text[end:], []byte{'"'}) {
			return end
		}
		end++
	}
}
