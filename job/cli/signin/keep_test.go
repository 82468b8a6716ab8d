package signin

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/zalando/go-keyring"

	"rolecall/api/auth"
	"rolecall/job/cli/profile"
)

// loginTo returns a sign-in to a profile, as far as the config file has it.
func loginTo(t *testing.T, c *Command, name string, flags LoginFlags) *login {
	t.Helper()
	f, err := c.Profiles.Read()
	if err != nil {
		t.Fatal(err)
	}
	s := &login{
		Command: c, flags: flags, file: f, clock: &serverClock{}, newSecret: true,
		client: auth.Client{Secret: "new-secret"},
		used:   profile.Profile{Name: name, ClientID: "x"},
	}
	if before, err := f.Profile(name); err == nil {
		s.before, s.used = before, before
	}
	return s
}

func isSignIn(err error) bool {
	_, ok := errors.AsType[*profile.SignInError](err)
	return ok
}

// If the profile cannot be written, no secret of the new sign-in stays, and the secrets of an earlier sign-in are
// restored.
func TestNothingIsKeptOfAFailure(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "profiles: {acme: {client_id: x}}")
	var said bytes.Buffer
	c.Stderr = &said
	earlier := loginTo(t, c, "acme", LoginFlags{})
	if err := earlier.keep(t.Context(), auth.Grant{RefreshToken: "earlier-token"}, signedIn{}); err != nil {
		t.Fatal(err)
	}
	again, another := loginTo(t, c, "acme", LoginFlags{}), loginTo(t, c, "other", LoginFlags{})
	writeConfig(t, c, "profiles: {acme: {client_id: x}, Acme: {client_id: x}}") // somebody makes a mistake meanwhile
	for _, s := range []*login{again, another} {
		err := s.keep(t.Context(), auth.Grant{RefreshToken: "new-token"}, signedIn{})
		if !isSignIn(err) || !strings.Contains(err.Error(), configOf(t, c)) {
			t.Errorf("%s: %v", s.used.Name, err)
		}
	}
	folder := filepath.Join(c.Profiles.Getenv("XDG_STATE_HOME"), "rolecall", "secrets")
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("left: %v, %v", entries, err)
	}
	for name, want := range map[string]string{"acme-refresh-token": "earlier-token",
		"acme-client-secret": "new-secret"} {
		if got, err := profile.ReadSecretFile(filepath.Join(folder, name)); strings.TrimSpace(got) != want ||
			err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if strings.Contains(said.String(), "warning") {
		t.Errorf("said: %s", &said)
	}
}

// A value that the config file would overrule is refused before the code is used, with its line. The path where
// rolecall keeps the secret is allowed in the config file, because earlier versions wrote it there.
func TestClashIsFoundFirst(t *testing.T) {
	t.Parallel()
	c := newCommand(t, "profiles:\n  acme: {client_id: x, refresh_token_env: MINE}\n")
	if err := loginTo(t, c, "acme", LoginFlags{}).checkStore(t.Context()); !isSignIn(err) ||
		!strings.Contains(err.Error(), configOf(t, c)+":2: refresh_token_env is not what") {
		t.Errorf("got %v", err)
	}
	c = newCommand(t, "")
	kept, err := c.Profiles.StoredAt("acme", profile.RefreshToken, false)
	if err != nil {
		t.Fatal(err)
	}
	writeConfig(t, c, "profiles: {acme: {client_id: x, refresh_token_file: "+kept.File+"}}")
	if err := loginTo(t, c, "acme", LoginFlags{}).checkStore(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestKeyringIsTriedFirst: one that refuses is found out before the code is spent, and one that works is left as it
// was.
func TestKeyringIsTriedFirst(t *testing.T) { //nolint:paralleltest // The mock keyring belongs to the whole process.
	keyring.MockInitWithError(errors.New("no bus"))
	s := loginTo(t, newCommand(t, ""), "acme", LoginFlags{Keyring: true})
	if err := s.checkStore(t.Context()); !isSignIn(err) || !strings.Contains(err.Error(), "no bus") ||
		!strings.Contains(err.Error(), "leave --keyring out") {
		t.Errorf("without a keyring: %v", err)
	}
	keyring.MockInit()
	if err := s.checkStore(t.Context()); err != nil {
		t.Error(err)
	}
	s = loginTo(t, newCommand(t, "profiles: {acme: {client_id: x, refresh_token_keyring: true}}"), "acme", LoginFlags{})
	keyring.MockInitWithError(errors.New("no bus"))
	if err := s.checkStore(t.Context()); !isSignIn(err) || strings.Contains(err.Error(), "--keyring") {
		t.Errorf("of a profile with its secrets there: %v", err)
	}
}

// A sign-in that was not stored is revoked at Zoho. If that fails, the message says that the sign-in still exists and
// how to end it.
func TestGiveBack(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{200: "was revoked there", 500: "lives on there"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"status":"success"}`))
		}))
		t.Cleanup(server.Close)
		s := &login{Command: newCommand(t, ""), client: auth.Client{AccountsURL: server.URL, ID: "x", Secret: "s"}}
		got := s.giveBack(t.Context(), auth.Grant{RefreshToken: canary})
		if !strings.Contains(got, want) || strings.Contains(got, canary) ||
			status == 500 && !strings.Contains(got, server.URL+", Sessions, Connected Apps, Revoke Access") {
			t.Errorf("%d: %s", status, got)
		}
	}
}

// The command that signs in again has the flags that the user gave, without those that have their default value.
func TestTypedAgain(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                                    "rolecall auth login --profile acme",
		"--browser --port 8976":               "rolecall auth login --profile acme --browser",
		"--browser --port 0 --patience 1m30s": "rolecall auth login --profile acme --port 0 --patience 1m30s --browser",
		"--keyring --revoke-old":              "rolecall auth login --profile acme --keyring --revoke-old",
	} {
		var flags LoginFlags
		parser, err := kong.New(&flags)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(append([]string{"--profile", "acme"}, strings.Fields(args)...)); err != nil {
			t.Fatal(err)
		}
		s := &login{Command: newCommand(t, ""), flags: flags, used: profile.Profile{Name: "acme"}}
		if got := s.again(); got != want {
			t.Errorf("%s: got %s, want %s", args, got, want)
		}
	}
}
