package auth

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// Forget removes the access token of the credentials from a cache folder. It
// returns no error if there is none.
func Forget(c Credentials, cacheDir string) error {
	cache := diskCache{folder: cacheDir, name: c.key()}
	if err := os.Remove(cache.file()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Expires returns when the Source stops using its access token, a little before
// the end of the token. It returns the zero time if there is no token.
func (s *Source) Expires() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token.Expiry
}
