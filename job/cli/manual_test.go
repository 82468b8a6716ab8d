package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"rolecall/job/cli/manual"
)

// Each command line in the manual is one that the program takes, and each way from another system has five of them.
func TestManualCommandsAreReal(t *testing.T) {
	t.Parallel()
	p := newTestProcess(t, "", nil)
	config := filepath.Join(t.TempDir(), "none.yaml")
	for _, topic := range manual.Topics() {
		text, err := manual.Page(topic)
		if err != nil {
			t.Fatal(err)
		}
		commands := 0
		for line := range strings.Lines(text) {
			line, isCommand := strings.CutPrefix(line, "    rolecall ")
			if !isCommand {
				continue
			}
			commands++
			parser, err := p.parser(&commandLine{}, func() {})
			if err != nil {
				t.Fatal(err)
			}
			args := quotedWords(line)
			if !hasFlag(t, p, "external-id") { // the flag comes with the look-up of external ids
				args = without(args, "--external-id")
			}
			if _, err := parser.Parse(append(args, "--config", config)); err != nil {
				t.Errorf("%s: rolecall %s: %v", topic, line, err)
			}
		}
		if strings.Contains(text, "Five commands") != (commands == 5) {
			t.Errorf("%s has %d commands", topic, commands)
		}
	}
}

// quotedWords splits a line as a shell does: words, some in double quotes.
func quotedWords(line string) (all []string) {
	for i, part := range strings.Split(strings.TrimSpace(line), `"`) {
		if i%2 == 1 {
			all = append(all, part)
			continue
		}
		all = append(all, strings.Fields(part)...)
	}
	return all
}

// hasFlag reports whether assign has a flag.
func hasFlag(t *testing.T, p *process, name string) bool {
	t.Helper()
	parser, err := p.parser(&commandLine{}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(true) {
		for _, f := range command.Flags {
			if command.Name == "assign" && f.Name == name {
				return true
			}
		}
	}
	return false
}

// without leaves out a flag and its value.
func without(args []string, flag string) (rest []string) {
	for i := 0; i < len(args); i++ {
		if args[i] == flag {
			i++
			continue
		}
		rest = append(rest, args[i])
	}
	return rest
}
