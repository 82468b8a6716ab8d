package auth

import (
	"regexp"
	"strings"
	"unicode"
)

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
func (s secrets) cleanError(err error) error {
	if text := s.clean(err.Error()); text != err.Error() {
		return &scrubbed{text, err}
	}
	return err
}
