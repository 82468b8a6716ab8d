package csvio

import (
	"fmt"
	"strconv"
	"strings"
)

// FileError reports that a file, or the rest of a file, cannot be used. Nothing of such a file may be sent.
type FileError struct {
	File    string   // the file, as Options.Name has it
	Line    int      // the physical line concerned, 1-based; 0: the whole file
	Problem string   // what is wrong
	Hint    string   // what to do or to type next; may be empty
	Missing []Field  // the first field of each need that the header does not meet
	Header  []string // the names of the columns, if Missing is set
	System  string   // the other CRM that made the file; "": none
	Undo    bool     // the file is an undo.csv: it records what a run changed
	Err     error    // the cause from below (I/O, gzip), or nil
}

// Error returns file, line, problem and hint in one sentence.
func (e *FileError) Error() string {
	var b strings.Builder
	switch {
	case e.File != "" && e.Line > 0:
		fmt.Fprintf(&b, "%s:%d: ", e.File, e.Line)
	case e.File != "":
		b.WriteString(e.File + ": ")
	case e.Line > 0:
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	b.WriteString(e.Problem)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Hint != "" {
		b.WriteString("; ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// CodeRowMalformed is the code of a row that is not a proper record of its file.
const CodeRowMalformed = "ROW_MALFORMED"

// RowError reports that one record is not a row of its table. The other rows are usable.
type RowError struct {
	Line   int    // the physical line where the record starts, 1-based
	Reason string // what is wrong, for people
	Raw    string // the record as it stands in the file, without the line break
}

// Error returns line and reason.
func (e *RowError) Error() string {
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// Bounds on what a message repeats from a file.
const (
	maxShownNames = 30
	maxShownRunes = 60
)

// shown quotes text from a file for a message, cut to a readable length.
func shown(text string) string {
	n := 0
	for i := range text {
		if n == maxShownRunes {
			return strconv.Quote(text[:i] + "…")
		}
		n++
	}
	return strconv.Quote(text)
}

// shownList quotes names for a message, cut to a readable number.
func shownList(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	var b strings.Builder
	for i, name := range names {
		if i == maxShownNames {
			fmt.Fprintf(&b, " and %d more", len(names)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(shown(name))
	}
	return b.String()
}

// anyOf joins the fields that meet one need: "a, b or c".
func anyOf(need []Field) string {
	var b strings.Builder
	for i, f := range need {
		switch {
		case i == 0:
		case i == len(need)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(f))
	}
	return b.String()
}
