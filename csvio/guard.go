package csvio

import "strings"

// Guard makes text from Zoho safe to open in a spreadsheet. It puts one "'" before text that a spreadsheet would run as
// a formula, and before text that already looks guarded, so that Unguard returns exactly the original text. Guard is
// not for ids or numbers, nor for cells from the user's file.
//
// The characters are OWASP's (CSV Injection).
func Guard(text string) string {
	if runs(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// Unguard removes the "'" that Guard put before a text. It is for files that rolecall wrote, and for nothing else.
func Unguard(text string) string {
	if strings.HasPrefix(text, "'") && runs(strings.TrimLeft(text, "'")) {
		return text[1:]
	}
	return text
}

// runs reports whether a spreadsheet takes the text for a formula.
func runs(text string) bool {
	return text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0
}
