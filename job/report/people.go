package report

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// Printable returns text as one line that cannot control a terminal: white space becomes a space, and any other
// character that is not printable is replaced. Texts from Zoho, names of files and cells may hold such characters.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.Zs), unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r) && r < utf8.RuneSelf:
			return ' '
		}
		return unicode.ReplacementChar
	}, text)
}

// Printf writes a text for people. Line breaks and tabs come from the format only: each argument is made printable.
// Every writer to people uses it.
func Printf(w io.Writer, format string, args ...any) error {
	safe := make([]any, len(args))
	for i := range args {
		safe[i] = printed{args[i]}
	}
	_, err := fmt.Fprintf(w, format, safe...)
	return err
}

// printed formats a value as fmt does, and makes the text printable.
type printed struct{ value any }

// Format implements fmt.Formatter.
func (p printed) Format(f fmt.State, verb rune) {
	_, _ = io.WriteString(f, Printable(fmt.Sprintf(fmt.FormatString(f, verb), p.value))) // fmt.State takes everything
}

// Terminal returns a writer to w that lets no control character but line breaks and tabs through, if w is a terminal.
// Else it returns w: data for a file or another program stays as it is.
func Terminal(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && IsTerminal(f) {
		return &terminal{to: f}
	}
	return w
}

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	switch w := w.(type) {
	case *terminal:
		return true
	case *os.File:
		return term.IsTerminal(int(w.Fd())) // #nosec G115 -- a file descriptor is small
	}
	return false
}

// Columns returns the width of a terminal in columns, or 0 if w is no terminal or the width is not known.
func Columns(w io.Writer) int {
	if t, ok := w.(*terminal); ok {
		w = t.to
	}
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd())) // #nosec G115 -- a file descriptor is small
	if err != nil {
		return 0
	}
	return columns
}

// terminal makes what is written to a terminal printable.
type terminal struct {
	to   io.Writer
	rest []byte // the beginning of a character whose end is not written yet
}

// Write implements io.Writer.
func (t *terminal) Write(b []byte) (int, error) {
	text := append(t.rest, b...)
	whole := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if c := text[len(text)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-back:]) {
				whole -= back
			}
			break
		}
	}
	t.rest = append([]byte{}, text[whole:]...)
	lines := strings.Split(string(text[:whole]), "\n")
	for i, line := range lines {
		cells := strings.Split(line, "\t")
		for k := range cells {
			cells[k] = Printable(cells[k])
		}
		lines[i] = strings.Join(cells, "\t")
	}
	if _, err := io.WriteString(t.to, strings.Join(lines, "\n")); err != nil {
		return 0, err
	}
	return len(b), nil
}
