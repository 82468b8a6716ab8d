package whole

import (
	"os"
	"path/filepath"
	"testing"
)

// Same finds two names of one file, whether the file exists or not.
func TestSame(t *testing.T) {
	t.Parallel()
	dir := leave(t, "there", "other")
	at := func(name string) string { return filepath.Join(dir, name) }
	folds := sameName(dir, "a", "A")
	if err := os.Link(at("there"), at("hard")); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"soft": "there", "new-link": "new", "folder": ".", "round": "round"} {
		err := os.Symlink(to, at(link))
		if _, e := os.Lstat(at(link)); err != nil || e != nil { // Wine makes none, and says nothing
			t.Skip("this user may not make links (as on Windows without the right to):", err)
		}
	}
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"there", "there", true},
		{"there", "hard", true},
		{"there", "soft", true},
		{"hard", "folder/soft", true},
		{"there", "other", false},
		{"there", "new", false},
		{"new", "new", true},
		{"new", "new-link", true},
		{"new", "folder/new-link", true},
		{"new", "newer", false},
		{"there", "THERE", folds},
		{"new", "NEW", folds},
		{"new-link", "folder/NEW", folds},
		{"no/such", "no/such", true},
		{"no/such", "no/other", false},
		{"round", "round", false},
	} {
		for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			if got := Same(at(pair[0]), dir+"/./"+pair[1]); got != test.same {
				t.Errorf("%s and %s: %v", pair[0], pair[1], got)
			}
		}
	}
	if left := list(t, dir); len(left) != 7 {
		t.Errorf("left behind: %q", left)
	}
}

// All names of a file have one key. The key does not change when the file is
// made.
func TestKey(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	folds := sameName(dir, "a", "A")
	lower, upper := filepath.Join(dir, "same.csv"), filepath.Join(dir, "SAME.CSV")
	before := Key(lower)
	if (Key(upper) == before) != folds {
		t.Errorf("the disk folds case: %v; the keys are %s and %s", folds, before, Key(upper))
	}
	if err := os.WriteFile(upper, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if Key(lower) != before {
		t.Errorf("%s is now %s", before, Key(lower))
	}
	if Key(filepath.Join(dir, "else.csv")) == before {
		t.Error("another file has the same key")
	}
	other := filepath.Join(filepath.Dir(dir), "SAME")
	if folds && spelled(dir) != dir || !folds && Key(other) != other {
		t.Errorf("%s is spelled %s", dir, spelled(dir))
	}
}
