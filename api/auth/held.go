package auth

import (
	"context"
	"fmt"
	"time"
)

// heldNotice is how long to wait for another process before OnHeld is called. A
// refresh usually takes less.
const heldNotice = 2 * time.Second

// HeldError reports that another process has held the lock of a token's file for
// longer than a refresh takes. That process hangs, or was stopped.
type HeldError struct {
	Path string        // the path of the lock file
	For  time.Duration // how long this process waited
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("another process has held the store of access tokens for %s (lock %s): "+
		"let it go on, or end it", e.For, e.Path)
}

// lockDisk takes the lock of the token's file and returns the function that
// frees it. It calls onHeld if the wait is long.
func (s *Source) lockDisk(ctx context.Context) (func(), error) {
	if s.noWait {
		return s.cache.lock(ctx, min(shortPatience, s.patience))
	}
	if s.onHeld != nil {
		t := time.AfterFunc(heldNotice, func() { s.onHeld(time.Now().Add(s.patience - heldNotice)) })
		defer t.Stop()
	}
	return s.cache.lock(ctx, s.patience)
}

// hasHad reports whether the Source had a token before. Then a run is under way,
// and another process that holds the lock must not end it: the run takes one
// token more and warns.
func (s *Source) hasHad() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token.Access != "" || s.refused != ""
}
