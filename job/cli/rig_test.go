package cli

import (
	"io"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"rolecall/job/cli/clitest"
	"rolecall/job/cli/command"
)

const canary = clitest.Canary

// newTestProcess is a process with a config file of that text (none, where it is empty), a state folder, and an
// environment of its own.
func newTestProcess(t *testing.T, text string, environ map[string]string) *command.Process {
	t.Helper()
	p := &command.Process{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Getenv: clitest.Getenv(t, environ)}
	p.Commands = func() (*kong.Node, error) { return allCommands(p) }
	if text != "" {
		clitest.WriteFile(t, configOf(t, p), text, 0o600)
	}
	return p
}

func configOf(t *testing.T, p *command.Process) string {
	t.Helper()
	path, err := p.Profiles().Path()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
