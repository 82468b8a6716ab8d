package auth

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The command in the error mends what the error is about, whatever the path.
func TestPermissionErrorMends(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	for _, name := range []string{"plain", "with space", "it's", "a$(touch x)", "-n", "a;b", "a\nb", "ü", "~"} {
		for _, folder := range []bool{false, true} {
			path := filepath.Join(t.TempDir(), name)
			mode := fs.FileMode(0o644)
			if folder {
				mode = 0o755
				if err := os.Mkdir(path, mode); err != nil {
					t.Fatal(err)
				}
			} else if err := os.WriteFile(path, []byte("x"), mode); err != nil {
				t.Fatal(err)
			}
			err := CheckPrivate(path)
			open, ok := errors.AsType[*PermissionError](err)
			if !ok || open.Mode != mode || open.Path != path ||
				!strings.HasSuffix(err.Error(), "; run: "+open.Command()) {
				t.Fatalf("%q: %v", name, err)
			}
			if out, err := exec.Command("sh", "-c", open.Command()).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v %s", open.Command(), err, out)
			}
			if err := CheckPrivate(path); err != nil {
				t.Errorf("%q is not mended: %v", name, err)
			}
		}
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("the command did more than it says")
	}
	if got := (&PermissionError{Path: "-n", Want: "600"}).Command(); got != "chmod 600 ./-n" {
		t.Error(got)
	}
	if err := CheckPrivate(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
