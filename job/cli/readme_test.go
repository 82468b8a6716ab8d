package cli

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The README's example is what the program prints, but for the time it took and the time in the folder's name.
func TestREADMEExampleIsReal(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	sample, err := os.ReadFile("../../samples/deal_roles.csv")
	if err != nil {
		t.Fatal(err)
	}
	const command = "$ rolecall assign samples/deal_roles.csv --profile emulator\n"
	_, example, found := strings.Cut(string(readme), command)
	example, _, ended := strings.Cut(example, "$ echo $?\n1\n")
	if !found || !ended {
		t.Fatal("the README shows no such run, or not its exit code 1")
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("samples", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("samples/deal_roles.csv", sample, 0o600); err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	var stdout, stderr bytes.Buffer
	p := &process{ctx: t.Context(), stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, getenv: func(name string) string {
		if name == "XDG_STATE_HOME" {
			return state
		}
		return ""
	}}
	if code := run(p, []string{"assign", "samples/deal_roles.csv", "--profile", "emulator"}); code != exitRowsFailed {
		t.Errorf("exit code %d", code)
	}
	if d := cmp.Diff(timeless(example), timeless(stderr.String())); d != "" {
		t.Errorf("README (-) and program (+):\n%s", d)
	}
}

// timeless takes out of a text what differs from run to run.
func timeless(text string) string {
	text = regexp.MustCompile(`finished in \S+`).ReplaceAllString(text, "finished in T")
	text = regexp.MustCompile(`about \S+ with|taking \S+`).ReplaceAllString(text, "T")
	return regexp.MustCompile(`\d{8}T\d{6}Z`).ReplaceAllString(text, "T")
}

// The README's config file is one that rolecall reads, with each form of a secret; and the flags that it says to have no default there are those that have none.
func TestREADMEConfigIsRead(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, found := strings.Cut(string(readme), "```yaml\n")
	example, after, ended := strings.Cut(example, "```\n")
	if !found || !ended {
		t.Fatal("the README shows no config file")
	}
	p := newTestProcess(t, example, nil)
	c, err := p.config()
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]bool{}
	for _, one := range c.profiles {
		if _, err := one.place(); err != nil {
			t.Error(err)
		}
		for _, s := range []secretSource{one.secret, one.refresh} {
			form, _, _ := strings.Cut(s.String(), " ")
			forms[form] = true
		}
	}
	if d := cmp.Diff(map[string]bool{"env": true, "file": true, "command": true, "keyring": true}, forms); d != "" {
		t.Errorf("forms of secrets (-want +got):\n%s", d)
	}
	if c.profiles[0].name != defaultProfile || len(c.profiles[1].flags) == 0 {
		t.Errorf("it shows %s, and of %s no flags", c.profiles[0].name, c.profiles[1].name)
	}

	_, after, _ = strings.Cut(after, "its default but these")
	after, _, _ = strings.Cut(after, "and those of")
	told := regexp.MustCompile("`--([a-z-]+)`").FindAllStringSubmatch(after, -1)
	var never []string
	for _, one := range told {
		never = append(never, one[1])
	}
	if d := cmp.Diff(unsettable(t, p), slices.Sorted(slices.Values(never))); d != "" {
		t.Errorf("flags without a default in a profile, program (-) and README (+):\n%s", d)
	}
}

// unsettable are the flags of the commands that call Zoho which a profile gives no default.
func unsettable(t *testing.T, p *process) (names []string) {
	t.Helper()
	parser, err := p.parser(&commandLine{}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Children {
		if !slices.Contains([]string{"assign", "remove", "resume", "doctor"}, command.Name) {
			continue
		}
		for _, group := range command.AllFlags(false) {
			for _, f := range group {
				if p.conf.flags[f.Name] == nil && f.Name != "help" && f.Name != "version" && !slices.Contains(names, f.Name) {
					names = append(names, f.Name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}
