//go:build linux

package cli_test

import (
	"os/exec"
	"testing"
)

// The first process of a container cannot die of its own signal, and must not end with 2 when it crashes.
func TestCrashOfProcessOne(t *testing.T) {
	t.Parallel()
	container := []string{"--user", "--map-root-user", "--pid", "--fork", "--mount-proc"}
	if err := exec.CommandContext(t.Context(), "unshare", append(container, "true")...).Run(); err != nil {
		t.Skip("the test needs a process namespace, and unshare failed:", err)
	}
	p := exec.CommandContext(t.Context(), "unshare",
		append(container, "rolecall-crash", "reading", "assign", "-", "--profile", "emulator")...)
	p.Dir = t.TempDir()
	p.Env = append(p.Environ(), "HOME="+p.Dir, "XDG_STATE_HOME=", "XDG_CONFIG_HOME=")
	said, _ := p.CombinedOutput() // it fails
	if code := p.ProcessState.ExitCode(); code != 134 {
		t.Errorf("exit code %d: %s", code, said)
	}
}
