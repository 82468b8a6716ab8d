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

	"rolecall/job/cli/command"
	"rolecall/job/cli/manual"
	"rolecall/job/cli/profile"
)

// page is a page of the manual, or the README.
type page struct{ name, text string }

// documents are the README and all pages of the manual.
func documents(t *testing.T) []page {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	all := []page{{"README", string(readme)}}
	for _, topic := range manual.Topics() {
		text, err := manual.Page(topic)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page{topic, text})
	}
	return all
}

// blocks returns the blocks of code of a page: what stands between fences, or is indented by four columns.
func (p page) blocks() (blocks [][]string) {
	fenced, inside := false, false
	for line := range strings.Lines(p.text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "```") {
			fenced, inside = !fenced, false
			continue
		}
		bare, indented := strings.CutPrefix(line, "    ")
		if line == "" && inside && !fenced {
			bare, indented = "", true
		}
		if !fenced && !indented {
			inside = false
			continue
		}
		if fenced {
			bare = line
		}
		if !inside {
			blocks, inside = append(blocks, nil), true
		}
		last := len(blocks) - 1
		blocks[last] = append(blocks[last], bare)
	}
	for i, b := range blocks {
		for b[len(b)-1] == "" {
			b = b[:len(b)-1]
		}
		blocks[i] = b
	}
	return blocks
}

// A command in the README and in the manual is one that the program takes, as far as it can tell without a file or an
// org. A way from another system has five commands.
func TestCommandsOfTheManualAreTaken(t *testing.T) {
	t.Parallel()
	example := regexp.MustCompile(`^(?:\$ )?rolecall ([a-z].*?)(?: +#.*| > .*)?$`)
	p := &command.Process{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }}
	config := filepath.Join(t.TempDir(), "none.yaml")
	all := 0
	for _, d := range documents(t) {
		commands := 0
		for _, block := range d.blocks() {
			for _, line := range block {
				m := example.FindStringSubmatch(line)
				if m == nil {
					continue
				}
				commands++
				parser, err := newParser(p, commandLineOf(words(m[1])), func() {}) // a new one: it keeps what it was given
				if err != nil {
					t.Fatal(err)
				}
				if _, err := parser.Parse(append(words(m[1]), "--config", config)); err != nil {
					t.Errorf("%s: rolecall %s: %v", d.name, m[1], err)
				}
			}
		}
		if strings.Contains(d.text, "Five commands") != (commands == 5) && strings.HasPrefix(d.text, "# From ") {
			t.Errorf("%s has %d commands", d.name, commands)
		}
		all += commands
	}
	if all < 80 {
		t.Errorf("only %d commands were found", all)
	}
}

// words splits a line as a shell does: words, of which parts may stand in quotes.
func words(line string) (all []string) {
	part := regexp.MustCompile(`"[^"]*"|'[^']*'|[^\s"']+`)
	for _, word := range regexp.MustCompile(`(?:"[^"]*"|'[^']*'|[^\s"'])+`).FindAllString(line, -1) {
		all = append(all, part.ReplaceAllStringFunc(word, func(s string) string {
			if s[0] == '"' || s[0] == '\'' {
				return s[1 : len(s)-1]
			}
			return s
		}))
	}
	return all
}

// A block that begins with a command after a prompt shows what the program prints in the emulator, but for the times.
// The blocks of a page come one after the other in one org.
func TestExamplesOfTheManualAreReal(t *testing.T) {
	all, ran := documents(t), 0
	for _, d := range all {
		t.Run(d.name, func(t *testing.T) {
			t.Chdir(withSamples(t))
			state := t.TempDir()
			for _, block := range d.blocks() {
				if strings.HasPrefix(block[0], "$ rolecall ") {
					ran++
					checkExample(t, state, block)
				}
			}
		})
	}
	if ran < 2 {
		t.Errorf("only %d examples were found", ran)
	}
}

// withSamples returns a new folder that has a copy of the samples.
func withSamples(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "samples"), os.DirFS("../../samples")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// checkExample runs the commands of a block and compares what they print. $ echo $? shows the exit code of the last.
func checkExample(t *testing.T, state string, block []string) {
	t.Helper()
	var printed strings.Builder
	code := 0
	for _, line := range block {
		switch command, prompted := strings.CutPrefix(line, "$ "); {
		case !prompted:
		case command == "echo $?":
			printed.WriteString(line + "\n" + string(rune('0'+code)) + "\n")
		default:
			args, isOurs := strings.CutPrefix(command, "rolecall ")
			if !isOurs {
				t.Fatalf("an example runs %q", command)
			}
			var said string
			code, said = runAlone(t, state, words(args)...)
			printed.WriteString(line + "\n" + said)
		}
	}
	if d := cmp.Diff(timeless(strings.Join(block, "\n")), timeless(strings.TrimSuffix(printed.String(), "\n"))); d != "" {
		t.Errorf("manual (-) and program (+):\n%s", d)
	}
}

// runAlone runs a command in this process with a state folder, and returns what it says to people.
func runAlone(t *testing.T, state string, args ...string) (code int, said string) {
	t.Helper()
	var both bytes.Buffer
	p := &command.Process{Stdin: strings.NewReader(""), Stdout: &both, Stderr: &both,
		Getenv: func(name string) string {
			if name == "XDG_STATE_HOME" {
				return state
			}
			return ""
		}}
	return run(t.Context(), p, args), both.String()
}

// timeless takes out of a text what differs from run to run.
func timeless(text string) string {
	text = regexp.MustCompile(`finished in \S+`).ReplaceAllString(text, "finished in T")
	text = regexp.MustCompile(`about \S+ with|taking (under )?\S+`).ReplaceAllString(text, "T")
	return regexp.MustCompile(`\d{8}T\d{6}Z`).ReplaceAllString(text, "T")
}

// rolecall reads the config file in the manual, which has each form of a secret. The flags without a default in a
// profile are those that the page names.
func TestConfigOfTheManualIsRead(t *testing.T) {
	t.Parallel()
	text, err := manual.Page("profiles")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(page{text: text}.blocks(), func(b []string) bool { return b[0] == "profiles:" })
	if i < 0 {
		t.Fatal("the manual shows no config file")
	}
	p := newTestProcess(t, strings.Join(page{text: text}.blocks()[i], "\n"), nil)
	c, err := p.Profiles().Read()
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
	_, after, _ := strings.Cut(text, "its default but these")
	after, _, _ = strings.Cut(after, "and those of")
	var never []string
	for _, one := range regexp.MustCompile("`--([a-z-]+)`").FindAllStringSubmatch(after, -1) {
		never = append(never, one[1])
	}
	if d := cmp.Diff(unsettable(t, p), slices.Sorted(slices.Values(never))); d != "" {
		t.Errorf("flags without a default in a profile, program (-) and manual (+):\n%s", d)
	}
}

// unsettable are the flags of the commands that call Zoho which a profile gives no default.
func unsettable(t *testing.T, p *command.Process) (names []string) {
	t.Helper()
	parser, err := newParser(p, &commandLine{}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	settable := profile.SettableFlags(parser.Model.Node)
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

// The list of the manual has every page, and so has the README. The README is short enough to be read.
func TestEveryPageIsListed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("manual/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(filepath.Base(files[i]), ".md")
	}
	if d := cmp.Diff(files, slices.Sorted(slices.Values(manual.Topics()))); d != "" {
		t.Errorf("files (-) and topics (+):\n%s", d)
	}
	readme := documents(t)[0].text
	for _, topic := range manual.Topics() {
		if !strings.Contains(readme, "["+topic+"](job/cli/manual/"+topic+".md)") {
			t.Errorf("the README does not link %s", topic)
		}
	}
	if n := strings.Count(readme, "\n"); n > 150 { // as issue 21 wants it
		t.Errorf("the README has %d lines", n)
	}
}

// The manual explains each code of rolecall.
func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../outcome.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := manual.Page("codes")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`(?m)^\tCode\w+ += "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 20 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	for _, code := range append(codes, []string{"", "ROW_MALFORMED"}, []string{"", "ID_MISSING"},
		[]string{"", "ID_INVALID"}, []string{"", "ID_ROUNDED"}) {
		if !regexp.MustCompile(`(?m)^    ` + code[1] + ` `).MatchString(text) {
			t.Errorf("the manual does not explain %s", code[1])
		}
	}
}
