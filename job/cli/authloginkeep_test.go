package cli

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"rolecall/api/auth"
)

// signInOf is a sign-in to a profile, as far as it knows what is in the config file.
func signInOf(t *testing.T, p *process, name string, flags authLoginCmd) *signIn {
	t.Helper()
	c, err := p.config()
	if err != nil {
		t.Fatal(err)
	}
	s := &signIn{p: p, flags: &flags, config: c, clock: &serverClock{}, newSecret: true, client: auth.Client{Secret: "new-secret"}, used: profile{name: name, clientID: "x"}}
	if before, err := c.profile(name); err == nil {
		s.before, s.used = before, before
	}
	return s
}

// TestNothingIsKeptOfAFailure: where the profile cannot be written after all, no secret of a new one stays, and those of an earlier sign-in are as they were.
func TestNothingIsKeptOfAFailure(t *testing.T) {
	t.Parallel()
	p := newTestProcess(t, "profiles: {acme: {client_id: x}}", nil)
	var said bytes.Buffer
	p.stderr = &said
	earlier := signInOf(t, p, "acme", authLoginCmd{})
	if err := earlier.keep(auth.Grant{RefreshToken: "earlier-token"}, signedIn{}); err != nil {
		t.Fatal(err)
	}
	again, another := signInOf(t, p, "acme", authLoginCmd{}), signInOf(t, p, "other", authLoginCmd{})
	writeFile(t, configOf(t, p), "profiles: {acme: {client_id: x}, Acme: {client_id: x}}", 0o600) // somebody's slip meanwhile
	for _, s := range []*signIn{again, another} {
		if err := s.keep(auth.Grant{RefreshToken: "new-token"}, signedIn{}); codeOf(err) != exitSignIn || !strings.Contains(err.Error(), configOf(t, p)) {
			t.Errorf("%s: %v", s.used.name, err)
		}
	}
	folder := filepath.Join(p.getenv("XDG_STATE_HOME"), "rolecall", "secrets")
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("left: %v, %v", entries, err)
	}
	for name, want := range map[string]string{"acme-refresh-token": "earlier-token", "acme-client-secret": "new-secret"} {
		if got, err := readSecretFile(filepath.Join(folder, name)); strings.TrimSpace(got) != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if strings.Contains(said.String(), "warning") {
		t.Errorf("said: %s", &said)
	}
}

// TestKeyringIsTriedFirst: one that refuses is found out before the code is spent, and one that works is left as it was.
func TestKeyringIsTriedFirst(t *testing.T) { //nolint:paralleltest // the keyring is the process's
	keyring.MockInitWithError(errors.New("no bus"))
	s := signInOf(t, newTestProcess(t, "", nil), "acme", authLoginCmd{Keyring: true})
	if err := s.checkStore(); codeOf(err) != exitSignIn || !strings.Contains(err.Error(), "no bus") || !strings.Contains(err.Error(), "leave --keyring out") {
		t.Errorf("without a keyring: %v", err)
	}
	keyring.MockInit()
	if err := s.checkStore(); err != nil {
		t.Error(err)
	}
	s = signInOf(t, newTestProcess(t, "profiles: {acme: {client_id: x, refresh_token_keyring: true}}", nil), "acme", authLoginCmd{})
	keyring.MockInitWithError(errors.New("no bus"))
	if err := s.checkStore(); codeOf(err) != exitSignIn || strings.Contains(err.Error(), "--keyring") {
		t.Errorf("of a profile with its secrets there: %v", err)
	}
}

// TestGiveBack: what is not kept is ended at Zoho, and where that fails people hear that it lives on and how to end it.
func TestGiveBack(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{200: "was revoked there", 500: "lives on there"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"status":"success"}`))
		}))
		t.Cleanup(server.Close)
		s := &signIn{p: newTestProcess(t, "", nil), client: auth.Client{AccountsURL: server.URL, ID: "x", Secret: "s"}}
		got := s.giveBack(auth.Grant{RefreshToken: canary})
		if !strings.Contains(got, want) || strings.Contains(got, canary) || status == 500 && !strings.Contains(got, server.URL+", Sessions, Connected Apps, Revoke Access") {
			t.Errorf("%d: %s", status, got)
		}
	}
}

// TestTypedAgain: the command that signs in again has what was given, and not what is usual anyway.
func TestTypedAgain(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                                    "rolecall auth login --profile acme",
		"--browser --port 8976":               "rolecall auth login --profile acme --browser",
		"--browser --port 0 --patience 1m30s": "rolecall auth login --profile acme --port 0 --patience 1m30s --browser",
		"--keyring --revoke-old":              "rolecall auth login --profile acme --keyring --revoke-old",
	} {
		p := newTestProcess(t, "", nil)
		var line commandLine
		parser, err := p.parser(&line, func() {})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(append([]string{"auth", "login", "--profile", "acme"}, strings.Fields(args)...)); err != nil {
			t.Fatal(err)
		}
		s := &signIn{p: p, flags: &line.Auth.Login, used: profile{name: "acme"}}
		if got := s.command(); got != want {
			t.Errorf("%s: got %s, want %s", args, got, want)
		}
	}
}
