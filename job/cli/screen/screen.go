// Package screen shows messages on stderr of a terminal: it folds lines, adds colours, and shows the bar of a run.
package screen

import (
	"io"
	"os"
	"strings"
	"sync"

	"rolecall/job/report"
)

// screen is stderr on a terminal. It folds long lines between words, and wipes the bar before it writes a line.
type screen struct {
	to      io.Writer
	columns func() int // of the terminal; 0: not known
	colours bool

	mu  sync.Mutex
	bar int // columns of the bar that is shown; 0: none
}

// New returns a screen if w is a terminal, or else w.
func New(w io.Writer, getenv func(string) string) io.Writer {
	f, ok := w.(*os.File)
	if !ok || !report.IsTerminal(f) {
		return w
	}
	return &screen{
		to: f, columns: func() int { return report.Columns(f) }, colours: wantsColours(getenv) && takesColours(f),
	}
}

// wantsColours reports whether the environment allows colours. NO_COLOR counts if it is not empty (no-color.org). A
// dumb terminal has no colours (terminfo, dumb).
func wantsColours(getenv func(string) string) bool {
	return getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// Colours reports whether the screen shows colours. Package report asks for it.
func (s *screen) Colours() bool { return s.colours }

// Write wipes the bar and writes lines.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var text strings.Builder
	text.WriteString(s.wiped())
	columns := s.columns()
	for line := range strings.Lines(string(b)) {
		text.WriteString(report.Fold(line, columns))
	}
	if _, err := io.WriteString(s.to, text.String()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// wiped returns the text that wipes the bar. Blanks do that on each terminal, also on one that knows no sequences.
func (s *screen) wiped() string {
	if s.bar == 0 {
		return ""
	}
	text := "\r" + strings.Repeat(" ", s.bar+len(echo)) + "\r"
	s.bar = 0
	return text
}

// defaultColumns is the width of a terminal that does not report its width.
const defaultColumns = 80

// echo is what a terminal writes behind the bar when the user stops the run.
const echo = "^C"

// showBar replaces the bar by the line that text returns for a number of columns. There is room for echo behind it.
// The last column stays empty: a character there moves the cursor of some terminals to the next line.
func (s *screen) showBar(text func(columns int) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	columns := s.columns()
	if columns <= 0 {
		columns = defaultColumns
	}
	room := columns - 1 - len(echo)
	line := text(room)
	rest := 0
	if s.bar > 0 {
		rest = max(min(s.bar, room)+len(echo)-len(line), 0)
	}
	s.bar = len(line)
	// An error of the terminal must not end a run.
	_, _ = io.WriteString(s.to, "\r"+line+strings.Repeat(" ", rest)+strings.Repeat("\b", rest))
}

// wipe removes the bar.
func (s *screen) wipe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.to, s.wiped())
}
