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
	"github.com/google/renameio/v2/maybe"
)

const (
	// lockPoll is how often a lock that another process holds is tried again.
	lockPoll = 50 * time.Millisecond
	// lockPatience outlasts another process's refresh, and ends when that
	// process hangs: then one token more is the lesser evil.
	lockPatience = refreshTimeout + 5*time.Second
	// shortPatience is for those who do not wait: a refresh takes less as a
	// rule.
	shortPatience = 5 * time.Second
	// largestCacheFile bounds what is read of a file, in bytes: a token is a
	// few hundred.
	largestCacheFile = 64 << 10
)

// diskCache keeps one token in a file, under a lock file beside it. Its zero
// value keeps nothing.
type diskCache struct {
	folder string
	name   string
}

func (c diskCache) enabled() bool    { return c.folder != "" }
func (c diskCache) file() string     { return filepath.Join(c.folder, c.name+".json") }
func (c diskCache) lockFile() string { return filepath.Join(c.folder, c.name+".lock") }

// prepare makes the folder, and refuses one that others can read, or where
// nothing can be written.
func (c diskCache) prepare() error {
	err := PrivateFolder(c.folder)
	if err == nil {
		err = CheckWritable(c.folder)
	}
	if _, open := errors.AsType[*PermissionError](err); err == nil || open {
		return err
	}
	return &StoreError{Path: c.folder, Err: err}
}

// lock waits so long for the lock, and gives the function that frees it.
func (c diskCache) lock(ctx context.Context, patience time.Duration) (func(), error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l := flock.New(c.lockFile(), flock.SetPermissions(fileMode))
	_, err := l.TryLockContext(ctx, lockPoll)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, &HeldError{Path: c.lockFile(), For: patience}
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", c.lockFile(), err)
	}
	// Closing frees the lock, and the process's end does too: nothing to
	// report. The file stays: removing it would let two holders in.
	return func() { _ = l.Close() }, nil
}

// load reads the token. A file that is absent or cannot be understood is no
// token; one that others can read is a *PermissionError.
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
	if err := private(c.file(), info); err != nil {
		return token{}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, largestCacheFile))
	if err != nil {
		return token{}, err
	}
	var t token
	if json.Unmarshal(data, &t) != nil {
		// A crash or a full disk left it so. The next token replaces it.
		return token{}, nil
	}
	return t, nil
}

func (c diskCache) save(t token) error {
	data, err := json.Marshal(t) //nolint:gosec // G117: keeping the token is what the file is for; it is 0600
	if err != nil {
		return err
	}
	return maybe.WriteFile(c.file(), append(data, '\n'), fileMode)
}

// drop removes the file, if it still holds that token.
func (c diskCache) drop(access string) error {
	t, err := c.load()
	if err != nil || t.Access != access {
		return err
	}
	return os.Remove(c.file())
}
