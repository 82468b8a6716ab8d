package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, line, want string }{
		{"it fits", "  price    two calls\n", "  price    two calls\n"},
		{
			"under the text", "  price    12 rows on 6 deals: 12 calls one by one\n",
			"  price    12 rows on 6 deals:\n           12 calls one by one\n",
		},
		{"a label of two words", "  to map   a file of names and of roles\n", "  to map   a file of names and\n           of roles\n"},
		{"advice", "      -> look the deal up in Zoho today\n", "      -> look the deal up in\n         Zoho today\n"},
		{"a group", "    1,200 × X: the id seems invalid\n", "    1,200 × X: the id seems\n            invalid\n"},
		{"no label", "rolecall: open x.csv: no such file here", "rolecall: open x.csv: no such\nfile here"},
		{"a long word", "  file     /a/path/that/is/too/long/for/it\n", "  file     /a/path/that/is/too/long/for/it\n"},
		{
			"a command to copy", "go on with: rolecall resume a-folder-of-a-run\n",
			"go on with: rolecall resume a-folder-of-a-run\n",
		},
		{
			"wide characters take two columns", "  no role  「採購」 株式会社日本電気 of deal 7\n",
			"  no role  「採購」\n           株式会社日本電気 of\n           deal 7\n",
		},
		{"marks take none", "  no role  Einka\u0308ufer of Gru\u0308nau\n", "  no role  Einka\u0308ufer of Gru\u0308nau\n"},
		{
			"colours take no columns", "\x1b[31mrolecall:\x1b[0m open x.csv: no such file\n",
			"\x1b[31mrolecall:\x1b[0m open x.csv: no such\nfile\n",
		},
	} {
		if got := Fold(test.line, 30); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// For any line, Fold loses no word, and each resulting line fits unless it is one word.
func TestFoldKeepsWordsAndFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`( {0,6}([a-z]{1,8} {2,5}|-> )?)([a-zä:]{1,12} {1,2}){0,12}`).Draw(t, "line")
		columns := rapid.IntRange(20, 60).Draw(t, "columns")
		got := Fold(line, columns)
		if a, b := strings.Fields(got), strings.Fields(line); strings.Join(a, " ") != strings.Join(b, " ") {
			t.Fatalf("%q became %q", line, got)
		}
		for one := range strings.SplitSeq(got, "\n") {
			if utf8.RuneCountInString(strings.TrimRight(one, " ")) > columns && len(strings.Fields(one)) > 3 { // a label of two words, and one that is too long
				t.Fatalf("%d columns: %q", columns, one)
			}
		}
	})
}

// coloured is a writer that shows colours.
type coloured struct{ strings.Builder }

func (*coloured) Colours() bool { return true }

// A terminal shows success in green, failure in red and the command that goes on in bold. Other writers get none.
func TestColoursShowOnATerminalOnly(t *testing.T) {
	t.Parallel()
	fine := Summary{State: Finished, Rows: Rows{Total: 1, Success: 1}}
	failed := Summary{State: Stopped, Rows: Rows{Total: 1, Error: 1}, Errors: []Group{{Code: "X"}}, Next: "rolecall resume run"}
	for _, test := range []struct {
		sum  Summary
		want []string
	}{
		{fine, []string{"\x1b[32m of  finished in 0s\x1b[0m\n"}},
		{failed, []string{"\x1b[31mstopped:\x1b[0m", "\x1b[31mfailed\x1b[0m", "go on with: \x1b[1mrolecall resume run\x1b[0m\n"}},
	} {
		var onTerminal coloured
		var plain strings.Builder
		if err := test.sum.WriteText(&onTerminal); err != nil {
			t.Fatal(err)
		}
		_ = test.sum.WriteText(&plain)
		for _, want := range test.want {
			if !strings.Contains(onTerminal.String(), want) {
				t.Errorf("no %q in %q", want, onTerminal.String())
			}
		}
		if strings.Contains(plain.String(), "\x1b") || plain.String() != colour.ReplaceAllString(onTerminal.String(), "") {
			t.Errorf("off a terminal: %q", plain.String())
		}
	}
}

// The price of a few rows is one line. It has more lines if the credits may not be enough, if the run takes long, or if
// the run cannot be undone.
func TestPriceOfAFewRowsIsOneLine(t *testing.T) {
	t.Parallel()
	plan := Plan{
		Cost: Cost{CreditsLeft: 50_998, Fits: true, InFlight: 5}, Deals: 1, Sent: 1, Calls: 1, OneByOne: 1, Together: 1,
		Reads: 2, DealReads: 1, CompositeReads: 1, ReadFirst: true, Way: "one by one",
	}
	many, slow, poor, unread := plan, plan, plan, plan
	many.Calls, slow.Seconds, poor.Fits, unread.ReadFirst = 10, 10, false, false
	for name, test := range map[string]struct {
		price Plan
		lines int
	}{
		"one row": {plan, 1}, "many calls": {many, 4}, "slow": {slow, 4},
		"few credits": {poor, 4}, "it cannot be undone": {unread, 5},
	} {
		var b strings.Builder
		if err := test.price.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n"); n != test.lines {
			t.Errorf("%s: %d lines:\n%s", name, n, &b)
		}
	}
	var b strings.Builder
	_ = plan.WriteText(&b)
	if want := "  price    1 row on 1 deal: at most 1 write and 3 reads; 50,998 credits left\n"; b.String() != want {
		t.Errorf("%q, want %q", &b, want)
	}
}
