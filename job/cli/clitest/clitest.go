// Package clitest holds what the tests of the command line and of its sub-packages share.
package clitest

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Canary is a secret that no output may show.
const Canary = "1000.c4n4ryc4n4ryc4n4ryc4n4ry"

// Getenv returns a lookup of environment variables: environ, and folders of the test's own.
func Getenv(t testing.TB, environ map[string]string) func(string) string {
	t.Helper()
	dir := t.TempDir()
	env := map[string]string{
		"XDG_STATE_HOME": filepath.Join(dir, "state"), "HOME": dir, "AppData": filepath.Join(dir, "config"),
	}
	maps.Copy(env, environ)
	return func(name string) string { return env[name] }
}

// WriteFile writes a file with exactly this mode, whatever the umask is. It makes the file's folder for the owner
// alone.
func WriteFile(t testing.TB, path, text string, mode os.FileMode) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600),
		os.Chmod(path, mode))
	if err != nil {
		t.Fatal(err)
	}
}

// NeedModes skips a test about file modes on Windows.
func NeedModes(t testing.TB) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the test changes file modes, which Windows does not have")
	}
}

// Code returns a fresh code of a self client from the emulator at a URL.
func Code(t testing.TB, url, scopes string) string {
	t.Helper()
	res, err := http.Post(url+"/__emulator/grant", "application/json", strings.NewReader(`{"scope":"`+scopes+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var given struct {
		Code string `json:"code"`
	}
	if err := json.NewDecoder(res.Body).Decode(&given); err != nil || given.Code == "" {
		t.Fatalf("no code came: HTTP %d, %v", res.StatusCode, err)
	}
	return given.Code
}
