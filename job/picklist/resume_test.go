package picklist

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// stopped is a run that had credits for its first write only: two of its rows are done.
func (r *rig) stopped() request {
	r.T.Helper()
	q := r.request(Import, "name", "Zeta", "Alpha", "zeta", "Eta")
	q.Settings.MaxCredits = 3
	res, err := start(r.T.Context(), q)
	if err != nil || res.Stop == nil || res.Summary.Rows.NotAttempted != 2 {
		r.T.Fatalf("%+v, %v", res, err)
	}
	r.sums(q.RunDir, res)
	r.Front.Sent()
	return q
}

func (r *rig) checkStopped() {
	r.T.Helper()
	r.T.Log(r.outcomesOf())
	if got := strings.Join(r.list(), " "); got != "Alpha Beta Gamma Delta Eps/ilon Zeta Eta" {
		r.T.Error(got)
	}
	want := []string{"created SUCCESS", "unchanged SUCCESS", "unchanged SUCCESS", "created SUCCESS"}
	if d := gocmp.Diff(want, r.outcomesOf()); d != "" {
		r.T.Error(d)
	}
}

// resume refuses a run that it cannot continue, sends nothing, and does not change the run. Once the damage is
// repaired, resume works.
func TestResumeRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage func(t *testing.T, r *rig, dir string) (restore func())
		says   string
		locked bool
	}{
		"no run": {
			func(t *testing.T, _ *rig, dir string) func() { return moved(t, filepath.Join(dir, rundir.Database)) },
			"no run of rolecall", false,
		},
		"a database of something else": {func(t *testing.T, _ *rig, dir string) func() {
			return written(t, filepath.Join(dir, rundir.Database), strings.Repeat("no database ", 1000))
		}, "", false},
		"a cut database": {func(t *testing.T, _ *rig, dir string) func() {
			return written(t, filepath.Join(dir, rundir.Database), read(t, filepath.Join(dir, rundir.Database))[:700])
		}, "", false},
		"a run of the earlier format": {func(t *testing.T, _ *rig, dir string) func() {
			path := filepath.Join(dir, rundir.Database)
			restore := moved(t, path)
			conn, err := sqlite.OpenConn(path)
			if err == nil {
				err = errors.Join(sqlitex.ExecuteTransient(conn, "PRAGMA user_version=101", nil), conn.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
			return restore
		}, "another version", false},
		"a run of nothing": {func(t *testing.T, _ *rig, dir string) func() {
			path := filepath.Join(dir, rundir.Database)
			restore := moved(t, path)
			db, err := rundb.Create(path)
			if err == nil {
				err = db.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			return restore
		}, "no run that this rolecall knows", false},
		"another input": {func(t *testing.T, _ *rig, dir string) func() {
			return written(t, filepath.Join(dir, "input.csv"), "name\nTheta\n")
		}, "SHA-256", false},
		"no input": {
			func(t *testing.T, _ *rig, dir string) func() { return moved(t, filepath.Join(dir, "input.csv")) }, "gone",
			false,
		},
		"another org": {func(_ *testing.T, r *rig, _ string) func() {
			r.Org = func(o *job.Org) { o.Identity.OrgID = "2" }
			return func() { r.Org = nil }
		}, "another org", false},
		"another process": {func(t *testing.T, _ *rig, dir string) func() {
			db, err := rundb.Open(filepath.Join(dir, rundir.Database))
			if err != nil {
				t.Fatal(err)
			}
			return func() { _ = db.Close() }
		}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Org: small()})
			q := r.stopped()
			restore := c.damage(t, r, q.RunDir)
			res, err := job.Resume(t.Context(), r.again(q.RunDir))
			var usage *job.UsageError
			if c.locked != errors.Is(err, job.ErrLocked) || !c.locked && !errors.As(err, &usage) ||
				err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v, %v", res, err)
			}
			if writes := jobtest.Writes(r.Front.Sent()); len(writes) != 0 {
				t.Errorf("%q", writes)
			}
			restore()
			r.toTheEnd(t, q.RunDir, func() job.Again { a := r.again(q.RunDir); a.Change = moreCredits; return a }, 1)
			r.checkStopped()
		})
	}
}

func moreCredits(s *job.Settings) { s.MaxCredits = 0 }

// moved takes a file away, and written replaces one. Both return a function that puts the file back.
func moved(t *testing.T, path string) func() {
	t.Helper()
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Rename(path+".away", path); err != nil {
			t.Fatal(err)
		}
	}
}

func written(t *testing.T, path, text string) func() {
	t.Helper()
	restore := moved(t, path)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return restore
}

// The report of an unfinished run shows its open rows. The report of a finished run shows its result. Neither sends
// anything.
func TestReport(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	q := r.stopped()
	for _, name := range []string{rundir.Results, rundir.Failed, rundir.Summary, beforeFile} {
		_ = os.Remove(filepath.Join(q.RunDir, name))
	}
	res, err := job.Report(r.again(q.RunDir))
	if err != nil || res.Stop == nil || res.Summary.State != report.Stopped || res.Summary.Rows.NotAttempted != 2 ||
		len(r.Front.Sent()) != 0 {
		t.Fatalf("%+v, %v", res, err)
	}
	r.sums(q.RunDir, res)
	r.toTheEnd(t, q.RunDir, func() job.Again { a := r.again(q.RunDir); a.Change = moreCredits; return a }, 1)
	r.checkStopped()
	r.Front.Sent()
	res, err = job.Report(r.again(q.RunDir))
	if err != nil || res.Stop != nil || res.Summary.State != report.Finished || res.Summary.Rows.Created != 2 ||
		len(r.Front.Sent()) != 0 {
		t.Fatalf("%+v, %v", res, err)
	}
}

// resume of a finished run says that the run is finished, and sends nothing. It writes missing files again, with the
// same content.
func TestResumeOfAFinishedRun(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	q := r.stopped()
	r.toTheEnd(t, q.RunDir, func() job.Again { a := r.again(q.RunDir); a.Change = moreCredits; return a }, 1)
	r.Front.Sent()
	for _, name := range []string{"", rundir.Results, rundir.Failed, beforeFile} {
		was := ""
		if name != "" {
			was = read(t, filepath.Join(q.RunDir, name))
			if err := os.Remove(filepath.Join(q.RunDir, name)); err != nil {
				t.Fatal(err)
			}
		}
		res, err := job.Resume(t.Context(), r.again(q.RunDir))
		if !errors.Is(err, job.ErrFinished) || res.Summary.Rows.Created != 2 || len(r.Front.Sent()) != 0 {
			t.Errorf("%+v, %v", res, err)
		}
		if name != "" && name != beforeFile && read(t, filepath.Join(q.RunDir, name)) != was {
			t.Errorf("%s is another", name)
		}
	}
	var sum report.Summary
	if err := json.Unmarshal([]byte(read(t, filepath.Join(q.RunDir, rundir.Summary))), &sum); err != nil ||
		sum.Rows.Created != 2 ||
		sum.State != report.Finished {
		t.Errorf("%+v, %v", sum, err)
	}
}

// After a kill between the last call and the writing of the files, resume needs no sign-in.
func TestResumeOfARunThatHasOnlyToWrite(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	q := r.request(Import, "name", "Zeta")
	r.run(q)
	db, err := rundb.Open(filepath.Join(q.RunDir, rundir.Database))
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(db.Put("finished", false), db.Close(), os.Remove(filepath.Join(q.RunDir, rundir.Results)))
	if err != nil {
		t.Fatal(err)
	}
	r.Front.Sent()
	a := r.again(q.RunDir)
	a.Connect = nil
	res, err := job.Resume(t.Context(), a)
	if err != nil || res.Stop != nil || res.Summary.Rows.Created != 1 || len(r.Front.Sent()) != 0 {
		t.Errorf("%+v, %v", res, err)
	}
}

// A run that is refused at its start leaves no folder.
func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lines  []string
		change func(*request)
		reason job.Reason // 0: a usage error
		says   string
	}{
		"no columns":             {[]string{"position", "1"}, nil, 0, "name"},
		"no name for --by-name":  {[]string{"id", "1"}, func(q *request) { q.Options.ByName = true }, 0, "name"},
		"two columns for a name": {[]string{"role,name", "A,B"}, nil, 0, "name"},
		"rounded ids":            {append([]string{"id,name"}, roundedRows(60)...), nil, 0, "round"},
		"too many columns":       {[]string{"id,name" + strings.Repeat(",x", 16_384)}, nil, 0, "16386 columns"},
		"no file":                {nil, func(q *request) { q.Input += ".gone" }, 0, ""},
		"a folder that is there": {
			[]string{"name", "A"}, func(q *request) { q.RunDir = filepath.Dir(q.RunDir) }, 0, "exists already",
		},
		"far too large": {
			append([]string{"name"}, numberedNames(mostRows+1)...), nil, 0, "is it a table of roles",
		},
		"no sign-in": {[]string{"name", "A"}, func(q *request) { q.Connect = nobody }, job.SignIn, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Org: small()})
			q := r.request(Import, c.lines...)
			if c.change != nil {
				c.change(&q)
			}
			res, err := start(t.Context(), q)
			var usage *job.UsageError
			var stop *job.Stop
			errors.As(err, &stop)
			if c.reason == 0 && !errors.As(err, &usage) || c.reason != 0 && (stop == nil || stop.Reason != c.reason) ||
				err == nil ||
				!strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v, %v", res, err)
			}
			if len(jobtest.Writes(r.Front.Sent())) != 0 {
				t.Error("something was sent")
			}
			if left, _ := filepath.Glob(filepath.Join(r.Dir, ".rolecall-*")); len(left) != 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

func roundedRows(n int) (rows []string) {
	for i, name := range numberedNames(n) {
		rows = append(rows, fmt.Sprintf("41508680000%04d0000,%s", i, name))
	}
	return rows
}

// If the user lacks the right to read, the run does not begin. If the user lacks another right, the rows that need it
// fail with Zoho's message, after one call.
func TestDenied(t *testing.T) {
	t.Parallel()
	rows := namedAll([]string{header, ",Zeta,", ",Eta,", "<A>,Iota,", "<B>,Kappa,", "<C>,,"})
	for right, want := range map[string][]string{
		"roles.create": {" NO_PERMISSION", " NO_PERMISSION", "updated SUCCESS", "updated SUCCESS", "unchanged SUCCESS"},
		"roles.update": {"created SUCCESS", "created SUCCESS", " NO_PERMISSION", " NO_PERMISSION", "unchanged SUCCESS"},
		"roles.delete": {
			"created SUCCESS", "created SUCCESS", "updated SUCCESS", "updated SUCCESS", "unchanged SUCCESS",
		},
	} {
		r := newRig(t, emulator.Options{Org: small(), Denied: []string{right}})
		res := r.run(r.request(Import, rows...))
		if d := gocmp.Diff(want, r.outcomesOf()); d != "" {
			t.Errorf("%s: %s", right, d)
		}
		if writes := jobtest.Writes(r.Front.Sent()); len(writes) != 2 {
			t.Errorf("%s: %q", right, writes)
		}
		if right != "roles.delete" &&
			(len(res.Summary.Errors) != 1 || !strings.Contains(res.Summary.Errors[0].Advice, "right")) {
			t.Errorf("%s: %+v", right, res.Summary.Errors)
		}
	}
	r := newRig(t, emulator.Options{Org: small(), Denied: []string{"roles.delete"}})
	r.run(r.request(Delete, "name", "Alpha", "Beta"))
	if d := gocmp.Diff([]string{" NO_PERMISSION", " NO_PERMISSION"}, r.outcomesOf()); d != "" ||
		len(jobtest.Writes(r.Front.Sent())) != 1 {
		t.Error(d)
	}
	r.Dir = t.TempDir()
	q := r.request(Sync, "name", "Zeta")
	q.Options.Prune = true
	res := r.run(q)
	pruned := r.tableRows(res.Summary.Files.Pruned)
	if res.Summary.Roles.NotPruned != 5 || len(pruned) != 5 || pruned[0]["rc_code"] != "NO_PERMISSION" ||
		pruned[0]["rc_action"] != "" ||
		r.list()[0] != "Zeta" ||
		len(r.list()) != 6 {
		t.Errorf("%+v, %v, %q", res.Summary.Roles, pruned, r.list())
	}
	r = newRig(t, emulator.Options{Org: small(), Denied: []string{"roles.read"}})
	_, err := start(t.Context(), r.request(Import, rows...))
	var stop *job.Stop
	if !errors.As(err, &stop) || stop.Reason != job.Refused || !strings.Contains(err.Error(), "NO_PERMISSION") ||
		len(r.Front.Sent()) != 1 {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(r.Dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}

// If the sign-in lacks the scope for a call, the run ends. After a new sign-in, resume does the rest.
func TestScopeLacking(t *testing.T) {
	t.Parallel()
	for method, done := range map[string]int64{http.MethodGet: -1, http.MethodPost: 1, http.MethodPut: 2} {
		r := newRig(t, emulator.Options{Org: small()})
		lacks := true
		r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
			if lacks && q.Method == method {
				jobtest.Answer(
					w,
					http.StatusUnauthorized,
					`{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"Unauthorized","status":"error"}`,
				)
				return
			}
			pass(w)
		}
		q := r.request(Import, namedAll([]string{header, ",Zeta,", "<A>,Iota,", "<B>,Beta,"})...)
		res, err := start(t.Context(), q)
		stop, _ := errors.AsType[*job.Stop](err)
		if done >= 0 && err == nil {
			stop = res.Stop
		}
		if stop == nil || stop.Reason != job.SignIn || done >= 0 && res.Summary.Rows.Success != done {
			t.Errorf("%s: %+v, %v", method, res, err)
			continue
		}
		if lacks = false; done < 0 {
			continue
		}
		r.toTheEnd(t, q.RunDir, func() job.Again { return r.again(q.RunDir) }, 1)
		want := []string{"created SUCCESS", "updated SUCCESS", "unchanged SUCCESS"}
		if d := gocmp.Diff(want, r.outcomesOf()); d != "" {
			t.Errorf("%s: %s", method, d)
		}
	}
}

// A change that Zoho certainly refused does not count as done, even if somebody else makes it meanwhile.
func TestWhatWasRefusedIsNotClaimed(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	lacks := true
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
		if lacks && q.Method == http.MethodPost {
			jobtest.Answer(
				w,
				http.StatusUnauthorized,
				`{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"Unauthorized","status":"error"}`,
			)
			return
		}
		pass(w)
	}
	q := r.request(Import, "name", "Zeta")
	if res, err := start(t.Context(), q); err != nil || res.Stop == nil {
		t.Fatalf("%+v, %v", res, err)
	}
	lacks = false
	other := r.request(Import, "name", "Zeta")
	other.RunDir = filepath.Join(r.Dir, "other")
	if res, err := start(t.Context(), other); err != nil || res.Summary.Rows.Created != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	if res, err := job.Resume(t.Context(), r.again(q.RunDir)); err != nil || res.Summary.Rows.Unchanged != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}
