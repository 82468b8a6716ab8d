package profile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"rolecall/job"
	"rolecall/job/cli/clitest"
	"rolecall/job/rundir"
)

const canary = clitest.Canary

// shellCommand is a command that a shell runs; there is none to run everywhere.
func shellCommand(t *testing.T, line string) []string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the test runs sh, which Windows does not have")
	}
	return []string{"sh", "-c", line}
}

func (s Source) of(profile string) Source {
	s.Profile, s.Kind = profile, ClientSecret
	return s
}

func TestSecretIsFound(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "", map[string]string{"ACME": canary})
	dir := filepath.Dir(configOf(t, p))
	clitest.WriteFile(t, filepath.Join(dir, "beside"), canary+"\r\n", 0o600)
	clitest.WriteFile(t, filepath.Join(dir, "bin", "give"), "#!/bin/sh\necho "+canary+"\n", 0o700)
	clitest.WriteFile(t, filepath.Join(p.Getenv("HOME"), "home"), canary, 0o400)
	sources := map[string]Source{
		"variable":               {Env: "ACME"},
		"file":                   {File: filepath.Join(dir, "beside")},
		"file beside the config": {File: "beside"},
		"file at home":           {File: "~/home"},
	}
	if runtime.GOOS != "windows" {
		sources["command"] = Source{Command: []string{"printf", "%s\n\n", canary}}
		sources["command beside the config"] = Source{Command: []string{"bin/give"}}
		sources["command that complains"] = Source{Command: shellCommand(t, "echo so so >&2; echo "+canary)}
		sources["command that reads"] = Source{Command: shellCommand(t, "cat; echo "+canary)}
	}
	for name, s := range sources {
		if got, err := p.Secret(t.Context(), s.of("acme")); got != canary || err != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

// Each failure has exit code 4 and its cause, and shows no part of a secret.
func TestSecretIsNotFound(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "", map[string]string{"TWO": canary + " " + canary})
	dir := filepath.Dir(configOf(t, p))
	clitest.WriteFile(t, filepath.Join(dir, "empty"), "\n", 0o600)
	clitest.WriteFile(t, filepath.Join(dir, "lines"), canary+"\nuser: me\n", 0o600)
	clitest.WriteFile(t, filepath.Join(dir, "long"), strings.Repeat("a", LargestSecret+1), 0o600)
	cases := map[string]struct {
		s    Source
		says []string
	}{
		"nowhere":            {Source{}, []string{"does not say"}},
		"variable":           {Source{Env: "ACME"}, []string{"env ACME", "not set"}},
		"two in a variable":  {Source{Env: "TWO"}, []string{"more than one word"}},
		"file":               {Source{File: "none"}, []string{"file none", "no such file"}},
		"folder":             {Source{File: dir}, []string{"folder"}},
		"empty file":         {Source{File: "empty"}, []string{"empty"}},
		"more than a secret": {Source{File: "lines"}, []string{"more than one word"}},
		"too long":           {Source{File: "long"}, []string{"too long"}},
		"no program": {
			Source{Command: []string{"no-such-program", canary}},
			[]string{"command no-such-program", "cannot be run"},
		},
		"no program there": {Source{Command: []string{"./none", canary}}, []string{"command none", "cannot be run"}},
	}
	if runtime.GOOS != "windows" {
		for name, line := range map[string]string{
			"fails":                  "echo vault is locked >&2; exit 7",
			"fails with its secret":  "echo " + canary + "; echo vault is locked: got " + canary + " >&2; exit 7",
			"complains of a secret":  "echo vault is locked: " + canary + " >&2; exit 7",
			"traces itself":          "set -x; : vault is locked; echo " + canary + "; exit 7",
			"complains at length":    "echo vault is locked >&2; yes " + canary + " | head -c 200000 >&2; exit 7",
			"complains on two lines": "echo vault is locked >&2; echo token=" + canary + " >&2; exit 7",
		} {
			cases[name] = struct {
				s    Source
				says []string
			}{Source{Command: shellCommand(t, line)}, []string{"command sh", "exit status 7", "vault is locked"}}
		}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := p.Secret(t.Context(), c.s.of("acme"))
			if got != "" || codeOf(err) != exitSignIn {
				t.Fatalf("got %q, %v, want an error of signing in", got, err)
			}
			for _, say := range append(c.says, "client secret of profile acme") {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("it does not say %q: %v", say, err)
				}
			}
			if strings.Contains(err.Error(), canary) || len(err.Error()) > 1000 {
				t.Errorf("it holds a secret, or too much: %v", err)
			}
		})
	}
}

func TestSecretCommandIsInterrupted(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "", nil)
	ctx, cancel := context.WithCancel(t.Context())
	started := filepath.Join(t.TempDir(), "started")
	command := shellCommand(t, "echo >"+started+"; sleep 60")
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(started); err == nil {
				cancel()
			}
			<-time.After(5 * time.Millisecond)
		}
	}()
	if _, err := p.Secret(ctx, Source{Command: command}.of("acme")); codeOf(err) != exitInterrupted ||
		!errors.Is(err, job.ErrInterrupted) {
		t.Errorf("got %v", err)
	}
}

// A command that prints nothing is ended after some time, also if a child of the command holds its output open.
func TestSecretCommandIsBounded(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "", nil)
	for _, line := range []string{"exec sleep 60", "sleep 60 & wait"} {
		began := time.Now()
		_, err := p.commandSecret(t.Context(), shellCommand(t, line), 100*time.Millisecond)
		if err == nil || !strings.Contains(err.Error(), "printed nothing in 100ms") || time.Since(began) > 30*time.Second {
			t.Errorf("%s: after %s: %v", line, time.Since(began), err)
		}
	}
}

// A command that prints without end is ended long before its time is over.
func TestSecretCommandIsCapped(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "", nil)
	for _, line := range []string{"exec yes " + canary, "trap '' PIPE; while :; do echo " + canary +
		" 2>/dev/null || :; done"} {
		began := time.Now()
		_, err := p.commandSecret(t.Context(), shellCommand(t, line), time.Minute)
		if err == nil || !strings.Contains(err.Error(), "more than 64 KiB") || strings.Contains(err.Error(), canary) ||
			time.Since(began) > 30*time.Second {
			t.Errorf("%s: after %s: %v", line, time.Since(began), err)
		}
	}
}

// A secret that others can read or replace has exit code 2. The error has the command that fixes this. After that
// command the secret is accepted.
func TestOpenSecretsAreRefused(t *testing.T) {
	t.Parallel()
	clitest.NeedModes(t)
	for name, c := range map[string]struct {
		open  string // the file or folder that others can get at
		mode  os.FileMode
		fixed os.FileMode
		fix   string
	}{
		"secret that others read":          {"state dir/secret", 0o640, 0o600, "chmod 600 "},
		"secret that others write":         {"state dir/secret", 0o602, 0o600, "chmod 600 "},
		"folder of a secret":               {"state dir", 0o777, 0o755, "chmod go-w "},
		"config that the group changes":    {"config.yaml", 0o664, 0o644, "chmod go-w "},
		"config that all change":           {"config.yaml", 0o602, 0o600, "chmod go-w "},
		"folder of the config":             {"rolecall", 0o775, 0o755, "chmod go-w "},
		"folder of the config, to be read": {"rolecall", 0o777, 0o755, "chmod go-w "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProfiles(t, "", map[string]string{"REFRESH": "x"})
			home := p.Getenv("HOME")
			clitest.WriteFile(t, filepath.Join(home, "state dir", "secret"), canary, 0o600)
			clitest.WriteFile(t, configOf(t, p),
				in("client_id: x", "secret_file: ~/state dir/secret", "refresh_token_env: REFRESH"), 0o644)
			open := map[string]string{"config.yaml": configOf(t, p), "rolecall": filepath.Dir(configOf(t, p))}[c.open]
			if open == "" {
				open = filepath.Join(home, c.open)
			}
			if err := os.Chmod(open, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := p.Locate(t.Context(), "acme")
			if codeOf(err) != exitUsage || !strings.Contains(err.Error(), "run: "+c.fix+rundir.ShellQuote(open)) {
				t.Fatalf("got %v, want a usage error that says %s%s", err, c.fix, rundir.ShellQuote(open))
			}
			if err := os.Chmod(open, c.fixed); err != nil {
				t.Fatal(err)
			}
			here, err := p.Locate(t.Context(), "acme")
			if err != nil || here.Credentials.ClientSecret != canary {
				t.Errorf("fixed, it is still refused: %v", err)
			}
		})
	}
}

func TestSecretIsStored(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "", nil)
	s, err := p.Store(t.Context(), "acme", RefreshToken, canary+"\n", false)
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(p.Getenv("XDG_STATE_HOME"), "rolecall", "secrets", "acme-refresh-token")
	if s.File != want {
		t.Errorf("it is in %s, want %s", s.File, want)
	}
	if got, err := p.Secret(t.Context(), s); got != canary || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for path, mode := range map[string]os.FileMode{want: 0o600, filepath.Dir(want): 0o700} {
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != mode {
			t.Errorf("%s: mode %v, %v, want %v", path, info.Mode(), err, mode)
		}
	}
	for name, value := range map[string]string{"../acme": canary, "emulator": canary, "acme": " ", "two": canary + " " +
		canary} {
		if s, err := p.Store(t.Context(), name, RefreshToken, value, false); codeOf(err) != exitUsage ||
			strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %s, %v, want a usage error without the secret", name, s, err)
		}
	}
}

func TestStoreIsRefusedWhereOthersRead(t *testing.T) {
	t.Parallel()
	clitest.NeedModes(t)
	p := newProfiles(t, "", nil)
	folder := filepath.Join(p.Getenv("XDG_STATE_HOME"), "rolecall", "secrets")
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.Chmod(folder, 0o755)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Store(t.Context(), "acme", ClientSecret, canary, false); codeOf(err) != exitUsage ||
		!strings.Contains(err.Error(), "chmod 700 "+folder) {
		t.Errorf("got %v", err)
	}
}

// TestKeyring uses the test keyring of the library. That keyring is global, so no other test may use it.
func TestKeyring(t *testing.T) { //nolint:paralleltest // The mock keyring belongs to the whole process.
	keyring.MockInit()
	p := newProfiles(t, "", nil)
	s, err := p.Store(t.Context(), "acme", ClientSecret, canary, true)
	if err != nil || !s.Keyring || s.File != "" {
		t.Fatalf("got %s, %v", s, err)
	}
	if kept, err := keyring.Get("rolecall", "acme-client-secret"); kept != canary || err != nil {
		t.Errorf("the keyring has %q, %v", kept, err)
	}
	if got, err := p.Secret(t.Context(), s); got != canary || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := p.Secret(t.Context(), (Source{Keyring: true}).of("other")); codeOf(err) != exitSignIn ||
		!strings.Contains(err.Error(), "other-client-secret") {
		t.Errorf("of another profile: %v", err)
	}
	keyring.MockInitWithError(errors.New("no bus"))
	if _, err := p.Secret(t.Context(), s); codeOf(err) != exitSignIn || !strings.Contains(err.Error(), "no bus") ||
		!strings.Contains(err.Error(), "in a file") ||
		!strings.HasSuffix(err.Error(), "rolecall auth login --profile acme --new-secret") {
		t.Errorf("without a keyring: %v", err)
	}
	if _, err := p.Store(t.Context(), "acme", ClientSecret, canary, true); codeOf(err) != exitUsage ||
		strings.Contains(err.Error(), canary) {
		t.Errorf("without a keyring, storing: %v", err)
	}
}

// No way to print a source shows the arguments of its command.
func TestSourceIsShownWithoutArguments(t *testing.T) {
	t.Parallel()
	s := Source{Command: []string{"/usr/bin/echo", canary}}.of("acme")
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, s); got != "command echo" {
			t.Errorf("%s: got %s", format, got)
		}
	}
}
