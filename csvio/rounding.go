package csvio

import (
	"fmt"
	"strings"
)

// Spreadsheets keep 15 significant digits (Microsoft Support, "Last digits are changed to zeros when you type long
// numbers in cells of Excel"), so an id of 19 digits ends in 0000. By nature one id in 10,000 does.
const (
	roundedDigits  = 16 // ids from this length on lose digits
	roundedEnding  = "0000"
	roundedRows    = 3 // fewer can be chance
	roundedPercent = 5
)

// Rounding counts the ids of a file that a spreadsheet may have rounded: two counts a column, whatever the size of the
// file. The zero value is ready.
type Rounding struct {
	File string // the file's name in messages

	columns []longIDs // in the order in which they were first observed
}

// longIDs counts the ids of a column that are long enough to lose digits.
type longIDs struct {
	column       Field
	long, ending int
}

// Observe counts one id, as ParseID returns it, of the column for a field.
func (r *Rounding) Observe(column Field, id string) {
	if len(id) < roundedDigits {
		return
	}
	i := 0
	for i < len(r.columns) && r.columns[i].column != column {
		i++
	}
	if i == len(r.columns) {
		r.columns = append(r.columns, longIDs{column: column})
	}
	r.columns[i].long++
	if strings.HasSuffix(id, roundedEnding) {
		r.columns[i].ending++
	}
}

// Err returns a *FileError if at least 3 rows and 5 % of a column's ids of 16 or more digits end in 0000, else nil.
func (r *Rounding) Err() error {
	for _, c := range r.columns {
		if c.ending < roundedRows || c.ending*100 < c.long*roundedPercent {
			continue
		}
		return &FileError{
			File: r.File,
			Problem: fmt.Sprintf("%d of %d long ids in the column for %s end in %s: a spreadsheet has rounded them",
				c.ending, c.long, c.column, roundedEnding),
			Hint: hintExport + "; if the ids are right as they are, add --accept-rounded-ids",
		}
	}
	return nil
}
