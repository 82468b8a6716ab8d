package whole

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// leave makes empty files, and returns their folder.
func leave(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}

// A sweep removes what a killed process left for a file, and nothing else, whatever characters are in the names.
func TestSweep(t *testing.T) {
	t.Parallel()
	keeps := []string{
		"out[1].csv", ".out[1].csv", ".out[1].csv.123.tmp", ".out[1].csv.backup.tmp", ".out1.csv.rolecall-123.tmp",
		".out[1].csv.rolecall-x.tmp", ".out[1].csv.rolecall-12345678901.tmp", ".out[1].csv.rolecall-1.tmp.bak",
		"out[1].csv.rolecall-1.tmp", ".other.csv.rolecall-1.tmp",
	}
	dir := leave(t, append([]string{".out[1].csv.rolecall-123.tmp"}, keeps...)...)
	Sweep(filepath.Join(dir, "out[1].csv"))
	Sweep("")
	slices.Sort(keeps)
	if got := list(t, dir); !slices.Equal(got, keeps) {
		t.Errorf("left %q, want %q", got, keeps)
	}
}

// A sweep of a folder removes what was left for any file in it.
func TestSweepFolder(t *testing.T) {
	t.Parallel()
	dir := leave(t, ".results.csv.rolecall-1.tmp", ".failed.csv.rolecall-22.tmp", ".notes.tmp", "run.db", ".1.tmp")
	Sweep(dir + string(filepath.Separator))
	if got := list(t, dir); !slices.Equal(got, []string{".1.tmp", ".notes.tmp", "run.db"}) {
		t.Errorf("left %q", got)
	}
}

// A sweep removes no link, no folder, and nothing behind a link.
func TestSweepFollowsNoLink(t *testing.T) {
	t.Parallel()
	target := leave(t, "mine")
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(target, "mine"), filepath.Join(dir, ".a.rolecall-1.tmp")); err != nil {
		t.Skip("this user may not make links (as on Windows without the right to):", err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".a.rolecall-2.tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	Sweep(filepath.Join(dir, "a"))
	if got := list(t, dir); len(got) != 2 {
		t.Errorf("left %q", got)
	}
	if got := list(t, target); len(got) != 1 {
		t.Errorf("left behind the link %q", got)
	}
}

// A sweep leaves the temporary file of a process that still writes it.
func TestSweepLeavesFilesInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	Sweep(path)
	if err := w.Commit(); err != nil {
		t.Error(err)
	}
}
