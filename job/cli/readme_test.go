package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/job/cli/profile"
)

// The README's examples are what the program prints, but for the time it took and the time in the folder's name.
func TestREADMEExamplesAreReal(t *testing.T) {
	for _, test := range []struct {
		file, command, after string // after: what the README has behind what the program prints
		code                 int
	}{
		{"samples/deal_roles.csv", "assign samples/deal_roles.csv --profile emulator", "$ echo $?\n1\n",
			exitRowsFailed},
		{"samples/contact_roles.csv", "roles import samples/contact_roles.csv --profile emulator", "```\n", exitOK},
	} {
		t.Run(test.command, func(t *testing.T) {
			readme, err := os.ReadFile("../../README.md")
			if err != nil {
				t.Fatal(err)
			}
			sample, err := os.ReadFile(filepath.Join("../..", test.file))
			if err != nil {
				t.Fatal(err)
			}
			_, example, found := strings.Cut(string(readme), "$ rolecall "+test.command+"\n")
			example, _, ended := strings.Cut(example, test.after)
			if !found || !ended {
				t.Fatalf("the README shows no such run, or not %q behind it", test.after)
			}
			t.Chdir(t.TempDir())
			if err := os.Mkdir("samples", 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(test.file, sample, 0o600); err != nil {
				t.Fatal(err)
			}
			code, printed := runAlone(t, strings.Fields(test.command)...)
			if code != test.code {
				t.Errorf("exit code %d", code)
			}
			if d := cmp.Diff(timeless(example), timeless(printed)); d != "" {
				t.Errorf("README (-) and program (+):\n%s", d)
			}
		})
	}
}

// runAlone runs a command in this process, with a state folder of its own, and gives what it says to people.
func runAlone(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	state := t.TempDir()
	var stdout, stderr bytes.Buffer
	p := &process{ctx: t.Context(), stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr,
		getenv: func(name string) string {
			if name == "XDG_STATE_HOME" {
				return state
			}
			return ""
		}}
	return run(p, args), stderr.String()
}

// The README's commands are commands: each line that begins with rolecall, or calls it after a prompt, is one that the
// command line takes, as far as it can be seen without a file or an org.
func TestREADMECommandsAreTaken(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var told [][]string
	for i, block := range strings.Split(string(readme), "```") {
		if i%2 == 1 { // what stands between two fences
			told = append(told, regexp.MustCompile(`(?m)^(?:\$ )?rolecall ([a-z].*?)(?: +#.*)?$`).FindAllStringSubmatch(block, -1)...)
		}
	}
	if len(told) < 12 {
		t.Fatalf("only %d commands were found", len(told))
	}
	p := &process{ctx: t.Context(), stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}
	config := filepath.Join(t.TempDir(), "none.yaml")
	for _, one := range told {
		parser, err := p.parser(&commandLine{}, func() {}) // a new one: it keeps what a command was given
		if err != nil {
			t.Fatal(err)
		}
		args := words(one[1])
		if _, err := parser.Parse(append(args, "--config", config)); err != nil {
			t.Errorf("rolecall %s: %v", one[1], err)
		}
	}
}

// words splits a line of the README as a shell does: words, some in quotes.
func words(line string) (all []string) {
	for _, part := range regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`).FindAllString(line, -1) {
		all = append(all, strings.Trim(part, `"'`))
	}
	return all
}

// timeless takes out of a text what differs from run to run.
func timeless(text string) string {
	text = regexp.MustCompile(`finished in \S+`).ReplaceAllString(text, "finished in T")
	text = regexp.MustCompile(`about \S+ with|taking \S+`).ReplaceAllString(text, "T")
	return regexp.MustCompile(`\d{8}T\d{6}Z`).ReplaceAllString(text, "T")
}

// The README's config file is one that rolecall reads, with each form of a secret; and the flags that it says to have
// no default there are those that have none.
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
	c, err := p.profiles().Read()
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]bool{}
	for _, one := range c.Profiles {
		if _, err := one.Place(); err != nil {
			t.Error(err)
		}
		for _, s := range []profile.Source{one.Secret, one.Refresh} {
			form, _, _ := strings.Cut(s.String(), " ")
			forms[form] = true
		}
	}
	if d := cmp.Diff(map[string]bool{"env": true, "file": true, "command": true, "keyring": true}, forms); d != "" {
		t.Errorf("forms of secrets (-want +got):\n%s", d)
	}
	if c.Profiles[0].Name != profile.Default || len(c.Profiles[1].Flags) == 0 {
		t.Errorf("it shows %s, and of %s no flags", c.Profiles[0].Name, c.Profiles[1].Name)
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
	settable, err := p.settableFlags()
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(true) {
		if command.Parent.Name != "roles" &&
			!slices.Contains(
				[]string{"assign", "remove", "plan", "apply", "verify", "resume", "doctor"}, command.Name) {
			continue
		}
		for _, group := range command.AllFlags(false) {
			for _, f := range group {
				if settable[f.Name] == nil && f.Name != "help" && f.Name != "version" &&
					!slices.Contains(names, f.Name) {
					names = append(names, f.Name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}
