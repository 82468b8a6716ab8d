// Package xlsx reads and writes workbooks (XLSX, ISO/IEC 29500) row by row, in little memory. It knows sheets and
// cells; what a column means is for its caller to decide.
//
// Reading is our own: excelize holds a workbook in memory, and does not give the type and the number format of a cell
// while it streams. An id that is a number must be told from one that is text, and a date from both. Writing is
// excelize's.
package xlsx

import (
	"errors"
	"fmt"
)

// SaveAsCSV is the hint that helps with any workbook that cannot be read.
const SaveAsCSV = "save it as \"CSV UTF-8 (comma delimited)\" and give that file"

// Error reports that a workbook, or the rest of its sheet, cannot be read.
type Error struct {
	Line    int    // the row concerned, as the sheet shows it; 0: the whole workbook
	Problem string // what is wrong
	Hint    string // what to do next
	Err     error  // the cause from below, or nil
}

// Error returns row, problem and hint in one sentence.
func (e *Error) Error() string {
	text := e.Problem
	if e.Line > 0 {
		text = fmt.Sprintf("row %d: %s", e.Line, text)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text + "; " + e.Hint
}

// LimitError reports that a table does not fit into a workbook.
type LimitError struct{ text string }

// Error returns what does not fit.
func (e *LimitError) Error() string { return e.text }

// limitf returns a *[LimitError].
func limitf(format string, args ...any) error { return &LimitError{fmt.Sprintf(format, args...)} }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// damaged makes an *Error of the reason why a part of a workbook cannot be read.
func damaged(err error) *Error {
	if problem, ok := errors.AsType[*Error](err); ok {
		return problem
	}
	return &Error{
		Problem: "the workbook cannot be read",
		Hint:    "open it in a spreadsheet program and save it again, or " + SaveAsCSV,
		Err:     err,
	}
}
