package stakeholder

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// onWrite calls f with the number of each write, before it is sent.
func onWrite(f func(n int64)) http.RoundTripper {
	var n atomic.Int64
	return jobtest.RoundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet {
			f(n.Add(1))
		}
		return http.DefaultTransport.RoundTrip(r)
	})
}

// many makes rows for n contacts, five to a deal.
func many(n int) []string {
	var lines []string
	for i := range n {
		lines = append(lines, fmt.Sprintf("%d %d Purchasing", i/5+1, i%5+1))
	}
	return lines
}

func TestStops(t *testing.T) {
	t.Parallel()
	// a deal that does not exist in every second row; those deals come last, since deals go by id
	bad := func(n int) []string {
		var lines []string
		for i := range n {
			lines = append(lines, fmt.Sprintf("%d 1 Purchasing", i%2*1000+i/2+1))
		}
		return lines
	}
	limit := func(s string) job.Threshold { l, _ := job.ParseThreshold(s); return l }
	for _, test := range []struct {
		name   string
		lines  []string
		set    job.Settings
		reason job.Reason
		says   string
		sent   [2]int64 // rows with an outcome: at least, at most
	}{
		{
			"too many errors", bad(40), job.Settings{MaxErrors: limit("3"), Concurrency: 1}, job.TooManyErrors,
			"--max-errors 3", [2]int64{24, 24},
		},
		{
			"too many errors in per cent", bad(400), job.Settings{MaxErrors: limit("20%")}, job.TooManyErrors,
			"--max-errors 20%", [2]int64{240, 260},
		},
		{"no percentage before row 100", bad(90), job.Settings{MaxErrors: limit("20%")}, 0, "", [2]int64{90, 90}},
		{"the first hundred all fail", many(300)[250:], job.Settings{}, 0, "", [2]int64{50, 50}},
		// two go for the org and the roles
		{"a budget of credits", many(60), job.Settings{MaxCredits: 12}, job.OutOfBudget, "budget", [2]int64{10, 10}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Deals: 200, Contacts: 10})
			q := r.request(Assign, jobtest.Triples(test.lines...))
			q.Settings = test.set
			if q.Settings.Concurrency == 0 {
				q.Settings.Concurrency = 4
			}
			res := r.run(q)
			r.checkStopped(res, test.reason, test.says, test.sent)
		})
	}
}

// Whatever order the rows of several deals take, the run ends at the first error beyond --max-errors. Only the calls
// that are in flight then may fail too.
func TestTooManyErrorsWithCallsInFlight(t *testing.T) {
	t.Parallel()
	const inFlight, most = 4, 3
	r := newRig(t, emulator.Options{Deals: 20, Contacts: 1})
	var lines []string
	for deal := range 80 { // three of four deals do not exist
		lines = append(lines, fmt.Sprintf("%d 1 Purchasing", deal+1))
	}
	q := r.request(Assign, jobtest.Triples(lines...))
	q.Settings.MaxErrors, _ = job.ParseThreshold(strconv.Itoa(most))
	q.Settings.Concurrency = inFlight
	res := r.run(q)
	r.checkStopped(res, job.TooManyErrors, "--max-errors 3", [2]int64{most + 1, 20 + most + inFlight})
	if n := res.Summary.Rows.Error; n <= most || n > most+inFlight {
		t.Errorf("%d rows failed, want %d to %d", n, most+1, most+inFlight)
	}
}

// checkStopped checks a result against why the run should have ended, and its files with it.
func (r *rig) checkStopped(res *job.Result, reason job.Reason, says string, sent [2]int64) {
	r.T.Helper()
	rows := res.Summary.Rows
	if reached := rows.Success + rows.Error; reached < sent[0] || reached > sent[1] {
		r.T.Errorf("%d rows have an outcome, want %d to %d", reached, sent[0], sent[1])
	}
	if int64(len(r.Results().Rows)) != rows.Total {
		r.T.Errorf("%d rows in the results, %d in the input", len(r.Results().Rows), rows.Total)
	}
	if reason == 0 {
		if res.Stop != nil {
			r.T.Errorf("stopped: %v", res.Stop)
		}
		return
	}
	if res.Stop == nil || res.Stop.Reason != reason || !strings.Contains(res.Stop.Error(), says) {
		r.T.Fatalf("stop %v, want reason %d that says %q", res.Stop, reason, says)
	}
	if want := "rolecall resume " + filepath.Join(r.Dir, "run"); res.Summary.Next != want {
		r.T.Errorf("next command %q, want %q", res.Summary.Next, want)
	}
}

func TestTheFirstHundredAllFail(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 1, Contacts: 1})
	var lines []string
	for i := range 400 {
		lines = append(lines, fmt.Sprintf("%d 1 Purchasing", i+2))
	}
	res := r.run(r.request(Assign, jobtest.Triples(lines...)))
	r.checkStopped(res, job.TooManyErrors, "right org", [2]int64{100, 104})
}

func TestRowsThatCannotBeSentCountBeforeTheFirstCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, jobtest.Triples("1 x Purchasing", "1 y Purchasing", "1 1 Nobody", "1 2 Purchasing", "3"))
	q.Settings.MaxErrors, _ = job.ParseThreshold("2")
	res := r.run(q)
	r.checkStopped(res, job.TooManyErrors, "--max-errors 2", [2]int64{4, 4})
	if n := r.Emu.Stats().Calls["PUT /Deals/{id}/Contact_Roles/{id}"]; n != 0 {
		t.Errorf("%d rows were sent", n)
	}
}

// After an interruption the calls in flight finish, and no new one starts. resume sends the rest, and nothing twice.
func TestInterruptAndResume(t *testing.T) {
	t.Parallel()
	for _, command := range []string{Assign, Remove} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Deals: 50, Contacts: 10})
			lines := many(100)
			setup := r.request(Assign, jobtest.Triples(lines...))
			setup.RunDir = filepath.Join(r.Dir, "setup")
			if command == Remove {
				r.run(setup)
			}
			before := r.Emu.Stats().Calls
			ctx, cancel := context.WithCancelCause(t.Context())
			r.Transport = onWrite(func(n int64) {
				if n == 7 {
					cancel(job.ErrInterrupted)
				}
			})
			q := r.request(command, jobtest.Triples(lines...))
			res, err := job.Start(ctx, q.with())
			if err != nil {
				t.Fatal(err)
			}
			r.checkStopped(res, job.Interrupted, "interrupted", [2]int64{7, 70})
			r.Transport = nil
			again, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()})
			if err != nil || again.Stop != nil {
				t.Fatalf("resume: %v, stop %v", err, again)
			}
			r.checkStopped(again, 0, "", [2]int64{100, 100})
			key := "PUT /Deals/{id}/Contact_Roles/{id}"
			calls := 100
			if command == Remove {
				key, calls = "DELETE /Deals/{id}/Contact_Roles", 20
			}
			if n := r.Emu.Stats().Calls[key] - before[key]; n != calls {
				t.Errorf("%d calls, want %d: nothing twice", n, calls)
			}
			if _, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()}); !errors.Is(
				err, job.ErrFinished,
			) {
				t.Errorf("resume of a finished run: %v", err)
			}
		})
	}
}

func TestResumeOnAnotherOrg(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, jobtest.Triples(many(20)...))
	q.Settings.MaxCredits = 5
	r.run(q)
	other := newRig(t, emulator.Options{})
	_, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: other.Env()})
	var usage *job.UsageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "another org") {
		t.Errorf("got %v", err)
	}
	if len(other.State()) != 0 {
		t.Error("the other org was changed")
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	base := job.Identity{APIURL: "u", ClientID: "c", Fingerprint: "f", OrgID: "1"}
	with := func(change func(*job.Identity)) job.Identity { i := base; change(&i); return i }
	for _, test := range []struct {
		name  string
		other job.Identity
		same  bool
	}{
		{"the same", base, true},
		{"signed in again", with(func(i *job.Identity) { i.ClientID, i.Fingerprint = "d", "g" }), true},
		{"another org", with(func(i *job.Identity) { i.OrgID = "2" }), false},
		{"another address", with(func(i *job.Identity) { i.APIURL = "v" }), false},
		{"the org cannot be read", with(func(i *job.Identity) { i.OrgID = "" }), true},
		{
			"the org cannot be read and another sign-in",
			with(func(i *job.Identity) { i.OrgID, i.Fingerprint = "", "g" }), false,
		},
	} {
		if got := base.Same(test.other); got != test.same {
			t.Errorf("%s: same is %v", test.name, got)
		}
	}
}

func TestARunIsHeldByOneProcess(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, jobtest.Triples("1 1 Purchasing"))
	r.run(q)
	held, err := rundb.Open(filepath.Join(q.RunDir, rundir.Database))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if _, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()}); !errors.Is(err, job.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

func TestReportMakesTheFilesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, jobtest.Triples("1 1 Purchasing", "99 1 Purchasing"))
	r.run(q)
	before := r.Results()
	for _, name := range []string{rundir.Results, rundir.Failed, rundir.Summary} {
		if err := os.Remove(filepath.Join(q.RunDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	res, err := job.Report(job.Again{RunDir: q.RunDir, Env: r.Env()})
	if err != nil || res.Summary.Rows.Error != 1 {
		t.Fatalf("report: %v, %+v", err, res)
	}
	if d := cmp.Diff(before.Rows, r.Results().Rows); d != "" {
		t.Errorf("results (-before +again):\n%s", d)
	}
}
