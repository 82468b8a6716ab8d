package cli

import (
	"io"
	"strings"
	"testing"

	"rolecall/job/cli/clitest"

	"github.com/alecthomas/kong"
)

const canary = clitest.Canary

// newTestProcess is a process with a config file of that text (none, where it is empty), a state folder, and an
// environment of its own.
func newTestProcess(t *testing.T, text string, environ map[string]string) *process {
	t.Helper()
	p := &process{ctx: t.Context(), stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard,
		getenv: clitest.Getenv(t, environ)}
	p.commands = func() (*kong.Node, error) { return allCommands(p) }
	if text != "" {
		clitest.WriteFile(t, configOf(t, p), text, 0o600)
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
