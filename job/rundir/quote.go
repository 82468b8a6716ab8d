package rundir

import (
	"os"
	"strings"
)

// Argument makes a path that begins with a dash one that is not taken for a flag.
func Argument(path string) string {
	if strings.HasPrefix(path, "-") {
		return "." + string(os.PathSeparator) + path
	}
	return path
}

// ShellQuote makes a word safe to paste into a shell.
func ShellQuote(word string) string {
	safe := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_./:+,@%", c) || os.PathSeparator == '\\' && c == '\\'
	}
	if word != "" && strings.TrimFunc(word, safe) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
