package show

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job/export"
	"rolecall/job/report"
)

// WriteTable writes the records for people: as a table of the fields that the user named, else each record by itself,
// with the fields that have a value.
func (r *Records) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if r.named {
		_, _ = fmt.Fprint(t, "ID") // Flush returns the first error
		for _, f := range r.shown {
			_ = report.Printf(t, "\t%s", strings.ToUpper(f.APIName))
		}
		_, _ = fmt.Fprintln(t)
	}
	for i, one := range r.list {
		switch {
		case r.named:
			_ = report.Printf(t, "%s", one.ID)
			for _, f := range r.shown {
				_ = report.Printf(t, "\t%s", inLine(export.Text(one.Fields[f.APIName])))
			}
			_, _ = fmt.Fprintln(t)
			continue
		case i > 0:
			_, _ = fmt.Fprintln(t)
		}
		_ = report.Printf(t, "id\t%s\n", one.ID)
		for _, f := range r.shown {
			if value := inLine(export.Text(one.Fields[f.APIName])); value != "" {
				_ = report.Printf(t, "%s\t%s\n", f.APIName, value)
			}
		}
	}
	return t.Flush()
}

// inLine returns a text in one line, for the cell of a table.
func inLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// WriteCSV writes the records as CSV, in the form of records export with bare ids. The commands for records read it.
func (r *Records) WriteCSV(w io.Writer) error {
	all := func(yield func(api.Record, error) bool) {
		for _, one := range r.list {
			if !yield(one, nil) {
				return
			}
		}
	}
	return export.WriteCSV(w, r.shown, all, csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
}
