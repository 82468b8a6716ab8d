package csvio

import (
	"fmt"
	"regexp"
	"strings"

	"rolecall/csvio/alike"
)

// Codes of an id that can never be sent.
const (
	CodeIDMissing = "ID_MISSING"
	CodeIDInvalid = "ID_INVALID"
	CodeIDRounded = "ID_ROUNDED"
)

const (
	// Zoho CRM's own exports put idPrefix before ids, so that spreadsheets do not take them for numbers.
	idPrefix = "zcrm_"

	// maxIDDigits is the longest id that Zoho describes (OpenAPI files of Zoho CRM API v8: ids of 19 to 20 digits).
	// Such an id may not fit an int64.
	maxIDDigits = 20
)

// IDError is the reason why a cell holds no usable id.
type IDError struct {
	Code    string // CodeIDMissing, CodeIDInvalid or CodeIDRounded
	Message string // what is wrong, and what to do
}

// Error returns the message.
func (e *IDError) Error() string { return e.Message }

// hintExport tells the user how ids stay whole in a spreadsheet.
const hintExport = "export the file again and keep the id column as text" +
	" (Excel: Data > From Text/CSV, and Text as the column's type;" +
	" Zoho's own export writes zcrm_ before the id, which keeps it whole)"

// ParseID returns the bare digits of a record id. It accepts and removes surrounding spaces, a leading apostrophe,
// Zoho's zcrm_ prefix, the form of a formula (="415...") and leading zeros, so that an id has one spelling. It never
// converts the digits.
func ParseID(cell string) (string, *IDError) {
	id := cell
	if !isDigits(id) {
		id = trimID(cell)
	}
	if id == "" {
		return "", &IDError{Code: CodeIDMissing, Message: "the id is empty"}
	}
	if !isDigits(id) {
		return "", notDigits(cell, id)
	}
	id = strings.TrimLeft(id, "0")
	switch {
	case id == "":
		return "", &IDError{CodeIDInvalid, shown(cell) + " is zero; no record has that id"}
	case len(id) > maxIDDigits:
		message := fmt.Sprintf("%s has %d digits; an id has at most %d", shown(cell), len(id), maxIDDigits)
		return "", &IDError{CodeIDInvalid, message}
	}
	return id, nil
}

func trimID(cell string) string {
	id := alike.Trim(withoutFormula(cell))
	if rest, ok := strings.CutPrefix(id, "'"); ok {
		id = alike.Trim(rest)
	}
	if len(id) > len(idPrefix) && strings.EqualFold(id[:len(idPrefix)], idPrefix) {
		id = id[len(idPrefix):]
	}
	return id
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// separator matches a separator of thousands.
const separator = `[., '’\x{a0}\x{202f}]`

// The shapes that spreadsheets and programs give to an id.
var (
	shapeExponent  = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]*)?[eE][+-]?[0-9]+$`)
	shapeThousands = regexp.MustCompile("^[+-]?[0-9]{1,3}(" + separator + "[0-9]{2,3})*" + separator +
		"[0-9]{3}([.,][0-9]*)?$")
	shapeDecimal  = regexp.MustCompile(`^[+-]?[0-9]+[.,][0-9]*$`)
	shapeHex      = regexp.MustCompile(`^(0[xX])?[0-9a-fA-F]+$`)
	shapeNegative = regexp.MustCompile(`^[-−][0-9]+$`)
)

// notDigits explains an id that is not digits alone.
func notDigits(cell, id string) *IDError {
	text := shown(cell)
	invalid := func(why string) *IDError { return &IDError{CodeIDInvalid, text + why} }
	if between := Several(cell); between != "" {
		return invalid(fmt.Sprintf(" holds several ids, with %q between them; a row has one deal and one contact: "+
			"make a row of each", between))
	}
	if system := otherSystem(id); system != "" {
		return invalid(" is an id of " + system + ", not of Zoho")
	}
	switch {
	case shapeExponent.MatchString(id):
		return &IDError{CodeIDRounded, text + " is a rounded number: " +
			"a spreadsheet took the id for a number and lost its last digits; " + hintExport}
	case shapeThousands.MatchString(id):
		return invalid(" has thousands separators: a spreadsheet took the id for a number; " + hintExport)
	case shapeDecimal.MatchString(id):
		return invalid(" has a decimal point: a spreadsheet or program took the id for a number; " + hintExport)
	case shapeNegative.MatchString(id):
		return invalid(" is negative; an id is digits only")
	case shapeHex.MatchString(id):
		return invalid(" looks like a hexadecimal number; an id is decimal digits only, as Zoho shows it")
	}
	return invalid(" is not an id; an id is digits only, with or without zcrm_ before them")
}
