package csvio

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

// width is what a column is given: as wide as what it shows, within reason.
func (t *xlsxTable) width(column int) float64 {
	c := t.columns[column]
	if c.Width > 0 {
		return min(c.Width, 255) // Excel's limit
	}
	wide := displayWidth(c.Name) + filterWidth
	for _, row := range t.sample {
		switch cell := row[column].(type) {
		case string:
			wide = max(wide, displayWidth(cell)+marginWidth)
		case float64:
			wide = max(wide, len(fmt.Sprint(cell))+marginWidth)
		}
	}
	return float64(min(max(wide, minWidth), maxWidth))
}

// displayWidth is how many characters wide the longest line of a text is. The
// characters of East Asia take two.
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

// sheetRoles is the hidden sheet that a long list of roles stands on, and the
// name that the list has there.
const sheetRoles = "roles"

// maxInlineList is how long a list in a drop-down's own words may be
// (Microsoft Support, "Create a drop-down list"; the commas count).
const maxInlineList = 255

// addRoles gives the role columns their drop-down, down to the last row that a
// sheet can have: rows that are added offer it as well.
func (t *xlsxTable) addRoles() error {
	var ranges []string
	for i, c := range t.columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if c.Role {
			ranges = append(ranges, fmt.Sprintf("%s2:%s%d", name, name, maxSheetRows))
		}
	}
	if len(ranges) == 0 || len(t.roles) == 0 {
		return nil
	}
	list := excelize.NewDataValidation(true)
	list.Sqref = strings.Join(ranges, " ")
	list.SetError(excelize.DataValidationErrorStyleStop, "No such role", "Choose a contact role of the list. Roles are added in Zoho CRM.")
	if fitsInline(t.roles) {
		if err := list.SetDropList(t.roles); err != nil {
			return err
		}
	} else {
		place, err := t.listRoles()
		if err != nil {
			return err
		}
		list.SetSqrefDropList(place)
	}
	return t.file.AddDataValidation(t.name, list)
}

// fitsInline tells roles that can stand in the drop-down itself: its list is
// cut at commas, and spaces at the ends of a name are lost.
func fitsInline(roles []string) bool {
	for _, role := range roles {
		if role == "" || role != strings.TrimSpace(role) || strings.ContainsAny(role, ",;\"\n") {
			return false
		}
	}
	return utf16Length(strings.Join(roles, ",")) <= maxInlineList
}

// listRoles puts the roles on a hidden sheet, and gives their place.
func (t *xlsxTable) listRoles() (string, error) {
	if strings.EqualFold(t.name, sheetRoles) {
		return "", fmt.Errorf("the sheet cannot be called %s: the list of roles is", t.name)
	}
	if _, err := t.file.NewSheet(sheetRoles); err != nil {
		return "", err
	}
	for i, role := range t.roles {
		if n := utf16Length(role); n > maxCellUnits {
			return "", fmt.Errorf("a role's name has %d characters, a cell of Excel at most %d: write the table as csv", n, maxCellUnits)
		}
		if err := t.file.SetCellStr(sheetRoles, fmt.Sprintf("A%d", i+1), role); err != nil {
			return "", err
		}
	}
	place := fmt.Sprintf("%s!$A$1:$A$%d", sheetRoles, len(t.roles))
	if err := t.file.SetDefinedName(&excelize.DefinedName{Name: sheetRoles, RefersTo: place}); err != nil {
		return "", err
	}
	return place, t.file.SetSheetVisible(sheetRoles, false)
}
