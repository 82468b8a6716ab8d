package rundir

import "testing"

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"run-1": "run-1", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$(x)": "'$(x)'", "../r/é": "'../r/é'",
		"a\x1b[2J'b": `"$(printf 'a\033[2J\047b')"`, "caf\xe9": `"$(printf 'caf\351')"`,
	} {
		if got := ShellQuote(word); got != want {
			t.Errorf("%q is quoted as %s, want %s", word, got, want)
		}
	}
}
