package runs

import (
	"os"
	"path/filepath"
	"testing"

	"rolecall/job/report"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// A file that somebody put into a run's folder while the user was asked stays where it is, with the run.
func TestRemoveLeavesARunThatGotAFileMeanwhile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := rundb.Create(filepath.Join(dir, rundir.Database))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	notes := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notes, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := Found{Run: report.Run{Dir: dir}, files: []string{rundir.Database}}
	if err := Remove(&f); err == nil || err.Error() != "it holds notes.txt, which the run did not write" {
		t.Errorf("the error is %v", err)
	}
	for _, path := range []string{notes, db.Path()} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if err := os.Remove(notes); err != nil {
		t.Fatal(err)
	}
	if err := Remove(&f); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
