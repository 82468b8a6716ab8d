package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"rolecall/api/auth/private"
	"rolecall/api/auth/whole"
)

const (
	// lockPoll is the time between two tries to take a lock.
	lockPoll = 50 * time.Millisecond
	// lockPatience is how long to wait for the lock by default. A refresh in
	// another process takes less, so a longer wait means that it hangs.
	lockPatience = refreshTimeout + 5*time.Second
	// shortPatience is how long to wait with NoWait. A refresh usually takes
	// less.
	shortPatience = 5 * time.Second
	// largestCacheFile is the most bytes read of a file. A token has a few
	// hundred.
	largestCacheFile = 64 << 10
)

// diskCache stores one token in a file, with a lock file in the same folder.
// The zero value stores nothing.
type diskCache struct {
	folder string
	name   string
}

func (c diskCache) enabled() bool    { return c.folder != "" }
func (c diskCache) file() string     { return filepath.Join(c.folder, c.name+".json") }
func (c diskCache) lockFile() string { return filepath.Join(c.folder, c.name+".lock") }

// prepare makes the folder. Its error is a *private.PermissionError if others can read
// the folder, or a *StoreError if no file can be written there.
func (c diskCache) prepare() error {
	err := private.Folder(c.folder)
	if err == nil {
		err = private.CheckStore(c.folder)
	}
	if _, open := errors.AsType[*private.PermissionError](err); err == nil || open {
		return err
	}
	return &StoreError{Path: c.folder, Err: err}
}

// lock waits for the lock, at most for patience, and returns the function that
// frees the lock. Its error is a *HeldError if another process holds the lock.
func (c diskCache) lock(ctx context.Context, patience time.Duration) (func(), error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l := flock.New(c.lockFile(), flock.SetPermissions(private.FileMode))
	_, err := l.TryLockContext(ctx, lockPoll)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, &HeldError{Path: c.lockFile(), For: patience}
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", c.lockFile(), err)
	}
	// Closing frees the lock, as the end of the process does, so there is no
	// error to report. The file stays: without it two processes could hold
	// the lock.
	return func() { _ = l.Close() }, nil
}

// load reads the token. It returns no token if there is no file, or if the file
// is broken. Its error is a *private.PermissionError if others can read the file.
func (c diskCache) load() (token, error) {
	f, err := os.Open(c.file())
	if errors.Is(err, fs.ErrNotExist) {
		return token{}, nil
	}
	if err != nil {
		return token{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return token{}, err
	}
	if err := private.CheckInfo(c.file(), info); err != nil {
		return token{}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, largestCacheFile))
	if err != nil {
		return token{}, err
	}
	var t token
	if json.Unmarshal(data, &t) != nil {
		// A crash or a full disk broke the file. The next token replaces it.
		return token{}, nil
	}
	return t, nil
}

// save writes the token to the file, which only the owner can read.
func (c diskCache) save(t token) error {
	data, err := json.Marshal(t) //nolint:gosec // the file stores the token, and only its owner can read it
	if err != nil {
		return err
	}
	return whole.WriteFile(c.file(), append(data, '\n'))
}

// drop removes the file if it still holds the access token.
func (c diskCache) drop(access string) error {
	t, err := c.load()
	if err != nil || t.Access != access {
		return err
	}
	return os.Remove(c.file())
}

// Forget removes the access token of the credentials from a cache folder. It
// returns no error if there is none.
func Forget(c Credentials, cacheDir string) error {
	cache := diskCache{folder: cacheDir, name: c.key()}
	if err := os.Remove(cache.file()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// StoreError reports that access tokens cannot be stored in a folder: it cannot
// be made, or no file can be written there.
type StoreError struct {
	Path string // the path of the folder
	Err  error
}

func (e *StoreError) Error() string {
	return fmt.Sprintf("access tokens cannot be kept in %s: %v", e.Path, e.Err)
}

// Unwrap returns the cause.
func (e *StoreError) Unwrap() error { return e.Err }
