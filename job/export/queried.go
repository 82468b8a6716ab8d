package export

import (
	"encoding/json"
	"strings"

	"rolecall/api"
)

// joined are the columns that a query selects in place of a lookup, to be told its name; nil: it is told that anyway. Of a user Zoho gives the last name only (Zoho CRM API v7, Get Records through a
// COQL Query). A query may go through two lookups and no more (COQL Limitations): those that need not be are left to the user.
func joined(field string, v api.Version) []string {
	switch {
	case field == "Owner":
		return []string{"Owner.first_name", "Owner.last_name"}
	case field == "Account_Name" && !v.NamesLookups():
		return []string{"Account_Name.Account_Name"}
	}
	return nil
}

// queryColumns are the columns that a query selects to tell fields.
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

// joinNames puts the names of lookups where the fields are, as the other calls of Zoho's tell them.
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
			if b, err := json.Marshal(strings.Join(parts, " ")); err == nil {
				r.Fields[f] = b
			}
		}
	}
}
