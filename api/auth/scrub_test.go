package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// No text has a secret, whether a server repeats it in JSON with escapes, in a URL, or in another case.
func TestScrubber(t *testing.T) {
	t.Parallel()
	const token = "1000.0a1b2c3d4e5f60718293a4b5c6d7e8f9.00ffeeddccbbaa998877665544332211"
	rapid.Check(t, func(t *rapid.T) {
		s := NewScrubber("pa/ss+wörd", token)
		secret := rapid.SampledFrom([]string{token, "pa/ss+wörd"}).Draw(t, "secret")
		var b strings.Builder
		kind := rapid.SampledFrom([]string{"json", "url"}).Draw(t, "kind")
		for _, c := range secret {
			switch escape := rapid.Bool().Draw(t, "escaped"); {
			case c >= 0x80 && kind == "json" || c < 0x80 && escape && kind == "json" && c != '/':
				fmt.Fprintf(&b, `\u%04x`, c)
			case c == '/' && escape && kind == "json":
				b.WriteString(`\/`)
			case kind == "url" && (escape || c >= 0x80):
				for _, x := range []byte(string(c)) {
					fmt.Fprintf(&b, "%%%02X", x)
				}
			default:
				b.WriteRune(c)
			}
		}
		body := s.Bytes([]byte(`{"message":"a ` + b.String() + ` b"}`))
		var decoded struct{ Message string }
		if err := json.Unmarshal(body, &decoded); err != nil {
			t.Fatal(err)
		}
		if kind == "url" {
			decoded.Message, _ = url.PathUnescape(decoded.Message)
		}
		if strings.Contains(decoded.Message, secret) {
			t.Fatalf("%s", body)
		}
		if text := s.Text(strings.ToUpper(secret)); text != redacted {
			t.Fatalf("%q", text)
		}
		err := s.Error(fmt.Errorf("malformed status %q: %w", secret, io.EOF))
		if !errors.Is(err, io.EOF) || strings.Contains(err.Error(), secret) {
			t.Fatal(err)
		}
	})
}

// A text without a secret stays as it is.
func TestScrubberLeavesTheRest(t *testing.T) {
	t.Parallel()
	s := NewScrubber("", "abc", "1000.secret")
	for _, text := range []string{"", "abc", `{"id":"4150868000010000001","x":"10% \u00e9 \/"}`} {
		if got := s.Text(text); got != text || string(s.Bytes([]byte(text))) != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	if err := io.EOF; !errors.Is(s.Error(err), err) || s.Error(nil) != nil {
		t.Error("an error without a secret is another one")
	}
}

// A secret that JSON writes with a backslash, and one that begins with another secret, are found whole.
func TestScrubberFindsWholeSecrets(t *testing.T) {
	t.Parallel()
	s := NewScrubber(`pa"ss`, `back\slash`, "1000", "1000.token")
	for _, secret := range []string{`pa"ss`, `back\slash`, "1000.token"} {
		body, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(s.Bytes(body)); got != `"`+redacted+`"` {
			t.Errorf("%s became %s", body, got)
		}
		if got := s.Text(secret); got != redacted {
			t.Errorf("%s became %s", secret, got)
		}
	}
}
