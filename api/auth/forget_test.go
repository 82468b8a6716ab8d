package auth

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Forget removes the token of the given credentials and no other. It returns no error if there is none.
func TestForget(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	gone := Credentials{AccountsURL: "https://accounts.zoho.eu", ClientID: "a", ClientSecret: "s", RefreshToken: "r"}
	kept := gone
	kept.RefreshToken = "another"
	for _, c := range []Credentials{gone, kept} {
		cache := diskCache{folder: folder, name: c.key()}
		if err := cache.save(token{Access: "t", Expiry: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := Forget(gone, folder); err != nil {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(left) != 1 || left[0] != (diskCache{folder: folder, name: kept.key()}).file() {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := Forget(gone, filepath.Join(folder, "none")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(left[0]); err != nil {
		t.Error(err)
	}
}
