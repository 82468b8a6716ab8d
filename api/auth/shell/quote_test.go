package shell

import "testing"

func TestQuotesForUnix(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"run-1": "run-1", "50%": "50%", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$(x)": "'$(x)'",
		"../r/é": "'../r/é'", `a\b`: `'a\b'`,
		"a\x1b[2J'b": `"$(printf 'a\033[2J\047b')"`, "caf\xe9": `"$(printf 'caf\351')"`,
	} {
		if got := posixQuote(word); got != want {
			t.Errorf("%q is quoted as %s, want %s", word, got, want)
		}
	}
}

// The wanted words are those of Microsoft's page "Parsing C command-line arguments".
func TestQuotesForWindows(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"run-1": "run-1", `C:\runs\a`: `C:\runs\a`, `C:\my runs`: `"C:\my runs"`, `C:\my runs\`: `"C:\my runs\\"`, "": `""`,
		"it's": `"it's"`, "a&b": `"a&b"`, `a"b`: `"a\"b"`, `a\"b`: `"a\\\"b"`, "50%": `"50%"`, "é": `"é"`,
	} {
		if got := windowsQuote(word); got != want {
			t.Errorf("%q is quoted as %s, want %s", word, got, want)
		}
	}
}
