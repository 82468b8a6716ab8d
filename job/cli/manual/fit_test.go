package manual_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"rolecall/job/cli/manual"
)

// Fit keeps the words of a page in their order, and does not change code. No line of text is too wide.
func TestPagesFit(t *testing.T) {
	t.Parallel()
	for _, topic := range manual.Topics() {
		page, err := manual.Page(topic)
		if err != nil {
			t.Fatal(err)
		}
		for _, columns := range []int{40, 80, 100} {
			fitted := manual.Fit(page, columns)
			if strings.Join(strings.Fields(page), " ") != strings.Join(strings.Fields(fitted), " ") {
				t.Errorf("%s at %d columns has other words", topic, columns)
			}
			for line := range strings.Lines(fitted) {
				line = strings.TrimSuffix(line, "\n")
				if strings.HasPrefix(line, "    ") {
					if !strings.Contains(page, line+"\n") {
						t.Errorf("%s at %d columns has other code: %q", topic, columns, line)
					}
				} else if utf8.RuneCountInString(line) > columns && strings.Count(strings.TrimSpace(line), " ") > 1 &&
					!strings.HasPrefix(line, "#") {
					t.Errorf("%s at %d columns has the line %q", topic, columns, line)
				}
			}
		}
	}
}

func TestFitKeepsLists(t *testing.T) {
	t.Parallel()
	got := manual.Fit("# A title\n\none two three\nfour\n\n* five six\n  seven eight\n* nine\n\n    code  as it is\n", 12)
	want := "# A title\n\none two\nthree four\n\n* five six\n  seven\n  eight\n* nine\n\n    code  as it is\n"
	if got != want {
		t.Errorf("%q\nwant\n%q", got, want)
	}
}
