//go:build unix

package whole

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// replace writes a file at path.
func replace(t *testing.T, path string, begin func(string) (*File, error)) fs.FileInfo {
	t.Helper()
	w, err := begin(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// A new file is for its owner only. A file that replaces another one has its mode, unless it is rolecall's own.
func TestCreateKeepsMode(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	if mode := replace(t, path, Create).Mode(); mode != 0o600 {
		t.Errorf("a new file has mode %v", mode)
	}
	for _, want := range []fs.FileMode{0o664, 0o640, 0o444, 0o777, 0o600} {
		if err := os.Chmod(path, want); err != nil {
			t.Fatal(err)
		}
		if mode := replace(t, path, Create).Mode(); mode != want {
			t.Errorf("a file of mode %v has now mode %v", want, mode)
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if mode := replace(t, path, CreatePrivate).Mode(); mode != 0o600 {
		t.Errorf("a file of rolecall's own has mode %v", mode)
	}
}

// A file that replaces another one has its owner and group. It does not have those of a file that another user may have
// put into a folder that is open to all.
func TestCreateKeepsOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root may give files to others")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "out.csv")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []ids{{1001, 2002}, {0, 2003}} {
		if err := os.Chown(path, want.user, want.group); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		if info := replace(t, path, Create); idsOf(info) != want || info.Mode() != 0o640 {
			t.Errorf("%v, want %v; mode %v", idsOf(info), want, info.Mode())
		}
	}
	if err := os.Chmod(dir, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 1001, 2002); err != nil {
		t.Fatal(err)
	}
	if info := replace(t, path, Create); idsOf(info) != (ids{0, 0}) || info.Mode() != 0o600 {
		t.Errorf("%v, mode %v", idsOf(info), info.Mode())
	}
	// The owner of the folder may put files there.
	for _, name := range []string{dir, path} {
		if err := os.Chown(name, 1001, 2002); err != nil {
			t.Fatal(err)
		}
	}
	if info := replace(t, path, Create); idsOf(info) != (ids{1001, 2002}) {
		t.Errorf("%v in a folder of the same owner", idsOf(info))
	}
}
