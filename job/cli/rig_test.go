package cli

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"rolecall/job/cli/profile"
)

const canary = "1000.c4n4ryc4n4ryc4n4ryc4n4ry"

// newTestProcess is a process with a config file of that text (none, where it is empty), a state folder, and an
// environment of its own.
func newTestProcess(t *testing.T, text string, environ map[string]string) *process {
	t.Helper()
	dir := t.TempDir()
	env := map[string]string{"XDG_STATE_HOME": filepath.Join(dir, "state"), "HOME": dir,
		"AppData": filepath.Join(dir, "config")}
	maps.Copy(env, environ)
	p := &process{ctx: t.Context(), stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard,
		getenv: func(name string) string { return env[name] }}
	parser, err := p.parser(&commandLine{}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	p.conf.flags = profile.SettableFlags(parser.Model.Node)
	if text != "" {
		writeFile(t, configOf(t, p), text, 0o600)
	}
	return p
}

func configOf(t *testing.T, p *process) string {
	t.Helper()
	path, err := p.profiles().Path()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// writeFile writes a file with that mode, whatever the umask is, into a folder that is its owner's alone.
func writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600),
		os.Chmod(path, mode))
	if err != nil {
		t.Fatal(err)
	}
}

// noModes skips where files have no permissions to look at.
func noModes(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("this system has no such permissions")
	}
}
