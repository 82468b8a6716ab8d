package csvio

import "strings"

// Guard makes text from Zoho safe to open in a spreadsheet: one "'" is put
// before text that a spreadsheet would run as a formula, and before text that
// already looks guarded, so that Unguard gives back exactly what was there.
// It is not for ids or numbers, nor for cells that came from the user's file.
//
// The characters are OWASP's (CSV Injection).
func Guard(text string) string {
	if runs(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// Unguard takes off the "'" that Guard put there. It is for files that
// rolecall wrote, and for nothing else.
func Unguard(text string) string {
	if strings.HasPrefix(text, "'") && runs(strings.TrimLeft(text, "'")) {
		return text[1:]
	}
	return text
}

// runs tells text that a spreadsheet takes for a formula.
func runs(text string) bool {
	return text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0
}
