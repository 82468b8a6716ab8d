package xlsx

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// writeUntilError writes rows of 30,000 characters until an error comes, and returns it and the bytes written until
// then. It gives up after 48 MiB.
func writeUntilError(t *testing.T, x *Writer) (written int, err error) {
	t.Helper()
	text := strings.Repeat("x", 30_000)
	for written < 48<<20 {
		if err := x.Write([]any{text}); err != nil {
			return written, err
		}
		written += len(text)
	}
	return written, nil
}

// A sheet that no file can hold is an error of the write: it does not grow in memory.
func TestSheetWithoutItsFolder(t *testing.T) {
	t.Parallel()
	x, err := NewWriter(io.Discard, []Column{{Name: "a"}}, WriterOptions{Sheet: "s", TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Discard()
	if err := os.RemoveAll(x.dir); err != nil {
		t.Fatal(err)
	}
	if n, err := writeUntilError(t, x); err == nil || n > 20<<20 || !strings.Contains(err.Error(), x.dir) {
		t.Errorf("after %d bytes: %v", n, err)
	}
}

// A full temporary folder is an error of the write that finds it full, not of Finish.
func TestSheetInAFullFolder(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "rolecall-test", disk).Run(); err != nil {
		t.Skipf("the test needs a small file system, and mount failed: %v", err)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", disk).Run() })
	x, err := NewWriter(io.Discard, []Column{{Name: "a"}}, WriterOptions{Sheet: "s", TempDir: disk})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Discard()
	if n, err := writeUntilError(t, x); err == nil || n > 20<<20 || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("after %d bytes: %v", n, err)
	}
}
