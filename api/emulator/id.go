package emulator

import "strconv"

// An id is a Zoho record id: decimal digits, a string wherever it is written,
// held here as an integer because an org may have millions of them. 0 is none.
type id uint64

// maxIDDigits is the longest id in Zoho's OpenAPI files (pattern ^[0-9]+$,
// maxLength 19 or 20).
const maxIDDigits = 20

// parseID reads an id as Zoho prints it: digits only, no leading zero.
func parseID(s string) (id, bool) {
	if s == "" || len(s) > maxIDDigits || s[0] == '0' {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return id(n), err == nil
}

func (n id) String() string { return strconv.FormatUint(uint64(n), 10) }

// MarshalText makes an id a string in JSON, also as a key.
func (n id) MarshalText() ([]byte, error) {
	return strconv.AppendUint(nil, uint64(n), 10), nil
}

// UnmarshalText takes only what parseID takes.
func (n *id) UnmarshalText(b []byte) error {
	got, ok := parseID(string(b))
	if !ok {
		return &idError{text: string(b)}
	}
	*n = got
	return nil
}

type idError struct{ text string }

func (e *idError) Error() string {
	return strconv.Quote(e.text) + " is no record id: an id is 1 to 20 digits without a leading zero"
}
