package jobtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNothingOfTheUserIsSeen sets every variable as a user might, and looks at what is left of them.
func TestNothingOfTheUserIsSeen(t *testing.T) {
	users := t.TempDir()
	for _, name := range []string{
		"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "NO_COLOR", "ROLECALL_MAX_CREDITS",
		"ROLECALL_PROFILE", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "no_proxy", "USERPROFILE", "LocalAppData",
		"AppData", "GOENV", "GOCACHE", "GOMODCACHE", "GOPATH",
	} {
		t.Setenv(name, filepath.Join(users, name))
	}
	t.Setenv("ROLECALL_CHAOS_SEED", "7")
	if err := isolate(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	for _, e := range os.Environ() {
		if strings.Contains(e, users) && !strings.HasPrefix(e, "GO") {
			t.Errorf("left: %s", e)
		}
	}
	if os.Getenv("ROLECALL_CHAOS_SEED") != "7" {
		t.Error("a variable that steers tests is gone")
	}
	if entries, err := os.ReadDir(users); err != nil || len(entries) > 0 {
		t.Errorf("the user's folder has %v, %v", entries, err)
	}
}

// TestGoKeepsItsFiles: the Go tool works in the new environment with the files that it had.
func TestGoKeepsItsFiles(t *testing.T) { //nolint:paralleltest // it changes the environment
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no Go tool here")
	}
	goenv := os.Getenv("GOENV")
	if configs, err := os.UserConfigDir(); err == nil && goenv == "" {
		goenv = filepath.Join(configs, "go", "env")
	}
	cache := func() string {
		t.Helper()
		c := exec.Command("go", "env", "GOCACHE", "GOMODCACHE")
		c.Env = append(os.Environ(), "XDG_CONFIG_HOME=.", "GOENV="+goenv) // see goSettings
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "GOCACHE", "GOMODCACHE", "GOPATH", "GOENV"} {
		t.Setenv(name, os.Getenv(name)) // put back at the end
	}
	before := cache()
	if err := isolate(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if after := cache(); after != before {
		t.Errorf("got %s, want %s", after, before)
	}
}
