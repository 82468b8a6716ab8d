package rundir

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func isUsage(err error) bool {
	_, ok := errors.AsType[*UsageError](err)
	return ok
}

func TestCopyResults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, target, link := filepath.Join(dir, "from"), filepath.Join(dir, "target"), filepath.Join(dir, "link")
	for path, text := range map[string]string{from: "table", target: "before"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("this user may not make links (as on Windows without the right to):", err)
	}
	var stdout strings.Builder
	for _, to := range []string{"", "-", link, os.DevNull} {
		if err := CopyResults(from, to, &stdout, func(w io.Writer, r io.Reader) error {
			_, err := io.Copy(w, r)
			return err
		}); err != nil {
			t.Errorf("%q: %v", to, err)
		}
	}
	if text, err := os.ReadFile(target); err != nil || string(text) != "table" || stdout.String() != "table" {
		t.Errorf("behind the link %q, %v; on stdout %q", text, err, stdout.String())
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().IsRegular() {
		t.Errorf("the link was replaced: %v", err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s was replaced: %v", os.DevNull, err)
	}
}
