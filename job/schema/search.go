package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"rolecall/api"
	"rolecall/api/criteria"
)

// Search is a search for the records of a module. One of its fields is set.
type Search struct {
	Criteria criteria.Criteria // zero: none
	Email    string
	Phone    string
	Word     string
}

// Parse returns the search that the user typed. It replaces the names of fields in the criteria by API names. Zoho
// checks the part after the dot of a lookup. An error is about the criteria.
func Parse(module string, all []api.Field, text, email, phone, word string) (Search, error) {
	s := Search{Email: email, Phone: phone, Word: word}
	if text == "" {
		return s, nil
	}
	var err error
	if s.Criteria, err = criteria.Parse(text); err != nil {
		return s, err
	}
	return s, nameFields(&s.Criteria, module, all)
}

func nameFields(c *criteria.Criteria, module string, all []api.Field) error {
	for i := range c.Parts {
		if err := nameFields(&c.Parts[i], module, all); err != nil {
			return err
		}
	}
	if c.Join != "" || c.Field == "id" {
		return nil
	}
	name, rest, dotted := strings.Cut(c.Field, ".")
	f, err := Field(module, all, name)
	if err != nil {
		return err
	}
	if c.Field = f.APIName; dotted {
		c.Field += "." + rest
	}
	return nil
}

// Check returns an error for an operator that only a gateway accepts, if the profile has no gateway.
func (s Search) Check(gateway bool) error {
	if s.hasCriteria() && s.Criteria.Has(criteria.OpContains) && !gateway {
		return fmt.Errorf("Zoho's search has no operator %s, which is a gateway's: give starts_with, or --word", //nolint:staticcheck // a name
			criteria.OpContains)
	}
	return nil
}

// Query returns the search as the client takes it.
func (s Search) Query() api.SearchQuery {
	q := api.SearchQuery{Email: s.Email, Phone: s.Phone, Word: s.Word}
	if s.hasCriteria() {
		q.Criteria = s.Criteria.String()
	}
	return q
}

func (s Search) hasCriteria() bool { return s.Criteria.Op != "" || s.Criteria.Join != "" }

// The types of the fields in which Zoho searches for an e-mail and for a phone number (Zoho CRM API v8, Search
// Records).
const (
	typeEmail = "email"
	typePhone = "phone"
)

// Needs returns the API names of the fields that show whether a record matches the search.
func (s Search) Needs(all []api.Field) (names []string) {
	if s.hasCriteria() {
		for _, name := range s.Criteria.Fields() {
			if name != "id" && !strings.Contains(name, ".") {
				names = append(names, name)
			}
		}
	}
	for _, f := range all {
		if s.Email != "" && f.Type == typeEmail || s.Phone != "" && f.Type == typePhone {
			names = append(names, f.APIName)
		}
	}
	return names
}

// Excludes reports whether a record that Zoho's search returned certainly does not match, because Zoho's search is
// loose. fields is the values of the record. A record that Zoho found by a word is never excluded.
func (s Search) Excludes(all []api.Field, fields map[string]json.RawMessage) bool {
	switch {
	case s.hasCriteria():
		return s.Criteria.Excludes(fields)
	case s.Email != "":
		return noneHas(all, typeEmail, fields, func(value string) bool { return strings.EqualFold(value, s.Email) })
	case s.Phone != "":
		asked := digits(s.Phone)
		return noneHas(all, typePhone, fields, func(value string) bool {
			return strings.Contains(digits(value), asked)
		})
	}
	return false
}

// noneHas reports whether fields of a type were read, and is returns false for all of them.
func noneHas(all []api.Field, kind string, fields map[string]json.RawMessage, is func(string) bool) bool {
	read := false
	for _, f := range all {
		if raw, ok := fields[f.APIName]; ok && f.Type == kind {
			var value string
			_ = json.Unmarshal(raw, &value) // null and what is no text have no value
			if is(strings.TrimSpace(value)) {
				return false
			}
			read = true
		}
	}
	return read
}

// digits returns the digits of a phone number, without the characters that people write between them.
func digits(s string) string {
	return string(slices.DeleteFunc([]rune(s), func(r rune) bool { return !unicode.IsDigit(r) }))
}
