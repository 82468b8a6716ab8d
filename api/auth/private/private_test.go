package private

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

// The command in the error removes the cause of the error, whatever the path is.
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
			err := Check(path)
			open, ok := errors.AsType[*PermissionError](err)
			if !ok || open.Mode != mode || open.Path != path ||
				!strings.HasSuffix(err.Error(), "; run: "+open.Command()) {
				t.Fatalf("%q: %v", name, err)
			}
			if out, err := exec.Command("sh", "-c", open.Command()).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v %s", open.Command(), err, out)
			}
			if err := Check(path); err != nil {
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
	if err := Check(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// A file of another user is refused, whatever its mode is. The command in the error gives it to this user.
func TestPermissionErrorNamesTheOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root may give files to others")
	}
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 65534, -1); err != nil {
		t.Fatal(err)
	}
	e, ok := errors.AsType[*PermissionError](Check(path))
	if !ok || e.Owner != "65534" || e.Command() != "chown 0 "+path {
		t.Fatalf("%#v", e)
	}
	if out, err := exec.Command("sh", "-c", e.Command()).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if err := Check(path); err != nil {
		t.Error(err)
	}
}
