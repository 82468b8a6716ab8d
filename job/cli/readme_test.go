package cli

import (
	"bytes"
	"os"
	"regexp"
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
