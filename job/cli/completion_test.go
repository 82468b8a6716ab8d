package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"rolecall/job/cli/command"
)

// What may come next: commands, flags, the values of a flag or an argument, and nothing where a file may stand.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ words, current, want string }{
		{"", "re", "remove resume report records"},
		{"", "compl", "completion"}, // not the command that the scripts call
		{"records", "up", "update upsert"},
		{"--config x records", "up", "update upsert"},
		{"assign roles.csv", "--max-c", "--max-credits"},
		{"assign --batch", "", "auto off"},
		{"assign --batch =", "o", "off"},
		{"assign", "--batch=o", "--batch=off"},
		{"assign -q --profile", "", "acme emulator"},
		{"roles copy --from", "a", "acme"},
		{"help", "round", "roundtrip"},
		{"completion", "z", "zsh"},
		{"assign", "", ""},
		{"assign --run-dir", "", ""},
		{"nonsense", "x", ""},
	} {
		p := newTestProcess(t, "profiles:\n  acme:\n    dc: eu\n", nil)
		var stdout bytes.Buffer
		p.Stdout = &stdout
		args := slices.Concat([]string{"complete", "--config", configOf(t, p), "--current=" + test.current, "--"},
			strings.Fields(test.words))
		code := run(t.Context(), p, args)
		if code != command.ExitOK || strings.Join(strings.Fields(stdout.String()), " ") != test.want {
			t.Errorf("%s %q: exit code %d, %q instead of %q", test.words, test.current, code, &stdout, test.want)
		}
	}
}
