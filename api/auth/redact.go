package auth

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// longestText of a server is kept in an error, in bytes.
const longestText = 300

// shortestSecret is redacted, in bytes. Zoho's have forty and more; one letter
// taken out of everything would leave no error readable, nor its code known.
const shortestSecret = 4

// tokenShape is what Zoho's tokens and codes look like: 1000.<hex>.<hex>. It
// catches those that are not known to be secrets yet, being just issued.
var tokenShape = regexp.MustCompile(`\b1\d{3}\.[0-9A-Za-z]{16,}(\.[0-9A-Za-z]+)*`)

// secrets are kept out of errors.
type secrets []string

// clean makes a server's text fit for an error: no secrets, one printable line.
func (s secrets) clean(text string) string {
	for _, secret := range s {
		if len(secret) >= shortestSecret {
			text = strings.ReplaceAll(text, secret, "[redacted]")
			text = strings.ReplaceAll(text, url.QueryEscape(secret), "[redacted]")
		}
	}
	text = tokenShape.ReplaceAllString(text, "[redacted]")
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

// cleanError gives err itself where its text is harmless, as nearly always it
// is: some of net/http's errors repeat what the server sent.
func (s secrets) cleanError(err error) error {
	if text := err.Error(); s.clean(text) != text {
		return errors.New(s.clean(text))
	}
	return err
}
