package voice

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Numbers as people of some countries write them become numbers of ITU-T E.164.
func TestNumbersBecomeE164(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, country, want string }{
		{"+12015550123", "", "+12015550123"},
		{" +1 (201) 555-0123 ", "", "+12015550123"},
		{"'+12015550123", "", "+12015550123"}, // an export without rc_base
		{"+49 (0)30 1234567", "", "+49301234567"},
		{"201-555-0123", "US", "+12015550123"},
		{"1 201 555 0123", "US", "+12015550123"},
		{"030/1234567", "DE", "+49301234567"},
		{"0049 30 1234567", "DE", "+49301234567"},
		{"+33 1 42 68 53 00", "DE", "+33142685300"},
		{"06 1234 5678", "IT", "+390612345678"}, // the zero stays in Italy
		{"+1 000 000 0000", "", "+10000000000"}, // the length fits, and Voice may know better
		{"2015550123", "", ""},                  // of which country?
		{"12015550123", "DE", ""},               // not of Germany, and nothing says of which
		{"+12015550123 ext. 7", "", ""},
		{"+1201555", "", ""},
		{"12", "US", ""},
		{"+49171123459988888", "", ""}, // E.164 has 15 digits at most
		{"1-800-FLOWERS", "DE", ""},
		{"49171 1234599", "DE", ""},             // a spreadsheet took the +
		{"0491 1234567", "DE", "+494911234567"}, // of the town of Leer
		{"Ada", "US", ""},
		{"ask Ada", "", ""},
		{"+", "", ""},
		{"1.2015550123E+10", "US", ""}, // as spreadsheets show large numbers
	} {
		got, err := normal(test.text, test.country)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q of %q is %q, %v; want %q", test.text, test.country, got, err, test.want)
		}
	}
}

// A number has the same form however it is written, and the form of that form is the form itself.
func TestANumberHasOneForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		number := fmt.Sprintf("%d%07d", rapid.IntRange(201, 989).Draw(rt, "area"), rapid.IntRange(2000000, 9999999).Draw(rt, "line"))
		want, err := normal("+1"+number, "")
		if err != nil {
			rt.Fatal(err)
		}
		gap := rapid.SampledFrom([]string{" ", "-", ".", "", "\u00a0"}).Draw(rt, "gap")
		written := number[:3] + gap + number[3:6] + gap + number[6:]
		for _, text := range []string{"+1" + gap + written, "+1 (" + number[:3] + ") " + number[3:], want} {
			if got, err := normal(text, ""); got != want || err != nil {
				rt.Errorf("%q is %q, %v; want %q", text, got, err, want)
			}
		}
		if digits(want) != "1"+number || !strings.HasPrefix(want, "+") {
			rt.Errorf("%q", want)
		}
	})
}
