package csvio

import (
	"encoding/json"
	"slices"
)

// BaseColumn marks a table that rolecall exported, in any format. The mark survives sorting, filtering and the removal
// of other columns. Its cells hold the state of the deal at the export.
const BaseColumn = "rc_base"

// OptionsColumn is a column of failed.csv. Its cells hold the options of the run that a next run needs. The job chooses
// their form.
const OptionsColumn = "rc_options"

// marked returns the cell of one of rolecall's own columns in a row of proper width, or "".
func (c *columns) marked(cells []string, column string) string {
	if i, ok := c.marks[column]; ok && i < len(cells) {
		return cells[i]
	}
	return ""
}

// exported reports whether rolecall exported the table, or the table that this one is made of.
func (c *columns) exported() bool {
	_, marked := c.marks[BaseColumn]
	return marked || c.known.isOurs(c.all)
}

// guarded reports whether the texts of the table are guarded. Texts are guarded in each table that rolecall wrote, also
// in undo.csv and in plans. The exception is a result table, which repeats the cells of its input: its texts are
// guarded only if those of the input were.
func (c *columns) guarded() bool {
	return c.exported() || c.known.index(UndoRow) >= 0 || c.isPlan() || c.results() && !c.isResult()
}

// isPlan reports whether the table is a saved plan.
func (c *columns) isPlan() bool { return len(c.named(string(PlanAction))) > 0 }

// isResult reports whether the table has the columns that the result tables of all jobs have.
func (c *columns) isResult() bool {
	return !slices.ContainsFunc(ResultColumns(), func(name string) bool {
		_, has := c.marks[name]
		return !has
	})
}

// wasMalformed reports whether an earlier run found the row malformed and nobody has corrected it since. That run
// padded or cut the cells, so the row looks proper now. A run that sends it could write something that nobody wants.
func (c *columns) wasMalformed(cells []string) bool {
	return len(cells) == len(c.all) && c.marked(cells, codeColumn) == CodeRowMalformed
}

// Earlier returns the code and the message that an earlier run gave the row that Read returned last, or "".
func (r *Reader) Earlier() (code, message string) {
	if r.cols == nil {
		return "", ""
	}
	return r.cols.marked(r.all, codeColumn), Unguard(r.cols.marked(r.all, messageColumn))
}

// EarlierOptions returns the cell of OptionsColumn in the row that Read returned last.
func (r *Reader) EarlierOptions() string {
	if r.cols == nil {
		return ""
	}
	return r.cols.marked(r.all, OptionsColumn)
}

// raw returns the text of a malformed row as it stood in the user's file. A table that rolecall wrote has it in
// rc_details, so that it does not grow each time that the table is read.
func (c *columns) raw(cells []string, rec record) string {
	if c.wasMalformed(cells) {
		var details struct{ Raw *string }
		err := json.Unmarshal([]byte(c.marked(cells, detailsColumn)), &details)
		if err == nil && details.Raw != nil {
			return *details.Raw
		}
	}
	return rawText(rec)
}
