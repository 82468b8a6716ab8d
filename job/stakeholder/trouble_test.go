package stakeholder

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// The system's clock jumps an hour ahead during the run, or at each reading, and a day back before the resume. Nothing
// hangs, ends early, or has a negative duration.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]func(since time.Duration, look int64) bool{ // whether the clock is an hour ahead
		"back":  func(since time.Duration, _ int64) bool { return since < 10*time.Second },
		"forth": func(since time.Duration, _ int64) bool { return since >= 10*time.Second },
		"both":  func(_ time.Duration, look int64) bool { return look%2 == 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newVirtualRig(t, pacedOptions())
				jumping := func(by time.Duration) job.Env {
					env, began := r.Env(), time.Now()
					var looks atomic.Int64
					env.Now = func() time.Time {
						now := time.Now().
							Round(0).
							Add(by)
							// without its monotonic part it is what the system's clock says
						if off(time.Since(began), looks.Add(1)) {
							now = now.Add(time.Hour)
						}
						return now
					}
					return env
				}
				q := r.request(Assign, jobtest.Triples(many(pacedRows)...))
				q.Env = jumping(0)
				q.Settings.MaxCredits, q.Settings.MaxDuration = 100, 30*time.Minute
				began := time.Now()
				res := r.run(q)
				r.checkUnfinished(res, job.OutOfBudget)
				checkDurations(t, res)
				again, err := job.Resume(
					t.Context(),
					job.Again{
						RunDir: q.RunDir,
						Env:    jumping(-24 * time.Hour),
						Change: func(s *job.Settings) { s.MaxCredits = 0 },
					},
				)
				if err != nil {
					t.Fatal(err)
				}
				r.checkAllDone(again)
				checkDurations(t, again)
				if took := time.Since(began); took > 2*time.Minute {
					t.Errorf("the run took %s", took)
				}
			})
		})
	}
}

func checkDurations(t *testing.T, res *job.Result) {
	t.Helper()
	var text strings.Builder
	if err := res.Summary.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if res.Summary.Seconds < 0 || strings.Contains(text.String(), " -") {
		t.Errorf("%g seconds:\n%s", res.Summary.Seconds, &text)
	}
}

// stopped makes a run of which a part is recorded and a part is left, and returns its folder.
func (r *rig) stopped(name string) string {
	q := r.request(Assign, jobtest.Triples(many(200)...))
	q.RunDir, q.Settings.MaxCredits = filepath.Join(r.Dir, name), 120
	if res := r.run(q); res.Stop == nil || res.Stop.Reason != job.OutOfBudget {
		r.T.Fatalf("stop %v", res.Stop)
	}
	return q.RunDir
}

// damaged copies a run's folder with one file changed.
func (r *rig) damaged(from, name, file string, change func([]byte) []byte) string {
	r.T.Helper()
	to := filepath.Join(r.Dir, name)
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		r.T.Fatal(err)
	}
	path := filepath.Join(to, file)
	content, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(content), 0o600)
	}
	if err != nil {
		r.T.Fatal(err)
	}
	return to
}

const page = 4096 // of run.db

// If any page of run.db is overwritten or lost, there is an error that says so, or a complete table. There is no
// partial table, no false success and no panic.
func TestDamagedRunDB(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	from := r.stopped("from")
	before, err := os.ReadFile(filepath.Join(from, rundir.Results))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(from, rundir.Database))
	if err != nil {
		t.Fatal(err)
	}
	noise := rand.NewChaCha8([32]byte{7})
	found := 0
	for at := 0; at < int(info.Size()); at += page {
		for kind, change := range map[string]func([]byte) []byte{
			"noise":       func(b []byte) []byte { _, _ = noise.Read(b[at : at+page]); return b },
			"a few bytes": func(b []byte) []byte { _, _ = noise.Read(b[at+page/2 : at+page/2+64]); return b },
			"zeros":       func(b []byte) []byte { clear(b[at : at+page]); return b },
			"truncated":   func(b []byte) []byte { return b[:at+page/2] },
		} {
			name := fmt.Sprintf("page %d %s", at/page, kind)
			for does, again := range map[string]func(job.Again) (*job.Result, error){
				"report": job.Report,
				"resume": func(a job.Again) (*job.Result, error) { return job.Resume(t.Context(), a) },
			} {
				dir := r.damaged(from, name+" "+does, rundir.Database, change)
				res, err := again(
					job.Again{RunDir: dir, Env: r.Env(), Change: func(s *job.Settings) { s.MaxCredits = 0 }},
				)
				if err != nil || res.Stop != nil && res.Stop.Reason == job.Broken {
					found++
				}
				r.checkDamaged(does+" after "+name, dir, before, err)
			}
		}
	}
	if found < int(info.Size())/page {
		t.Errorf("%d damages found in %d pages: the test damages nothing", found, info.Size()/page)
	}
}

// checkDamaged looks at a run of 200 rows after somebody went on with it.
func (r *rig) checkDamaged(what, dir string, before []byte, err error) {
	r.T.Helper()
	if err != nil && !strings.Contains(err.Error(), rundir.Database) && !strings.Contains(err.Error(), dir) {
		r.T.Errorf("%s: the message does not say what is damaged: %v", what, err)
	}
	after, readErr := os.ReadFile(filepath.Join(dir, rundir.Results))
	if readErr != nil || bytes.Equal(before, after) {
		return
	}
	state, table := r.State(), r.Table(filepath.Join(dir, rundir.Results))
	if len(table.Rows) != 200 {
		r.T.Errorf("%s: %d rows in the results", what, len(table.Rows))
	}
	for _, row := range table.Rows {
		if state[row["deal_id"]][row["contact_id"]] == "" && row["rc_status"] == string(job.Success) {
			r.T.Errorf("%s: a false success: %v", what, row)
		}
	}
}

// A run.db with another beginning is no run of this rolecall. Nothing is sent or written, and the error is a usage
// error, not a broken invariant.
func TestUnusableRunDB(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	from := r.stopped("from")
	sent := r.Emu.Stats().Credits
	for _, test := range []struct {
		name, says string
		change     func([]byte) []byte
	}{
		// the user version (SQLite, database file format, 1.3)
		{"newer", "another version", func(b []byte) []byte { b[63] = 99; return b }},
		{"older", "another version", func(b []byte) []byte { b[63] = 0; return b }},
		{"empty", rundir.Database, func([]byte) []byte { return nil }},
		{"text", rundir.Database, func([]byte) []byte { return []byte("deal_id,contact_id\n1,2\n") }},
		{"noise", rundir.Database, func(b []byte) []byte { _, _ = rand.NewChaCha8([32]byte{}).Read(b); return b }},
		{"half", rundir.Database, func(b []byte) []byte { return b[:len(b)/2] }},
		{"header only", rundir.Database, func(b []byte) []byte { return b[:100] }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := r.of(t)
			dir := r.damaged(from, test.name, rundir.Database, test.change)
			for does, again := range map[string]func(job.Again) (*job.Result, error){
				"report": job.Report,
				"resume": func(a job.Again) (*job.Result, error) { return job.Resume(t.Context(), a) },
			} {
				_, err := again(job.Again{RunDir: dir, Env: r.Env()})
				var usage *job.UsageError
				if !errors.As(err, &usage) || !strings.Contains(err.Error(), test.says) {
					t.Errorf("%s: %v, want a usage error that says %q", does, err, test.says)
				}
			}
			if r.Emu.Stats().Credits != sent {
				t.Error("something was sent")
			}
		})
	}
}

// If the run's copy of its input was changed, neither resume nor report writes the changed cells into the results,
// whether the run is finished or not.
func TestDamagedInput(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	unfinished := r.stopped("unfinished")
	q := r.request(Assign, jobtest.Triples(many(200)...))
	q.RunDir = filepath.Join(r.Dir, "finished")
	r.run(q)
	for state, from := range map[string]string{"unfinished": unfinished, "finished": q.RunDir} {
		for kind, change := range map[string]func([]byte) []byte{
			"another cell": func(b []byte) []byte {
				return bytes.Replace(b, []byte("Purchasing"), []byte("Engineering"), 1)
			},
			"a row less": func(b []byte) []byte { return b[:bytes.LastIndexByte(bytes.TrimSpace(b), '\n')+1] },
			"a row more": func(b []byte) []byte { return append(b, "1,2,Purchasing\n"...) },
			"truncated":  func(b []byte) []byte { return b[:len(b)/2] },
			"empty":      func([]byte) []byte { return nil },
		} {
			for does, again := range map[string]func(job.Again) (*job.Result, error){
				"report": job.Report,
				"resume": func(a job.Again) (*job.Result, error) { return job.Resume(t.Context(), a) },
			} {
				t.Run(state+" "+kind+" "+does, func(t *testing.T) {
					t.Parallel()
					r := r.of(t)
					dir := r.damaged(from, state+kind+does, "input.csv", change)
					if err := os.Remove(filepath.Join(dir, rundir.Results)); err != nil {
						t.Fatal(err)
					}
					_, err := again(job.Again{RunDir: dir, Env: r.Env()})
					if err == nil || errors.Is(err, job.ErrFinished) || !strings.Contains(err.Error(), "input") {
						t.Errorf("got %v, want an error about the input", err)
					}
					if _, err := os.Stat(filepath.Join(dir, rundir.Results)); err == nil {
						t.Error("results were made of another input")
					}
				})
			}
		}
	}
}
