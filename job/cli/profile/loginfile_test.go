package profile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/job/cli/clitest"
)

func openFile(t *testing.T, p *Profiles) *File {
	t.Helper()
	f, err := p.Read()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func isMissing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// auth login writes a file of its own with the values that the config file leaves out. It never changes or creates the
// config file.
func TestLoginIsKept(t *testing.T) {
	t.Parallel()
	const whole = "dc: in\nclient_id: 1000.NEW\norg_id: \"60001234567\"\nsecret_file: /x/secret\n" +
		"refresh_token_keyring: \"true\"\n"
	for name, c := range map[string]struct{ config, file string }{
		"no config file":  {"", whole},
		"another profile": {"profiles: {old: {dc: eu}}\n", whole},
		"a part of it": {"profiles:\n  new: {dc: in, secret_file: /x/secret} # mine\n",
			"client_id: 1000.NEW\norg_id: \"60001234567\"\nrefresh_token_keyring: \"true\"\n"},
		"flags of a profile": {"profiles: {new: {flags: {limit: 3}}}\n", whole},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProfiles(t, c.config, nil)
			f := openFile(t, p)
			p1, err := f.Profile("new")
			if err != nil {
				p1 = Profile{Name: "new"}
			}
			p1.DC, p1.ClientID, p1.OrgID = "in", "1000.NEW", "60001234567"
			p1.Secret = Source{Profile: "new", Kind: ClientSecret, File: "/x/secret"}
			p1.Refresh = Source{Profile: "new", Kind: RefreshToken, Keyring: true}
			if err := f.Save(p1); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(configOf(t, p)+".d", "new.yaml")
			_, text, _ := strings.Cut(readText(t, path), "\n")
			if diff := cmp.Diff(c.file, text); diff != "" {
				t.Errorf("file of the login (-want +got)\n%s", diff)
			}
			if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			if c.config == "" && !isMissing(configOf(t, p)) ||
				c.config != "" && readText(t, configOf(t, p)) != c.config {
				t.Error("the config file has changed")
			}
			for _, f := range []*File{f, openFile(t, &Profiles{Getenv: p.Getenv, Flags: p.Flags})} {
				got, err := f.Profile("new")
				got.From, p1.From = nil, nil
				if diff := cmp.Diff(p1, got, cmp.AllowUnexported(Source{})); diff != "" || err != nil {
					t.Errorf("profile (-want +got)\n%s%v", diff, err)
				}
			}
		})
	}
}

// If both files have a value, that of the config file counts. The list shows the place of each value. The source of a
// secret counts as one value, whatever its key is.
func TestConfigFileWins(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "profiles:\n  acme:\n    dc: eu\n    refresh_token_env: MINE\n  bare:\n    dc: us\n", nil)
	login := configOf(t, p) + ".d"
	clitest.WriteFile(t, filepath.Join(login, "acme.yaml"),
		"dc: in\nclient_id: x\nsecret_file: /s\nrefresh_token_file: /t\n", 0o600)
	clitest.WriteFile(t, filepath.Join(login, "login.yaml"), "dc: jp\n", 0o600)
	f := openFile(t, p)
	acme, err := f.Profile("acme")
	if err != nil || acme.DC != "eu" || acme.ClientID != "x" || acme.Secret.String() != "file /s" ||
		acme.Refresh.String() != "env MINE" {
		t.Errorf("got %+v, %v", acme, err)
	}
	config := configOf(t, p)
	want := map[string]string{
		"dc": config + ":3", "refresh_token_env": config + ":4",
		"client_id": login + "/acme.yaml:2", "secret_file": login + "/acme.yaml:3",
	}
	if diff := cmp.Diff(want, acme.List().Values); diff != "" {
		t.Errorf("values (-want +got)\n%s", diff)
	}
	for name, want := range map[string]string{
		"acme": "config.yaml: dc, refresh_token_env; auth login: client_id, secret_file", "bare": "config.yaml",
		"login": "auth login",
	} {
		if one, err := f.Profile(name); err != nil || f.Sources(one) != want {
			t.Errorf("%s: %s, %v, want %s", name, f.Sources(one), err, want)
		}
	}
	if diff := cmp.Diff([]string{"acme", "bare", "login", "emulator"}, f.Names()); diff != "" {
		t.Errorf("names (-want +got)\n%s", diff)
	}
}

// A value that the config file would overrule is refused, with the line of the config file.
func TestLoginClashes(t *testing.T) {
	t.Parallel()
	for config, says := range map[string]string{
		"dc: us":                       "dc is not what this sign-in needs",
		"accounts_url: http://[::1]:1": "accounts_url is not what this sign-in needs",
		"org_id: 1":                    "org_id is not what",
		"refresh_token_env: X":         "refresh_token_env is not what",
		"secret_command: [a]":          "secret_command is not what",
		"dc: eu":                       "",
		"flags: {limit: 3}":            "",
		"edition: free":                "",
	} {
		p := newProfiles(t, in(config), nil)
		f := openFile(t, p)
		acme, err := f.Profile("acme")
		if err != nil {
			t.Fatal(err)
		}
		acme.DC, acme.OrgID, acme.AccountsURL = "eu", "2", ""
		acme.Secret, acme.Refresh = Source{Profile: "acme", File: "/s"}, Source{Profile: "acme", File: "/t"}
		err = f.Save(acme)
		if says == "" {
			if err != nil {
				t.Errorf("%s: %v", config, err)
			}
			continue
		}
		if codeOf(err) != exitUsage || !strings.Contains(err.Error(), configOf(t, p)+":3: "+says) ||
			!isMissing(filepath.Join(f.Logins(), "acme.yaml")) {
			t.Errorf("%s: %v", config, err)
		}
	}
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, says string
		p          Profile
	}{
		"emulator":      {"", "always exists", Profile{Name: "emulator", DC: "eu"}},
		"a path":        {"", "cannot be a profile's name", Profile{Name: "../x", DC: "eu"}},
		"another case":  {"profiles:\n  Acme: {dc: eu}\n", "only in case", Profile{Name: "acme", DC: "eu"}},
		"a wrong value": {"", "mars", Profile{Name: "acme", DC: "mars"}},
	} {
		p := newProfiles(t, c.text, nil)
		f := openFile(t, p)
		if err := f.Save(c.p); codeOf(err) != exitUsage || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want a usage error that says %q", name, err, c.says)
		}
		if files, _ := filepath.Glob(filepath.Join(f.Logins(), "*")); len(files) > 0 {
			t.Errorf("%s: written: %s", name, files)
		}
	}
}

// The error for a mistake in a file of auth login names the file and the line.
func TestLoginFileMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, says string }{
		"key":           {"acme.yaml", "dc: eu\nclientid: x\n", "acme.yaml:2: "},
		"value":         {"acme.yaml", "dc: mars\n", "acme.yaml:1: dc of profile acme"},
		"not a mapping": {"acme.yaml", "[1000.secret]\n", "acme.yaml:1: this must be keys with values"},
		"name":          {"a b.yaml", "dc: eu\n", "cannot be a profile's name"},
		"case":          {"Other.yaml", "dc: eu\n", "only in case"},
	} {
		p := newProfiles(t, "profiles: {other: {}}", nil)
		clitest.WriteFile(t, filepath.Join(configOf(t, p)+".d", c.file), c.text, 0o600)
		if _, err := p.Read(); codeOf(err) != exitUsage || !strings.Contains(err.Error(), c.says) ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
