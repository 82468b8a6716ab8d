//go:build linux

package cli_test

import (
	"os/exec"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// A file system without locks cannot hold the state: exit code 2, and what to set.
func TestStateWithoutLocks(t *testing.T) {
	t.Parallel()
	strace := "strace -f -o /dev/null -e trace=flock -e inject=flock:error=ENOLCK"
	if err := exec.CommandContext(t.Context(), "sh", "-c", strace+" true").Run(); err != nil {
		t.Skip("the test needs strace, and tracing a program failed:", err)
	}
	m := newMachine(t, emulator.Options{})
	for _, command := range []string{"assign in.csv", "export -o out.csv", "roles list"} {
		code, said := m.sh(strace + " rolecall " + command)
		if code != 2 || !strings.Contains(said, "keeps no locks: set XDG_STATE_HOME to a local folder") {
			t.Errorf("%s: exit code %d: %s", command, code, said)
		}
	}
}
