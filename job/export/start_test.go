package export

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
)

// An export whose list is stopped has a summary, says in its report that nothing is listed, and resume lists afresh.
func TestListIsStopped(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*job.Settings){
		"credits": func(s *job.Settings) { s.MaxCredits = 4 },
		"time":    func(s *job.Settings) { s.MaxDuration = 400 * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Deals: 900, Contacts: 1, CoqlRows: 200, Latency: 100 * time.Millisecond})
			q := r.request("out.csv")
			stop(&q.Settings)
			res := r.stops(q, job.OutOfBudget, "")
			sum := res.Summary
			if sum.State != report.Stopped || sum.Next == "" || sum.Spent.Credits == 0 || sum.Seconds == 0 {
				t.Errorf("%+v", sum)
			}
			far, err := job.Report(job.Again{RunDir: sum.RunDir, Env: r.Env()})
			if err != nil || !strings.Contains(far.Summary.Stopped, "its Deals are not listed") {
				t.Errorf("%+v, %v", far, err)
			}
			again := r.again(sum.RunDir, 0)
			again.Change = func(s *job.Settings) { s.MaxCredits, s.MaxDuration = 0, 0 }
			done, err := job.Resume(t.Context(), again)
			if err != nil || done.Stop != nil || done.Summary.Export.Rows != 900 {
				t.Fatalf("%+v, %v", done, err)
			}
			if done.Summary.Spent.Credits <= sum.Spent.Credits {
				t.Error("what the first process spent is forgotten")
			}
			if rows := len(rowsIn(r.read(q))); rows != 900 {
				t.Errorf("%d rows", rows)
			}
		})
	}
}

// An export that continues a stopped one writes the file with the new settings, also by a later resume.
func TestGoingOnKeepsWhatIsAskedForNow(t *testing.T) {
	t.Parallel()
	r := newRig(t, someDeals())
	want, _ := r.export(r.request("want.jsonl"))
	q := r.request("out.csv")
	q.Settings.MaxCredits, q.Options.Composite = 30, job.Off
	r.stops(q, job.OutOfBudget, "budget of credits")
	q.Options.Format = "jsonl"
	res := r.stops(q, job.OutOfBudget, "budget of credits")
	if notes := strings.Join(res.Summary.Notes, "\n"); !strings.HasPrefix(notes, "this goes on with an export") {
		t.Errorf("notes: %q", res.Summary.Notes)
	}
	done, err := job.Resume(t.Context(), r.again(res.Summary.RunDir, 1000))
	if err != nil || done.Stop != nil {
		t.Fatalf("%+v, %v", done, err)
	}
	if got := r.read(q); got != want {
		t.Errorf("got %.300s, want %.300s", got, want)
	}
	if n := r.reads(); n != 2*120 {
		t.Errorf("%d reads, want one for each deal of each file", n)
	}
}

// A stopped export is given up if the new one is of another org, or after twelve hours, and only after a successful
// sign-in.
func TestStoppedExportIsGivenUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, someDeals())
	q := r.request("out.csv")
	q.Settings.MaxCredits, q.Options.Composite = 30, job.Off
	dir := r.stops(q, job.OutOfBudget, "budget of credits").Summary.RunDir
	q.Settings.MaxCredits = 0

	failing := q
	errNoSignIn := errors.New("nobody signs in")
	failing.Connect = func(context.Context, job.Settings, job.Hooks) (*job.Org, error) { return nil, errNoSignIn }
	if _, err := Start(t.Context(), failing); !errors.Is(err, errNoSignIn) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "run.db")); err != nil {
		t.Errorf("the export is given up although nobody signed in: %v", err)
	}
	late := q
	late.Now = func() time.Time { return time.Now().Add(13 * time.Hour) }
	before := r.reads()
	_, res := r.export(late)
	if len(res.Summary.Notes) != 1 || !strings.Contains(res.Summary.Notes[0], "is given up for this one") {
		t.Errorf("notes: %q", res.Summary.Notes)
	}
	if n := r.reads() - before; n != 120 {
		t.Errorf("%d reads, want all of them", n)
	}
}

// An export of named deals continues after a stop, also if a deal is named twice.
func TestNamedDealsAreGoneOnWith(t *testing.T) {
	t.Parallel()
	for _, contacts := range []bool{false, true} {
		r := newRig(t, someDeals())
		q := r.request("want.csv")
		for i := range 60 {
			q.Deals = append(q.Deals, jobtest.DealID(2*i+1))
		}
		q.Options.ViaContacts = contacts
		want, res := r.export(q)
		if n := res.Summary.Export.Counts.Deals; n != 60 {
			t.Errorf("%d deals", n)
		}
		q.Options.Output = filepath.Join(r.Dir, "out.csv")
		q.Deals = append(q.Deals, q.Deals[7], q.Deals[8])
		q.Settings.MaxCredits, q.Options.Composite = 15, job.Off
		stopped := r.stops(q, job.OutOfBudget, "budget of credits")
		done, err := job.Resume(t.Context(), r.again(stopped.Summary.RunDir, 1000))
		if err != nil || done.Stop != nil {
			t.Fatalf("%+v, %v", done, err)
		}
		if got := r.read(q); got != want {
			t.Errorf("by contacts %v: another file", contacts)
		}
	}
}

// stuckStdout is a stdout whose reader does not read until the time is up: each write ends with the context.
type stuckStdout struct{ ctx context.Context }

func (s stuckStdout) Write([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, context.Cause(s.ctx)
}

// If nobody reads stdout until --max-duration is over, everything that was read from Zoho stays, and resume writes it.
func TestTimeIsUpWhileNobodyReadsStdout(t *testing.T) {
	t.Parallel()
	r := newRig(t, someDeals())
	q := r.request("out.csv")
	q.Options.Output = Stdout
	ctx, release := job.Within(t.Context(), time.Nanosecond)
	defer release()
	q.Stdout = stuckStdout{ctx}
	_, err := Start(t.Context(), q)
	stop, _ := errors.AsType[*job.Stop](err)
	if stop == nil || stop.Reason != job.OutOfBudget || !strings.Contains(stop.Error(), "go on with: rolecall resume ") {
		t.Fatalf("%v", err)
	}
	runs, err := filepath.Glob(filepath.Join(q.State, stdoutHomes+"*", runFolder))
	if err != nil || len(runs) != 1 {
		t.Fatalf("%q, %v", runs, err)
	}
	var out strings.Builder
	again := job.Again{RunDir: runs[0], Env: r.Env()}
	again.Stdout = &out
	reads := r.reads()
	if res, err := job.Resume(t.Context(), again); err != nil || res.Stop != nil || out.Len() == 0 || r.reads() != reads {
		t.Errorf("%+v, %v, %d bytes, %d reads", res, err, out.Len(), r.reads()-reads)
	}
}
