package stakeholder

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rolecall/job"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// If somebody moves, deletes or replaces the files of a run, the run stops before its next call, and says which files
// are gone.
func TestRunLooksAtItsFolder(t *testing.T) {
	t.Parallel()
	replace := func(path string) error {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		return os.WriteFile(path, append(b, '\n'), 0o600)
	}
	for name, c := range map[string]struct {
		do   func(dir string) error
		says []string
	}{
		"run.db is deleted": {func(dir string) error { return os.Remove(filepath.Join(dir, rundir.Database)) },
			[]string{"run.db is gone", "results.csv has the outcomes"}},
		"run.db is replaced": {func(dir string) error { return replace(filepath.Join(dir, rundir.Database)) },
			[]string{"run.db is another file", "results.csv has the outcomes"}},
		"its log is deleted": {func(dir string) error { return os.Remove(filepath.Join(dir, rundir.Database+"-wal")) },
			[]string{"run.db-wal is gone", "results.csv has the outcomes"}},
		"the folder is moved": {func(dir string) error { return os.Rename(dir, dir+"-moved") },
			[]string{"run.db is gone", "outcomes of 3 rows are no longer in its folder"}},
		"the folder is deleted": {
			os.RemoveAll, []string{"run.db is gone", "outcomes of 3 rows are no longer in its folder"}},
		"the input is deleted": {func(dir string) error { return os.Remove(filepath.Join(dir, "input.csv")) },
			[]string{"the copy of the input is gone", "go on with: rolecall resume"}},
		"the input is replaced": {func(dir string) error { return replace(filepath.Join(dir, "input.csv")) },
			[]string{"is no longer the input", "go on with: rolecall resume"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := peopled()
			org.Latency = 20 * time.Millisecond // as fast as Zoho can be
			virtually(t, org, func(t *testing.T, r *rig) {
				w := r.listen()
				q := r.oneWorker(onEach(1, 10, 1, "Purchasing")...)
				var writes atomic.Int64
				w.instead = func(call wireCall, _ *http.Request) (*http.Response, error) {
					if call.kind == wireOne && writes.Add(1) == 3 {
						if err := c.do(q.RunDir); err != nil {
							t.Error(err)
						}
					}
					return nil, nil
				}
				res, err := job.Start(t.Context(), q.with())
				text := ""
				switch {
				case err != nil:
					text = err.Error()
				case res.Stop != nil:
					text = res.Summary.Stopped + " go on with: " + res.Summary.Next
				}
				for _, says := range c.says {
					if !strings.Contains(text, says) {
						t.Errorf("%q does not say %q", text, says)
					}
				}
				if writes.Load() != 3 || len(r.State()) != 3 {
					t.Errorf("%d writes", writes.Load())
				}
			})
		})
	}
}

// resume and report refuse a run of a job that this rolecall does not know, and nothing is sent.
func TestUnknownJobIsRefused(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(), func(t *testing.T, r *rig) {
		q := r.oneWorker(onEach(1, 3, 1, "Purchasing")...)
		q.Settings.MaxCredits = 3 // the org, the roles and one row
		r.run(q)
		db, err := rundb.Open(filepath.Join(q.RunDir, rundir.Database))
		if err != nil {
			t.Fatal(err)
		}
		facts := map[string]any{}
		if err := errors.Join(db.Get("run", &facts)); err != nil || facts["kind"] != Assign {
			t.Fatal(facts, err)
		}
		facts["kind"] = "assign newer"
		if err := errors.Join(db.Put("run", facts), db.Close()); err != nil {
			t.Fatal(err)
		}
		w := r.listen()
		again := job.Again{RunDir: q.RunDir, Env: r.Env()}
		_, resumed := job.Resume(t.Context(), again)
		_, reported := job.Report(again)
		for _, err := range []error{resumed, reported} {
			if _, ok := errors.AsType[*job.UsageError](err); !ok || !strings.Contains(err.Error(), `"assign newer"`) {
				t.Errorf("%v", err)
			}
		}
		if len(w.list()) != 0 {
			t.Errorf("calls %v", w.list())
		}
	})
}
