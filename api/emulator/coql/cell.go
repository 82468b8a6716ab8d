package coql

import (
	"cmp"
	"encoding/json"
	"math/big"
	"strings"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// A Cell is a value that can be compared with others of its kind.
type Cell struct {
	null   bool
	text   string
	id     org.ID
	time   int64
	number *big.Rat
}

// IsNull reports whether the field is empty.
func (c Cell) IsNull() bool { return c.null }

// CellOf makes a field's value comparable. An empty text is null.
func CellOf(k org.Kind, raw json.RawMessage) (c Cell) {
	if len(raw) == 0 || wire.IsNull(raw) {
		return Cell{null: true}
	}
	ok := true
	switch k {
	case org.KindLookup, org.KindOwner, org.KindUser:
		c.id = org.ReadLookup(raw).ID
		ok = c.id != 0
	case org.KindBoolean:
		c.text = string(raw)
	case org.KindMultiSelect: // "joined by ;": Query API - Limitations
		var list []string
		ok = json.Unmarshal(raw, &list) == nil && len(list) > 0
		c.text = strings.Join(list, ";")
	case org.KindNumber, org.KindCurrency, org.KindPercent, org.KindInteger:
		c.number, ok = ratOf(string(raw))
	default:
		if s, _ := wire.Unquote(raw); s != "" {
			c, ok = ParseCell(k, s)
		} else {
			ok = false
		}
	}
	c.null = !ok
	return c
}

// ParseCell makes a value of a query comparable with a field of this kind. It returns false if the value does not fit
// the field.
func ParseCell(k org.Kind, s string) (c Cell, ok bool) {
	switch k {
	case org.KindID, org.KindLookup, org.KindOwner, org.KindUser:
		c.id, ok = org.ParseID(s)
	case org.KindNumber, org.KindCurrency, org.KindPercent, org.KindInteger:
		c.number, ok = ratOf(s)
	case org.KindDate:
		_, err := time.Parse(time.DateOnly, s)
		c.text, ok = s, err == nil
	case org.KindDateTime:
		t, err := time.Parse(time.RFC3339, s)
		c.time, ok = t.Unix(), err == nil
	case org.KindBoolean:
		c.text = strings.ToLower(s)
		ok = c.text == "true" || c.text == "false"
	default:
		c.text, ok = s, true
	}
	return c, ok
}

// longestNumber is the most characters of a number. It keeps the arithmetic fast.
const longestNumber = 40

// ratOf reads a decimal number without an exponent.
func ratOf(s string) (*big.Rat, bool) {
	if s == "" || len(s) > longestNumber || strings.Trim(s, "-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// CompareCells puts null first. Zoho does not document where it puts null.
func CompareCells(a, b Cell) int {
	switch {
	case a.null && b.null:
		return 0
	case a.null:
		return -1
	case b.null:
		return 1
	case a.number != nil:
		return a.number.Cmp(b.number)
	}
	return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.time, b.time), cmp.Compare(a.text, b.text))
}
