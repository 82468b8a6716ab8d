package alike

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	keys := []string{
		"dc", "environment", "api_url", "accounts_url", "api_version", "edition", "concurrency", "client_id", "secret_env",
		"secret_file", "refresh_token_env", "refresh_token_file", "org_id", "flags",
	}
	for word, want := range map[string]string{
		"clientid": "client_id", "client-id": "client_id", "CLIENT_ID": "client_id", "cilent_id": "client_id",
		"dcc": "dc", "org": "org_id", "environent": "environment",
		"secret_enw": "secret_env", "refresh_tokenfile": "refresh_token_file", "api_ul": "api_url", "xylophone": "",
		"": "",
	} {
		if got := Nearest(word, keys); got != want {
			t.Errorf("nearest to %q: got %q, want %q", word, got, want)
		}
	}
}

// modelDistance is distance, written as its definition.
func modelDistance(a, b []rune) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	}
	change := modelDistance(a[1:], b[1:])
	if a[0] != b[0] {
		change++
	}
	best := min(change, modelDistance(a[1:], b)+1, modelDistance(a, b[1:])+1)
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		best = min(best, modelDistance(a[2:], b[2:])+1)
	}
	return best
}

func TestDistance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SliceOfN(rapid.SampledFrom([]rune("abc")), 0, 6)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if got, want := distance(a, b), modelDistance(a, b); got != want {
			t.Fatalf("from %q to %q: got %d, want %d", string(a), string(b), got, want)
		}
	})
}
