package whole

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file that another program has open is not replaced, and the error says what to do. Once it is closed, it is
// replaced.
func TestCommitOverOpenFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.csv")
	if err := os.WriteFile(path, []byte("yesterday"), 0o600); err != nil {
		t.Fatal(err)
	}
	open, err := os.Open(path) // Go does not share the right to delete a file, as Excel does not
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }()
	var held *HeldError
	if err := CheckHeld(path); !errors.As(err, &held) {
		t.Errorf("before: %v", err)
	}
	began := time.Now()
	if err := WriteFile(path, []byte("today")); !errors.As(err, &held) || time.Since(began) < patience {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	time.AfterFunc(patience/4, func() { _ = open.Close() })
	if err := WriteFile(path, []byte("today")); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "today" {
		t.Errorf("%s, %v", b, err)
	}
	if left := list(t, filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
	if err := CheckHeld(path); err != nil {
		t.Error(err)
	}
}
