// Package alike compares the names of roles, columns and sheets as people see them. It also knows the characters that
// nobody sees, for names and ids.
package alike

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Key returns a text that is equal for names that look the same, whatever their case. It is Shown with the case folded.
func Key(name string) string {
	if isPlain(name) { // as most names are: this takes a tenth of the time
		return strings.ToLower(Shown(name))
	}
	return norm.NFC.String(cases.Fold().String(norm.NFD.String(Shown(name))))
}

// isPlain reports whether a text has only the letters, digits and signs of ASCII, and spaces.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// Shown returns a name as people see it, in its own case. The result is in Unicode's form NFC. It has no invisible
// characters, no white space around it, and one space in place of any white space inside it.
func Shown(name string) string {
	if isPlain(name) {
		return strings.Join(strings.Fields(name), " ")
	}
	seen := strings.Map(func(r rune) rune {
		if Invisible(r) {
			return -1
		}
		return r
	}, name)
	return strings.Join(strings.Fields(norm.NFC.String(seen)), " ")
}

// Trim returns a text without the white space around it, and without the characters there that nobody sees.
func Trim(text string) string { return strings.TrimFunc(text, Padding) }

// Padding reports whether r is white space or a character that nobody sees.
func Padding(r rune) bool { return unicode.IsSpace(r) || Invisible(r) }

// Invisible reports whether r is a character that nobody sees and that is no white space: a control character, a mark
// of direction or of the byte order, a soft hyphen, one of zero width. These are Unicode's controls and its characters
// with Default_Ignorable_Code_Point, as DerivedCoreProperties.txt derives them. NUL is none of them: it is a sign of
// damage, and no name or id has it.
func Invisible(r rune) bool {
	switch {
	case r >= ' ' && r <= '~', r == 0:
		return false
	case unicode.IsSpace(r), unicode.Is(unicode.Prepended_Concatenation_Mark, r): // such a mark is seen
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
