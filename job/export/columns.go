package export

import (
	"strings"

	"rolecall/api"
	"rolecall/job"
)

// joined returns the columns that a query selects to get the name of a lookup, or nil if COQL returns the name already.
// Of a user COQL returns only the last name (Zoho CRM API v7, Get Records through a COQL Query). A query may go through
// two lookups and no more (COQL Limitations): the user can have those that are not needed here.
func joined(field string, v api.Version) []string {
	switch {
	case field == "Owner":
		return []string{"Owner.first_name", "Owner.last_name"}
	case field == "Account_Name" && !v.NamesLookups():
		return []string{"Account_Name.Account_Name"}
	}
	return nil
}

// queryColumns returns the columns that a query selects for some fields.
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

// joinNames puts the names of lookups into the fields, where Zoho's other calls have them.
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
