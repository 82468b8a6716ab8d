package export

import (
	"strings"

	"rolecall/api"
	"rolecall/job"
)

// joined returns the columns that a query selects to get the name of a lookup, or nil if COQL returns the name already.
// COQL returns only the last name of a user (Zoho CRM API v7, Get Records through a COQL Query). A query may go through
// at most two lookups (COQL Limitations), so joined uses as few as possible and leaves the others to the user.
func joined(field string, v api.Version) []string {
	switch {
	case field == "Owner":
		return []string{"Owner.first_name", "Owner.last_name"}
	case field == "Account_Name" && !v.NamesLookups():
		return []string{"Account_Name.Account_Name"}
	}
	return nil
}

// queryColumns returns the columns that a query selects to get some fields.
func queryColumns(fields []string, v api.Version) string {
	columns := []string{"id"}
	for _, f := range fields {
		if names := joined(f, v); names != nil {
			columns = append(columns, names...)
		} else {
			columns = append(columns, f)
		}
	}
	return strings.Join(columns, ", ")
}

// joinNames puts the names of lookups into the fields in which Zoho's other calls return them.
func joinNames(records []api.Record, fields []string, v api.Version) {
	for _, f := range fields {
		columns := joined(f, v)
		if columns == nil {
			continue
		}
		for _, r := range records {
			var parts []string
			for _, column := range columns {
				if part := text(r.Fields[column]); part != "" {
					parts = append(parts, part)
				}
			}
			r.Fields[f] = job.Encode(strings.Join(parts, " "))
		}
	}
}
