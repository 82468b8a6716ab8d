package rundir

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"rolecall/job/rundb"
)

// The files of a process that holds a folder.
const (
	lockFile   = "lock"
	holderFile = "holder.json"
)

// Holder is the process that holds a folder. The zero value is an unknown process.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// ThisProcess returns this process. since is when it began.
func ThisProcess(since time.Time) Holder {
	host, _ := os.Hostname() // without a host name the process id must do
	return Holder{PID: os.Getpid(), Host: host, Since: since.UTC()}
}

// HeldError reports that another process holds a folder. errors.Is finds rundb.ErrLocked in it.
type HeldError struct {
	What string // the file that both processes write
	By   Holder
}

func (e *HeldError) Error() string {
	if e.By.PID == 0 {
		return fmt.Sprintf("another process exports to %s: wait for it, or stop it", e.What)
	}
	return fmt.Sprintf("process %d on %s exports to %s since %s: wait for it, or stop it",
		e.By.PID, e.By.Host, e.What, e.By.Since.Local().Format(time.DateTime))
}

// Unwrap returns rundb.ErrLocked.
func (*HeldError) Unwrap() error { return rundb.ErrLocked }

// HolderOf returns the process that last recorded that it holds a folder, or the zero value if there is no record.
func HolderOf(folder string) (h Holder) {
	if b, err := os.ReadFile(filepath.Join(folder, holderFile)); err == nil {
		_ = json.Unmarshal(b, &h) // a record that cannot be read gives an unknown process
	}
	return h
}

// Hold locks a folder for this process until the caller calls free. It makes the folder if necessary. what names the
// file that the process writes, for the *[HeldError] if another process holds the folder. Other errors about the
// folder are *[UsageError].
func Hold(folder, what string, now time.Time) (free func(), err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, &UsageError{Err: err}
	}
	lock := flock.New(filepath.Join(folder, lockFile), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, &UsageError{Err: fmt.Errorf("hold %s: %w", folder, err)}
	}
	if !got {
		return nil, &HeldError{What: what, By: HolderOf(folder)}
	}
	name := filepath.Join(folder, holderFile)
	if err := writeHolder(name, ThisProcess(now)); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return func() { _ = os.Remove(name); _ = lock.Unlock() }, nil
}

// writeHolder writes the file whole: another process may read it at any moment.
func writeHolder(name string, h Holder) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	w, err := CreateWhole(name)
	if err != nil {
		return err
	}
	defer w.Discard()
	if _, err := w.Write(b); err != nil {
		return err
	}
	return w.Commit()
}
