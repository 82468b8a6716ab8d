package job

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

func TestResultsCopyMustNotReplaceWhatIsNeeded(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, triples(many(20)...))
	q.Settings.MaxCredits = 5
	for name, to := range map[string]string{"the input": q.Input, "a folder": r.dir, "no folder": filepath.Join(r.dir, "none", "x.csv")} {
		again := q
		again.Settings.ResultsCopy = to
		if _, err := Start(t.Context(), again); !isUsage(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.run(q)
	before, err := os.ReadFile(filepath.Join(q.RunDir, "input.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dbFile, "input.csv", "new.csv"} {
		change := func(s *Settings) { s.ResultsCopy = filepath.Join(q.RunDir, name) }
		if _, err := Resume(t.Context(), Again{RunDir: q.RunDir, Change: change, Env: r.env()}); !isUsage(err) {
			t.Errorf("%s of the run: %v", name, err)
		}
	}
	if after, err := os.ReadFile(filepath.Join(q.RunDir, "input.csv")); err != nil || string(after) != string(before) {
		t.Errorf("the input was changed: %v", err)
	}
}

func isUsage(err error) bool {
	_, ok := errors.AsType[*UsageError](err)
	return ok
}

func TestResultsCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, target, link := filepath.Join(dir, "from"), filepath.Join(dir, "target"), filepath.Join(dir, "link")
	for path, text := range map[string]string{from: "table", target: "before"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no links here:", err)
	}
	var stdout strings.Builder
	for _, to := range []string{"", "-", link, os.DevNull} {
		if err := copyResults(from, to, &stdout); err != nil {
			t.Errorf("%q: %v", to, err)
		}
	}
	if text, err := os.ReadFile(target); err != nil || string(text) != "table" || stdout.String() != "table" {
		t.Errorf("behind the link %q, %v; on stdout %q", text, err, stdout.String())
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().IsRegular() {
		t.Errorf("the link was replaced: %v", err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s was replaced: %v", os.DevNull, err)
	}
}

// Without the input no results can be made: that is said before anything more is sent.
func TestResumeWithoutItsInput(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"gone": os.Remove,
		"changed": func(path string) error {
			return os.WriteFile(path, []byte(strings.Replace(triples(many(20)...), "Purchasing", "Engineering", 1)), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{})
			q := r.request(Assign, triples(many(20)...))
			q.Settings.MaxCredits = 5
			r.run(q)
			calls := r.emu.Stats().Credits
			if err := change(filepath.Join(q.RunDir, "input.csv")); err != nil {
				t.Fatal(err)
			}
			if _, err := Resume(t.Context(), Again{RunDir: q.RunDir, Env: r.env()}); !isUsage(err) {
				t.Errorf("got %v", err)
			}
			if r.emu.Stats().Credits != calls {
				t.Error("calls were made")
			}
		})
	}
}

func TestAFinishedRunWhoseTablesCannotBeMade(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, triples("1 1 Purchasing"))
	r.run(q)
	for _, name := range []string{"input.csv", resultsFile} {
		if err := os.Remove(filepath.Join(q.RunDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if res, err := Resume(t.Context(), Again{RunDir: q.RunDir, Env: r.env()}); err == nil || errors.Is(err, ErrFinished) || res != nil {
		t.Errorf("got %v, %v; want the trouble with the files", res, err)
	}
}

// What was spent is known after a kill as well: it is committed with the outcomes.
func TestSpentAddsUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, triples(many(20)...))
	q.Settings.MaxCredits = 12
	r.run(q)
	res, err := Resume(t.Context(), Again{RunDir: q.RunDir, Env: r.env(), Change: func(s *Settings) { s.MaxCredits = 0 }})
	if err != nil || res.Stop != nil {
		t.Fatal(err, res)
	}
	if spent, want := res.Summary.Spent.Credits, int64(r.emu.Stats().Credits); spent != want {
		t.Errorf("%d credits, the org counted %d", spent, want)
	}
}
