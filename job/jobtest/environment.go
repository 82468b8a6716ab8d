// Package jobtest holds what tests of the command line and of jobs share.
package jobtest

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Main runs the tests of a package in an environment of their own. TestMain gives it to os.Exit(Main{m}.Run()).
type Main struct {
	M *testing.M
	// Slow makes property tests draw fewer examples under the race detector.
	Slow bool
}

// Run isolates the process from the user who runs the tests, runs the tests and returns their exit code. Children of
// the tests inherit the isolated environment.
func (m Main) Run() int {
	folder, err := os.MkdirTemp("", "rolecall-test-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := isolate(folder); err != nil {
		panic(err)
	}
	if signal.Ignored(syscall.SIGHUP) { // by nohup; children would ignore the signal too
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	if m.Slow && UnderRace { // -rapid.checks on the command line is read later, and wins
		if err := flag.Set("rapid.checks", "15"); err != nil {
			panic(err)
		}
	}
	return m.M.Run()
}

// isolate unsets the variables that rolecall reads, puts the home folder below folder, and sets how processes with the
// race detector start and end.
func isolate(folder string) error {
	build := goSettings()
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if reads(name) {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	home := filepath.Join(folder, "home")
	own := map[string]string{
		"GORACE": raceOptions,
		"HOME":   home, "USERPROFILE": home, "AppData": filepath.Join(home, "AppData"),
		"LocalAppData": filepath.Join(home, "LocalAppData"),
	}
	failed := []error{os.Mkdir(home, 0o700)}
	for _, set := range []map[string]string{own, build} {
		for name, value := range set {
			failed = append(failed, os.Setenv(name, value))
		}
	}
	return errors.Join(failed...)
}

// raceOptions is the options of the race detector in processes that tests start. By default such a process sleeps a
// second before it ends, and gets the detector's memory in small pages, which takes a fifth of its starting time.
const raceOptions = "atexit_sleep_ms=0 no_huge_pages_for_shadow=0"

// reads reports whether rolecall, or a library that it uses, reads a variable. The variables that steer tests stay.
func reads(name string) bool {
	if strings.HasPrefix(name, "ROLECALL_CHAOS_") || strings.HasPrefix(name, "ROLECALL_TEST_") {
		return false
	}
	proxies := []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
	return strings.HasPrefix(name, "ROLECALL_") || strings.HasPrefix(name, "XDG_") || name == "NO_COLOR" ||
		slices.Contains(proxies, strings.ToUpper(name))
}

// goSettings returns the folders of the Go tool, which by default are below the user's home folder. Tests that build a
// program use the same folders. The result is nil if there is no Go tool.
func goSettings() map[string]string {
	settings := map[string]string{"GOENV": os.Getenv("GOENV")}
	if configs, err := os.UserConfigDir(); err == nil && settings["GOENV"] == "" {
		settings["GOENV"] = filepath.Join(configs, "go", "env")
	}
	c := exec.Command("go", "env", "-json", "GOCACHE", "GOMODCACHE", "GOPATH")
	// The Go tool counts its calls in the folder of config files, by a child that outlives the tool. It does not do so
	// if the folder's path is relative.
	c.Env = append(os.Environ(), "GOENV="+settings["GOENV"], "XDG_CONFIG_HOME=.")
	out, err := c.Output()
	if err != nil || json.Unmarshal(out, &settings) != nil {
		return nil
	}
	return settings
}
