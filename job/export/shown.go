package export

import (
	"encoding/json"
	"errors"
	"io"

	"rolecall/api"
	"rolecall/csvio"
)

// WriteCSV writes records as the CSV of an export of their fields, with bare ids.
func WriteCSV(w io.Writer, fields []api.Field, records []api.Record) error {
	var columns []column
	for i := range fields {
		columns = addField(columns, &fields[i])
	}
	t, err := csvio.NewTableWriter(w, tableColumns(columns), csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := t.Write(rowOf(columns, r.ID, r.Fields)); err != nil {
			return errors.Join(err, t.Close())
		}
	}
	return t.Close()
}

// Text returns the value of a field as a cell for people: of a lookup its name, of several values all.
func Text(raw json.RawMessage) string { return value(raw).Text }
