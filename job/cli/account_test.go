package cli

import (
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/signin"
)

// newProcess is a process with a state folder of its own.
func newProcess(t *testing.T) *process {
	t.Helper()
	home := t.TempDir()
	return &process{ctx: t.Context(), stdout: io.Discard, stderr: io.Discard, getenv: func(name string) string {
		if name == "XDG_STATE_HOME" {
			return home
		}
		return ""
	}}
}

func placeOf(t *testing.T, version, url, client string) profile.Place {
	t.Helper()
	v, err := api.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	return profile.Place{APIURL: url, Version: v, Credentials: auth.Credentials{ClientID: client}}
}

// end does what a process does at its end.
func (p *process) end() {
	for _, end := range p.atEnd {
		end()
	}
	p.atEnd = nil
}

func reserve(t *testing.T, text string) job.Threshold {
	t.Helper()
	var l job.Threshold
	if err := l.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return l
}

// The reserve is a number of credits, or so much of what the edition has in a day (Zoho CRM API v8, API Limits: enterprise has 50,000 and 1,000 for each user); where the edition is not known, a percentage is of
// nothing, and that is a mistake that is said before anything is sent.
func TestReserve(t *testing.T) {
	t.Parallel()
	enterprise, unknown := api.Org{ID: "1", Edition: "enterprise", Users: 10}, api.Org{ID: "1"}
	for _, test := range []struct {
		org       api.Org
		reserve   string
		want      int64
		remaining int // of 60,000
		usage     bool
	}{
		{enterprise, "", 0, 60_000, false},
		{enterprise, "0", 0, 60_000, false},
		{enterprise, "500", 500, 60_000, false},
		{enterprise, "10%", 6_000, 60_000, false},
		{enterprise, "100%", 60_000, 60_000, false},
		{enterprise, "1000000", 1_000_000, 60_000, false},
		{unknown, "", 0, -1, false},
		{unknown, "500", 500, -1, false},
		{unknown, "10%", 0, 0, true},
		{unknown, "0%", 0, 0, true},
		{api.Org{ID: "1", Edition: "an edition of 2031"}, "5%", 0, 0, true},
	} {
		p, pacer := newProcess(t), api.NewPacer(api.PacerConfig{InFlight: 5})
		got, err := p.account(pacer, placeOf(t, "v8", "https://a", "c"), test.org, job.Settings{Reserve: reserve(t, test.reserve)})
		p.end()
		if test.usage {
			wrong, ok := errors.AsType[*errUsage](err)
			if !ok || !strings.Contains(wrong.Error(), "--reserve "+test.reserve) || codeOf(signin.ConnectError(err)) != exitUsage {
				t.Errorf("%q of %q: %v, want a usage error", test.reserve, test.org.Edition, err)
			}
			continue
		}
		if err != nil || got != test.want || pacer.Stats().Remaining != test.remaining {
			t.Errorf("%q of %q: %d with %d remaining, %v; want %d with %d", test.reserve, test.org.Edition, got, pacer.Stats().Remaining, err, test.want, test.remaining)
		}
	}
}

// The record of the credits is one file for each org below the state folder, shared by all who sign in to it, and none for the emulator of this process, which is nobody else's.
func TestTheRecordOfCredits(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	folder := filepath.Join(p.getenv("XDG_STATE_HOME"), "rolecall", "credits")
	org := api.Org{ID: "1", Edition: "enterprise", Users: 10}
	account := func(here profile.Place, org api.Org) {
		t.Helper()
		if _, err := p.account(api.NewPacer(api.PacerConfig{InFlight: 5}), here, org, job.Settings{}); err != nil {
			t.Fatal(err)
		}
		p.end()
	}
	account(profile.Place{Emulated: true}, org)
	if _, err := os.Stat(folder); !os.IsNotExist(err) || len(p.atEnd) != 0 {
		t.Errorf("the emulator's credits are recorded: %v", err)
	}
	files := func() map[string]bool {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(folder, "*.json*"))
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, f := range found {
			names[strings.SplitN(filepath.Base(f), ".", 2)[0]] = true
		}
		return names
	}
	a, err := p.stateFile("credits", placeOf(t, "v8", "https://a", "c"), "1")
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.stateFile("credits", placeOf(t, "v7", "https://a", "d"), "1")
	if err != nil || a != b {
		t.Errorf("one org has two records: %s, %s, %v", a, b, err)
	}
	other, err := p.stateFile("credits", placeOf(t, "v8", "https://a", "c"), "2")
	if err != nil || a == other {
		t.Errorf("two orgs share %s, %v", a, err)
	}
	account(placeOf(t, "v8", "https://a", "c"), org)
	for name := range files() {
		if name != strings.TrimSuffix(filepath.Base(a), ".json") {
			t.Errorf("recorded in %s, want %s", name, a)
		}
	}
	for _, path := range []string{a, other} {
		if strings.Contains(path, "https") || filepath.Dir(path) != folder {
			t.Errorf("a record at %s", path)
		}
	}
}

// A budget that binds ends a run, one that only informs does not: the reserve and --wait make it bind.
func TestWhatMakesABudgetBind(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set   job.Settings
		binds bool
	}{
		"nothing asked":    {job.Settings{}, false},
		"a reserve of all": {job.Settings{Reserve: reserve(t, "100%")}, true},
		"a reserve of 0":   {job.Settings{Reserve: reserve(t, "0")}, false}, // it binds, and there are credits
	} {
		p, pacer := newProcess(t), api.NewPacer(api.PacerConfig{InFlight: 5})
		if _, err := p.account(pacer, profile.Place{Emulated: true}, api.Org{ID: "1", Edition: "free"}, test.set); err != nil {
			t.Fatal(err)
		}
		client := emulated(t, pacer)
		_, err := client.Org(t.Context())
		e, _ := errors.AsType[*api.Error](err)
		if binds := e != nil && e.Ends == api.EndCredits; binds != test.binds {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// emulated is a client of an emulator.
func emulated(t *testing.T, pacer *api.Pacer) *api.Client {
	t.Helper()
	emu, err := emulator.New(emulator.Options{TokenRequests: -1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emu)
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	source, err := auth.NewSource(auth.Credentials{AccountsURL: server.URL, ClientID: "c", ClientSecret: "s", RefreshToken: "emulator"}, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := api.New(api.Config{BaseURL: server.URL, Tokens: source, Pacer: pacer})
	if err != nil {
		t.Fatal(err)
	}
	return client
}
