package records

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// A fault says what is wrong with a value, by the expected type, or by the most characters or digits. Both may be
// missing.
type fault struct {
	expected string
	longest  int
	message  string
}

// result returns the failure of an item. Zoho CRM API v7, Insert Records, Possible Errors.
func (w *fault) result(name, path string) wire.Result {
	message := w.message
	if message == "" {
		message = "invalid data"
	}
	return wire.Failure("INVALID_DATA", message, wire.Details{
		APIName: name, JSONPath: path, ExpectedDataType: w.expected, MaximumLength: w.longest,
	})
}

// The forms of texts. Zoho's pages describe e-mail addresses and phone numbers in words: a phone number has digits,
// letters and + - . ( ) ; # , and blanks.
var (
	emailForm   = regexp.MustCompile(`^[^\s@,;<>()"]+@[^\s@,;<>()".]+(\.[^\s@,;<>()".]+)+$`)
	phoneForm   = regexp.MustCompile(`^[0-9A-Za-z+\-.();#,/ ]+$`)
	websiteForm = regexp.MustCompile(`^\S+\.\S+$`)
	numberForm  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$`)
)

// formOf returns the form of the texts of a kind of field, nil if they have none.
func formOf(k org.Kind) *regexp.Regexp {
	switch k {
	case org.KindEmail:
		return emailForm
	case org.KindPhone:
		return phoneForm
	case org.KindWebsite:
		return websiteForm
	}
	return nil
}

// check returns a value as the org stores it. Zoho CRM API v7, Insert Records, Sample Attributes.
func check(b *org.Batch, f org.Field, raw json.RawMessage) (json.RawMessage, *fault) {
	switch {
	case f.Kind == org.KindBoolean:
		if s := string(raw); s != "true" && s != "false" {
			return nil, &fault{expected: "boolean"}
		}
		return raw, nil
	case f.Kind.IsNumber():
		return checkNumber(f, string(raw))
	case f.Kind == org.KindLookup, f.Kind.IsUser():
		return checkLookup(b, f, raw)
	case f.Kind == org.KindMultiSelect:
		return checkList(f, raw)
	}
	text, isText := wire.Unquote(raw)
	if !isText {
		return nil, &fault{expected: f.Kind.JSONType()}
	}
	if text == "" {
		return wire.Null(), nil // no page says what an empty text does
	}
	return checkText(f, text)
}

// checkText checks a text that is not empty.
func checkText(f org.Field, text string) (json.RawMessage, *fault) {
	form := formOf(f.Kind)
	switch {
	case f.Kind == org.KindDate:
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return nil, &fault{expected: "date"}
		}
	case f.Kind == org.KindDateTime:
		t, err := time.Parse("2006-01-02T15:04:05Z07:00", text)
		if err != nil || strings.Contains(text, ".") {
			return nil, &fault{expected: "datetime"}
		}
		return wire.Quote(org.TimeText(t.Unix())), nil // reads have the time zone of the user
	case f.Kind == org.KindID:
		if strings.Trim(text, "0123456789") != "" {
			return nil, &fault{expected: "bigint"}
		}
		if len(text) > f.Length {
			return nil, &fault{longest: f.Length}
		}
	case utf8.RuneCountInString(text) > f.Length:
		return nil, &fault{longest: f.Length}
	case form != nil && !form.MatchString(text):
		return nil, &fault{}
	}
	// A picklist takes values that it does not have. Zoho CRM API v7, Insert Records, note on picklists.
	return wire.Quote(text), nil
}

// checkNumber reads a JSON number. Digits after the point that the field does not have are cut (Zoho CRM API v8, Create
// Custom Fields, decimal_place).
func checkNumber(f org.Field, text string) (json.RawMessage, *fault) {
	expected := "double"
	if f.Kind == org.KindInteger {
		expected = "integer"
	}
	if !numberForm.MatchString(text) || len(text) > 40 {
		return nil, &fault{expected: expected}
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok || f.Kind == org.KindInteger && !n.IsInt() {
		return nil, &fault{expected: expected}
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(f.Decimals)), nil)
	cut := new(big.Int).Quo(new(big.Int).Mul(n.Num(), scale), n.Denom())
	whole := new(big.Rat).SetFrac(cut, scale).FloatString(f.Decimals)
	digits, fraction, _ := strings.Cut(whole, ".")
	if len(strings.TrimPrefix(digits, "-")) > f.Length {
		return nil, &fault{longest: f.Length}
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		digits += "." + fraction
	}
	return json.RawMessage(digits), nil
}

// checkLookup reads {"id": "..."} and adds the name.
func checkLookup(b *org.Batch, f org.Field, raw json.RawMessage) (json.RawMessage, *fault) {
	item, wrong := wire.Object(raw, "")
	if wrong != nil {
		return nil, &fault{expected: "jsonobject"}
	}
	text, _ := wire.Unquote(item["id"])
	n, _ := org.ParseID(text)
	if f.Kind.IsUser() {
		u, known := b.UserByID(n)
		if !known || !u.CanOwn() {
			return nil, &fault{message: badID}
		}
		return org.UserValue(u), nil
	}
	// A lookup that a seed has without a module takes any id.
	if n == 0 || f.Lookup != "" && (!b.Known(f.Lookup) || !b.Exists(f.Lookup, n)) {
		return nil, &fault{message: badID}
	}
	name := ""
	if f.Lookup != "" {
		name = b.Record(f.Lookup, n).Name()
	}
	return org.LookupValue(name, n), nil
}

// badID is Zoho's message about the id in a lookup.
const badID = "the id given seems to be invalid"

// checkList reads an array of texts.
func checkList(f org.Field, raw json.RawMessage) (json.RawMessage, *fault) {
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		return nil, &fault{expected: "jsonarray"}
	}
	total := 0
	for _, s := range list {
		total += utf8.RuneCountInString(s)
	}
	if total > f.Length {
		return nil, &fault{longest: f.Length}
	}
	return quoteList(list), nil
}

func quoteList(list []string) json.RawMessage {
	encoded, err := json.Marshal(list)
	if err != nil || len(list) == 0 {
		return wire.Null()
	}
	return encoded
}

// appended returns the list before with the values of more that it lacks.
func appended(before, more json.RawMessage) json.RawMessage {
	var list, added []string
	_ = json.Unmarshal(before, &list) // null: an empty list
	_ = json.Unmarshal(more, &added)
	for _, s := range added {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return quoteList(list)
}

// wantsAppend reports whether "$append_values" names a field.
func wantsAppend(item wire.Item, name string) bool {
	wanted, wrong := wire.Object(item["$append_values"], "")
	yes, err := strconv.ParseBool(string(wanted[name]))
	return wrong == nil && err == nil && yes
}
