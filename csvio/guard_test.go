package csvio

import (
	"regexp"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, guarded string }{
		{"", ""},
		{"Purchasing", "Purchasing"},
		{"O'Neill", "O'Neill"},
		{"'quoted'", "'quoted'"},
		{"'", "'"},
		{"a=b", "a=b"},
		{" =1", " =1"},
		{"=1+1", "'=1+1"},
		{"+49 30", "'+49 30"},
		{"-1", "'-1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\tx", "'\tx"},
		{"\rx", "'\rx"},
		{"'=1", "''=1"},
		{"''-", "'''-"},
		{"=", "'="},
	}
	for _, tt := range tests {
		if got := Guard(tt.text); got != tt.guarded {
			t.Errorf("Guard(%q) = %q, want %q", tt.text, got, tt.guarded)
		}
		if got := Unguard(tt.guarded); got != tt.text {
			t.Errorf("Unguard(%q) = %q, want %q", tt.guarded, got, tt.text)
		}
	}
	for _, text := range []string{"=1", "-x", "'", "'a", "plain"} {
		if got := Unguard(text); got != text {
			t.Errorf("Unguard(%q) = %q: there is nothing to take off", text, got)
		}
	}
}

// FuzzGuard compares Guard and Unguard with the patterns of the design: Unguard
// undoes Guard exactly, and no guarded text begins like a formula.
func FuzzGuard(f *testing.F) {
	for _, seed := range []string{"", "=1", "'=1", "''", "'", "a", "\t", "'\r", "-", "@x", "+1", "''''@"} {
		f.Add(seed)
	}
	guards := regexp.MustCompile(`^'*[=+\-@\t\r]`)
	unguards := regexp.MustCompile(`^'+[=+\-@\t\r]`)
	f.Fuzz(func(t *testing.T, text string) {
		guarded := Guard(text)
		if want := guards.MatchString(text); (guarded != text) != want ||
			strings.TrimPrefix(guarded, "'") != text && guarded != text {
			t.Errorf("Guard(%q) = %q", text, guarded)
		}
		if guarded != "" && strings.ContainsAny(guarded[:1], "=+-@\t\r") {
			t.Errorf("Guard(%q) = %q is a formula", text, guarded)
		}
		if back := Unguard(guarded); back != text {
			t.Errorf("Unguard(Guard(%q)) = %q", text, back)
		}
		if got := Unguard(text); (got != text) != unguards.MatchString(text) {
			t.Errorf("Unguard(%q) = %q", text, got)
		}
	})
}
