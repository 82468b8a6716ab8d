package auth

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// redacted stands for a secret in a text.
const redacted = "[redacted]"

// Scrubber takes secrets out of texts that come from outside: from Zoho, from a proxy, or from an error of net/http
// that repeats them. It finds a secret in upper and lower case, and with the escapes of JSON and URLs. Its zero value
// knows only the shape of Zoho's tokens.
type Scrubber struct {
	known *regexp.Regexp
	hints [][]byte // Bytes searches a body only if it has one of them: a search of a page of records takes milliseconds
}

// NewScrubber returns a Scrubber that knows some secrets. It ignores secrets of fewer than four bytes.
func NewScrubber(secrets ...string) *Scrubber {
	var all []string
	var hints [][]byte
	for _, secret := range secrets {
		if len(secret) >= shortestSecret {
			quoted, _ := json.Marshal(secret) // a text has no error
			all, hints = append(all, spellings(secret)), append(hints, []byte(secret), bytes.Trim(quoted, `"`))
			hints = append(hints, escapes(secret)...)
		}
	}
	if len(all) == 0 {
		return &Scrubber{}
	}
	known := regexp.MustCompile("(?i)" + strings.Join(all, "|"))
	known.Longest() // one secret may begin with another
	return &Scrubber{known, hints}
}

// spellings returns a pattern of a secret. Each character may be as it is, as \u002e, or as %2e.
func spellings(secret string) string {
	var b strings.Builder
	for _, c := range secret {
		fmt.Fprintf(&b, `(?:\\?%s|\\u%04x|`, regexp.QuoteMeta(string(c)), c)
		for _, x := range []byte(string(c)) {
			fmt.Fprintf(&b, "%%%02x", x)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// escapes returns the escapes of the characters of a secret. A text that spells the secret with escapes has one of
// them. Escapes of other characters show nothing: Zoho's names are full of them.
func escapes(secret string) [][]byte {
	all := map[string]bool{}
	for _, c := range secret {
		switch {
		case c >= utf8.RuneSelf: // its hex digits have too many ways of upper and lower case
			all[`\u`], all["%"] = true, true
		case c == '/':
			all[`\/`] = true
			fallthrough
		default:
			for _, form := range []string{`\u%04x`, `\u%04X`, "%%%02x", "%%%02X"} {
				all[fmt.Sprintf(form, c)] = true
			}
		}
	}
	var list [][]byte
	for escape := range all {
		list = append(list, []byte(escape))
	}
	return list
}

// Bytes returns the body of an answer without the secrets that the Scrubber knows. It may miss a secret in another
// case of letters.
func (s *Scrubber) Bytes(body []byte) []byte {
	hinted := func(hint []byte) bool { return bytes.Contains(body, hint) }
	if s.known == nil || !slices.ContainsFunc(s.hints, hinted) {
		return body
	}
	return s.known.ReplaceAll(body, []byte(redacted))
}

// Text returns text without secrets.
func (s *Scrubber) Text(text string) string {
	if s.known != nil {
		text = s.known.ReplaceAllString(text, redacted)
	}
	return tokenShape.ReplaceAllString(text, redacted)
}

// Error returns err with a text without secrets. errors.Is and errors.As find the same in both errors.
func (s *Scrubber) Error(err error) error {
	if err == nil {
		return nil
	}
	return reworded(err, s.Text(err.Error()))
}

// reworded returns err with another text, or err itself if it has that text.
func reworded(err error, text string) error {
	if text == err.Error() {
		return err
	}
	return &scrubbed{text, err}
}

// scrubbed is an error with another text.
type scrubbed struct {
	text string
	err  error
}

func (e *scrubbed) Error() string { return e.text }

// Unwrap returns the error with its own text.
func (e *scrubbed) Unwrap() error { return e.err }

// ProxySecrets returns the password of the proxy that the environment names for an address: as it is, and as the proxy
// gets it in a header. A proxy may repeat both in its answer.
func ProxySecrets(to *url.URL) []string {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: to})
	if err != nil || proxy == nil || proxy.User == nil {
		return nil
	}
	password, _ := proxy.User.Password()
	return []string{password, base64.StdEncoding.EncodeToString([]byte(proxy.User.Username() + ":" + password))}
}

// longestText is the most bytes of a server's text in an error.
const longestText = 300

// shortestSecret is the fewest bytes of a secret that is redacted. Zoho's have
// forty and more. Redacting a single letter would make every error unreadable.
const shortestSecret = 4

// tokenShape matches Zoho's tokens and codes: 1000.<hex>.<hex>. It finds new
// tokens, which are not in the list of secrets yet.
var tokenShape = regexp.MustCompile(`\b1\d{3}\.[0-9A-Za-z]{16,}(\.[0-9A-Za-z]+)*`)

// secrets are the texts that errors must not show.
type secrets []string

// clean returns a server's text for an error: one printable line without
// secrets.
func (s secrets) clean(text string) string {
	text = NewScrubber(s...).Text(text)
	text = strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, text)
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "") + "..."
	}
	return text
}

// cleanError returns err with a cleaned text. Some errors of net/http repeat what the server sent.
func (s secrets) cleanError(err error) error { return reworded(err, s.clean(err.Error())) }
