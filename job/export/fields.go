package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rolecall/csvio"
)

// The modules whose fields an export tells.
const (
	modDeals    = "Deals"
	modContacts = "Contacts"
)

// usual are the fields of a module that every export reads, in their order in the store.
func usual(module string) []string {
	if module == modDeals {
		return []string{"Deal_Name", "Stage", "Account_Name", "Owner", "Closing_Date"}
	}
	return []string{"Full_Name", "Email"}
}

// mostFields is how many fields one call reads (Zoho CRM API v8, Get Records).
const mostFields = 50

// fieldName is what an API name of Zoho's looks like, also one behind a lookup.
var fieldName = regexp.MustCompile(`^(Deals|Contacts)\.[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?$`)

// CheckFields looks at what a user wants beside the usual columns.
func CheckFields(fields []string) error {
	counts := map[string]int{modDeals: 1, modContacts: 1} // Modified_Time, where they are listed without COQL
	for i, f := range fields {
		module, name, _ := strings.Cut(f, ".")
		switch {
		case !fieldName.MatchString(f):
			return fmt.Errorf("--fields %s: a field is Deals.NAME or Contacts.NAME, with the API name that Zoho's setup shows, such as Deals.Amount or Contacts.Phone", f)
		case name == "id":
			return fmt.Errorf("--fields %s: ids are there anyway, as deal_id and contact_id", f)
		case module == modContacts && strings.Contains(name, "."):
			return fmt.Errorf("--fields %s: of a contact on a deal Zoho gives its own fields only", f)
		case slices.Contains(fields[:i], f):
			return fmt.Errorf("--fields names %s twice", f)
		}
		if counts[module]++; counts[module]+len(usual(module)) > mostFields {
			return fmt.Errorf("--fields: Zoho gives at most %d fields of %s in a call, of which %d are there anyway", mostFields, module, len(usual(module))+1)
		}
	}
	return nil
}

// fieldsOf are all fields of a module that an export reads, each once: the usual ones, then those that the user wants.
func fieldsOf(module string, more []string) []string {
	all := usual(module)
	for _, f := range more {
		if name, ok := strings.CutPrefix(f, module+"."); ok && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// pack puts the fields of a record in one text: what Zoho sent of each, in the order of their names, each with its length before it. An export takes its hundred thousands of records apart again at its
// end, while nothing else is done: JSON around them would cost most of that time.
func pack(names []string, fields map[string]json.RawMessage) string {
	var b []byte
	for _, name := range names {
		raw := fields[name]
		b = append(strconv.AppendInt(b, int64(len(raw)), 10), ':')
		b = append(b, raw...)
	}
	return string(b)
}

// errPacked says that a packed text is not what pack made.
var errPacked = errors.New("a record of the export's database cannot be read: the file is damaged")

// unpack takes such a text apart. A field that it does not have is empty.
func unpack(packed string, into []json.RawMessage) ([]json.RawMessage, error) {
	into = into[:0]
	for rest := []byte(packed); len(rest) > 0; {
		length, after, found := bytes.Cut(rest, []byte(":"))
		n, err := strconv.Atoi(string(length))
		if !found || err != nil || n < 0 || n > len(after) {
			return into, errPacked
		}
		into, rest = append(into, after[:n]), after[n:]
	}
	return into, nil
}

// value makes a cell of what Zoho sent of a field: of a lookup its name, of several values all of them.
func value(raw json.RawMessage) csvio.Value {
	if len(raw) == 0 {
		return csvio.Value{}
	}
	v := csvio.Value{Text: text(raw), JSON: raw}
	if raw[0] == '{' {
		v.JSON = nil // of what a field points to, every call of Zoho's tells something else: the name is in all of them
	}
	return v
}

// text is a value in words.
func text(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		// Most texts stand for themselves: what is not valid in them is mended where they are written.
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

// lookupText is a record that a field points to: by its name where Zoho tells it (COQL does from v7 on: Zoho CRM API v7, Get Records through a COQL Query), else by its id.
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
