package record

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
)

// writable reports whether a cell can hold the values of a data type (zoho-api-records.md section 2).
func writable(dataType string) bool {
	switch dataType {
	case "text", "textarea", "richtextarea", "mediumtext", "email", "phone", "website", "address",
		"integer", "bigint", "long", "double", "currency", "percent", "boolean", "date", "datetime",
		"picklist", "multiselectpicklist":
		return true
	}
	return isLink(dataType)
}

// isLink reports whether the values of a type are links to records.
func isLink(dataType string) bool {
	return dataType == "lookup" || dataType == "layout" || dataType == "multi_module_lookup" || isUser(dataType)
}

// isUser reports whether the values of a type are users.
func isUser(dataType string) bool { return dataType == "ownerlookup" || dataType == "userlookup" }

// The texts of numbers. JSON allows no plus sign and no leading zeros (RFC 8259, section 6).
var (
	integerForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	digitsForm  = regexp.MustCompile(`^-?[0-9]+$`)
	numberForm  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
)

// valueOf returns the value of a cell as JSON. The error says how to give the value. Zoho drops spaces around a text.
func valueOf(f *api.Field, cell string, zone *time.Location) (json.RawMessage, error) {
	cell = alike.Trim(cell)
	var value any = cell
	wrong := ""
	switch f.Type {
	case "integer":
		if !integerForm.MatchString(cell) {
			wrong = "is no whole number: give digits only, such as 1250"
		}
		value = json.RawMessage(cell)
	case "bigint", "long": // Zoho takes a string
		if !digitsForm.MatchString(cell) {
			wrong = "is no whole number: give digits only, such as 4150868000001"
		}
	case "double", "currency", "percent":
		if f.Type == "percent" {
			cell = alike.Trim(strings.TrimSuffix(cell, "%"))
		}
		if !numberForm.MatchString(cell) {
			wrong = "is no number: give it as 1250.50, with a point before the decimals and nothing between the " +
				"thousands"
			break
		}
		value = rounded(cell, f.Decimals)
	case "boolean":
		value = strings.EqualFold(cell, "true")
		if value == false && !strings.EqualFold(cell, "false") {
			wrong = "is neither true nor false: give one of them"
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, cell); err != nil {
			wrong = "is no date: give it as 2026-11-30, year, month, day"
		}
	case "datetime":
		if value = timeOf(cell, zone); value == "" {
			wrong = "is no time: give it as 2026-11-30T14:05:00+01:00, or without the offset for a time in " +
				zone.String()
		}
	case "picklist":
		value, wrong = namedValue(f, cell)
	case "multiselectpicklist":
		value, wrong = namedValues(f, cell)
	default: // the header has only fields that cells can hold
		if isLink(f.Type) {
			return linkTo(f, cell)
		}
	}
	if wrong != "" {
		return nil, fmt.Errorf("%.60q %s", cell, wrong)
	}
	return job.Encode(value), nil
}

// isEmpty reports whether a cell is empty. "-None-" counts as empty in a picklist, because Zoho shows it for no value.
func isEmpty(f *api.Field, text string) bool {
	text = alike.Trim(text)
	return text == "" || text == "-None-" && strings.HasSuffix(f.Type, "picklist")
}

// rounded returns a number with at most as many decimals as its field has, because Zoho would cut the others off (Zoho
// CRM API v8, Create Custom Fields, decimal_place). decimals is 0 if not known.
func rounded(cell string, decimals int) json.RawMessage {
	if _, fraction, _ := strings.Cut(cell, "."); decimals > 0 && len(fraction) > decimals {
		n, _ := new(big.Rat).SetString(cell)
		cell = n.FloatString(decimals)
	}
	return json.RawMessage(cell)
}

// zohoTime is a time as Zoho takes it (Zoho CRM API v7, Insert Records): with an offset and without fractions.
const zohoTime = "2006-01-02T15:04:05-07:00"

// timeOf returns a time as Zoho takes it, or "" if the cell is no time. A time without an offset is in the user's zone.
func timeOf(cell string, zone *time.Location) string {
	if at, err := time.Parse(time.RFC3339, cell); err == nil && at.Nanosecond() == 0 {
		return at.Format(zohoTime)
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04"} {
		at, err := time.ParseInLocation(layout, cell, zone)
		if err == nil && at.Format(layout) == cell { // else no clock of the zone shows this time
			return at.Format(zohoTime)
		}
	}
	return ""
}

// namedValue returns the value of a picklist with this name, as Zoho takes it, or what is wrong with the text. A
// picklist without values accepts any text.
func namedValue(f *api.Field, text string) (value, wrong string) {
	text = alike.Trim(text)
	var near []string
	for _, v := range f.Values {
		value := v.Reference
		if value == "" {
			value = v.Actual
		}
		for _, name := range []string{v.Display, v.Reference, v.Actual} {
			if name == text {
				return value, ""
			}
			if alike.Key(name) == alike.Key(text) && !slices.Contains(near, value) {
				near = append(near, value)
			}
		}
	}
	switch {
	case len(f.Values) == 0:
		return text, ""
	case len(near) == 1:
		return near[0], ""
	}
	var names []string
	for _, v := range f.Values {
		names = append(names, v.Display)
	}
	const shown = 12
	if more := len(names) - shown; more > 0 {
		names = append(names[:shown], fmt.Sprintf("and %d more", more))
	}
	return "", "is no value of the list: give one of " + strings.Join(names, ", ")
}

// namedValues returns the values of a picklist that a cell names.
func namedValues(f *api.Field, cell string) (all []string, wrong string) {
	all = []string{}
	var parts []string
	if json.Unmarshal([]byte(cell), &parts) != nil { // an export in JSON Lines has a list
		parts = strings.Split(cell, ";")
	}
	for _, part := range parts {
		if alike.Trim(part) == "" {
			continue
		}
		value, wrong := namedValue(f, part)
		if wrong != "" {
			return nil, fmt.Sprintf("has %.60q, which %s", alike.Trim(part), wrong)
		}
		all = append(all, value)
	}
	return all, ""
}

// reference is a record that a lookup points to.
type reference struct {
	ID string `json:"id"`
}

// linkTo returns a link to the record whose id is in a cell.
func linkTo(f *api.Field, cell string) (json.RawMessage, error) {
	id, err := csvio.ParseID(cell)
	switch {
	case err == nil:
		return job.Encode(reference{id}), nil
	case isUser(f.Type):
		return nil, fmt.Errorf("%.60q is neither the id nor the e-mail of an active user", cell)
	case err.Code == csvio.CodeIDInvalid && f.Lookup != "":
		return nil, fmt.Errorf("%w (to name the record, call the column %s.name)", err, f.APIName)
	}
	return nil, err
}

// same reports whether a field of a record has a value already. have is the value from Zoho, or nil.
func same(f *api.Field, want, have json.RawMessage) bool {
	if isNull(want) || isNull(have) {
		return isNull(want) && isNull(have)
	}
	switch f.Type {
	case "integer", "bigint", "long", "double", "currency", "percent":
		x, ok := new(big.Rat).SetString(textOf(want))
		y, also := new(big.Rat).SetString(textOf(have))
		return ok && also && x.Cmp(y) == 0
	case "datetime":
		return sameTime(want, have)
	case "picklist", "multiselectpicklist":
		return slices.Equal(picksOf(f, want), picksOf(f, have))
	}
	return textOf(want) == textOf(have) // of links the ids
}

func sameTime(a, b json.RawMessage) bool {
	return job.Decoded[time.Time](a).Equal(job.Decoded[time.Time](b))
}

// isNull reports whether a value is empty: null, an empty text or list, or missing.
func isNull(raw json.RawMessage) bool {
	switch strings.TrimSpace(string(raw)) {
	case "", "null", `""`, "[]":
		return true
	}
	return false
}

// picksOf returns the values of a picklist. A query returns a multi-select as one text (Zoho CRM API v7, COQL).
func picksOf(f *api.Field, raw json.RawMessage) []string {
	texts := job.Decoded[[]string](raw)
	if text := job.Decoded[string](raw); text != "" {
		texts = []string{text}
		if f.Type == "multiselectpicklist" {
			texts = strings.Split(text, ";")
		}
	}
	for i, text := range texts {
		if value, wrong := namedValue(f, text); wrong == "" {
			texts[i] = value
		}
	}
	slices.Sort(texts)
	return texts
}
