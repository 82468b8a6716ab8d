package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
)

// The modules whose fields an export writes.
const (
	modDeals    = "Deals"
	modContacts = "Contacts"
)

// The usual fields of a contact.
const (
	fieldFullName = "Full_Name"
	fieldEmail    = "Email"
)

// usual returns the fields of a module that every export reads, in the order of the columns.
func usual(module string) []string {
	if module == modDeals {
		return []string{"Deal_Name", "Stage", "Account_Name", "Owner", "Closing_Date"}
	}
	return []string{fieldFullName, fieldEmail}
}

// mostFields is the most fields that one call returns (Zoho CRM API v8, Get Records).
const mostFields = 50

// fieldName matches a module and the API name of a field, also that of a field behind a lookup.
var fieldName = regexp.MustCompile(`^(Deals|Contacts)\.[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?$`)

// CheckFields checks the fields that the user wants in addition to the usual columns.
func CheckFields(fields []string) error {
	counts := map[string]int{modDeals: 1, modContacts: 1} // Modified_Time, where they are listed without COQL
	for i, f := range fields {
		module, name, _ := strings.Cut(f, ".")
		switch {
		case !fieldName.MatchString(f):
			return fmt.Errorf("--fields %s: a field is Deals.NAME or Contacts.NAME, with the API name that "+
				"Zoho's setup shows, such as Deals.Amount or Contacts.Phone", f)
		case name == "id":
			return fmt.Errorf("--fields %s: ids are there anyway, as deal_id and contact_id", f)
		case module == modContacts && strings.Contains(name, "."):
			return fmt.Errorf("--fields %s: of a contact on a deal Zoho gives its own fields only", f)
		case slices.Contains(fields[:i], f):
			return fmt.Errorf("--fields names %s twice", f)
		}
		if counts[module]++; counts[module]+len(usual(module)) > mostFields {
			return fmt.Errorf("--fields: Zoho gives at most %d fields of %s in a call, of which %d are there anyway",
				mostFields, module, len(usual(module))+1)
		}
	}
	return nil
}

// fieldsOf returns the fields of a module that an export reads, each once: the usual fields, then those that the user
// wants.
func fieldsOf(module string, more []string) []string {
	all := usual(module)
	for _, f := range more {
		if name, ok := strings.CutPrefix(f, module+"."); ok && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// value returns the cell for the value of a field. A lookup shows its name, a list shows all of its values.
func value(raw json.RawMessage) csvio.Value {
	if len(raw) == 0 {
		return csvio.Value{}
	}
	v := csvio.Value{Text: text(raw), JSON: raw}
	if raw[0] == '{' {
		v.JSON = nil // Zoho's calls return different parts of a lookup: all of them return the name
	}
	return v
}

// text returns a value as text for people.
func text(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		// Most texts need no decoding. The table's writer repairs invalid characters.
		if n := len(raw); n > 1 && raw[n-1] == '"' && bytes.IndexByte(raw, '\\') < 0 {
			return string(raw[1 : len(raw)-1])
		}
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	case '{':
		return lookupText(raw)
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil {
			var texts []string
			for _, part := range list {
				texts = append(texts, text(part))
			}
			return strings.Join(texts, "; ")
		}
	case 'n':
		return ""
	}
	return string(raw)
}

// lookupText returns the name of the record that a lookup points to, or its id if Zoho does not send the name. COQL
// sends the name from v7 on (Zoho CRM API v7, Get Records through a COQL Query).
func lookupText(raw json.RawMessage) string {
	var parts map[string]json.RawMessage
	if json.Unmarshal(raw, &parts) != nil {
		return string(raw)
	}
	for _, key := range []string{"name", "full_name", "display_value", "id"} {
		if t := text(parts[key]); t != "" {
			return t
		}
	}
	return string(raw)
}

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
