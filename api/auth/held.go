package auth

import (
	"context"
	"fmt"
	"time"
)

// heldNotice is how long another process may hold the store before anybody is
// told of the wait: a refresh takes less as a rule.
const heldNotice = 2 * time.Second

// HeldError says that another process holds the lock of a token's file, and has
// not let go of it for longer than a refresh takes: it hangs, or was stopped.
type HeldError struct {
	Path string        // of the lock file
	For  time.Duration // how long it was waited for
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("another process has held the store of access tokens for %s (lock %s): let it go on, or end it", e.For, e.Path)
}

// lockDisk takes the lock of the token's file, telling of the wait when it is
// a long one.
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

// hasHad says whether there was a token before. A run that is under way is not
// ended by somebody else's process: it takes a token more, and warns.
func (s *Source) hasHad() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token.Access != "" || s.refused != ""
}
