package auth

import (
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"
)

// Another process holds the store and hangs. A run without a token gets none,
// and OnHeld is called during the wait. A run under way takes one token more.
func TestStoreIsHeld(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		noWait, before bool
		after          time.Duration
		told           int32
	}{
		"first":     {after: lockPatience, told: 1},
		"no wait":   {noWait: true, after: shortPatience},
		"under way": {before: true, after: lockPatience, told: 1},
	} {
		dir := cacheDir(t)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		credentials := secretCredentials("https://accounts.zoho.test")
		path := diskCache{folder: dir, name: credentials.key()}.lockFile()
		synctest.Test(t, func(t *testing.T) {
			a := gives(`,"expires_in":120`)
			var told atomic.Int32
			s, err := NewSource(credentials,
				Options{CacheDir: dir, Transport: a, NoWait: c.noWait, OnHeld: func(until time.Time) {
					told.Add(1)
					if left := time.Until(until); left != lockPatience-heldNotice {
						t.Errorf("%s: told that it lasts %s", name, left)
					}
				}})
			if err != nil {
				t.Fatal(err)
			}
			if c.before {
				mustToken(t, s)
				<-time.After(time.Hour)
			}
			other := flock.New(path)
			if ok, err := other.TryLock(); err != nil || !ok {
				t.Fatal(ok, err)
			}
			defer other.Close()
			began := time.Now()
			token, err := s.Token(t.Context())
			held, ok := errors.AsType[*HeldError](err)
			switch {
			case c.before && (err != nil || token != "1000.access-2" || s.Warning() == nil):
				t.Errorf("%s: got %q, %v, warning %v", name, token, err, s.Warning())
			case !c.before && (!ok || held.Path != path || held.For != c.after || a.count() != 0):
				t.Errorf("%s: got %q, %v after %d requests", name, token, err, a.count())
			}
			if took := time.Since(began); took < c.after || took > c.after+time.Second || told.Load() != c.told {
				t.Errorf("%s: after %s, told %d times", name, took, told.Load())
			}
		})
	}
}
