package auth

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A run does not begin without a store, because it would take one of the ten
// tokens. A run that has its token goes on.
func TestCacheThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a := gives(oneHour)
	folder := filepath.Join(file, "tokens")
	_, err := NewSource(secretCredentials("https://accounts.zoho.test"), Options{CacheDir: folder, Transport: a})
	if closed, ok := errors.AsType[*StoreError](err); !ok || closed.Path != folder ||
		!strings.Contains(err.Error(), folder) {
		t.Errorf("got %v", err)
	}
	for _, before := range []bool{false, true} {
		s := newSource(t, gives(oneHour), cacheDir(t))
		if before {
			s.Invalidate(mustToken(t, s))
		}
		_ = os.Remove(s.cache.lockFile())
		if err := os.Mkdir(s.cache.lockFile(), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := s.Token(t.Context())
		if _, closed := errors.AsType[*StoreError](err); closed == before || (err == nil) != before ||
			(s.Warning() != nil) != before {
			t.Errorf("with a token before: %v; got %v, warning %v", before, err, s.Warning())
		}
	}
}
