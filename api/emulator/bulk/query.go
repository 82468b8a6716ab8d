package bulk

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// criteria is one criterion, or a group of criteria. Zoho CRM API v7, Create Bulk Read Job.
type criteria struct {
	Field      *fieldRef       `json:"field,omitempty"`
	APIName    string          `json:"api_name,omitempty"` // before v3
	Comparator string          `json:"comparator,omitempty"`
	Value      json.RawMessage `json:"value,omitempty"`
	Operator   string          `json:"group_operator,omitempty"`
	Group      []criteria      `json:"group,omitempty"`
}

type fieldRef struct {
	APIName string `json:"api_name"`
}

// columns returns the columns of the file: the id, then the wanted fields or all.
func (a *API) columns(m org.Module, fields []string) []string {
	columns := []string{"id"}
	if len(fields) == 0 {
		for _, f := range a.store.Fields(m) {
			fields = append(fields, f.API)
		}
	}
	for _, name := range fields {
		if name != "id" {
			columns = append(columns, name)
		}
	}
	return columns
}

// selectText writes the query in COQL, which has the same fields and comparators.
func (a *API) selectText(m org.Module, columns []string, q *query) (string, error) {
	where := "id is not null"
	if q.Criteria != nil {
		count := 0
		var err error
		if where, err = q.Criteria.text(&count); err != nil {
			return "", err
		}
		if count > mostCriteria {
			return "", wire.OverLimit("criteria", mostCriteria)
		}
	}
	quoted := make([]string, len(columns))
	for i, name := range columns {
		quoted[i] = quote(name)
	}
	return fmt.Sprintf("select %s from %s where %s order by id asc limit %d, %d", strings.Join(quoted, ", "), m.Name(),
		where, (q.Page-1)*rowsOfJob, rowsOfJob), nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// text writes criteria in COQL.
func (c *criteria) text(count *int) (string, error) {
	if len(c.Group) > 0 {
		if c.Operator != "and" && c.Operator != "or" {
			return "", badCriteria("group_operator")
		}
		text := ""
		for i := range c.Group {
			side, err := c.Group[i].text(count)
			if err != nil {
				return "", err
			}
			if text = "(" + text + " " + c.Operator + " " + side + ")"; i == 0 {
				text = side
			}
		}
		return text, nil
	}
	*count++
	name := c.APIName
	if c.Field != nil {
		name = c.Field.APIName
	}
	values, isList := c.values()
	if name == "" || len(values) == 0 {
		return "", badCriteria("value")
	}
	return c.comparison(quote(name), values, isList)
}

// values returns the value as texts.
func (c *criteria) values() (values []string, isList bool) {
	var list []json.RawMessage
	if json.Unmarshal(c.Value, &list) != nil {
		list = []json.RawMessage{c.Value}
	} else {
		isList = true
	}
	for _, raw := range list {
		text, isText := wire.Unquote(raw)
		if !isText {
			text = string(raw)
		}
		values = append(values, text)
	}
	return values, isList
}

// empty as a value matches empty fields. Zoho CRM API v7, Create Bulk Read Job.
const empty = "${EMPTY}"

func (c *criteria) comparison(name string, values []string, isList bool) (string, error) {
	if values[0] == empty && (c.Comparator == "equal" || c.Comparator == "not_equal") {
		return name + map[string]string{"equal": " is null", "not_equal": " is not null"}[c.Comparator], nil
	}
	one := values[0]
	switch c.Comparator {
	case "in", "not_in":
		quoted := make([]string, len(values))
		for i, v := range values {
			quoted[i] = quote(v)
		}
		return name + " " + strings.ReplaceAll(c.Comparator, "_", " ") + " (" + strings.Join(quoted, ", ") + ")", nil
	case "between", "not_between":
		if len(values) != 2 || !isList {
			return "", badCriteria("value")
		}
		between := strings.ReplaceAll(c.Comparator, "_", " ")
		return name + " " + between + " " + quote(one) + " and " + quote(values[1]), nil
	case "contains":
		return name + " like " + quote("%"+one+"%"), nil
	case "not_contains":
		return name + " not like " + quote("%"+one+"%"), nil
	case "starts_with":
		return name + " like " + quote(one+"%"), nil
	case "ends_with":
		return name + " like " + quote("%"+one), nil
	}
	symbols := map[string]string{
		"equal": "=", "not_equal": "!=", "less_than": "<", "less_equal": "<=", "greater_than": ">",
		"greater_equal": ">=",
	}
	symbol, known := symbols[c.Comparator]
	if !known || isList {
		return "", badCriteria("comparator")
	}
	return name + " " + symbol + " " + quote(one), nil
}

// badCriteria refuses criteria. The details are inferred.
func badCriteria(name string) error {
	return wire.Bad("INVALID_DATA", "invalid data", wire.Details{APIName: name, JSONPath: "$.query.criteria"})
}

// writeZip writes rows as CSV into a zip. A lookup is its id. Zoho documents neither lists nor booleans; here a list is
// joined by semicolons.
func writeZip(name string, columns []string, rows []json.RawMessage) ([]byte, error) {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	file, err := archive.Create(name)
	if err != nil {
		return nil, err
	}
	w := csv.NewWriter(file)
	if err := w.Write(columns); err != nil {
		return nil, err
	}
	cells := make([]string, len(columns))
	for _, raw := range rows {
		var row map[string]json.RawMessage
		if err := json.Unmarshal(raw, &row); err != nil {
			return nil, err
		}
		for i, column := range columns {
			cells[i] = cell(row[column])
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	if w.Flush(); w.Error() != nil {
		return nil, w.Error()
	}
	err = archive.Close()
	return b.Bytes(), err
}

func cell(raw json.RawMessage) string {
	if text, isText := wire.Unquote(raw); isText {
		return text
	}
	if to := org.ReadLookup(raw); to.ID != 0 {
		return to.ID.String()
	}
	var list []string
	switch {
	case len(raw) == 0, wire.IsNull(raw):
		return ""
	case json.Unmarshal(raw, &list) == nil:
		return strings.Join(list, ";")
	}
	return string(raw)
}
