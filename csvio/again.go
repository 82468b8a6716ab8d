package csvio

import "slices"

// notRead follows the name of a column that would be read in place of the one that the user named for its field.
const notRead = " (not read)"

// field returns the index in the vocabulary of the field that a column stands for, or -1.
func (c *columns) field(column int) int { return slices.Index(c.at, column) }

// Exported reports whether rolecall exported the table. An emptied cell is then an edit.
func (r *Reader) Exported() bool { return r.cols != nil && r.cols.exported() }

// Base returns the cell of BaseColumn in the row that Read returned last.
func (r *Reader) Base() string {
	if r.cols == nil || r.all == nil {
		return ""
	}
	return r.cols.marked(r.all, BaseColumn)
}

// AgainHeader returns the header under which the cells of AgainCells are read as they are now, without Options.Map: a
// column that the user named for a field gets the field's name.
func (r *Reader) AgainHeader() []string {
	header := slices.Clone(r.header)
	if r.cols == nil {
		return header
	}
	known, names := r.cols.known, r.cols.known.names()
	for i, column := range r.cols.own {
		field := r.cols.field(column)
		means, isName := names[fold(header[i])]
		switch {
		case field >= 0 && (!isName || means != field):
			header[i] = string(known.Columns[field].Field)
		case field < 0 && isName && r.cols.at[means] >= 0:
			header[i] += notRead
		}
	}
	return header
}

// AgainCells returns the cells of a row, parallel to AgainHeader, so that they survive a spreadsheet: ids carry zcrm_.
func (r *Reader) AgainCells(cells []string) []string {
	cells = slices.Clone(r.ResultCells(cells))
	for i, column := range r.cols.own {
		field := r.cols.field(column)
		if field < 0 || !r.cols.known.Columns[field].IDs {
			continue
		}
		if id, err := ParseID(cells[i]); err == nil {
			cells[i] = idPrefix + id
		}
	}
	return cells
}

// ResultCells returns the cells of a row for a result table: as they were read, but guarded if the table is read as
// guarded and they are not. They come from Zoho in that case: rolecall exported them as JSON Lines.
func (r *Reader) ResultCells(cells []string) []string {
	if !r.Exported() || r.dialect.Format != FormatJSONL {
		return cells
	}
	cells = slices.Clone(cells)
	for i, column := range r.cols.own {
		f := r.cols.field(column)
		isID, isNumeric := f >= 0 && r.cols.known.Columns[f].IDs, f < 0 && isNumber(cells[i])
		if !isID && !isNumeric {
			cells[i] = Guard(cells[i])
		}
	}
	return cells
}
