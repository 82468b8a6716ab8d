package csvio

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rolecall/csvio/alike"
)

// ExternalColumn is a column of failed.csv. Its cells hold the External of the run, so that the next run needs no flag.
const ExternalColumn = "rc_external_id"

// External maps each column whose ids are keys of another system to the field in Zoho that has such a key.
type External map[Field]string

// ParseExternal reads the text that String returns: "contact=Legacy_Id,deal=Old_Key".
func ParseExternal(text string) (External, error) {
	e := External{}
	for part := range strings.SplitSeq(text, ",") {
		name, field, ok := strings.Cut(part, "=")
		f := Field(strings.TrimSpace(name) + "_id")
		if field = strings.TrimSpace(field); !ok || field == "" || f != DealID && f != ContactID {
			return nil, fmt.Errorf("%q is not deal=FIELD or contact=FIELD, with the API name of the field in Zoho", part)
		}
		if strings.Trim(field, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
			return nil, fmt.Errorf("%q is not the API name of a field: it has letters, digits and _", field)
		}
		e[f] = field
	}
	return e, nil
}

// Fields returns the fields in Zoho under the keys "deal" and "contact", as ExternalOf takes them.
func (e External) Fields() map[string]string {
	fields := map[string]string{}
	for column, field := range e {
		fields[strings.TrimSuffix(string(column), "_id")] = field
	}
	return fields
}

// ExternalOf returns the External of a map with the keys "deal" and "contact".
func ExternalOf(fields map[string]string) (External, error) {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, name+"="+fields[name])
	}
	if parts == nil {
		return nil, nil
	}
	return ParseExternal(strings.Join(parts, ","))
}

// String returns a text such as "contact=Legacy_Id,deal=Old_Key", or "" for an empty map.
func (e External) String() string {
	var parts []string
	for _, f := range slices.Sorted(maps.Keys(e)) {
		parts = append(parts, strings.TrimSuffix(string(f), "_id")+"="+e[f])
	}
	return strings.Join(parts, ",")
}

// Apply sets the options to read these ids as keys of another system, also in a table of that system.
func (e External) Apply(o *Options) {
	o.External = e
	if len(e) > 0 {
		known := *o.Vocabulary
		known.LooksUp = slices.Sorted(maps.Keys(e))
		o.Vocabulary = &known
	}
}

// External returns which ids of the row that Read returned last are keys of another system. The row's own
// ExternalColumn, from an earlier run, wins over Options.External.
func (r *Reader) External() External {
	if r.cols != nil && r.all != nil {
		if e, err := ParseExternal(r.cols.marked(r.all, ExternalColumn)); err == nil {
			return e
		}
	}
	return r.externalIDs
}

// Key returns the key of another system in a column of ids of the row that Read returned last, and the field in Zoho
// that holds such keys. Both are "" if the cell holds an id of Zoho. A cell that begins with zcrm_ always does.
func (r *Reader) Key(column Field) (field, key string) {
	field, key = r.External()[column], alike.Trim(r.Value(column))
	if field == "" || key == "" || len(key) >= len(idPrefix) && strings.EqualFold(key[:len(idPrefix)], idPrefix) {
		return "", ""
	}
	return field, key
}

// Externals reports whether any row may have keys of another system.
func (r *Reader) Externals() bool {
	marked := false
	if r.cols != nil {
		_, marked = r.cols.marks[ExternalColumn]
	}
	return marked || len(r.externalIDs) > 0
}
