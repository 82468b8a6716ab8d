package xlsx

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxMerged bounds the memory for merged cells: 12 bytes each, 6 MiB.
const maxMerged = 1 << 19

// merged is a range of merged cells. A spreadsheet shows the value of its first cell in the whole range.
type merged struct {
	top, bottom int32  // the first and the last row
	left, right uint16 // the first and the last column, from 0
}

// String returns the range as a sheet names it, such as "B2:B4".
func (m merged) String() string {
	return fmt.Sprintf("%s%d:%s%d", ColumnName(int(m.left)), m.top, ColumnName(int(m.right)), m.bottom)
}

// shownCell is the first cell of a range that covers the current row.
type shownCell struct {
	merged

	value, problem string
}

// merges fills merged cells while the rows of a sheet go by. The value of a range counts for each of its rows, in its
// first column. The other cells of the range are empty: a spreadsheet does not show what they may hold.
type merges struct {
	coming []merged    // sorted by row and column
	open   []shownCell // the ranges that cover the current row, from left to right
	bytes  int         // of the values of open
}

// readMerges returns the merged cells of a sheet. A sheet lists them behind its rows, so its part is read twice.
// readMerges skips the rows. If the rows have no end, Reader.Read reports the error.
func (b *Book) readMerges(s sheet) (m merges, err error) {
	p, err := b.open(s.part)
	if err != nil {
		return m, err
	}
	defer p.close()
	for {
		token, err := p.token()
		if errors.Is(err, io.EOF) {
			return m.sorted(), nil
		}
		if err != nil {
			return m, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "sheetData":
				if !p.skipTo("sheetData") {
					return merges{}, nil
				}
			case "mergeCell":
				err = m.add(attribute(t, "ref"))
			}
		case xml.EndElement:
			if t.Name.Local == "mergeCells" {
				return m.sorted(), nil
			}
		}
		if err != nil {
			return m, err
		}
	}
}

// skipTo skips everything up to the end tag of an element, and reports whether there is one. Call it right after the
// start tag.
func (p *part) skipTo(name string) bool {
	plain, prefixed := []byte("</"+name+">"), []byte(":"+name+">")
	var split []byte // the end of a text that did not fit into the buffer
	for {
		text, err := p.in.ReadSlice('>')
		switch end := append(split, text[max(0, len(text)-len(plain)):]...); {
		case errors.Is(err, bufio.ErrBufferFull):
			split = end[max(0, len(end)-len(plain)):]
		case err != nil:
			return false
		case bytes.HasSuffix(end, plain), bytes.HasSuffix(end, prefixed):
			return true
		default:
			split = split[:0]
		}
	}
}

// sorted sorts the ranges by row and column.
func (m merges) sorted() merges {
	slices.SortFunc(m.coming, func(a, b merged) int {
		return cmp.Or(cmp.Compare(a.top, b.top), cmp.Compare(a.left, b.left))
	})
	return m
}

// add adds a range by its reference, such as "B2:B4". A single cell is no range.
func (m *merges) add(reference string) error {
	from, to, ok := strings.Cut(reference, ":")
	if !ok {
		return nil
	}
	left, top, first := cellOf(from)
	right, bottom, last := cellOf(to)
	if !first || !last || right < left || bottom < top {
		return fmt.Errorf("%.60q is no range of merged cells", reference)
	}
	if len(m.coming) == maxMerged {
		return &Error{
			Problem: fmt.Sprintf("the sheet has more than %d ranges of merged cells", maxMerged),
			Hint:    "unmerge them (Excel: Home > Merge & Center), and fill in their values",
		}
	}
	//nolint:gosec // cellOf checks the limits of a sheet
	m.coming = append(m.coming, merged{int32(top), int32(bottom), uint16(left), uint16(right)})
	return nil
}

// cellOf returns the column, from 0, and the row of a reference such as "AB12". ok is false if no sheet has such a
// cell.
func cellOf(reference string) (column, row int, ok bool) {
	column, err := columnOf(reference)
	if err != nil {
		return 0, 0, false
	}
	row, err = strconv.Atoi(strings.TrimLeft(reference, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
	return column, row, err == nil && row > 0 && row <= maxRows && column < maxColumns
}

// fill puts the values of merged cells into a row that was just read. width is that of the header, or 0: beyond it
// there is no table to fill. unvalued are the columns of the row whose formulas have no value.
func (m *merges) fill(row *Row, width int, unvalued []int) error {
	if err := m.moveTo(row.Line); err != nil {
		return err
	}
	if len(m.open) == 0 {
		return nil
	}
	for i := range m.open {
		s := &m.open[i]
		if int(s.top) == row.Line {
			m.take(s, row, unvalued)
		}
		for c := int(s.left); c <= int(s.right) && c < len(row.Cells); c++ {
			row.Size -= len(row.Cells[c])
			row.Cells[c] = ""
		}
	}
	if m.bytes > maxTextBytes {
		return tooLong()
	}
	empty := !slices.ContainsFunc(row.Cells, func(cell string) bool { return cell != "" })
	if empty && !m.begins(row.Line) { // cells that are merged with those of a row above make no row
		row.Cells = row.Cells[:0]
		return nil
	}
	for i := range m.open {
		m.open[i].show(row, width)
	}
	if row.Size > maxTextBytes {
		return tooLong()
	}
	return nil
}

// moveTo sets open to the ranges that cover a row.
func (m *merges) moveTo(line int) error {
	came := false
	m.open = slices.DeleteFunc(m.open, func(s shownCell) bool {
		if int(s.bottom) >= line {
			return false
		}
		m.bytes -= len(s.value)
		return true
	})
	for ; len(m.coming) > 0 && int(m.coming[0].top) <= line; m.coming = m.coming[1:] {
		if next := m.coming[0]; int(next.bottom) >= line {
			m.open, came = append(m.open, shownCell{merged: next}), true
		}
	}
	if !came {
		return nil
	}
	slices.SortFunc(m.open, func(a, b shownCell) int { return cmp.Compare(a.left, b.left) })
	for i := 1; i < len(m.open); i++ {
		if a, b := m.open[i-1], m.open[i]; a.right >= b.left {
			return &Error{
				Line: line, Problem: fmt.Sprintf("the merged cells %s and %s overlap", a, b),
				Hint: "unmerge them, and fill in their values",
			}
		}
	}
	return nil
}

// begins reports whether a range that has a value begins in a row.
func (m *merges) begins(line int) bool {
	return slices.ContainsFunc(m.open, func(s shownCell) bool {
		return int(s.top) == line && s.value+s.problem != ""
	})
}

// take reads the value of a range from its first row.
func (m *merges) take(s *shownCell, row *Row, unvalued []int) {
	if c := int(s.left); c < len(row.Cells) {
		s.value = row.Cells[c]
		m.bytes += len(s.value)
	}
	if slices.Contains(unvalued, int(s.left)) {
		s.problem = row.Problem
	}
}

// show puts the value of a range into a row.
func (s *shownCell) show(row *Row, width int) {
	c := int(s.left)
	if s.problem != "" {
		row.Problem = cmp.Or(row.Problem, s.problem)
	}
	if s.value == "" || width > 0 && c >= width && int(s.top) != row.Line {
		return
	}
	for len(row.Cells) <= c {
		row.Cells = append(row.Cells, "")
	}
	row.Cells[c] = s.value
	row.Size += len(s.value)
}
