package job

import "strconv"

// recordID is the id of a record of Zoho's: a number where that gives the same text back, which sorts and packs well, and the text where it does not (20 digits, leading zeros).
// The zero value is none.
type recordID struct {
	n    int64
	text string
}

// newID reads an id of digits; "" is none.
func newID(digits string) recordID {
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil && digits[0] != '0' {
		return recordID{n: n}
	}
	return recordID{text: digits}
}

// String gives the digits.
func (i recordID) String() string {
	if i.n != 0 {
		return strconv.FormatInt(i.n, 10)
	}
	return i.text
}
