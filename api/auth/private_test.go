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
		t.Skip("no permission bits")
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
			if !ok || open.Mode != mode || open.Path != path || !strings.HasSuffix(err.Error(), "; run: "+open.Command()) {
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
	if got := quote("-n"); got != "./-n" {
		t.Error(got)
	}
	if err := CheckPrivate(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestReadSecretFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(content string, mode fs.FileMode) string {
		f, err := os.CreateTemp(dir, "secret")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		_, _ = f.WriteString(content)
		if err := f.Chmod(mode); err != nil {
			t.Fatal(err)
		}
		return f.Name()
	}
	for content, want := range map[string]string{
		canarySecret: canarySecret, canarySecret + "\n": canarySecret, "\ufeff " + canarySecret + "\r\n": canarySecret, "a b": "a b",
	} {
		for _, mode := range []fs.FileMode{0o600, 0o400} {
			if got, err := ReadSecretFile(write(content, mode)); err != nil || got != want {
				t.Errorf("%q: %q, %v", content, got, err)
			}
		}
	}
	for content, want := range map[string]string{
		"": "is empty", " \n": "is empty", canarySecret + "\nx": "several lines", strings.Repeat("canary", 4000): "longer than any secret",
	} {
		got, err := ReadSecretFile(write(content, 0o600))
		if noCanary(t, err); got != "" || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", content, err)
		}
	}
	if _, err := ReadSecretFile(dir); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Error(err)
	}
	if _, err := ReadSecretFile(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for _, mode := range []fs.FileMode{0o644, 0o640, 0o602, 0o604, 0o610} {
		path := write(canarySecret, mode)
		got, err := ReadSecretFile(path)
		if open, ok := errors.AsType[*PermissionError](err); !ok || got != "" || open.Command() != "chmod 600 "+path {
			t.Errorf("%o: %q, %v", mode, got, err)
		}
		noCanary(t, err)
	}
}

func TestWriteSecretFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "folder", "secret")
	for _, secret := range []string{canarySecret, "another"} {
		if err := WriteSecretFile(path, secret); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadSecretFile(path); err != nil || got != secret {
			t.Errorf("%q, %v", got, err)
		}
		for p, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
			if info, err := os.Stat(p); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v", p, info.Mode(), err)
			}
		}
	}
	if err := WriteSecretFile(path, " "); err == nil {
		t.Error("kept nothing")
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	err := WriteSecretFile(path, canarySecret)
	if open, ok := errors.AsType[*PermissionError](err); !ok || open.Command() != "chmod 700 "+filepath.Dir(path) {
		t.Error(err)
	}
	noCanary(t, err)
}
