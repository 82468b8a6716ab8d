package job

import (
	"os"
	"path/filepath"
	"testing"

	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// A run whose run.db cannot be closed does not get its final name, because the content of the file is not known.
func TestRunWithoutItsFilesDoesNotAppear(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "run")
	folder, err := rundir.New(name, "run")
	if err != nil {
		t.Fatal(err)
	}
	db, err := rundb.Create(folder.File(rundir.Database))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil { // so that the run cannot close it
		t.Fatal(err)
	}
	r := &run{folder: folder, db: db, log: rundir.NewLog(false)}
	if err := r.appear(); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("the run appeared: %v", err)
	}
}
