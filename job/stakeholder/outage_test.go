package stakeholder

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// between returns a transport that uses away between two times after now, and the other transport at other times.
func between(from, to time.Duration, away, by http.RoundTripper) http.RoundTripper {
	began := time.Now()
	return jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
		if since := time.Since(began); since >= from && since < to {
			return away.RoundTrip(q)
		}
		return by.RoundTrip(q)
	})
}

// answers is a server that gives the same answer to every request.
func answers(status int, kind, body string) http.RoundTripper {
	return jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status,
			Header:     http.Header{"Content-Type": {kind}},
			Body:       io.NopCloser(strings.NewReader(body)),
			Request:    q,
		}, nil
	})
}

// aways is the ways in which a server may be unreachable.
func aways() map[string]http.RoundTripper {
	return map[string]http.RoundTripper{
		"refused": jobtest.RoundTripper(func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}),
		"cut": jobtest.RoundTripper(func(*http.Request) (*http.Response, error) { return nil, jobtest.ErrCut }),
		"silent": jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
			<-q.Context().Done()
			return nil, q.Context().Err()
		}),
		"gateway": answers(http.StatusBadGateway, "text/html", "<html>Bad Gateway</html>"),
	}
}

// The pace of the runs below: 4 workers at half a second a call make 8 rows a second, so that 450 rows take 56 seconds.
// A token of a minute is used for 48 seconds: the client keeps a fifth of its life back.
const (
	paceOfCalls = 500 * time.Millisecond
	pacedRows   = 450
	tokenLife   = time.Minute
)

func pacedOptions() emulator.Options {
	return emulator.Options{Deals: pacedRows / 5, Contacts: 5, Latency: paceOfCalls, TokenTTL: tokenLife}
}

// checkUnfinished checks a stopped run: every row is there once and in order, rows that were not reached are
// not_attempted and blank, no row failed, and each success is in the org.
func (r *rig) checkUnfinished(res *job.Result, reason job.Reason) {
	r.T.Helper()
	r.checkStopped(res, reason, "", [2]int64{1, pacedRows - 1})
	if res.Summary.Rows.Error != 0 {
		r.T.Errorf("%d rows failed", res.Summary.Rows.Error)
	}
	r.checkRows(res)
}

// checkRows compares the results with the summary and with the org.
func (r *rig) checkRows(res *job.Result) {
	r.T.Helper()
	state, counts := r.State(), map[string]int64{}
	for i, row := range r.Results().Rows {
		if want := int64(i + 1); row["rc_row"] != itoa(want) {
			r.T.Fatalf("row %d of the results is row %s", want, row["rc_row"])
		}
		counts[row["rc_status"]]++
		_, on := state[row["rc_deal_id"]][row["rc_contact_id"]]
		switch blank := row["rc_code"] + row["rc_action"] + row["rc_http"] + row["rc_attempts"]; {
		case row["rc_status"] == string(job.NotAttempted) && blank != "":
			r.T.Errorf("row %s was not attempted, yet %v", row["rc_row"], row)
		case row["rc_action"] == job.ActionAssigned && !on, row["rc_action"] == job.ActionRemoved && on:
			r.T.Errorf("row %s is a false success: %v", row["rc_row"], row)
		}
	}
	rows := res.Summary.Rows
	want := map[string]int64{
		string(job.Success): rows.Success, string(job.Failed): rows.Error,
		string(job.NotAttempted): rows.NotAttempted,
	}
	for status, n := range want {
		if counts[status] != n {
			r.T.Errorf("%d rows are %s, the summary says %d", counts[status], status, n)
		}
	}
}

// goOn resumes a run, which must finish with every row a success.
func (r *rig) goOn(runDir string) {
	r.T.Helper()
	res, err := job.Resume(r.T.Context(), job.Again{RunDir: runDir, Env: r.Env()})
	if err != nil || res.Stop != nil {
		r.T.Fatalf("resume: %v, %+v", err, res)
	}
	r.checkAllDone(res)
}

func (r *rig) checkAllDone(res *job.Result) {
	r.T.Helper()
	if res.Stop != nil || res.Summary.Rows.Success != res.Summary.Rows.Total || res.Summary.Rows.Total != pacedRows {
		r.T.Errorf("stop %v, rows %+v", res.Stop, res.Summary.Rows)
	}
	r.checkRows(res)
}

// later waits in virtual time.
func later(d time.Duration) { <-time.After(d) }

// Ten minutes without the API, for assign and for remove: the run stops, no row has failed, and resume does the rest.
func TestOutageOfTheAPIInMidRun(t *testing.T) {
	t.Parallel()
	for name, away := range aways() {
		for _, command := range []string{Assign, Remove} {
			t.Run(name+" "+command, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					o := pacedOptions()
					from := 20 * time.Second
					if o.TokenTTL = time.Hour; command == Remove {
						o.Latency = 4 * paceOfCalls // the rows of a deal travel together
						from += 45 * time.Second    // 4 workers read 90 deals before the first write
					}
					r := newVirtualRig(t, o)
					if command == Remove {
						setup := r.request(Assign, jobtest.Triples(many(pacedRows)...))
						setup.RunDir = filepath.Join(r.Dir, "setup")
						r.run(setup)
					}
					r.Transport = between(from, from+10*time.Minute, away, r.Tokens)
					began, q := time.Now(), r.request(command, jobtest.Triples(many(pacedRows)...))
					r.checkUnfinished(r.run(q), job.Outage)
					if took := time.Since(began) - from; took < 2*time.Minute || took > 3*time.Minute+15*time.Second {
						t.Errorf(
							"stopped after %s: want two minutes of outage, and at most a silent call and a wait more",
							took,
						)
					}
					later(10 * time.Minute)
					r.goOn(q.RunDir)
				})
			})
		}
	}
}

// The token ends while the accounts server does not answer for ten minutes. The run stops, and no row fails.
func TestOutageOfTheAccountsServerInMidRun(t *testing.T) {
	t.Parallel()
	for name, away := range aways() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newVirtualRig(t, pacedOptions())
				r.Tokens = between(20*time.Second, 20*time.Second+10*time.Minute, away, r.Tokens)
				began, q := time.Now(), r.request(Assign, jobtest.Triples(many(pacedRows)...))
				r.checkUnfinished(r.run(q), job.Outage)
				if took := time.Since(began); took < 2*time.Minute+48*time.Second ||
					took > 3*time.Minute+48*time.Second {
					t.Errorf("stopped after %s: want two minutes without a token, and at most a minute more", took)
				}
				later(10 * time.Minute)
				r.goOn(q.RunDir)
			})
		})
	}
}

// An outage of less than two minutes only costs time. A silent server holds each request for its whole time-out (a
// minute, or half a minute for a token), also if it answers again meanwhile. This time counts as unanswered too, so the
// silence here is shorter.
func TestShortOutage(t *testing.T) {
	t.Parallel()
	for name, away := range aways() {
		for _, whose := range []string{"API", "accounts server"} {
			t.Run(name+" "+whose, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r := newVirtualRig(t, pacedOptions())
					back := 20*time.Second + 95*time.Second
					if name == "silent" {
						back = 20*time.Second + 50*time.Second
					}
					if whose == "API" {
						r.Transport = between(20*time.Second, back, away, r.Transport)
					} else { // from 48 seconds on a token is wanted
						r.Tokens = between(40*time.Second, back+28*time.Second, away, r.Tokens)
					}
					r.checkAllDone(r.run(r.request(Assign, jobtest.Triples(many(pacedRows)...))))
				})
			})
		}
	}
}

// Tokens end twice during a run. Each time the run gets one new token for all workers.
func TestTokenExpiresInMidRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := pacedOptions()
		o.Latency = 3 * paceOfCalls // 24 workers make 16 rows a second
		o.TokenTTL = 15 * time.Second
		r := newVirtualRig(t, o)
		limit := 24
		if _, err := r.Emu.SetLimits(emulator.Limits{InFlight: &limit}); err != nil {
			t.Fatal(err)
		}
		q := r.request(Assign, jobtest.Triples(many(pacedRows)...))
		q.Settings.Concurrency = limit
		r.checkAllDone(r.run(q))
		// Each is used for 12 seconds; the first two reads take 3, and the rows 28.
		if got := r.Emu.Stats().TokensIssued; got != 3 {
			t.Errorf("%d tokens, want 3: one each time", got)
		}
		r.checkOneAttempt()
	})
}

func (r *rig) checkOneAttempt() {
	r.T.Helper()
	for _, row := range r.Results().Rows {
		if row["rc_attempts"] != "1" {
			r.T.Fatalf("row %s: %s attempts", row["rc_row"], row["rc_attempts"])
		}
	}
}

// restartable is a rig whose emulator can be restarted: the org stays, and all earlier tokens are invalid.
func restartable(t *testing.T, faults string) (r *rig, restart func()) {
	o := pacedOptions()
	var err error
	if o.Faults, err = emulator.ParseFaults(faults); err != nil {
		t.Fatal(err)
	}
	o.State, o.TokenTTL = filepath.Join(t.TempDir(), "org"), time.Hour
	r = newVirtualRig(t, o)
	o.TokenRequests = -1
	var now atomic.Pointer[emulator.Emulator]
	now.Store(r.Emu)
	t.Cleanup(func() { _ = now.Load().Close() })
	r.Tokens = jobtest.Direct(
		http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { now.Load().ServeHTTP(w, q) }),
	)
	r.Transport = r.Tokens
	return r, func() {
		if err := now.Load().Close(); err != nil {
			t.Error(err)
		}
		next, err := emulator.New(o)
		if err != nil {
			t.Error(err)
			return
		}
		r.Emu = next
		now.Store(next)
	}
}

// Zoho invalidates the token during a run. The run gets one new token for all workers, also for those whose refusal
// comes later, and no row fails.
func TestTokenRefusedInMidRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, restart := restartable(t, "slow=30%") // seconds lie between the refusals
		time.AfterFunc(20*time.Second+paceOfCalls/2, restart)
		r.checkAllDone(r.run(r.request(Assign, jobtest.Triples(many(pacedRows)...))))
		if got := r.Emu.Stats().TokensIssued; got != 1 {
			t.Errorf("%d tokens since the restart, want one for all workers", got)
		}
	})
}

// The accounts server refuses the sign-in during a run. Nothing is lost, and after the sign-in works again, resume
// finishes.
func TestSignInRefusedInMidRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		says   http.RoundTripper
		reason job.Reason
	}{
		{"revoked", answers(http.StatusOK, "application/json", `{"error":"invalid_code"}`), job.SignIn},
		{"client deleted", answers(http.StatusOK, "application/json", `{"error":"invalid_client"}`), job.SignIn},
	} {
		for _, kind := range []string{"expires", "is refused"} {
			t.Run(test.name+", the token "+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					r, restart := restartable(t, "")
					if kind == "expires" {
						r = newVirtualRig(t, pacedOptions())
					} else {
						time.AfterFunc(20*time.Second+paceOfCalls/2, restart)
					}
					r.Tokens = between(10*time.Second, 5*time.Minute, test.says, r.Tokens)
					q := r.request(Assign, jobtest.Triples(many(pacedRows)...))
					res := r.run(q)
					r.checkUnfinished(res, test.reason)
					if strings.Contains(res.Stop.Error(), "refresh_token=") ||
						strings.Contains(res.Stop.Error(), emulator.RefreshToken+"&") {
						t.Errorf("a secret in %q", res.Stop)
					}
					later(10 * time.Minute)
					r.goOn(q.RunDir)
				})
			})
		}
	}
}

// Zoho refuses tokens during a run because of too many requests. The run waits, makes few requests meanwhile, and
// finishes.
func TestThrottledInMidRun(t *testing.T) {
	t.Parallel()
	throttle := answers(
		http.StatusBadRequest,
		"application/json",
		`{"error":"Access Denied","status":"failure","error_description":`+
			`"You have made too many requests continuously. Please try again after some time."}`,
	)
	for _, kind := range []string{"expires", "is refused"} {
		t.Run("the token "+kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, restart := restartable(t, "")
				if kind == "expires" {
					r = newVirtualRig(t, pacedOptions())
				} else {
					time.AfterFunc(20*time.Second+paceOfCalls/2, restart)
				}
				var refused atomic.Int64
				r.Tokens = between(
					10*time.Second,
					10*time.Minute,
					jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
						refused.Add(1)
						return throttle.RoundTrip(q)
					}),
					r.Tokens,
				)
				r.checkAllDone(r.run(r.request(Assign, jobtest.Triples(many(pacedRows)...))))
				if n := refused.Load(); n < 1 || n > 9 {
					t.Errorf("%d tokens were refused, want some and fewer than the ten of a window", n)
				}
			})
		})
	}
}

// With each fault alone, and with all faults together, results and org equal those of a run without faults.
func TestEachFault(t *testing.T) {
	t.Parallel()
	commands := []string{Assign, Remove}
	wants, states := map[string][]string{}, map[string]map[string]map[string]string{} // of a run without faults
	synctest.Test(t, func(t *testing.T) {
		plain := newVirtualRig(t, emulator.Options{Latency: 20 * time.Millisecond})
		for _, command := range commands {
			wants[command], states[command] = plain.mixed(command), plain.State()
		}
	})
	for _, test := range []struct {
		name, faults string
		mayBeLost    bool // a DELETE's answer may be lost, or look so: then absence is a success
	}{
		{"429", "429=40%", false},
		{"slow", "slow=50%", false},
		{"500", "500=10%", true},
		{"reset", "reset=10%", true},
		{"drop", "drop=10%", true},
		{"html", "html=10%", true},
		{"truncate", "truncate=10%", true},
		{"as documented", "429=2%,500=1%,reset=1%,drop=1%,slow=5%,html=1%,truncate=1%", true},
		{"threefold", "429=6%,500=3%,reset=3%,drop=3%,slow=15%,html=3%,truncate=3%", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				faults, err := emulator.ParseFaults(test.faults)
				if err != nil {
					t.Fatal(err)
				}
				faulty := newVirtualRig(
					t, emulator.Options{Latency: 20 * time.Millisecond, Faults: faults, FaultSeed: 7},
				)
				for _, command := range commands {
					if d := differ(wants[command], faulty.mixed(command), command, test.mayBeLost); d != "" {
						t.Errorf("%s: %s", command, d)
					}
					if d := cmp.Diff(states[command], faulty.State()); d != "" {
						t.Errorf("%s: org (-without faults +with):\n%s", command, d)
					}
				}
				faulty.checkFaults(test.faults)
			})
		})
	}
}

// mixed does a run over a file of 320 rows with repeats, contradictions, deals and contacts that do not exist, and
// deals spread over it. It returns status and action of each row.
func (r *rig) mixed(command string) []string {
	var lines []string
	roles := []string{"Purchasing", "Decision Maker", "PURCHASING"}
	for i := range 320 {
		deal, contact := itoa(int64(i*37%103+1)), itoa(int64(i%7+95)) // 100 of each exist
		lines = append(lines, deal+" "+contact+" "+roles[i/5%3])
	}
	q := r.request(command, jobtest.Triples(lines...))
	q.RunDir = filepath.Join(r.Dir, command)
	if command == Remove { // one that was never there in every call
		q = r.request(command, jobtest.Triples(append(lines, lines[0], "1 1", "2 1", "3 2", "4 3")...))
		q.RunDir = filepath.Join(r.Dir, command)
	}
	res := r.run(q)
	if res.Stop != nil {
		r.T.Errorf("stopped: %v", res.Stop)
	}
	return r.Table(filepath.Join(q.RunDir, rundir.Results)).Column("rc_status", "rc_action")
}

// checkFaults checks that the faults happened, so that the test is valid.
func (r *rig) checkFaults(list string) {
	r.T.Helper()
	stats, sent := r.Emu.Stats(), 0
	for _, n := range stats.Calls {
		sent += n
	}
	if strings.Contains(list, "429") && stats.TooManyRequests == 0 {
		r.T.Error("there was no 429")
	}
	if list != "slow=50%" && sent < 330 {
		r.T.Errorf("%d calls: nothing was sent again", sent)
	}
}
