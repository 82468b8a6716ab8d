package cli

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"rolecall/job/cli/command"
)

// helpOf returns the --help of a command in so many columns.
func helpOf(t *testing.T, node *kong.Node, columns int) string {
	t.Helper()
	var b bytes.Buffer
	helpPage{&b, columns}.command(node)
	return b.String()
}

// commandsOf returns all commands.
func commandsOf(t *testing.T) []*kong.Node {
	t.Helper()
	p := &command.Process{Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }}
	parser, err := newParser(p, &commandLine{}, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Leaves(true)
}

// The flags of a command come in groups. A user finds --dry-run and --profile first.
func TestHelpShowsFlagsInGroups(t *testing.T) {
	t.Parallel()
	commands := commandsOf(t)
	i := slices.IndexFunc(commands, func(n *kong.Node) bool { return n.Name == "assign" })
	text := helpOf(t, commands[i], widestHelp)
	rest := text
	for _, want := range []string{
		"\nArguments:\n  <file> ", "\nFlags:\n", " --dry-run ", " --profile=NAME ", " --help ",
		"\nWhat it does:\n", " --batch=auto|off ", "\nLimits:\n", " --max-credits=N ", "\nInput:\n", " --map=FIELD=HEADER ",
		" --hidden=include|skip", "\nOutput:\n", " --results=FILE ", "\nConnection:\n", " --config=FILE ",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("no %q where it is due in\n%s", want, text)
		}
		rest = after
	}
}

// Each choice shows its values. Each flag is shown once, and so is each name in the table of groups a flag.
func TestHelpShowsChoicesAndEachFlagOnce(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, command := range commandsOf(t) {
		text := helpOf(t, command, widestHelp)
		for _, flag := range slices.Concat(command.AllFlags(true)...) {
			known[flag.Name] = true
			if n := len(regexp.MustCompile(`(?m)^  (-.,|   ) --`+flag.Name+`(=| |$)`).FindAllString(text, -1)); n != 1 {
				t.Errorf("%s --help shows --%s %d times", command.Path(), flag.Name, n)
			}
			values := strings.Join(strings.FieldsFunc(flag.Enum, func(r rune) bool { return r == ',' }), "|")
			if !strings.Contains(text, "--"+flag.Name+"="+values) && values != "" {
				t.Errorf("%s --help does not show that --%s is %s", command.Path(), flag.Name, values)
			}
		}
	}
	for _, group := range flagGroups {
		for name := range strings.FieldsSeq(group.flags) {
			if !known[name] {
				t.Errorf("%s has --%s, which is no flag", group.title, name)
			}
		}
	}
}

// On a narrow terminal each line of --help ends between words.
func TestHelpFitsANarrowTerminal(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{40, 80} {
		for _, command := range commandsOf(t) {
			text, _, _ := strings.Cut(helpOf(t, command, columns), "\nExample")
			_, flags, _ := strings.Cut(helpOf(t, command, columns), "\nFlags:")
			for line := range strings.Lines(text + flags) {
				line = strings.TrimSuffix(line, "\n")
				if words := strings.Fields(line); utf8.RuneCountInString(line) > columns && len(words) > 1 {
					t.Errorf("%s --help in %d columns: %q", command.Path(), columns, line)
				}
			}
		}
	}
}
