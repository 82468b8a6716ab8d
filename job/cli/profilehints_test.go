package cli

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"rolecall/api"
	"rolecall/job"
)

// TestHintsKeepTheConfigFile: each command to type next names the config file that --config named, or it would sign in to another.
func TestHintsKeepTheConfigFile(t *testing.T) {
	t.Parallel()
	p := newTestProcess(t, "", nil)
	mine := filepath.Join(t.TempDir(), "mine.yaml")
	writeFile(t, mine, "profiles: {acme: {client_id: x, org_id: '1'}}", 0o600)
	p.conf.file = mine
	here := place{profile: profile{name: "acme", orgID: "1"}}
	_, unknown := p.locate("other")
	_, incomplete := p.locate("acme")
	for what, err := range map[string]error{
		"an unknown profile": unknown,
		"an incomplete one":  incomplete,
		"no profile":         p.missing(),
		"another org":        p.checkPin(here, api.Org{ID: "2"}, nil),
		"an org not read":    p.checkPin(here, api.Org{}, errors.New("no")),
		"a secret that is not": func() error {
			_, err := p.secret(t.Context(), secretSource{profile: "acme", kind: kindRefreshToken, env: "NONE"})
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
		{"assign", "acme", lacks, "ZohoCRM.modules.contacts.UPDATE; sign in with them: rolecall auth login --profile acme"},
		{"remove", "", lacks, "ZohoCRM.modules.contacts.DELETE; sign in with them: rolecall auth login, and give --profile; or make ROLECALL_REFRESH_TOKEN with them"},
		{"", "acme", lacks, ""},
		{"assign", "acme", &api.Error{HTTP: 401, Code: "INVALID_TOKEN"}, ""},
		{"assign", "acme", errors.New("OAUTH_SCOPE_MISMATCH"), ""},
	} {
		p := newTestProcess(t, "", nil)
		p.needs, p.conf.inUse = c.needs, c.inUse
		if got := p.signInHint(c.err); !strings.HasSuffix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
