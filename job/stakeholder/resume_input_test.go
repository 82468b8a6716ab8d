package stakeholder

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

func TestResultsCopyMustNotReplaceWhatIsNeeded(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, jobtest.Triples(many(20)...))
	q.Settings.MaxCredits = 5
	for name, to := range map[string]string{
		"the input": q.Input, "a folder": r.Dir, "no folder": filepath.Join(r.Dir, "none", "x.csv"),
	} {
		again := q
		again.Settings.ResultsCopy = to
		if _, err := job.Start(t.Context(), again.with()); !isUsage(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.run(q)
	before, err := os.ReadFile(filepath.Join(q.RunDir, "input.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{rundir.Database, "input.csv", "new.csv"} {
		change := func(s *job.Settings) { s.ResultsCopy = filepath.Join(q.RunDir, name) }
		if _, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Change: change, Env: r.Env()}); !isUsage(err) {
			t.Errorf("%s of the run: %v", name, err)
		}
	}
	if after, err := os.ReadFile(filepath.Join(q.RunDir, "input.csv")); err != nil || string(after) != string(before) {
		t.Errorf("the input was changed: %v", err)
	}
}

func isUsage(err error) bool {
	_, ok := errors.AsType[*job.UsageError](err)
	return ok
}

// Without the copy of the input the results cannot be written. resume says so before it sends anything.
func TestResumeWithoutItsInput(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"gone": os.Remove,
		"changed": func(path string) error {
			return os.WriteFile(
				path, []byte(strings.Replace(jobtest.Triples(many(20)...), "Purchasing", "Engineering", 1)), 0o600,
			)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{})
			q := r.request(Assign, jobtest.Triples(many(20)...))
			q.Settings.MaxCredits = 5
			r.run(q)
			calls := r.Emu.Stats().Credits
			if err := change(filepath.Join(q.RunDir, "input.csv")); err != nil {
				t.Fatal(err)
			}
			if _, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()}); !isUsage(err) {
				t.Errorf("got %v", err)
			}
			if r.Emu.Stats().Credits != calls {
				t.Error("calls were made")
			}
		})
	}
}

func TestAFinishedRunWhoseTablesCannotBeMade(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, jobtest.Triples("1 1 Purchasing"))
	r.run(q)
	for _, name := range []string{"input.csv", rundir.Results} {
		if err := os.Remove(filepath.Join(q.RunDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if res, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()}); err == nil ||
		errors.Is(err, job.ErrFinished) ||
		res != nil {
		t.Errorf("got %v, %v; want the trouble with the files", res, err)
	}
}

// The spent credits are known after a kill too, because they are committed with the outcomes.
func TestSpentAddsUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, jobtest.Triples(many(20)...))
	q.Settings.MaxCredits = 12
	r.run(q)
	res, err := job.Resume(
		t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env(), Change: func(s *job.Settings) { s.MaxCredits = 0 }},
	)
	if err != nil || res.Stop != nil {
		t.Fatal(err, res)
	}
	if spent, want := res.Summary.Spent.Credits, int64(r.Emu.Stats().Credits); spent != want {
		t.Errorf("%d credits, the org counted %d", spent, want)
	}
}
