package xlsx

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/width"
)

// Widths of columns, in characters.
const (
	minWidth    = 8
	maxWidth    = 60
	filterWidth = 4 // the button of the filter, in the header
	marginWidth = 2
)

// width returns the width of a column: wide enough for what it shows, within reason.
func (x *Writer) width(column int) float64 {
	c := x.columns[column]
	if c.Width > 0 {
		return min(c.Width, 255) // Excel's limit
	}
	wide := displayWidth(c.Name) + filterWidth
	for _, row := range x.sample {
		switch cell := row[column].(type) {
		case string:
			wide = max(wide, displayWidth(cell)+marginWidth)
		case float64:
			wide = max(wide, len(fmt.Sprint(cell))+marginWidth)
		}
	}
	return float64(min(max(wide, minWidth), maxWidth))
}

// displayWidth returns the width in characters of the longest line of a text. The characters of East Asia take two.
func displayWidth(text string) int {
	widest, n := 0, 0
	for _, r := range text {
		if r == '\n' {
			widest, n = max(widest, n), 0
			continue
		}
		n++
		if kind := width.LookupRune(r).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
			n++
		}
	}
	return max(widest, n)
}

// sheetRoles is the hidden sheet for a long list of roles, and the defined name of the list.
const sheetRoles = "roles"

// maxInlineList is the longest list that a drop-down itself may hold (Microsoft Support, "Create a drop-down list";
// the commas count).
const maxInlineList = 255

// addRoles gives the role columns their drop-down, down to the last row that a sheet can have, so that new rows offer
// it too.
func (x *Writer) addRoles() error {
	var ranges []string
	for i, c := range x.columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if c.Role {
			ranges = append(ranges, fmt.Sprintf("%s2:%s%d", name, name, maxRows))
		}
	}
	if len(ranges) == 0 || len(x.roles) == 0 {
		return nil
	}
	list := excelize.NewDataValidation(true)
	list.Sqref = strings.Join(ranges, " ")
	list.SetError(excelize.DataValidationErrorStyleStop,
		"No such role", "Choose a contact role of the list. Roles are added in Zoho CRM.")
	if fitsInline(x.roles) {
		if err := list.SetDropList(x.roles); err != nil {
			return err
		}
	} else {
		cells, err := x.listRoles()
		if err != nil {
			return err
		}
		list.SetSqrefDropList(cells)
	}
	return x.file.AddDataValidation(x.name, list)
}

// fitsInline reports whether the drop-down itself can hold the roles: its list is cut at commas, spaces at the ends of
// a name are lost, and it has no escapes for the characters that XML cannot hold (XML 1.0, 2.2, Char).
func fitsInline(roles []string) bool {
	noText := func(r rune) bool { return r < ' ' || r == '\uFFFE' || r == '\uFFFF' }
	for _, role := range roles {
		if role == "" || role != strings.TrimSpace(role) || strings.ContainsAny(role, ",;\"") ||
			strings.ContainsFunc(role, noText) {
			return false
		}
	}
	return utf16Length(strings.Join(roles, ",")) <= maxInlineList
}

// listRoles puts the roles on a hidden sheet, and returns their cells.
func (x *Writer) listRoles() (cells string, err error) {
	if strings.EqualFold(x.name, sheetRoles) {
		return "", fmt.Errorf("the sheet cannot be called %s: the list of roles is", x.name)
	}
	if _, err := x.file.NewSheet(sheetRoles); err != nil {
		return "", err
	}
	for i, role := range x.roles {
		if n := utf16Length(role); n > maxCellUnits {
			return "", fmt.Errorf("a role's name has %d characters, a cell of Excel at most %d: write the table as csv",
				n, maxCellUnits)
		}
		if err := x.file.SetCellStr(sheetRoles, fmt.Sprintf("A%d", i+1), role); err != nil {
			return "", err
		}
	}
	cells = fmt.Sprintf("%s!$A$1:$A$%d", sheetRoles, len(x.roles))
	if err := x.file.SetDefinedName(&excelize.DefinedName{Name: sheetRoles, RefersTo: cells}); err != nil {
		return "", err
	}
	return cells, x.file.SetSheetVisible(sheetRoles, false)
}
