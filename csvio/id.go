package csvio

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Codes of an id that can never be sent.
const (
	CodeIDMissing = "ID_MISSING"
	CodeIDInvalid = "ID_INVALID"
	CodeIDRounded = "ID_ROUNDED"
)

const (
	// idPrefix is put before ids by Zoho CRM's own exports, which keeps
	// spreadsheets from taking them for numbers.
	idPrefix = "zcrm_"

	// maxIDDigits is the longest id that Zoho describes (OpenAPI files of Zoho
	// CRM API v8: ids of 19 to 20 digits). Such an id can be beyond an int64.
	maxIDDigits = 20
)

// IDError says why a cell holds no usable id.
type IDError struct {
	Code    string // CodeIDMissing, CodeIDInvalid or CodeIDRounded
	Message string // what was found, and what to do about it
}

// Error gives the message.
func (e *IDError) Error() string { return e.Message }

// exportAgain tells how to keep ids whole on the way through a spreadsheet.
const exportAgain = "export the file again and keep the id column as text" +
	" (Excel: Data > From Text/CSV, and Text as the column's type; Zoho's own export writes zcrm_ before the id, which keeps it whole)"

// ParseID gives the bare digits of a record id. Surrounding spaces, a leading
// apostrophe and Zoho's zcrm_ prefix are accepted and taken off; the digits
// themselves are never converted.
func ParseID(cell string) (string, *IDError) {
	id := cell
	if !isDigits(id) {
		id = trimID(cell)
	}
	if id == "" {
		return "", &IDError{Code: CodeIDMissing, Message: "the id is empty"}
	}
	switch {
	case !isDigits(id):
		return "", notDigits(cell, id)
	case len(id) > maxIDDigits:
		return "", &IDError{CodeIDInvalid, fmt.Sprintf("%s has %d digits; an id has at most %d", shown(cell), len(id), maxIDDigits)}
	}
	return id, nil
}

func trimID(cell string) string {
	id := strings.TrimFunc(cell, isPadding)
	if rest, found := strings.CutPrefix(id, "'"); found {
		id = strings.TrimFunc(rest, isPadding)
	}
	if len(id) > len(idPrefix) && strings.EqualFold(id[:len(idPrefix)], idPrefix) {
		id = id[len(idPrefix):]
	}
	return id
}

func isPadding(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// The shapes that spreadsheets and programs give to an id.
var (
	shapeExponent  = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]*)?[eE][+-]?[0-9]+$`)
	shapeThousands = regexp.MustCompile(`^[+-]?[0-9]{1,3}([., '’\x{a0}\x{202f}][0-9]{2,3})*[., '’\x{a0}\x{202f}][0-9]{3}([.,][0-9]*)?$`)
	shapeDecimal   = regexp.MustCompile(`^[+-]?[0-9]+[.,][0-9]*$`)
	shapeHex       = regexp.MustCompile(`^(0[xX])?[0-9a-fA-F]+$`)
	shapeNegative  = regexp.MustCompile(`^[-−][0-9]+$`)
)

// notDigits says what became of an id that is not digits alone.
func notDigits(cell, id string) *IDError {
	text := shown(cell)
	switch {
	case shapeExponent.MatchString(id):
		return &IDError{CodeIDRounded, text + " is a rounded number: a spreadsheet took the id for a number and lost its last digits; " + exportAgain}
	case shapeThousands.MatchString(id):
		return &IDError{CodeIDInvalid, text + " has thousands separators: a spreadsheet took the id for a number; " + exportAgain}
	case shapeDecimal.MatchString(id):
		return &IDError{CodeIDInvalid, text + " has a decimal point: a spreadsheet or program took the id for a number; " + exportAgain}
	case shapeNegative.MatchString(id):
		return &IDError{CodeIDInvalid, text + " is negative; an id is digits only"}
	case shapeHex.MatchString(id):
		return &IDError{CodeIDInvalid, text + " looks like a hexadecimal number; an id is decimal digits only, as Zoho shows it"}
	}
	return &IDError{CodeIDInvalid, text + " is not an id; an id is digits only, with or without zcrm_ before them"}
}
