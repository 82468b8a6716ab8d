package job

import (
	"fmt"

	"rolecall/job/disk"
	"rolecall/job/rundir"
)

// ErrLocked is the answer to opening a run that another process holds.
var ErrLocked = disk.ErrLocked

// store is run.db.
type store struct {
	*disk.DB

	inDealOrder bool // the rows stand in the order in which they are sent, and are not sorted for it
}

// openStore opens the run.db at path, or makes it. A file that another process holds is ErrLocked.
func openStore(path string, create bool) (*store, error) {
	open := disk.Open
	if create {
		open = disk.Create
	}
	db, err := open(path, disk.Schema{Version: schemaVersion, Tables: schema})
	if err != nil {
		return nil, err
	}
	return &store{DB: db}, nil
}

// damaged says of an error that came from a broken run.db which file that is. Other errors are as they were.
func damaged(f *rundir.Dir, err error) error {
	if disk.Damaged(err) {
		return fmt.Errorf("%s is damaged, so the run cannot be read or gone on with (its results.csv, if there is one, is whole): %w", f.File(rundir.Database), err)
	}
	return err
}
