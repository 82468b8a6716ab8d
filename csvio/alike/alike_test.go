package alike_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"rolecall/csvio/alike"
)

func TestNamesThatLookTheSame(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"Decision Maker", "decision maker", "Decision\u00a0Maker", "Decision \u2003Maker", "\tDecision\nMaker "},
		{"Purchasing", "Purchasing\u200b", "\ufeffPurchasing", "Purcha\u00adsing", "\u202aPurchasing\u202c", "Pur\x1fchasing"},
		{"Décideur", "De\u0301cideur", "DE\u0301CIDEUR", "D\u200dÉCIDEUR"},
		{"Straße", "STRASSE", "Stra\u1e9ee"},
		{"ΟΔΥΣΣΕΥΣ", "οδυσσευς", "οδυσσευσ"},
		{"Å", "\u212b", "A\u030a", "A\u034f\u030a"},
		{"☎ Caller", "☎\ufe0f Caller"},
		{"", " \u200b\u3000\x07"},
	} {
		for _, name := range same {
			if got, want := alike.Key(name), alike.Key(same[0]); got != want {
				t.Errorf("%q has the key %q, %q has %q", name, got, same[0], want)
			}
		}
	}
	for _, pair := range [][2]string{
		{"Buyer", "Buyers"}, {"DecisionMaker", "Decision Maker"}, {"Decideur", "Décideur"}, {"a-b", "a b"}, {"I", "ı"},
		{"\u0600 1", " 1"}, // the Arabic number sign is seen
	} {
		if alike.Key(pair[0]) == alike.Key(pair[1]) {
			t.Errorf("%q and %q have one key", pair[0], pair[1])
		}
	}
	if got, want := alike.Shown("\u200e De\u0301cideur \u00a0Principal\u2060"), "Décideur Principal"; got != want {
		t.Errorf("shown: %q, want %q", got, want)
	}
	if got, want := alike.Trim("\u200e 41\u200b5\u00ad\x1f"), "41\u200b5"; got != want {
		t.Errorf("trimmed: %q, want %q", got, want)
	}
}

// A name keeps its key in any case, with any white space, in any normal form and with any invisible characters.
func TestTheKeyOfALook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.StringOfN(rapid.SampledFrom([]rune("aBcÉéßñŞΣσж한글漢字ǅ-_. 1")), 1, 12, -1).Draw(rt, "name")
		look := disguise(rt, name)
		if got, want := alike.Key(look), alike.Key(name); got != want {
			rt.Fatalf("%q has the key %q, %q has %q", look, got, name, want)
		}
	})
}

// disguise draws a name that looks like another.
func disguise(rt *rapid.T, name string) string {
	spaces := rapid.SampledFrom([]string{" ", "\u00a0", "\u2003\t", "\u3000", "\r\n"})
	unseen := rapid.SampledFrom([]string{
		"", "", "", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060", "\x1f", "\u202e", "\ufe0f",
	})
	forms := rapid.SampledFrom([]norm.Form{norm.NFC, norm.NFD})
	change := rapid.SampledFrom([]func(string) string{strings.ToUpper, strings.ToLower, strings.Clone})
	var b strings.Builder
	for _, r := range unseen.Draw(rt, "before") + change.Draw(rt, "case")(name) + " " {
		if unicode.IsSpace(r) {
			b.WriteString(spaces.Draw(rt, "space"))
		} else {
			b.WriteRune(r)
		}
		b.WriteString(unseen.Draw(rt, "unseen"))
	}
	return forms.Draw(rt, "form").String(b.String())
}

// The key of a key is the same key, and has no invisible character.
func FuzzKey(f *testing.F) {
	for _, name := range []string{
		"Decision\u00a0Maker", "De\u0301cideur", "İstanbul", "\u0345\u0301α", "ᾳ\u0345", "ﬃ", "\u1e9e",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) {
			t.Skip("readers and Zoho's JSON give valid UTF-8 only")
		}
		key := alike.Key(name)
		if again := alike.Key(key); again != key {
			t.Errorf("%q has the key %q, and that has %q", name, key, again)
		}
		if alike.Key(alike.Shown(name)) != key {
			t.Errorf("%q and what is shown of it have two keys", name)
		}
		if strings.ContainsFunc(key, alike.Invisible) {
			t.Errorf("%q has a key with invisible characters: %q", name, key)
		}
	})
}
