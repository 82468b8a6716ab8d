package export

import (
	"slices"

	"rolecall/csvio"
)

// memoryWidth is the width of the columns of ids and rc_base in a workbook, in characters. It is small, because people
// need not read them.
const memoryWidth = 10

// workbookOrder returns the order of the columns in a workbook, as indexes of columns: what people read and edit comes
// first, the ids and rc_base last.
func workbookOrder(columns []csvio.Column) []int {
	edited := []csvio.Field{csvio.DealName, csvio.ContactName, csvio.ContactEmail, csvio.Role}
	rank := func(i int) int {
		c := &columns[i]
		switch {
		case isMemory(c):
			return len(edited) + 1
		case slices.Contains(edited, csvio.Field(c.Name)):
			return slices.Index(edited, csvio.Field(c.Name))
		}
		return len(edited)
	}
	order := make([]int, len(columns))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(a) - rank(b) })
	return order
}

// isMemory reports whether a column is only for rolecall, when it reads the file again.
func isMemory(c *csvio.Column) bool { return c.Kind == csvio.IDColumn || c.Name == csvio.BaseColumn }

// forPeople orders the columns of a table as in a workbook. guide is the second sheet; nil: there is none.
func (t *table) forPeople(guide [][2]string) {
	order, columns, fill := workbookOrder(t.columns), t.columns, t.fill
	t.columns, t.guide = make([]csvio.Column, len(order)), guide
	for to, from := range order {
		t.columns[to] = columns[from]
		if isMemory(&columns[from]) {
			t.columns[to].Width = memoryWidth
		}
	}
	cells := make([]csvio.Value, len(order))
	t.fill = func(put func([]csvio.Value) error) error {
		return fill(func(row []csvio.Value) error {
			for to, from := range order {
				cells[to] = row[from]
			}
			return put(cells)
		})
	}
}

// guide returns the rows of the sheet that tells people what they may edit.
func guide() [][2]string {
	return [][2]string{
		{"What you do in the first sheet", "What it means, once the file goes to rolecall plan and rolecall apply"},
		{"Change a role", "The contact gets the role on the deal. The cell offers the roles of your org. If somebody " +
			"else changed the contact in Zoho since the export, nothing is overwritten: the row is a conflict."},
		{"Clear a role", "Nothing changes: the contact stays on the deal as it is, and the row fails as " +
			"ROLE_CLEARED. To take the contact off the deal, delete the row."},
		{"Delete a row", "The plan shows the contact. It comes off the deal only with --prune; else it stays."},
		{"Delete all rows of a deal", "Nothing changes: the deal is not in the file any more."},
		{"Add a row", "The contact is put on the deal. Give the deal (deal_name or deal_id), the contact " +
			"(contact_email, contact_name or contact_id) and the role. Leave role_id and rc_base empty."},
		{"Leave a row as it is", "Nothing changes, also if somebody changed the contact in Zoho meanwhile."},
		{"Sort, filter, hide, add columns", "Nothing changes. Hidden rows count too, unless you say --hidden skip."},
		{"Edit another column", "Nothing changes: a row goes by its deal_id and contact_id. To put somebody else on " +
			"the deal, add a row."},
		{"Keep the last columns", "deal_id, contact_id, role_id and rc_base tell what you edited. Do not edit them."},
		{"Bring the file back", "rolecall plan FILE shows each change and writes nothing; rolecall apply FILE makes " +
			"them; rolecall undo takes them back. This sheet is not read."},
	}
}
