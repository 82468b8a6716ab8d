package auth

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// Forget removes the access token of the credentials from a cache folder. None
// being there is no error.
func Forget(c Credentials, cacheDir string) error {
	cache := diskCache{folder: cacheDir, name: c.key()}
	if err := os.Remove(cache.file()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Expires is when the access token at hand will be replaced, a little before
// its end; zero while there is none.
func (s *Source) Expires() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token.Expiry
}
