package show

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"rolecall/csvio"
	"rolecall/job/report"
)

// WriteTable writes the contacts as a table for people.
func (d *Deal) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "ROLE\tCONTACT\tEMAIL\tCONTACT ID") // Flush returns the first error
	for _, c := range d.Contacts {
		role := c.Role
		if role == "" {
			role = c.RoleID // the org's list does not have the role
		}
		_ = report.Printf(t, "%s\t%s\t%s\t%s\n", role, c.Name, c.Email, c.ID)
	}
	return t.Flush()
}

// WriteCSV writes the contacts as CSV, in the columns of an export. The column rc_base shows other commands that
// rolecall wrote the table. The column has values only if all contacts of the deal were read.
func (d *Deal) WriteCSV(w io.Writer) error {
	t, err := csvio.NewTableWriter(w, []csvio.Column{
		{Name: "deal_id", Kind: csvio.IDColumn},
		{Name: "contact_id", Kind: csvio.IDColumn}, {Name: "contact_name"}, {Name: "contact_email"},
		{Name: "role"}, {Name: "role_id", Kind: csvio.IDColumn}, {Name: csvio.BaseColumn},
	}, csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
	if err != nil {
		return err
	}
	for _, c := range d.Contacts {
		row := []csvio.Value{
			{Text: d.ID}, {Text: c.ID}, {Text: c.Name}, {Text: c.Email}, {Text: c.Role}, {Text: c.RoleID},
			{Text: d.base},
		}
		if err := t.Write(row); err != nil {
			return errors.Join(err, t.Close())
		}
	}
	return t.Close()
}
