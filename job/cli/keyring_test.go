package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"rolecall/api/emulator"
	"rolecall/job/cli/clitest"
	"rolecall/job/cli/command"
	"rolecall/job/cli/profile"
)

// TestLoginKeepsInKeyring signs in with --keyring and out again: nothing secret is in a file meanwhile, nor in the
// keyring afterwards but the client's.
func TestLoginKeepsInKeyring(t *testing.T) { //nolint:paralleltest // The mock keyring belongs to the whole process.
	keyring.MockInit()
	url := centre(t, emulator.Options{}, nil)
	for stored, config := range map[string][]string{
		`^acme$`:             nil,
		`^acme@[0-9a-f]{8}$`: {"--config", filepath.Join(t.TempDir(), "mine.yaml")},
	} {
		keepsInKeyring(t, url, regexp.MustCompile(stored), config)
	}
}

// keepsInKeyring signs in to the profile acme of a config file and out again; stored is what the keyring calls that.
func keepsInKeyring(t *testing.T, url string, stored *regexp.Regexp, config []string) {
	t.Helper()
	grant := clitest.Code(t, url, "ZohoCRM.modules.ALL")
	p := newTestProcess(t, "", map[string]string{profile.EnvClientSecret: canary})
	var said bytes.Buffer
	p.Stderr, p.Stdin = &said, strings.NewReader(grant+"\n")
	login := []string{"auth", "login", "--profile", "acme", "--api-url", url, "--client-id", "x", "--keyring"}
	if code := run(t.Context(), p, append(login, config...)); code != command.ExitOK {
		t.Fatalf("exit code %d: %s", code, &said)
	}
	used := readProfiles(t, p)[0]
	if !used.Secret.Keyring || !used.Refresh.Keyring || strings.Contains(said.String(), canary) ||
		strings.Contains(said.String(), grant) {
		t.Errorf("profile %+v; said %s", used, &said)
	}
	account := keptAs(t, p, stored)
	refresh, err := keyring.Get("rolecall", account)
	if err != nil || refresh == "" || strings.Contains(said.String(), refresh) {
		t.Errorf("refresh token in the keyring: %v; said %s", err, &said)
	}
	logout := append([]string{"auth", "logout", "--profile", "acme"}, config...)
	if code := run(t.Context(), p, logout); code != command.ExitOK {
		t.Fatalf("exit code %d: %s", code, &said)
	}
	if _, err := keyring.Get("rolecall", account); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("after logout: %v", err)
	}
	if readProfiles(t, p)[0].Refresh.Set() {
		t.Error("the profile still has a refresh token")
	}
}

func readProfiles(t *testing.T, p *command.Process) []profile.Profile {
	t.Helper()
	f, err := (&profile.Profiles{Getenv: p.Getenv, Config: p.ConfigFile}).Read()
	if err != nil || len(f.Profiles) == 0 {
		t.Fatal(f, err)
	}
	return f.Profiles
}

// keptAs returns what the keyring calls the refresh token of the profile acme, whose name there must be as stored says.
func keptAs(t *testing.T, p *command.Process, stored *regexp.Regexp) string {
	t.Helper()
	path, err := p.Profiles().Path()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(path+".d", "acme.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, name, _ := strings.Cut(string(text), "refresh_token_keyring: ")
	name, _, _ = strings.Cut(strings.Trim(name, "\""), "\"")
	if name = strings.TrimSpace(name); name == "true" {
		name = "acme"
	}
	if !stored.MatchString(name) {
		t.Errorf("it is kept as %s", name)
	}
	return name + "-refresh-token"
}
