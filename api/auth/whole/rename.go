package whole

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// patience is how long Rename waits for another program that has a file open. Virus scanners and indexers need less. Go
// waits as long (cmd/internal/robustio).
const patience = 2 * time.Second

// pause is the time between two tries.
const pause = 50 * time.Millisecond

// HeldError reports that another program has a file open, so that the file cannot be replaced.
type HeldError struct {
	Path string
	Err  error // the system's error
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("another program has %s open (%v): close it in the other program", e.Path, e.Err)
}

// Unwrap returns the system's error.
func (e *HeldError) Unwrap() error { return e.Err }

// Rename renames a file or a folder, and replaces a file with the new name. If the system refuses because another
// program has one of the two open, Rename retries for two seconds. After that its error is a *[HeldError].
func Rename(from, to string) error {
	err := retry(func() error { return os.Rename(from, to) }, busy)
	if busy(err) && held(to) != nil {
		if link, ok := errors.AsType[*os.LinkError](err); ok { // its text has the temporary name
			err = link.Err
		}
		return &HeldError{Path: to, Err: err}
	}
	return err
}

// retry calls try until it succeeds, until mayPass returns false for its error, or until two seconds have passed.
func retry(try func() error, mayPass func(error) bool) error {
	end := time.Now().Add(patience)
	for {
		err := try()
		if !mayPass(err) || !time.Now().Before(end) {
			return err
		}
		<-time.After(pause)
	}
}

// CheckHeld returns a *[HeldError] if another program has the file at path open so that it cannot be replaced.
func CheckHeld(path string) error {
	if err := held(path); err != nil {
		return &HeldError{Path: path, Err: err}
	}
	return nil
}
