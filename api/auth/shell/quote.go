// Package shell quotes words for the shell of this system.
package shell

import (
	"fmt"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote returns a text quoted as one word for the shell of this system, so that it is safe to paste.
func Quote(word string) string {
	if runtime.GOOS == "windows" {
		return windowsQuote(word)
	}
	return posixQuote(word)
}

// plain are the characters beside letters and digits that no shell gives a meaning.
const plain = "-_./:+,@"

// isPlain reports whether a word needs no quotes. more are further characters that need none.
func isPlain(word, more string) bool {
	return word != "" && strings.TrimFunc(word, func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(plain+more, c)
	}) == ""
}

// posixQuote quotes a word for the shells of Unix. For a text that a terminal cannot show, or that is not UTF-8, it
// returns a call of printf, which every such shell has.
func posixQuote(word string) string {
	if isPlain(word, "%") {
		return word
	}
	if !utf8.ValidString(word) || strings.ContainsFunc(word, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return escaped(word)
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// escaped returns a call of printf that writes a word, with an octal escape for each byte that is no plain character. A
// shell drops line breaks at the end of such a word.
func escaped(word string) string {
	var b strings.Builder
	b.WriteString(`"$(printf '`)
	for _, c := range []byte(word) {
		if c < ' ' || c > '~' || strings.IndexByte(`\'%`, c) >= 0 {
			fmt.Fprintf(&b, `\%03o`, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String() + `')"`
}

// windowsQuote quotes a word in double quotes, which cmd.exe and PowerShell both know. A backslash counts as itself
// unless a double quote follows it (Microsoft, Parsing C command-line arguments).
func windowsQuote(word string) string {
	if isPlain(word, `\`) {
		return word
	}
	var b strings.Builder
	b.WriteByte('"')
	backslashes := 0
	for _, c := range []byte(word) {
		switch c {
		case '\\':
			backslashes++
		case '"':
			b.WriteString(strings.Repeat(`\`, backslashes+1)) // each before a quote counts half
			backslashes = 0
		default:
			backslashes = 0
		}
		b.WriteByte(c)
	}
	return b.String() + strings.Repeat(`\`, backslashes) + `"`
}
