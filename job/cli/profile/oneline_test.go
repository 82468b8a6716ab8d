package profile

import (
	"strings"
	"testing"
)

func TestOneLine(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"1000.a\n": "1000.a", "1000.a\r\n": "1000.a", " 1000.a\t": "1000.a", "\ufeff1000.a\n": "1000.a",
		"\xff\xfe1\x000\x00\r\x00\n\x00": "10", "\xfe\xff\x001\x000\x00\n": "10", // UTF-16, either way
		`"1000.a"`: "there are quotes", "'1000.a'\n": "there are quotes", "`a`": "there are quotes",
		"1\x000\x00": "it is UTF-16", "a b": "it is more than one word", "": "it is empty:", "\ufeff\n": "it is empty:",
		`"`: `"`, `a"b`: `a"b`,
	} {
		got, err := OneLine(value)
		if err != nil {
			got = err.Error() + ":"
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}
