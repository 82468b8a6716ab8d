package report

import "fmt"

// Hidden counts the rows that the sheet of the input does not show, because a filter or somebody has hidden them.
type Hidden struct {
	Rows    int64 `json:"rows"`
	Of      int64 `json:"of"`      // all rows of the input
	Skipped bool  `json:"skipped"` // the run leaves the hidden rows out
}

// Count returns the number of hidden rows in words.
func (h Hidden) Count() string {
	are := "are"
	if h.Rows == 1 {
		are = "is"
	}
	return fmt.Sprintf("%s of %s %s hidden in the sheet (by a filter or by hand)",
		Count(h.Rows), Plural(h.Of, "row"), are)
}

// String returns the number of hidden rows in words, and what the run does with them.
func (h Hidden) String() string {
	if h.Skipped {
		return h.Count() + " and left out"
	}
	return h.Count() + " and included"
}
