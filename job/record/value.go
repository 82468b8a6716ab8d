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

// form is how the values of some data types look in a cell, in JSON, and in messages (zoho-api-records.md section 2).
type form struct {
	parse func(f *api.Field, text string, zone *time.Location) (any, error)
	same  func(f *api.Field, a, b json.RawMessage) bool
}

// formOf returns the form of a data type. ok is false for types that no cell can hold.
func formOf(dataType string) (f form, ok bool) {
	switch dataType {
	case "text", "textarea", "richtextarea", "mediumtext", "email", "phone", "website", "address":
		return form{parseText, sameText}, true
	case "integer":
		return form{parseInteger, sameNumber}, true
	case "bigint", "long":
		return form{parseBig, sameNumber}, true
	case "double", "currency", "percent":
		return form{parseNumber, sameNumber}, true
	case "boolean":
		return form{parseBoolean, sameText}, true
	case "date":
		return form{parseDate, sameText}, true
	case "datetime":
		return form{parseTime, sameTime}, true
	case "picklist":
		return form{parsePick, samePicks}, true
	case "multiselectpicklist":
		return form{parsePicks, samePicks}, true
	case "lookup", "layout", "multi_module_lookup", "ownerlookup", "userlookup":
		return form{parseID, sameID}, true
	}
	return f, false
}

func writable(dataType string) bool { _, ok := formOf(dataType); return ok }

// isUser reports whether the values of a type are users.
func isUser(dataType string) bool { return dataType == "ownerlookup" || dataType == "userlookup" }

// valueOf returns the value of a cell as JSON. The error says how to give the value.
func valueOf(f *api.Field, text string, zone *time.Location) (json.RawMessage, error) {
	form, _ := formOf(f.Type) // the header has only fields that cells can hold
	v, err := form.parse(f, text, zone)
	if err != nil {
		return nil, err
	}
	return job.Encode(v), nil
}

// isEmpty reports whether a cell is empty: it holds no value, or what a picklist shows for none.
func isEmpty(f *api.Field, text string) bool {
	text = alike.Trim(text)
	return text == "" || text == "-None-" && strings.HasSuffix(f.Type, "picklist")
}

func parseText(_ *api.Field, text string, _ *time.Location) (any, error) { return text, nil }

// The texts of numbers. JSON allows no plus and no zeros in front (RFC 8259, section 6).
var (
	integer = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
)

func parseInteger(_ *api.Field, text string, _ *time.Location) (any, error) {
	if text = alike.Trim(text); !integer.MatchString(text) {
		return nil, fmt.Errorf("%.60q is no whole number: give digits only, such as 1250", text)
	}
	return json.RawMessage(text), nil
}

// parseBig returns a bigint, which Zoho takes as a string.
func parseBig(_ *api.Field, text string, _ *time.Location) (any, error) {
	text = alike.Trim(text)
	if digits := strings.TrimPrefix(text, "-"); digits == "" || strings.Trim(digits, "0123456789") != "" {
		return nil, fmt.Errorf("%.60q is no whole number: give digits only, such as 4150868000001", text)
	}
	return text, nil
}

// parseNumber keeps the digits of a number as they are.
func parseNumber(_ *api.Field, text string, _ *time.Location) (any, error) {
	if text = alike.Trim(text); !decimal.MatchString(text) {
		return nil, fmt.Errorf("%.60q is no number: give it as 1250.50, "+
			"with a point before the decimals and nothing between the thousands", text)
	}
	return json.RawMessage(text), nil
}

func parseBoolean(_ *api.Field, text string, _ *time.Location) (any, error) {
	switch strings.ToLower(alike.Trim(text)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return nil, fmt.Errorf("%.60q is neither true nor false: give one of them", text)
}

func parseDate(_ *api.Field, text string, _ *time.Location) (any, error) {
	text = alike.Trim(text)
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return nil, fmt.Errorf("%.60q is no date: give it as 2026-11-30, year, month, day", text)
	}
	return text, nil
}

// zohoTime is a time as Zoho takes it (Zoho CRM API v7, Insert Records): with an offset and without fractions.
const zohoTime = "2006-01-02T15:04:05-07:00"

// parseTime returns a time. One without an offset is in the user's zone.
func parseTime(_ *api.Field, text string, zone *time.Location) (any, error) {
	text = alike.Trim(text)
	if at, err := time.Parse(time.RFC3339, text); err == nil && at.Nanosecond() == 0 {
		return at.Format(zohoTime), nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04"} {
		at, err := time.ParseInLocation(layout, text, zone)
		if err == nil && at.Format(layout) == text { // else no clock of the zone shows this time
			return at.Format(zohoTime), nil
		}
	}
	return nil, fmt.Errorf("%.60q is no time: give it as 2026-11-30T14:05:00+01:00, "+
		"or without the offset for a time in %s", text, zone)
}

// pick returns the value of a picklist that a text names, as Zoho takes it. A list without values takes any text.
func pick(f *api.Field, text string) (string, error) {
	text = alike.Trim(text)
	var near []string
	for _, v := range f.Values {
		value := v.Reference
		if value == "" {
			value = v.Actual
		}
		for _, name := range []string{v.Display, v.Reference, v.Actual} {
			if name == text {
				return value, nil
			}
			if alike.Key(name) == alike.Key(text) && !slices.Contains(near, value) {
				near = append(near, value)
			}
		}
	}
	switch {
	case len(f.Values) == 0:
		return text, nil
	case len(near) == 1:
		return near[0], nil
	}
	var names []string
	for _, v := range f.Values {
		names = append(names, v.Display)
	}
	const shown = 12
	if more := len(names) - shown; more > 0 {
		names = append(names[:shown], fmt.Sprintf("and %d more", more))
	}
	return "", fmt.Errorf("%.60q is no value of the list: give one of %s", text, strings.Join(names, ", "))
}

func parsePick(f *api.Field, text string, _ *time.Location) (any, error) { return pick(f, text) }

func parsePicks(f *api.Field, text string, _ *time.Location) (any, error) {
	picked := []string{}
	for part := range strings.SplitSeq(text, ";") {
		if alike.Trim(part) == "" {
			continue
		}
		value, err := pick(f, part)
		if err != nil {
			return nil, err
		}
		picked = append(picked, value)
	}
	return picked, nil
}

// reference is a record that a lookup points to.
type reference struct {
	ID string `json:"id"`
}

func parseID(f *api.Field, text string, _ *time.Location) (any, error) {
	id, err := csvio.ParseID(text)
	switch {
	case err == nil:
		return reference{id}, nil
	case isUser(f.Type):
		return nil, fmt.Errorf("%.60q is neither the id nor the e-mail of an active user", text)
	case err.Code == csvio.CodeIDInvalid && f.Lookup != "":
		return nil, fmt.Errorf("%w (to name the record, call the column %s.name)", err, f.APIName)
	}
	return nil, err
}

// same reports whether a field of a record has a value already. have is as Zoho sent it; nil if it sent none.
func same(f *api.Field, want, have json.RawMessage) bool {
	if isNull(want) || isNull(have) {
		return isNull(want) && isNull(have)
	}
	form, known := formOf(f.Type)
	return known && form.same(f, want, have)
}

// isNull reports whether a value is empty: null, an empty text or list, or missing.
func isNull(raw json.RawMessage) bool {
	switch strings.TrimSpace(string(raw)) {
	case "", "null", `""`, "[]":
		return true
	}
	return false
}

func sameText(_ *api.Field, a, b json.RawMessage) bool { return textOf(a) == textOf(b) }

func sameNumber(_ *api.Field, a, b json.RawMessage) bool {
	x, ok := new(big.Rat).SetString(strings.Trim(string(a), `"`))
	y, also := new(big.Rat).SetString(strings.Trim(string(b), `"`))
	return ok && also && x.Cmp(y) == 0
}

func sameTime(_ *api.Field, a, b json.RawMessage) bool {
	return job.Decoded[time.Time](a).Equal(job.Decoded[time.Time](b))
}

func sameID(_ *api.Field, a, b json.RawMessage) bool {
	id := job.Decoded[reference](a).ID
	return id != "" && id == job.Decoded[reference](b).ID
}

// samePicks compares values of picklists. A query returns a multi-select as one text (Zoho CRM API v7, COQL).
func samePicks(f *api.Field, a, b json.RawMessage) bool {
	return slices.Equal(picks(f, a), picks(f, b))
}

func picks(f *api.Field, raw json.RawMessage) []string {
	texts := job.Decoded[[]string](raw)
	if text := job.Decoded[string](raw); text != "" {
		texts = []string{text}
		if f.Type == "multiselectpicklist" {
			texts = strings.Split(text, ";")
		}
	}
	for i, text := range texts {
		if value, err := pick(f, text); err == nil {
			texts[i] = value
		}
	}
	slices.Sort(texts)
	return texts
}
