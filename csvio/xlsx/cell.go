package xlsx

import (
	"fmt"
	"strconv"
	"strings"
)

// Limits of Excel (Microsoft Support, "Excel specifications and limits").
const (
	maxRows      = 1_048_576
	maxColumns   = 16_384
	maxCellUnits = 32_767 // "characters" are UTF-16 units
	numberDigits = 15     // "number precision"
)

// cell is a cell while it is being read.
type cell struct {
	column  int // from 0
	kind    string
	style   int
	value   []byte
	text    richText
	open    bool // the cell's end is still to come
	inValue bool
	valued  bool // a value is stored
	formula bool
}

func (c *cell) reset(column int) {
	*c = cell{column: column, value: c.value[:0], text: c.text, open: true}
	c.text.reset()
}

// start begins a part of the cell.
func (c *cell) start(name string) {
	switch name {
	case "v":
		c.inValue, c.valued = c.open, true
	case "f":
		c.formula = true
	default:
		c.text.start(name)
	}
}

// end ends a part of the cell.
func (c *cell) end(name string) {
	if name == "v" {
		c.inValue = false
		return
	}
	c.text.end(name)
}

// columnOf returns the column of a reference such as "AB12", from 0.
func columnOf(reference string) (int, error) {
	n := 0
	for i := range len(reference) {
		letter := reference[i] &^ 0x20
		if letter < 'A' || letter > 'Z' {
			break
		}
		if n = n*26 + int(letter-'A') + 1; n > maxColumns {
			break
		}
	}
	if n == 0 {
		return 0, fmt.Errorf("%.60q names no cell", reference)
	}
	return n - 1, nil
}

// ColumnName returns what a sheet calls a column, from 0.
func ColumnName(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// text returns the text of the current cell.
func (r *Reader) text() (string, error) {
	c := &r.cell
	if c.formula && !c.valued {
		r.row.Problem = fmt.Sprintf("the formula in %s%d has no value stored with it: "+
			"open the workbook in a spreadsheet program and save it", ColumnName(c.column), r.row.Line)
		r.unvalued = append(r.unvalued, c.column)
		return "", nil
	}
	value := strings.TrimSpace(string(c.value))
	switch c.kind {
	case "s":
		if value == "" {
			return "", nil
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return "", fmt.Errorf("a cell refers to text %.60q", value)
		}
		return r.book.texts.at(n)
	case "inlineStr":
		return string(c.text.text), nil
	case "str": // the text that a formula gave
		return unescape(string(c.value)), nil
	case "b":
		return map[bool]string{true: "TRUE", false: "FALSE"}[isTrue(value)], nil
	case "n", "":
		return r.number(value), nil
	}
	return value, nil // an error such as #N/A, or a date in ISO 8601
}

// number returns a number as the sheet has it, unless it means a day, a time or a percentage.
func (r *Reader) number(raw string) string {
	c := &r.cell
	if c.column < len(r.ids) && r.ids[c.column] {
		return asRounded(raw)
	}
	if raw == "" || c.style < 0 || c.style >= len(r.book.formats) {
		return raw
	}
	switch format := r.book.formats[c.style]; format {
	case formatNumber:
		return raw
	case formatPercent:
		return percent(raw)
	default:
		return isoDate(raw, format, r.book.date1904)
	}
}

// asRounded returns an id that a sheet holds as a number. If the id has more than 15 digits, the sheet has lost the
// others, or the next program that opens the sheet loses them. asRounded writes such an id in scientific notation. That
// changes none of its digits, and every reader refuses it, also in failed.csv.
func asRounded(raw string) string {
	whole, fraction, _ := strings.Cut(raw, ".")
	digits := strings.TrimLeft(whole, "+-0")
	if len(digits) <= numberDigits || strings.Trim(digits, "0123456789") != "" || strings.Trim(fraction, "0") != "" {
		return raw
	}
	return fmt.Sprintf("%s.%sE+%d", digits[:1], digits[1:], len(digits)-1)
}
