package show

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"rolecall/api"
	"rolecall/api/criteria"
	"rolecall/job"
	"rolecall/job/schema"
)

// Found is what a search found. New versions only add fields.
type Found struct {
	Records

	More    bool `json:"more"`     // the search finds more records than Zoho gives
	LeftOut int  `json:"left_out"` // records that Zoho gave, and that do not have what was searched for
}

// Query is what the user searches for: one of them.
type Query struct {
	Criteria criteria.Criteria // zero: none
	Email    string
	Phone    string
	Word     string
}

// Search searches a module, a credit for each 200 records, and leaves out the records that Zoho's loose search gives and
// that certainly do not have what was searched for. A word is searched for as Zoho does. Its errors are those of package
// api.
func (m Module) Search(ctx context.Context, z recordZoho, q Query, chosen []api.Field) (Found, error) {
	found := Found{Records: m.newRecords(chosen)}
	if err := m.nameFields(&q.Criteria); err != nil {
		return found, err
	}
	s := api.SearchQuery{Email: q.Email, Phone: q.Phone, Word: q.Word, PerPage: api.MostPerPage}
	if q.Criteria.Op != "" || q.Criteria.Join != "" {
		s.Criteria = q.Criteria.String()
	}
	if names := m.toRead(q, chosen); found.named && len(names) <= mostFields {
		s.Fields = names
	}
	var progress api.Progress
	for s.Page = 1; ; s.Page++ {
		page, err := z.Search(ctx, m.Name, s)
		if err != nil {
			return found, err
		}
		for _, r := range page.Records {
			switch {
			case !progress.New(r.ID): // the list shifted between two pages
			case m.excludes(q, r.Fields):
				found.LeftOut++
			default:
				found.add(r)
			}
		}
		found.More = page.More
		if !page.More || s.Page*api.MostPerPage >= api.MostFound {
			return found, nil
		}
		if err := progress.End(page.More, ""); err != nil {
			return found, fmt.Errorf("search %s: %w", m.Name, err)
		}
	}
}

// nameFields puts the API names of the fields into criteria. What stands behind the dot of a lookup is Zoho's to check.
func (m Module) nameFields(c *criteria.Criteria) error {
	for i := range c.Parts {
		if err := m.nameFields(&c.Parts[i]); err != nil {
			return err
		}
	}
	if c.Join != "" || c.Op == "" || c.Field == "id" {
		return nil
	}
	name, rest, dotted := strings.Cut(c.Field, ".")
	f, err := schema.Field(m.Name, m.Fields, name)
	if err != nil {
		return &job.UsageError{Err: fmt.Errorf("--criteria: %w", err)}
	}
	if c.Field = f.APIName; dotted {
		c.Field += "." + rest
	}
	return nil
}

// toRead returns the fields that a search reads: those to show, and those that tell whether a record has what was
// searched for.
func (m Module) toRead(q Query, chosen []api.Field) []string {
	names := apiNames(chosen)
	add := func(name string) {
		if name != "" && name != "id" && !strings.Contains(name, ".") && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range q.Criteria.Fields() {
		add(name)
	}
	for _, f := range m.Fields {
		if q.Email != "" && f.Type == typeEmail || q.Phone != "" && f.Type == typePhone {
			add(f.APIName)
		}
	}
	return names
}

// The types of the fields in which Zoho searches for an e-mail and for a phone number (Zoho CRM API v8, Search Records).
const (
	typeEmail = "email"
	typePhone = "phone"
)

// excludes reports whether a record certainly does not have what was searched for.
func (m Module) excludes(q Query, fields map[string]json.RawMessage) bool {
	switch {
	case q.Email != "":
		return m.noneHas(typeEmail, fields, func(value string) bool { return strings.EqualFold(value, q.Email) })
	case q.Phone != "":
		asked := digits(q.Phone)
		return m.noneHas(typePhone, fields, func(value string) bool { return strings.Contains(digits(value), asked) })
	case q.Word != "":
		return false
	}
	return q.Criteria.Excludes(fields)
}

// noneHas reports whether fields of a type were read, and is is true of none.
func (m Module) noneHas(kind string, fields map[string]json.RawMessage, is func(string) bool) bool {
	read := false
	for _, f := range m.Fields {
		if raw, ok := fields[f.APIName]; ok && f.Type == kind {
			read = true
			if is(strings.TrimSpace(text(raw))) {
				return false
			}
		}
	}
	return read
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
