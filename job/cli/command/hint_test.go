package command

import (
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/cli/clitest"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/signin"
	"rolecall/job/export"
	"rolecall/job/picklist"
	"rolecall/job/record"
	"rolecall/job/stakeholder"
)

// TestHintsKeepTheConfigFile: each command to type next names the config file that --config named, or it would sign in
// to another.
func TestHintsKeepTheConfigFile(t *testing.T) {
	t.Parallel()
	p := newHintsProcess(t)
	mine := filepath.Join(t.TempDir(), "mine.yaml")
	clitest.WriteFile(t, mine, "profiles: {acme: {client_id: x, org_id: '1'}}", 0o600)
	p.ConfigFile = mine
	here := profile.Place{Profile: profile.Profile{Name: "acme", OrgID: "1"}}
	_, unknown := p.Locate(t.Context(), "other")
	_, incomplete := p.Locate(t.Context(), "acme")
	_, nothing := p.Locate(t.Context(), "")
	for what, err := range map[string]error{
		"an unknown profile": unknown,
		"an incomplete one":  incomplete,
		"no profile":         nothing,
		"another org":        p.checkPin(here, api.Org{ID: "2"}, nil),
		"an org not read":    p.checkPin(here, api.Org{}, errors.New("no")),
		"a secret that is not": func() error {
			_, err := p.Profiles().Secret(t.Context(),
				profile.Source{Profile: "acme", Kind: profile.RefreshToken, Env: "NONE"})
			return err
		}(),
	} {
		if err == nil || !strings.Contains(err.Error(), "--config "+mine) || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestScopeHint names the scopes where, and only where, a lack of them is what Zoho refused.
func TestScopeHint(t *testing.T) {
	t.Parallel()
	lacks := &job.Stop{Reason: job.SignIn, Err: &api.Error{HTTP: 401, Code: "OAUTH_SCOPE_MISMATCH"}}
	for _, c := range []struct {
		needs, inUse string
		err          error
		want         string
	}{
		{"assign", "acme", lacks,
			"ZohoCRM.modules.contacts.UPDATE; sign in with them: rolecall auth login --profile acme"},
		{"remove", "", lacks,
			"ZohoCRM.modules.contacts.DELETE; sign in with them: rolecall auth login, and give --profile; " +
				"or set ROLECALL_REFRESH_TOKEN to a token with them"},
		{"", "acme", lacks, ""},
		{"assign", "acme", &api.Error{HTTP: 401, Code: "INVALID_TOKEN"}, ""},
		{"assign", "acme", errors.New("OAUTH_SCOPE_MISMATCH"), ""},
	} {
		p := newHintsProcess(t)
		p.needs, p.Profiles().InUse = c.needs, c.inUse
		if got := p.SignInHint(c.err); !strings.HasSuffix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Every kind of run is a command in the table of scopes, so that a hint names its scopes and how to get them.
func TestEveryKindHasScopes(t *testing.T) {
	t.Parallel()
	all := slices.Concat(stakeholder.Kinds(), picklist.Kinds(), export.Kinds(), record.Kinds())
	for _, kind := range all {
		for _, prunes := range []bool{false, true} {
			command := needsOf(kind.Name, prunes)
			if !slices.Contains(scope.Commands(scope.SetAll), command) || len(scope.Lacking(command, nil)) == 0 {
				t.Errorf("%s: no scopes are known of %s", kind.Name, command)
			}
		}
	}
}

// TestPin: an org that cannot be read is not the right one, unless there is nothing to compare it with.
func TestPin(t *testing.T) {
	t.Parallel()
	unread := errors.New("no scope")
	for name, c := range map[string]struct {
		pinned, org string
		unread      error
		allow       bool
		code        int
	}{
		"no pin":               {"", "77", nil, false, ExitOK},
		"no pin, unread":       {"", "", unread, false, ExitOK},
		"the same":             {"77", "77", nil, false, ExitOK},
		"another":              {"77", "78", nil, false, ExitUsage},
		"another, with leave":  {"77", "78", nil, true, ExitOK},
		"unread":               {"77", "", unread, false, ExitSignIn},
		"unread, with leave":   {"77", "", unread, true, ExitSignIn},
		"the same, with leave": {"77", "77", nil, true, ExitOK},
	} {
		p := newHintsProcess(t)
		p.AllowOrgChange = c.allow
		err := p.checkPin(profile.Place{Profile: profile.Profile{Name: "acme", OrgID: c.pinned}}, api.Org{ID: c.org},
			c.unread)
		if got := codeOrOK(err); got != c.code {
			t.Errorf("%s: exit code %d, %v, want %d", name, got, err, c.code)
		}
		if moves := p.conf.move != nil; moves != (c.code == ExitOK && c.pinned != "" && c.pinned != c.org) {
			t.Errorf("%s: moves the pin: %v", name, moves)
		}
	}
}

func codeOrOK(err error) int {
	if err == nil {
		return ExitOK
	}
	return CodeOf(signin.ConnectError(err))
}

// newHintsProcess is a process with no config file and an empty environment.
func newHintsProcess(t *testing.T) *Process {
	t.Helper()
	return &Process{
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Getenv:   clitest.Getenv(t, nil),
		Commands: func() (*kong.Node, error) { return &kong.Node{}, nil },
	}
}
