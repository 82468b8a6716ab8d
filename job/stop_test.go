package job

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"rolecall/api/emulator"
	"rolecall/job/rundir"

	"github.com/google/go-cmp/cmp"
)

// roundTripper is a function as a transport.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// onWrite calls f with the number of each write, before it is sent.
func onWrite(f func(n int64)) http.RoundTripper {
	var n atomic.Int64
	return roundTripper(func(r *http.Request) (*http.Response, error) {
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
	bad := func(n int) []string { // a deal that does not exist in every second row; those deals come last, since deals go by id
		var lines []string
		for i := range n {
			lines = append(lines, fmt.Sprintf("%d 1 Purchasing", i%2*1000+i/2+1))
		}
		return lines
	}
	limit := func(s string) Threshold { l, _ := ParseThreshold(s); return l }
	for _, test := range []struct {
		name   string
		lines  []string
		set    Settings
		reason Reason
		says   string
		sent   [2]int64 // rows with an outcome: at least, at most
	}{
		{"too many errors", bad(40), Settings{MaxErrors: limit("3")}, TooManyErrors, "--max-errors 3", [2]int64{24, 28}},
		{"too many errors in per cent", bad(400), Settings{MaxErrors: limit("20%")}, TooManyErrors, "--max-errors 20%", [2]int64{240, 260}},
		{"no percentage before row 100", bad(90), Settings{MaxErrors: limit("20%")}, 0, "", [2]int64{90, 90}},
		{"the first hundred all fail", many(300)[250:], Settings{}, 0, "", [2]int64{50, 50}},
		{"a budget of credits", many(60), Settings{MaxCredits: 12}, OutOfBudget, "budget", [2]int64{10, 10}}, // two go for the org and the roles
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Deals: 200, Contacts: 10})
			q := r.request(Assign, triples(test.lines...))
			test.set.Concurrency = 4
			q.Settings = test.set
			res := r.run(q)
			r.checkStopped(res, test.reason, test.says, test.sent)
		})
	}
}

// checkStopped checks a result against why the run should have ended, and its files with it.
func (r *rig) checkStopped(res *Result, reason Reason, says string, sent [2]int64) {
	r.t.Helper()
	rows := res.Summary.Rows
	if reached := rows.Success + rows.Error; reached < sent[0] || reached > sent[1] {
		r.t.Errorf("%d rows have an outcome, want %d to %d", reached, sent[0], sent[1])
	}
	if int64(len(r.results().rows)) != rows.Total {
		r.t.Errorf("%d rows in the results, %d in the input", len(r.results().rows), rows.Total)
	}
	if reason == 0 {
		if res.Stop != nil {
			r.t.Errorf("stopped: %v", res.Stop)
		}
		return
	}
	if res.Stop == nil || res.Stop.Reason != reason || !strings.Contains(res.Stop.Error(), says) {
		r.t.Fatalf("stop %v, want reason %d that says %q", res.Stop, reason, says)
	}
	if want := "rolecall resume " + filepath.Join(r.dir, "run"); res.Summary.Next != want {
		r.t.Errorf("next command %q, want %q", res.Summary.Next, want)
	}
}

func TestTheFirstHundredAllFail(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 1, Contacts: 1})
	var lines []string
	for i := range 400 {
		lines = append(lines, fmt.Sprintf("%d 1 Purchasing", i+2))
	}
	res := r.run(r.request(Assign, triples(lines...)))
	r.checkStopped(res, TooManyErrors, "right org", [2]int64{100, 104})
}

func TestRowsThatCannotBeSentCountBeforeTheFirstCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, triples("1 x Purchasing", "1 y Purchasing", "1 1 Nobody", "1 2 Purchasing", "3"))
	q.Settings.MaxErrors, _ = ParseThreshold("2")
	res := r.run(q)
	r.checkStopped(res, TooManyErrors, "--max-errors 2", [2]int64{4, 4})
	if n := r.emu.Stats().Calls["PUT /Deals/{id}/Contact_Roles/{id}"]; n != 0 {
		t.Errorf("%d rows were sent", n)
	}
}

// An interruption finishes what is in flight and starts nothing more; resume sends the rest and nothing twice.
func TestInterruptAndResume(t *testing.T) {
	t.Parallel()
	for _, command := range []Command{Assign, Remove} {
		t.Run(string(command), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Deals: 50, Contacts: 10})
			lines := many(100)
			setup := r.request(Assign, triples(lines...))
			setup.RunDir = filepath.Join(r.dir, "setup")
			if command == Remove {
				r.run(setup)
			}
			before := r.emu.Stats().Calls
			ctx, cancel := context.WithCancelCause(t.Context())
			r.transport = onWrite(func(n int64) {
				if n == 7 {
					cancel(ErrInterrupted)
				}
			})
			q := r.request(command, triples(lines...))
			res, err := Start(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			r.checkStopped(res, Interrupted, "interrupted", [2]int64{7, 70})
			r.transport = nil
			again, err := Resume(t.Context(), Again{RunDir: q.RunDir, Env: r.env()})
			if err != nil || again.Stop != nil {
				t.Fatalf("resume: %v, stop %v", err, again)
			}
			r.checkStopped(again, 0, "", [2]int64{100, 100})
			key := "PUT /Deals/{id}/Contact_Roles/{id}"
			calls := 100
			if command == Remove {
				key, calls = "DELETE /Deals/{id}/Contact_Roles", 20
			}
			if n := r.emu.Stats().Calls[key] - before[key]; n != calls {
				t.Errorf("%d calls, want %d: nothing twice", n, calls)
			}
			if _, err := Resume(t.Context(), Again{RunDir: q.RunDir, Env: r.env()}); !errors.Is(err, ErrFinished) {
				t.Errorf("resume of a finished run: %v", err)
			}
		})
	}
}

func TestResumeOnAnotherOrg(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, triples(many(20)...))
	q.Settings.MaxCredits = 5
	r.run(q)
	other := newRig(t, emulator.Options{})
	_, err := Resume(t.Context(), Again{RunDir: q.RunDir, Env: other.env()})
	var usage *UsageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "another org") {
		t.Errorf("got %v", err)
	}
	if len(other.state()) != 0 {
		t.Error("the other org was changed")
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	base := Identity{APIURL: "u", ClientID: "c", Fingerprint: "f", OrgID: "1"}
	with := func(change func(*Identity)) Identity { i := base; change(&i); return i }
	for _, test := range []struct {
		name  string
		other Identity
		same  bool
	}{
		{"the same", base, true},
		{"signed in again", with(func(i *Identity) { i.ClientID, i.Fingerprint = "d", "g" }), true},
		{"another org", with(func(i *Identity) { i.OrgID = "2" }), false},
		{"another address", with(func(i *Identity) { i.APIURL = "v" }), false},
		{"the org cannot be read", with(func(i *Identity) { i.OrgID = "" }), true},
		{"the org cannot be read and another sign-in", with(func(i *Identity) { i.OrgID, i.Fingerprint = "", "g" }), false},
	} {
		if got := base.Same(test.other); got != test.same {
			t.Errorf("%s: same is %v", test.name, got)
		}
	}
}

func TestARunIsHeldByOneProcess(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, triples("1 1 Purchasing"))
	r.run(q)
	held, err := openStore(filepath.Join(q.RunDir, rundir.Database), false)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if _, err := Resume(t.Context(), Again{RunDir: q.RunDir, Env: r.env()}); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

func TestReportMakesTheFilesAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	q := r.request(Assign, triples("1 1 Purchasing", "99 1 Purchasing"))
	r.run(q)
	before := r.results()
	for _, name := range []string{rundir.Results, rundir.Failed, rundir.Summary} {
		if err := os.Remove(filepath.Join(q.RunDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	res, err := Report(Again{RunDir: q.RunDir, Env: r.env()})
	if err != nil || res.Summary.Rows.Error != 1 {
		t.Fatalf("report: %v, %+v", err, res)
	}
	if d := cmp.Diff(before.rows, r.results().rows); d != "" {
		t.Errorf("results (-before +again):\n%s", d)
	}
}
