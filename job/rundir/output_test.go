package rundir

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A path that works is returned as an absolute path, and the file there does not change.
func TestOutputPlace(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	there := filepath.Join(dir, "there.csv")
	if err := os.WriteFile(there, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"there.csv", "new.csv", filepath.Join(".", "x", "..", "new.csv")} {
		want := filepath.Join(dir, filepath.Base(name))
		if got, err := OutputPlace("--output", filepath.Join(dir, name)); err != nil || got != want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if b, err := os.ReadFile(there); err != nil || string(b) != "kept" {
		t.Errorf("%s, %v", b, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// Links to files and folders are resolved, whether the target exists or not.
func TestOutputPlaceFollowsLinks(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{
		"a": "b", "b": "c.csv", "folder": ".", "absolute": filepath.Join(dir, "d.csv"),
		"round": "about", "about": "round",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("this user may not make links (as on Windows without the right to):", err)
		}
	}
	for name, want := range map[string]string{
		"a": "c.csv", "absolute": "d.csv",
		filepath.Join("folder", "e.csv"): "e.csv", filepath.Join("folder", "a"): "c.csv",
	} {
		got, err := OutputPlace("--output", filepath.Join(dir, name))
		if err != nil || got != filepath.Join(dir, want) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	var usage *UsageError
	_, err = OutputPlace("--output", filepath.Join(dir, "round"))
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "circle") ||
		!strings.Contains(err.Error(), "--output") {
		t.Error(err)
	}
}

func TestOutputPlaceRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for to, says := range map[string]string{
		dir:                                  "folder",
		filepath.Join(dir, "no", "such.csv"): "--output",
		filepath.Join(file, "in.csv"):        "--output",
		os.DevNull:                           "--output -",
	} {
		if to == os.DevNull && runtime.GOOS == "windows" {
			continue // a name that is a device in each folder
		}
		var usage *UsageError
		if got, err := OutputPlace("--output", to); !errors.As(err, &usage) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %s, %v", to, got, err)
		}
	}
	if os.Geteuid() > 0 { // root can write to every folder
		locked := filepath.Join(dir, "locked")
		if err := os.Mkdir(locked, 0o500); err != nil {
			t.Fatal(err)
		}
		if _, err := OutputPlace("--output", filepath.Join(locked, "out.csv")); err == nil {
			t.Error("a folder that cannot be written to will do")
		}
	}
}
