package whole

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file appears whole or not at all.
func TestWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "results.csv")
	if err := os.WriteFile(path, []byte("yesterday"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, commit := range []bool{false, true} {
		w, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteString(strings.Repeat("today", 100_000)); err != nil {
			t.Fatal(err)
		}
		want := "yesterday"
		if commit {
			want = strings.Repeat("today", 100_000)
			if err := w.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		w.Discard()
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("commit %v: %d bytes, %v", commit, len(got), err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
