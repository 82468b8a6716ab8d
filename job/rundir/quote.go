package rundir

import (
	"os"
	"strings"

	"rolecall/api/auth"
)

// Argument makes a path that begins with a dash one that is not taken for a flag.
func Argument(path string) string {
	if strings.HasPrefix(path, "-") {
		return "." + string(os.PathSeparator) + path
	}
	return path
}

// ShellQuote makes a word safe to paste into a shell.
func ShellQuote(word string) string { return auth.ShellQuote(word) }
