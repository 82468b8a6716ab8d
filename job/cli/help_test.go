package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/job/cli"
	"rolecall/job/cli/manual"
)

// exitCodes are the codes that the command line promises; they are only ever added to.
var exitCodes = []string{"0", "1", "2", "3", "4", "5", "8", "10", "11", "130", "131", "134", "141"}

// help gives what a command's --help says.
func help(t *testing.T, command ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := cli.Main(append(command, "--help"), strings.NewReader(""), &stdout, &stderr); code != 0 ||
		stderr.Len() > 0 {
		t.Fatalf("%s --help: exit code %d, stderr %q", strings.Join(command, " "), code, &stderr)
	}
	return stdout.String()
}

// commandLines are the lines by which --help lists the commands below one.
var commandLines = regexp.MustCompile(`(?m)^  ([a-z][a-z ]*?)(?: <| \[|  |$)`)

// subcommands gives the names of the commands below one, as its --help lists them.
func subcommands(text string) (names []string) {
	_, list, found := strings.Cut(text, "\nCommands:\n")
	if !found {
		return nil
	}
	list, _, _ = strings.Cut(list, "\n\n")
	for _, m := range commandLines.FindAllStringSubmatch(list, -1) {
		names = append(names, m[1])
	}
	return names
}

// TestHelpHasExamples walks from --help through every command that is listed, and to the hidden sign-in: each shows how
// it is typed.
func TestHelpHasExamples(t *testing.T) {
	t.Parallel()
	names := subcommands(help(t))
	for _, want := range []string{"assign", "remove", "resume", "report", "emulate"} {
		if !slices.Contains(names, want) {
			t.Errorf("--help lists %q, without %s", names, want)
		}
	}
	for names = append(names, "auth login"); len(names) > 0; names = names[1:] {
		text := help(t, strings.Fields(names[0])...)
		if below := subcommands(text); len(below) > 0 {
			names = append(names, below...)
			continue
		}
		if holes := regexp.MustCompile(`\$\{|profile \)|default: ?\)`).FindAllString(strings.Join(strings.Fields(text), " "), -1); len(holes) > 0 {
			t.Errorf("%s --help has holes %q:\n%s", names[0], holes, text)
		}
		_, example, found := strings.Cut(text, "Example")
		if !found || !strings.Contains(example, "rolecall "+names[0]) {
			t.Errorf("%s --help shows no example:\n%s", names[0], text)
		}
	}
}

// helpCode is a code in --help and in the manual.
var helpCode = regexp.MustCompile(`(?m)^\s+(\d+)\s{2,}\S`)

func codesIn(text string) (codes []string) {
	for _, m := range helpCode.FindAllStringSubmatch(text, -1) {
		codes = append(codes, m[1])
	}
	return codes
}

// TestExitCodesAreTold holds --help and the manual to the same list.
func TestExitCodesAreTold(t *testing.T) {
	t.Parallel()
	_, list, _ := strings.Cut(help(t), "Exit codes:")
	list, _, _ = strings.Cut(list, "Each flag")
	if diff := cmp.Diff(exitCodes, codesIn(list)); diff != "" {
		t.Errorf("exit codes in --help (-want +got)\n%s", diff)
	}
	page, err := manual.Page("exitcodes")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exitCodes, codesIn(page)); diff != "" {
		t.Errorf("exit codes in the manual (-want +got)\n%s", diff)
	}
}

// TestColumnsAreTold holds the README and the manual to the columns of results.csv, in their order.
func TestColumnsAreTold(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := manual.Page("results")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"README": string(readme), "manual": page} {
		for _, column := range []string{
			"rc_row", "rc_action", "rc_status", "rc_code", "rc_message", "rc_details", "rc_http", "rc_attempts",
			"rc_deal_id", "rc_contact_id", "rc_role_id", "rc_prior_role", "rc_repaired_from",
		} {
			_, after, found := strings.Cut(text, column)
			if !found {
				t.Fatalf("the %s does not name %s, or not in the order of results.csv", name, column)
			}
			text = after
		}
	}
}
