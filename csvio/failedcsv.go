package csvio

import "slices"

// NotRead ends the name of a column in failed.csv that would otherwise have the name of a column of --map.
const NotRead = " (not read)"

// field returns the index in the vocabulary of the field that a column stands for, or -1.
func (c *columns) field(column int) int { return slices.Index(c.at, column) }

// Exported reports whether rolecall exported the table. An emptied cell is then an edit.
func (r *Reader) Exported() bool { return r.cols != nil && r.cols.exported() }

// IsResult reports whether the table is a result table or failed.csv, which has only some rows of its input.
func (r *Reader) IsResult() bool { return r.cols != nil && r.cols.isResult() }

// Base returns the cell of BaseColumn in the row that Read returned last.
func (r *Reader) Base() string {
	if r.cols == nil || r.all == nil {
		return ""
	}
	return r.cols.marked(r.all, BaseColumn)
}

// FailedHeader returns the header of failed.csv. A column that the user named for a field gets the field's name, so
// failed.csv needs no Options.Map.
func (r *Reader) FailedHeader() []string {
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
			header[i] += NotRead
		}
	}
	return header
}

// FailedCells returns the cells of a row for failed.csv, parallel to FailedHeader. Ids get zcrm_, so they survive a
// spreadsheet. Texts are translated, so failed.csv needs no Options.Translate.
func (r *Reader) FailedCells(cells []string) []string {
	cells = slices.Clone(r.ResultCells(cells))
	external := r.External()
	for i, column := range r.cols.own {
		field := r.cols.field(column)
		if field < 0 {
			continue
		}
		known := r.cols.known.Columns[field]
		if translate := r.replaces[known.Field]; translate != nil {
			cells[i] = r.translated(cells[i], translate)
		}
		if !known.IDs || external[known.Field] != "" {
			continue
		}
		if id, err := ParseID(cells[i]); err == nil {
			cells[i] = idPrefix + id
		}
	}
	return cells
}

// translated returns a cell with its text translated. A table of guarded texts gets the guard again.
func (r *Reader) translated(cell string, translate func(string) string) string {
	text := r.plain(cell)
	to := translate(text)
	switch {
	case to == text:
		return cell
	case r.Exported():
		return Guard(to)
	}
	return to
}

// ResultCells returns the cells of a row for a result table, as they were read. The texts of an export in JSON Lines
// get the guards that an export in CSV has: they come from Zoho, and the result table is read as guarded.
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
