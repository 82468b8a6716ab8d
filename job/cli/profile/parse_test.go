package profile

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/job"
)

const wholeConfig = `# Our clients' orgs.
profiles:
  # the big one
  acme:
    dc: eu # since 2024
    environment: sandbox
    api_url: https://sandbox.zohoapis.eu
    accounts_url: https://accounts.zoho.eu
    api_version: v8
    edition: enterprise
    concurrency: 10
    client_id: 1000.XXXX
    secret_env: ACME_SECRET
    refresh_token_command: [pass, show, "zoho acme"]
    org_id: 60001234567
    flags: {max-credits: 20000, batch: off, max-errors: 5%, map: {deal_id: Opportunity ID}, --wait: yes}
  other:
    secret_file: vault/other
    refresh_token_keyring: true
`

func TestConfigIsRead(t *testing.T) {
	t.Parallel()
	c, err := newProfiles(t, wholeConfig, nil).Read()
	if err != nil {
		t.Fatal(err)
	}
	path := c.Path
	from := func(keys ...any) map[string]Origin {
		all := map[string]Origin{}
		for i := 0; i < len(keys); i += 2 {
			all[keys[i].(string)] = Origin{path, keys[i+1].(int)}
		}
		return all
	}
	want := []Profile{
		{
			Name: "acme", DC: "eu", Environment: "sandbox",
			APIURL: "https://sandbox.zohoapis.eu", AccountsURL: "https://accounts.zoho.eu",
			APIVersion: "v8", Edition: "enterprise", Concurrency: "10", ClientID: "1000.XXXX", OrgID: "60001234567",
			Secret:  Source{Profile: "acme", Kind: ClientSecret, Env: "ACME_SECRET"},
			Refresh: Source{Profile: "acme", Kind: RefreshToken, Command: []string{"pass", "show", "zoho acme"}},
			Flags: map[string]FlagDefault{
				"max-credits": {"20000", 16}, "batch": {"off", 16}, "max-errors": {"5%", 16},
				"map": {map[string]any{"deal_id": "Opportunity ID"}, 16}, "wait": {"yes", 16},
			},
			From: from("name", 4, "dc", 5, "environment", 6, "api_url", 7, "accounts_url", 8, "api_version", 9,
				"edition", 10, "concurrency", 11, "client_id", 12, "secret_env", 13, "refresh_token_command", 14,
				"org_id", 15, "flags", 16),
		},
		{
			Name:    "other",
			Secret:  Source{Profile: "other", Kind: ClientSecret, File: "vault/other"},
			Refresh: Source{Profile: "other", Kind: RefreshToken, Keyring: true},
			From:    from("name", 17, "secret_file", 18, "refresh_token_keyring", 19),
		},
	}
	if diff := cmp.Diff(want, c.Profiles, cmp.AllowUnexported(Source{})); diff != "" {
		t.Errorf("profiles (-want +got)\n%s", diff)
	}
}

func TestConfigWithNothingInIt(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "# nothing yet\n", "---\n", "profiles:\n", "profiles: {}\n",
		"profiles: # none\n"} {
		c, err := newProfiles(t, text, nil).Read()
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff([]string{"emulator"}, c.Names()); diff != "" {
			t.Errorf("%q: profiles (-want +got)\n%s", text, diff)
		}
	}
}

// in is a config file with those lines in its one profile, which begin in line 3.
func in(lines ...string) string {
	return "profiles:\n  acme:\n    " + strings.Join(lines, "\n    ") + "\n"
}

// The error for a mistake names its line, and says what is right.
func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	const canary = "1000.canary-secret"
	for name, c := range map[string]struct {
		text string
		line string
		says []string
	}{
		"key":                   {in("dc: eu", "clientid: x"), "4", []string{`"clientid"`, "client_id", "acme"}},
		"key, letters swapped":  {in("org_di: 1"), "3", []string{"did you mean org_id?"}},
		"key, joined by dashes": {in("refresh-token-env: X"), "3", []string{"did you mean refresh_token_env?"}},
		"the secret itself": {in("client_secret: x"), "3",
			[]string{"a secret never stands in the config file",
				"secret_file, secret_env, secret_command or secret_keyring"}},
		"the token itself": {in("refresh-token: x"), "3",
			[]string{"never stands", "refresh_token_file, refresh_token_env"}},
		"a tab": {"profiles:\n  acme:\n\tdc: eu\n", "3",
			[]string{"a tab indents this line: use spaces"}},
		"a folder of Windows":   {in(`secret_file: "C:\Users\me\client"`), "3", []string{"backslash", "single quotes"}},
		"a folder with \\x":     {in(`secret_file: "C:\secrets\client"`), "3", []string{"backslash", "single quotes"}},
		"tabs":                  {"profiles:\n\tacme:\n\t\tdc: eu\n", "2", []string{"a tab indents this line"}},
		"@, and a tab later":    {"profiles:\n  acme: {dc: @}\n", "2", []string{"cannot start any token"}},
		"list, no KEY=VALUE":    {in("flags: {map: [deal_id=a, b]}"), "3", []string{"map", `KEY=VALUE, not "b"`}},
		"list, twice":           {in("flags: {map: [deal_id=a, deal_id=b]}"), "3", []string{"another KEY=VALUE"}},
		"key, near to none":     {in("xylophone: 1"), "3", []string{"client_id", "secret_command", "flags"}},
		"key with a secret":     {in("secret: " + canary), "3", []string{"secret_"}},
		"key of the file":       {"profile:\n  acme: {}\n", "1", []string{"did you mean profiles?"}},
		"key twice":             {in("dc: eu", "environment: sandbox", "dc: us"), "5", []string{`"dc" stands twice`, "line 3"}},
		"profile twice":         {"profiles:\n  a: {}\n  a: {}\n", "3", []string{`"a" stands twice`}},
		"profiles in two cases": {"profiles:\n  a: {}\n  A: {}\n", "3", []string{"only in case"}},
		"emulator":              {"profiles:\n  emulator: {}\n", "2", []string{"emulator always exists"}},
		"emulator in capitals":  {"profiles:\n  Emulator: {}\n", "2", []string{"emulator always exists"}},
		"name":                  {"profiles:\n  ../x: {}\n", "2", []string{"cannot be a profile's name"}},
		"flag":                  {in("flags:", "  max-credit: 5"), "4", []string{"did you mean max-credits?"}},
		"flag without variable": {in("flags: {accept-rounded-ids: true}"), "3", []string{`unknown flag "accept-rounded-ids"`}},
		"flag that widens":      {in("flags: {allow-org-change: true}"), "3", []string{`unknown flag "allow-org-change"`}},
		"flag profile":          {in("flags: {profile: other}"), "3", []string{`unknown flag "profile"`}},
		"flag config":           {in("flags: {config: other}"), "3", []string{`unknown flag "config"`}},
		"flag of emulate":       {in("flags: {listen: other}"), "3", []string{`unknown flag "listen"`}},
		"flag twice":            {in("flags: {limit: 3, --limit: 4}"), "3", []string{"limit stands twice"}},
		"value of a flag": {in("flags:", "  limit: 3", "  max-credits: many"), "5",
			[]string{"max-credits", "many"}},
		"choice of a flag":    {in("flags: {batch: of}"), "3", []string{"batch", "did you mean off?"}},
		"threshold of a flag": {in("flags: {max-errors: 120%}"), "3", []string{"max-errors"}},
		"map for one value":   {in("flags: {limit: {a: b}}"), "3", []string{"limit", "one value"}},
		"list for a flag":     {in("flags: {limit: [1]}"), "3", []string{"limit", "one text"}},
		"dc":                  {in("dc: mars"), "3", []string{"mars", "eu"}},
		"environment": {in("environment: staging"), "3",
			[]string{"staging", "production, sandbox, developer"}},
		"api version": {in("api_version: v9"), "3", []string{"v9", "v8"}},
		"edition":     {in("edition: huge"), "3", []string{"huge", "enterprise"}},
		"concurrency": {in("concurrency: 0"), "3", []string{"at least 1"}},
		"api url":     {in("api_url: http://example.com"), "3", []string{"http"}},
		"accounts url": {in("accounts_url: https://u:" + canary + "@accounts.zoho.eu"), "3",
			[]string{"password"}},
		"org id":               {in("org_id: 6.0e10"), "3", []string{"digits"}},
		"no value":             {in("dc: eu", "client_id:"), "4", []string{"client_id", "no value"}},
		"empty value":          {in(`client_id: ""`), "3", []string{"client_id", "no value"}},
		"list for a text":      {in("client_id: [a]"), "3", []string{"client_id", "one text"}},
		"profile without keys": {"profiles:\n  acme: eu\n", "2", []string{"acme"}},
		"profiles as a list":   {"profiles:\n  - acme\n", "2", []string{"profiles"}},
		"two secrets":          {in("secret_env: A", "secret_file: b"), "4", []string{"secret_file", "keep one"}},
		"two refresh tokens": {in("refresh_token_keyring: true", "refresh_token_command: [a]"), "4",
			[]string{"keep one"}},
		"secret for a variable": {in("secret_env: " + canary), "3", []string{"never the secret"}},
		"command for a shell":   {in("secret_command: echo " + canary), "3", []string{"list"}},
		"command with a list":   {in("secret_command: [echo, [" + canary + "]]"), "3", []string{"one text"}},
		"command of nothing":    {in("secret_command: []"), "3", []string{"list"}},
		"no keyring":            {in("secret_keyring: false"), "3", []string{"left out"}},
		"no name in a keyring":  {in("secret_keyring: 1000.aa.bb"), "3", []string{"left out"}},
		"alias":                 {"profiles:\n  a: &x {dc: eu}\n  b: *x\n", "3", []string{"alias"}},
		"merge":                 {"profiles:\n  a: &x {dc: eu}\n  b: {<<: *x}\n", "3", []string{`"<<"`}},
		"key that is no word":   {"profiles:\n  [a]: {}\n", "2", []string{"word"}},
		"two documents":         {in("dc: eu") + "---\nprofiles: {}\n", "4", []string{"second document"}},
		"tab":                   {"profiles:\n  acme:\n\t\tdc: eu\n", "3", []string{"not YAML"}},
		"not YAML":              {"profiles: [\n", "", []string{"not YAML"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProfiles(t, c.text, nil)
			_, err := p.Read()
			if _, ok := errors.AsType[*job.UsageError](err); !ok {
				t.Fatalf("got %v, want a usage error", err)
			}
			if want := configOf(t, p) + ":" + c.line; !strings.HasPrefix(err.Error(), want) ||
				c.line != "" && !strings.HasPrefix(err.Error(), want+": ") {
				t.Errorf("it does not begin with %s: %v", want, err)
			}
			for _, say := range c.says {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("it does not say %q: %v", say, err)
				}
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("it holds a secret: %v", err)
			}
		})
	}
}

func TestConfigTooLarge(t *testing.T) {
	t.Parallel()
	if _, err := newProfiles(t, strings.Repeat("#\n", largestConfig/2+1), nil).Read(); codeOf(err) != exitUsage ||
		!strings.Contains(err.Error(), "too large") {
		t.Errorf("got %v", err)
	}
}

func TestUnknownProfile(t *testing.T) {
	t.Parallel()
	for text, says := range map[string][]string{
		"":          {`"acmee"`, "there is no file", "emulator", "rolecall auth login --profile acmee"},
		wholeConfig: {`"acmee"`, "acme, other, emulator", "did you mean acme?", "rolecall auth login --profile acmee"},
	} {
		_, err := newProfiles(t, text, nil).Locate(t.Context(), "acmee")
		if codeOf(err) != exitUsage {
			t.Errorf("got %v, want a usage error", err)
		}
		for _, say := range says {
			if !strings.Contains(err.Error(), say) {
				t.Errorf("it does not say %q: %v", say, err)
			}
		}
	}
}

func TestConfigPath(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "", map[string]string{"XDG_CONFIG_HOME": "relative"})
	if _, err := p.Read(); codeOf(err) != exitUsage || !strings.Contains(err.Error(), "XDG_CONFIG_HOME") {
		t.Errorf("a relative XDG_CONFIG_HOME: %v", err)
	}
	p.Config = filepath.Join(t.TempDir(), "mine.yaml")
	if got := configOf(t, p); got != p.Config {
		t.Errorf("--config %s: got %s", p.Config, got)
	}
	p = newProfiles(t, "", nil)
	p.Config = t.TempDir()
	if _, err := p.Read(); codeOf(err) != exitUsage || !strings.Contains(err.Error(), "it is a folder") {
		t.Errorf("a folder: %v", err)
	}
}

// The parser refuses or accepts any input, without a panic.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		wholeConfig, "", "# a\n", "---\n", "profiles:\n  a: {dc: eu, flags: {limit: 3}}\n", "a: &x [*x]\n",
		"profiles: {a: {secret_command: [x]}}", "%YAML 1.1\n---\nprofiles: {}\n", "profiles: {a: {dc: {<<: *b}}}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		profiles, err := parseConfig([]byte(text), "config.yaml", func() (Flags, error) { return nil, nil })
		if _, ok := errors.AsType[*fileError](err); err != nil && !ok {
			t.Fatalf("an error without its file: %v", err)
		}
		for _, p := range profiles {
			for key, from := range p.From {
				if from.Line < 1 || from.Line > 1+strings.Count(text, "\n")+strings.Count(text, "\r") {
					t.Errorf("%s of profile %s stands in line %d", key, p.Name, from.Line)
				}
			}
		}
	})
}
