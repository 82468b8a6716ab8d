package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func openConfig(t *testing.T, p *process) *configFile {
	t.Helper()
	c, err := p.config()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSaveChangesOneProfile holds a save to what it is asked for: comments, other profiles, defaults of flags and the way that values are written stay.
func TestSaveChangesOneProfile(t *testing.T) {
	t.Parallel()
	p := newTestProcess(t, wholeConfig, nil)
	c := openConfig(t, p)
	acme, err := c.profile("acme")
	if err != nil {
		t.Fatal(err)
	}
	acme.orgID, acme.environment = "77", ""
	acme.secret = secretSource{profile: "acme", kind: kindClientSecret, keyring: true}
	if err := c.save("acme", acme); err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(
		"    environment: sandbox\n", "",
		"secret_env: ACME_SECRET", "secret_keyring: true",
		"org_id: 60001234567", `org_id: "77"`,
	).Replace(wholeConfig)
	if diff := cmp.Diff(want, readText(t, configOf(t, p))); diff != "" {
		t.Errorf("config file (-want +got)\n%s", diff)
	}
	if saved, err := c.profile("acme"); err != nil || saved.orgID != "77" {
		t.Errorf("what was saved is not what is known: %v, %v", saved.orgID, err)
	}
}

func TestSaveMakesAProfile(t *testing.T) {
	t.Parallel()
	const made = `new:
    dc: in
    concurrency: 3
    client_id: 1000.NEW
    secret_file: /x/new-client-secret
    refresh_token_command: [pass, show, "1", a b]
    org_id: "60001234567"
`
	for name, c := range map[string]struct{ before, after string }{
		"no file":       {"", "profiles:\n  " + made},
		"comments only": {"# mine\n", "# mine\nprofiles:\n  " + made},
		"no profiles":   {"profiles: # none yet\n", "profiles: # none yet\n  " + made},
		"in braces":     {"profiles: {}\n", "profiles:\n  " + made},
		"beside others": {"profiles:\n  # theirs\n  old: {dc: eu} # keep\n", "profiles:\n  # theirs\n  old: {dc: eu} # keep\n  " + made},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newTestProcess(t, c.before, nil)
			err := openConfig(t, p).save("new", profile{
				dc: "in", concurrency: 3, clientID: "1000.NEW", orgID: "60001234567", secret: secretSource{file: "/x/new-client-secret"},
				refresh: secretSource{command: []string{"pass", "show", "1", "a b"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.after, readText(t, configOf(t, p))); diff != "" {
				t.Errorf("config file (-want +got)\n%s", diff)
			}
			if info, err := os.Stat(configOf(t, p)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
		})
	}
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, profile, says string
		p                   profile
	}{
		"emulator":      {"", "emulator", "always exists", profile{dc: "eu"}},
		"a path":        {"", "../x", "cannot be a profile's name", profile{dc: "eu"}},
		"another case":  {"profiles:\n  Acme: {dc: eu}\n", "acme", "only in case", profile{dc: "eu"}},
		"a wrong value": {"profiles:\n  acme: {dc: eu}\n", "acme", "mars", profile{dc: "mars"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newTestProcess(t, c.text, nil)
			if err := openConfig(t, p).save(c.profile, c.p); codeOf(err) != exitUsage || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want a usage error that says %q", err, c.says)
			}
			if text, _ := os.ReadFile(configOf(t, p)); string(text) != c.text {
				t.Errorf("it was written: %s", text)
			}
		})
	}
}

// TestSaveKeepsWhatOthersWrote has ten processes that know the same file save a profile each.
func TestSaveKeepsWhatOthersWrote(t *testing.T) {
	t.Parallel()
	p := newTestProcess(t, "# ours\n", nil)
	var wg sync.WaitGroup
	for i := range 10 {
		name := fmt.Sprintf("org%d", i)
		other := &process{ctx: p.ctx, getenv: p.getenv}
		c := openConfig(t, other)
		wg.Go(func() {
			if err := c.save(name, profile{dc: "eu"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if names := openConfig(t, &process{ctx: p.ctx, getenv: p.getenv}).names(); len(names) != 11 {
		t.Errorf("there is %s", names)
	}
}

func TestSaveFollowsALink(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	p := newTestProcess(t, "", nil)
	real := filepath.Join(t.TempDir(), "dotfiles", "rolecall.yaml")
	writeFile(t, real, "profiles:\n  old: {dc: eu}\n", 0o600)
	if err := os.MkdirAll(filepath.Dir(configOf(t, p)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, configOf(t, p)); err != nil {
		t.Fatal(err)
	}
	if err := openConfig(t, p).save("new", profile{dc: "in"}); err != nil {
		t.Fatal(err)
	}
	if text := readText(t, real); !strings.Contains(text, "new:") {
		t.Errorf("the file behind the link is %s", text)
	}
	if info, err := os.Lstat(configOf(t, p)); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info.Mode(), err)
	}
}
