package emulator

import (
	"cmp"
	"encoding/json"
	"math/big"
	"strings"
	"time"
)

// A coqlCell is a value that can be compared with others of its kind.
type coqlCell struct {
	null   bool
	text   string
	id     id
	time   int64
	number *big.Rat
}

// cellOf makes a field's value comparable. An empty text is null.
func cellOf(k kind, raw json.RawMessage) coqlCell {
	if len(raw) == 0 || isNull(raw) {
		return coqlCell{null: true}
	}
	s, isText := unquote(raw)
	fine := true
	var c coqlCell
	switch k {
	case kindLookup, kindOwner:
		c.id, fine = lookupID(raw)
	case kindBoolean:
		c.text = string(raw)
	case kindNumber, kindCurrency:
		c.number, fine = ratOf(string(raw))
	default:
		if !isText || s == "" {
			return coqlCell{null: true}
		}
		c, fine = writtenCell(k, s)
	}
	c.null = !fine
	return c
}

// writtenCell makes a value of a query comparable with a field of this kind;
// false is one that does not fit the field.
func writtenCell(k kind, s string) (c coqlCell, fine bool) {
	switch k {
	case kindID, kindLookup, kindOwner:
		c.id, fine = parseID(s)
	case kindNumber, kindCurrency:
		c.number, fine = ratOf(s)
	case kindDate:
		_, err := time.Parse(time.DateOnly, s)
		c.text, fine = s, err == nil
	case kindDateTime:
		t, err := time.Parse(time.RFC3339, s)
		c.time, fine = t.Unix(), err == nil
	case kindBoolean:
		c.text = strings.ToLower(s)
		fine = c.text == "true" || c.text == "false"
	default:
		c.text, fine = s, true
	}
	return c, fine
}

// longestNumber keeps the arithmetic short.
const longestNumber = 40

// ratOf reads a decimal number, without an exponent.
func ratOf(s string) (*big.Rat, bool) {
	if s == "" || len(s) > longestNumber || strings.Trim(s, "-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// lookupID is the id in the value of a lookup field.
func lookupID(raw json.RawMessage) (id, bool) {
	if !isObject(raw) {
		return 0, false
	}
	value, _ := member(raw, "id")
	s, _ := unquote(value)
	return parseID(s)
}

// lookupName is the name in the value of a lookup field.
func lookupName(raw json.RawMessage) json.RawMessage {
	if isObject(raw) {
		if name, found := member(raw, "name"); found {
			return name
		}
	}
	return json.RawMessage("null")
}

// compareCells puts null first; where Zoho puts it is not documented.
func compareCells(k kind, a, b coqlCell) int {
	switch {
	case a.null || b.null:
		switch {
		case a.null == b.null:
			return 0
		case a.null:
			return -1
		}
		return 1
	case k == kindNumber || k == kindCurrency:
		return a.number.Cmp(b.number)
	}
	return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.time, b.time), cmp.Compare(a.text, b.text))
}
