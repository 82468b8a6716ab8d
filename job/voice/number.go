package voice

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// numbers are the fields that hold phone numbers (Zoho Voice, Create a contact).
var numbers = []string{"mobile", "mobile1", "mobile2", "mobile3", "phone", "phone1", "phone2", "phone3"}

// isNumber reports whether a field holds a phone number.
func isNumber(name string) bool { return slices.Contains(numbers, name) }

// IsCountry reports whether a text is a country whose numbers are known: two capital letters (ISO 3166-1).
func IsCountry(text string) bool { return phonenumbers.GetSupportedRegions()[text] }

// normal returns a phone number as Voice has it: + and digits (ITU-T E.164). A number without a country code is one of
// the country.
func normal(text, country string) (string, error) {
	const international = "+49 30 1234567"
	n, err := phonenumbers.Parse(strings.TrimSpace(text), country)
	switch {
	case err != nil && strings.HasPrefix(strings.TrimSpace(text), "+"), err != nil && country != "":
		return "", fmt.Errorf("%.60q is no phone number: give one such as %s", text, international)
	case err != nil:
		return "", fmt.Errorf("%.60q is no phone number with a country code: give one such as %s, or "+
			"--default-country for those without", text, international)
	case n.GetExtension() != "":
		return "", fmt.Errorf("%.60q has an extension, which Voice's numbers cannot have: take it out", text)
	// The length is enough of a number with a country code, because a range of numbers may be newer than what is known
	// here. Of others the country is a guess, so that the whole must fit.
	case !phonenumbers.IsPossibleNumber(n), !hasCode(text) && !phonenumbers.IsValidNumber(n):
		return "", fmt.Errorf("%.60q is no phone number of %s: give one such as %s", text,
			place(n.GetCountryCode(), country), international)
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// hasCode reports whether a number begins with its country code.
func hasCode(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "+") || strings.HasPrefix(text, "＋")
}

// place names the country of a number for people.
func place(code int32, country string) string {
	if country != "" {
		return country
	}
	return fmt.Sprintf("+%d", code)
}

// digits returns the digits of a number. Voice may have a space in a number, and a number may lack its +.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
