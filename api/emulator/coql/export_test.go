package coql

import "strings"

// Format parses a query and writes it in one form.
func Format(text string) (string, error) {
	q, err := Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("select ")
	for i, c := range q.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		if c.function != "" {
			b.WriteString(c.function + "(" + formatName(c.name) + ")")
		} else {
			b.WriteString(formatName(c.name))
		}
		if c.aliased {
			b.WriteString(" as " + formatName(c.alias))
		}
	}
	b.WriteString(" from " + q.Module + " where " + q.where.format())
	for i, o := range q.order {
		b.WriteString([]string{" order by ", ", "}[min(i, 1)] + formatName(o.column))
		b.WriteString(map[bool]string{false: " asc", true: " desc"}[o.desc])
	}
	if q.limit != "" {
		b.WriteString(" limit " + q.limit)
	}
	if q.offset != "" {
		b.WriteString(" offset " + q.offset)
	}
	return b.String(), nil
}

// formatName quotes a name unless it is certainly a word.
func formatName(name string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."
	if name != "" && !reserved(name) && wordStart(name[0]) && strings.Trim(name, letters) == "" {
		return name
	}
	return quote(name)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (c *criteria) format() string {
	if c.join != "" {
		return c.left.side() + " " + c.join + " " + c.right.side()
	}
	text := formatName(c.one.column) + " " + c.one.operator
	var values []string
	for _, v := range c.one.values {
		if v.number {
			values = append(values, v.text)
		} else {
			values = append(values, quote(v.text))
		}
	}
	switch {
	case strings.HasSuffix(c.one.operator, "in"):
		return text + " (" + strings.Join(values, ", ") + ")"
	case len(values) > 0:
		return text + " " + strings.Join(values, " and ")
	}
	return text
}

func (c *criteria) side() string {
	if c.join != "" {
		return "(" + c.format() + ")"
	}
	return c.format()
}
