//go:build unix

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/job/cli/clitest"
)

func (m *machine) stateDir() string {
	for _, e := range slices.Backward(m.env) { // the last one counts
		if path, ok := strings.CutPrefix(e, "XDG_STATE_HOME="); ok {
			return filepath.Join(path, "rolecall")
		}
	}
	m.t.Fatal("no state folder")
	return ""
}

// code keeps a fresh code of a self client in the file code.
func (m *machine) code() {
	m.t.Helper()
	m.write("code", clitest.Code(m.t, m.w.server.URL, "ZohoCRM.modules.ALL,ZohoCRM.org.READ")+"\n")
}

// TestStoreCannotBeWritten has something else where the state folder, or the store of tokens in it, is to be.
func TestStoreCannotBeWritten(t *testing.T) {
	t.Parallel()
	m := newMachine(t, emulator.Options{})
	m.env = append(m.env, "XDG_CONFIG_HOME="+t.TempDir())
	m.code()
	m.write("file", "")
	for _, line := range []string{"rolecall assign in.csv --run-dir run", "rolecall auth status",
		"rolecall auth login --profile acme --code-file code"} {
		m.exits(2, fmt.Sprintf("XDG_STATE_HOME=$PWD/file %s", line), "/file", "XDG_STATE_HOME to a folder that is")
	}
	m.exits(2, "XDG_STATE_HOME=$PWD/file rolecall doctor",
		"-> make it yours and writable, or set XDG_STATE_HOME to a folder that is")
	if err := os.MkdirAll(m.stateDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	tokens := filepath.Join(m.stateDir(), "tokens")
	if err := os.WriteFile(tokens, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"rolecall assign in.csv --run-dir run", "rolecall auth status", "rolecall doctor"} {
		m.exits(2, line, "access tokens cannot be kept in "+tokens,
			"-> make it yours and writable, or set XDG_STATE_HOME")
	}
	if n := m.w.current().Stats().TokensIssued; n != 0 || len(m.left("run*")) > 0 {
		t.Errorf("%d tokens were taken; left: %s", n, m.left("run*"))
	}
}
