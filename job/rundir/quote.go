package rundir

import (
	"os"
	"strings"

	"rolecall/api/auth/shell"
)

// Argument returns a path as a command-line argument: it puts ./ before a path that begins with a dash, so that the
// path is not read as a flag.
func Argument(path string) string {
	if strings.HasPrefix(path, "-") {
		return "." + string(os.PathSeparator) + path
	}
	return path
}

// InputArgument returns the name of an input as a person types it in a shell: stdin is "-".
func InputArgument(name string) string {
	if name == "-" || name == "stdin" {
		return "-"
	}
	return ShellQuote(Argument(name))
}

// ShellQuote returns a word quoted for a shell, so that it is safe to paste.
func ShellQuote(word string) string { return shell.Quote(word) }
