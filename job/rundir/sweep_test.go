package rundir

import (
	"os"
	"path/filepath"
	"testing"
)

// What a killed process left beside a file is removed, and nothing else: not the file, not another one's, whatever
// characters are in the names.
func TestSweepWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{
		"out[1].csv", ".out[1].csv.123.tmp", ".out1.csv.123.tmp", ".out[1].csv", ".out[1].csv.tmp.bak", "out.csv.1.tmp",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	SweepWhole(filepath.Join(dir, "out[1].csv"))
	SweepWhole("")
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 5 {
		t.Errorf("left: %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".out[1].csv.123.tmp")); err == nil {
		t.Error("what was left half written is still there")
	}
}
