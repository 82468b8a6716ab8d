package export

import (
	"encoding/json"
	"fmt"
	"strings"

	"rolecall/job"
)

// The phases of an export: contacts, with --via contacts, and then deals.
const (
	phaseContacts = 0
	phaseDeals    = 1
)

// phaseOf returns the phase of a module's records.
func phaseOf(module string) int {
	if module == modDeals {
		return phaseDeals
	}
	return phaseContacts
}

// idWidth is the length of the longest id that Zoho describes (Zoho's OpenAPI files for v8.0: 19 to 20 digits).
const idWidth = 20

// key returns an id with leading zeros, so that keys sort like the numbers.
func key(id string) string {
	if len(id) >= idWidth {
		return id
	}
	return strings.Repeat("0", idWidth-len(id)) + id
}

// unkey returns the id of a key.
func unkey(key string) string {
	if id := strings.TrimLeft(key, "0"); id != "" {
		return id
	}
	return "0"
}

// checkID returns an error for an id that would break the order of an export or the next query.
func checkID(id string) error {
	if len(id) > idWidth || id == "" || id[0] == '0' || strings.Trim(id, "0123456789") != "" {
		return fmt.Errorf("Zoho sent %.40q as an id, which cannot be one", id) //nolint:staticcheck // Zoho is a name
	}
	return nil
}

// role is the role of a contact on a deal.
type role struct {
	ID   string `json:"role_id,omitempty"`
	Name string `json:"role,omitempty"`
}

// person is the value of an entry: a contact on a deal.
type person struct {
	role

	Fields record `json:"contact"`
}

// record maps the fields that Zoho sent of a deal or contact to their values.
type record map[string]json.RawMessage

// pick returns the named fields of a record.
func pick(names []string, all map[string]json.RawMessage) record {
	r := make(record, len(names))
	for _, name := range names {
		if raw, is := all[name]; is {
			r[name] = raw
		}
	}
	return r
}

// decode decodes a value that job.Encode encoded.
func decode(raw json.RawMessage, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("a record in run.db cannot be read: %w", err)
	}
	return nil
}

// The actions of an export's rows.
const (
	actionRead = "read"
	actionGone = "gone" // the record was deleted after it was listed
)

// outcomes returns the outcomes of the open rows of a group.
func outcomes(g *job.Group, action string, got []job.Entry) (all []job.Outcome) {
	for i := range g.Rows {
		if job.IsOpen(&g.Rows[i]) {
			o := job.Settle(g.Rows[i].N, action, "", 0)
			o.Got = got
			all = append(all, o)
		}
	}
	return all
}

// entry returns the entry of a contact on a deal.
func entry(deal, contact string, r role, fields record) job.Entry {
	return job.Entry{Key: key(deal), Item: key(contact), Value: job.Encode(person{r, fields})}
}
