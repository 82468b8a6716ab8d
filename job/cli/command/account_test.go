package command

import (
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
	"rolecall/api/pace"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/signin"
)

// newProcess is a process with a state folder of its own.
func newProcess(t *testing.T) *Process {
	t.Helper()
	home := t.TempDir()
	return &Process{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(name string) string {
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
func (p *Process) end() {
	for _, end := range p.AtEnd {
		end()
	}
	p.AtEnd = nil
}

func reserve(t *testing.T, text string) job.Threshold {
	t.Helper()
	var l job.Threshold
	if err := l.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return l
}

// The reserve is a number of credits, or so much of what the edition has in a day (Zoho CRM API v8, API Limits:
// enterprise has 50,000 and 1,000 for each user); where the edition is not known, a percentage is of nothing, and that
// is a mistake that is said before anything is sent.
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
		p, pacer := newProcess(t), pace.New(pace.Config{InFlight: 5})
		got, err := p.Account(pacer, placeOf(t, "v8", "https://a", "c"), test.org,
			job.Settings{Reserve: reserve(t, test.reserve)})
		p.end()
		if test.usage {
			wrong, ok := errors.AsType[*job.UsageError](err)
			if !ok || !strings.Contains(wrong.Error(), "--reserve "+test.reserve) ||
				CodeOf(signin.ConnectError(err)) != ExitUsage {
				t.Errorf("%q of %q: %v, want a usage error", test.reserve, test.org.Edition, err)
			}
			continue
		}
		if err != nil || got != test.want || pacer.Stats().Remaining != test.remaining {
			t.Errorf("%q of %q: %d with %d remaining, %v; want %d with %d", test.reserve, test.org.Edition, got,
				pacer.Stats().Remaining, err, test.want, test.remaining)
		}
	}
}

// The record of the credits is one for each org, shared by all who sign in to it, below the state folder. The emulator
// of this process has none: no other process can use it.
func TestTheRecordOfCredits(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	folder := filepath.Join(p.Getenv("XDG_STATE_HOME"), "rolecall")
	org := api.Org{ID: "1", Edition: "enterprise", Users: 10}
	// remaining lets a process of its own spend credits, and returns how many it saw before.
	remaining := func(here profile.Place, org api.Org, spend int) int {
		t.Helper()
		pacer, one := pace.New(pace.Config{InFlight: 5}), &Process{Getenv: p.Getenv, Stderr: io.Discard}
		if _, err := one.Account(pacer, here, org, job.Settings{}); err != nil {
			t.Fatal(err)
		}
		left := pacer.Stats().Remaining
		for range spend {
			ticket, stop := pacer.Acquire(t.Context(), pace.Claim{})
			if stop != nil {
				t.Fatal(stop)
			}
			pacer.Release(ticket, pace.Result{Answered: true})
		}
		one.end()
		return left
	}
	remaining(profile.Place{Emulated: true}, org, 5)
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the emulator's credits are recorded: %v", err)
	}
	here, other := placeOf(t, "v8", "https://a", "c"), placeOf(t, "v7", "https://a", "d")
	remaining(here, org, 7)
	if got := remaining(other, org, 0); got != 60_000-7 {
		t.Errorf("of one org %d remain for another client", got)
	}
	if got := remaining(here, api.Org{ID: "2", Edition: "enterprise", Users: 10}, 0); got != 60_000 {
		t.Errorf("two orgs share a record: %d remain", got)
	}
}

// Findings and credits are stored by org, else by client where the org is not known; findings also by API version.
func TestWhatIsStoredOfAnOrg(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	for _, at := range []struct{ version, org, url, client string }{
		{"v8", "1", "https://a", "c"}, {"v8", "2", "https://a", "c"}, {"v7", "1", "https://a", "c"},
		{"v8", "1", "https://b", "c"}, {"v8", "", "https://a", "c"}, {"v8", "", "https://a", "d"},
	} {
		f, err := p.findings(placeOf(t, at.version, at.url, at.client), at.org)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Recall("a"); got != "" {
			t.Errorf("%v knows what belongs to %s", at, got)
		}
		f.Remember("a", fmt.Sprint(at))
	}
	unset := profile.Place{APIURL: "https://a"} // the zero version is the newest
	for _, here := range []profile.Place{placeOf(t, "v8", "https://a", "another client of it"), unset} {
		f, err := p.findings(here, "1")
		if err != nil || f.Recall("a") != "{v8 1 https://a c}" {
			t.Errorf("%+v: %q, %v", here, f.Recall("a"), err)
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
		p, pacer := newProcess(t), pace.New(pace.Config{InFlight: 5})
		if _, err := p.Account(pacer, profile.Place{Emulated: true}, api.Org{ID: "1", Edition: "free"},
			test.set); err != nil {
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
func emulated(t *testing.T, pacer *pace.Pacer) *api.Client {
	t.Helper()
	emu, err := emulator.New(emulator.Options{TokenRequests: -1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emu)
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	source, err := auth.NewSource(auth.Credentials{AccountsURL: server.URL, ClientID: "c", ClientSecret: "s",
		RefreshToken: "emulator"}, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := api.New(api.Config{BaseURL: server.URL, Tokens: source, Pacer: pacer})
	if err != nil {
		t.Fatal(err)
	}
	return client
}
