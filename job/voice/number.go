package voice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// numbers is the fields that hold phone numbers (Zoho Voice, Create a contact).
var numbers = []string{"mobile", "mobile1", "mobile2", "mobile3", "phone", "phone1", "phone2", "phone3"}

// isNumber reports whether a field holds a phone number.
func isNumber(name string) bool { return slices.Contains(numbers, name) }

// IsCountry reports whether a text is a country whose numbers are known: two capital letters (ISO 3166-1).
func IsCountry(text string) bool { return phonenumbers.GetSupportedRegions()[text] }

// normal returns a phone number in Voice's form: + and digits (ITU-T E.164). country is the country of a number without
// a country code, or "".
func normal(text, country string) (string, error) {
	const international = "+49 30 1234567"
	text = strings.TrimLeft(strings.TrimSpace(text), "'") // as exports have it, for spreadsheets
	_, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err == nil && strings.ContainsAny(text, "eE") {
		return "", fmt.Errorf("%.60q is a rounded number: a spreadsheet took the phone number for a sum and lost its last "+
			"digits; export the table again with the column as text", text)
	}
	if strings.ContainsFunc(text, unicode.IsLetter) && !strings.Contains(strings.ToLower(text), "x") {
		return "", fmt.Errorf("%.60q has letters: give the digits, such as %s", text, international) // 1-800-FLOWERS
	}
	n, err := phonenumbers.Parse(text, country)
	switch {
	case err != nil && strings.HasPrefix(text, "+"), err != nil && country != "":
		return "", fmt.Errorf("%.60q is no phone number: give one such as %s", text, international)
	case err != nil:
		return "", fmt.Errorf("%.60q is no phone number with a country code: give one such as %s, or "+
			"--default-country for those without", text, international)
	case n.GetExtension() != "":
		return "", fmt.Errorf("%.60q has an extension, which Voice's numbers cannot have: take it out", text)
	case !hasCode(text) && beginsWithCode(n):
		return "", fmt.Errorf("%.60q may be a number whose + is lost: give it with its +, or without its country code", text)
	// For a number with a country code only the length is checked, because a range of numbers may be newer than the
	// library. A number without one must be valid, because its country is a guess.
	case !phonenumbers.IsPossibleNumber(n), len(digits(phonenumbers.Format(n, phonenumbers.E164))) > longest,
		!hasCode(text) && !phonenumbers.IsValidNumber(n):
		return "", fmt.Errorf("%.60q is no phone number of %s: give one such as %s", text,
			place(n.GetCountryCode(), country, text), international)
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// longest is the most digits of a number with its country code (ITU-T E.164, 6.2.1).
const longest = 15

// beginsWithCode reports whether the digits of a number without a country code also are a valid number of that country
// with the code. A spreadsheet that takes a phone number for a sum writes such digits, without the +.
func beginsWithCode(n *phonenumbers.PhoneNumber) bool {
	national := strconv.FormatUint(n.GetNationalNumber(), 10)
	code := strconv.Itoa(int(n.GetCountryCode()))
	if !strings.HasPrefix(national, code) {
		return false
	}
	whole, err := phonenumbers.Parse("+"+national, "")
	return err == nil && phonenumbers.IsValidNumber(whole)
}

// hasCode reports whether a number begins with its country code.
func hasCode(text string) bool {
	return strings.HasPrefix(text, "+") || strings.HasPrefix(text, "＋")
}

// place names the country of a number for people.
func place(code int32, country, text string) string {
	if country != "" && !hasCode(text) {
		return country
	}
	return fmt.Sprintf("+%d", code)
}

// digits returns the digits of a number, so that numbers with a space or without a + can be compared.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
