package api

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
	// ledgerFormat changes when an older rolecall could not read the file.
	ledgerFormat = 1
	// largestLedger bounds what is read, in bytes: two days' minutes are some
	// tens of kilobytes.
	largestLedger = 1 << 20
	// mostCredits a minute is more than Zoho gives anybody a day (Zoho CRM API
	// v8, API Limits); it keeps sums of a damaged file within bounds.
	mostCredits = 1 << 30
	// ledgerPoll is how often a lock that another process holds is tried again:
	// it is held for one small write.
	ledgerPoll = 2 * time.Millisecond
	// ledgerPatience ends the waiting for a process that was halted with the
	// lock in its hands.
	ledgerPatience = 10 * time.Second
)

var errDamaged = errors.New("damaged, and started afresh")

// ledgerFile keeps a ledger on disk; without a path, nowhere.
type ledgerFile struct{ path string }

// ledgerContent is the file's JSON.
type ledgerContent struct {
	Format  int     `json:"format"`
	Minutes minutes `json:"credits_by_minute"` // minutes since 1970, UTC
}

func (f ledgerFile) failed(err error) error {
	return fmt.Errorf("credit ledger %s: %w", f.path, err)
}

func (f ledgerFile) makeFolder() error {
	if f.path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return f.failed(err)
	}
	return nil
}

// lock waits until no other process is at work on the file, and gives the
// function that lets them.
func (f ledgerFile) lock() (func(), error) {
	if f.path == "" {
		return func() {}, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), ledgerPatience)
	defer cancel()
	l := flock.New(f.path+".lock", flock.SetPermissions(0o600))
	if _, err := l.TryLockContext(ctx, ledgerPoll); err != nil {
		return nil, f.failed(fmt.Errorf("lock: %w", err))
	}
	return func() { _ = l.Close() }, nil // closing frees the lock whatever happens
}

// read gives the file's minutes: none where there is no file, and errDamaged
// where they make no sense.
func (f ledgerFile) read() (minutes, error) {
	if f.path == "" {
		return minutes{}, nil
	}
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return minutes{}, nil
	}
	if err != nil {
		return nil, f.failed(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, largestLedger+1))
	if err != nil {
		return nil, f.failed(err)
	}
	m, ok := parseLedger(data)
	if !ok {
		return nil, f.failed(errDamaged)
	}
	return m, nil
}

func parseLedger(data []byte) (minutes, bool) {
	var c ledgerContent
	if len(data) > largestLedger || json.Unmarshal(data, &c) != nil || c.Format != ledgerFormat {
		return nil, false
	}
	for _, n := range c.Minutes {
		if n < 0 || n > mostCredits {
			return nil, false
		}
	}
	if c.Minutes == nil {
		c.Minutes = minutes{}
	}
	return c.Minutes, true
}

// write replaces the file.
func (f ledgerFile) write(m minutes) error {
	if f.path == "" {
		return nil
	}
	data, err := json.Marshal(ledgerContent{Format: ledgerFormat, Minutes: m})
	if err != nil {
		return f.failed(err)
	}
	if err := maybe.WriteFile(f.path, append(data, '\n'), 0o600); err != nil {
		return f.failed(err)
	}
	return nil
}
