package profile

import (
	"errors"
	"os"
	"testing"

	"github.com/alecthomas/kong"

	"rolecall/job"
	"rolecall/job/cli/clitest"
	"rolecall/job/jobtest"
)

func TestMain(m *testing.M) { os.Exit(jobtest.Main{M: m}.Run()) }

// The exit codes of the errors here.
const (
	exitOK          = 0
	exitUsage       = 2
	exitSignIn      = 4
	exitInterrupted = 130
)

// codeOf returns the exit code of an error.
func codeOf(err error) int {
	if stop, ok := errors.AsType[*job.Stop](err); ok && stop.Reason == job.Interrupted {
		return exitInterrupted
	}
	if _, ok := errors.AsType[*SignInError](err); ok {
		return exitSignIn
	}
	if _, ok := errors.AsType[*job.UsageError](err); ok {
		return exitUsage
	}
	if err != nil {
		return -1
	}
	return exitOK
}

// commandLine is a command line with flags of each kind.
type commandLine struct {
	Config string
	Assign struct {
		Profile          string
		Limit            *int64
		MaxCredits       *int
		MaxErrors        job.Threshold
		Batch            string            `enum:"auto,off" default:"auto"`
		Map              map[string]string `mapsep:"none"`
		Wait             *bool
		AcceptRoundedIDs bool `name:"accept-rounded-ids" env:"-"`
		AllowOrgChange   bool `env:"-"`
	} `cmd:""`
	Emulate struct {
		Listen string
	} `cmd:""`
}

// newProfiles returns the profiles of a config file with that text, or without a config file if the text is empty. They
// have their own state folder and environment.
func newProfiles(t *testing.T, text string, environ map[string]string) *Profiles {
	t.Helper()
	p := &Profiles{Getenv: clitest.Getenv(t, environ)}
	parser, err := kong.New(&commandLine{}, kong.DefaultEnvars("ROLECALL"))
	if err != nil {
		t.Fatal(err)
	}
	p.Flags = func() (Flags, error) { return SettableFlags(parser.Model.Node), nil }
	if text != "" {
		clitest.WriteFile(t, configOf(t, p), text, 0o600)
	}
	return p
}

func configOf(t *testing.T, p *Profiles) string {
	t.Helper()
	path, err := p.Path()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
