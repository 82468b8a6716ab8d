package profile

import (
	"os"
	"path/filepath"
	"testing"
)

// Secrets of profiles of different config files have different names. Different paths to one config file give one name.
func TestStoredName(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "profiles: {acme: {}}", nil)
	named := func(file string) string {
		t.Helper()
		p.Config = file
		name, err := p.storedName("acme")
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	p.Config = ""
	usual, err := p.Path()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	one, two := filepath.Join(folder, "one.yaml"), filepath.Join(folder, "two.yaml")
	link := filepath.Join(folder, "link.yaml")
	if err := os.WriteFile(one, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"", usual} {
		if got := named(file); got != "acme" {
			t.Errorf("the usual file as %q: %s", file, got)
		}
	}
	if !storedNames.MatchString(named(one)) || !storedNames.MatchString(named(two)) || named(one) == named(two) {
		t.Errorf("%s and %s", named(one), named(two))
	}
	for _, base := range []string{filepath.Join(folder, "a"), filepath.Join(folder, "b")} {
		other := newProfiles(t, "",
			map[string]string{"HOME": p.Getenv("HOME"), "AppData": p.Getenv("AppData"), "XDG_CONFIG_HOME": base})
		got, err := other.storedName("acme")
		if want := named(filepath.Join(base, "rolecall", "config.yaml")); err != nil || got != want ||
			!storedNames.MatchString(got) {
			t.Errorf("XDG_CONFIG_HOME %s: %s, %v, want %s, as by --config", base, got, err, want)
		}
	}
	own, err := p.platformConfigs()
	if err != nil {
		t.Fatal(err)
	}
	other := newProfiles(t, "",
		map[string]string{"HOME": p.Getenv("HOME"), "AppData": p.Getenv("AppData"), "XDG_CONFIG_HOME": own})
	if got, err := other.storedName("acme"); got != "acme" || err != nil {
		t.Errorf("XDG_CONFIG_HOME that is the platform's own place: %s, %v", got, err)
	}
	if os.Symlink(one, link) == nil && named(link) != named(one) {
		t.Errorf("a link is %s, its file %s", named(link), named(one))
	}
	if got := named(filepath.Join(folder, "none", "..", "one.yaml")); got != named(one) {
		t.Errorf("by another path: %s", got)
	}
	for _, secret := range []string{"acme", "1000.aa.bb", "acme@", "acme@12345678x", "@12345678"} {
		if storedNames.MatchString(secret) {
			t.Errorf("%q looks like a name", secret)
		}
	}
}
