package stakeholder

import (
	"bufio"
	"context"
	"encoding/json"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// logLine is a line of log.jsonl.
type logLine struct {
	Msg  string `json:"msg"`
	HTTP int    `json:"http"`
	Code string `json:"code"`
	text string
}

func (r *rig) log(runDir string) (lines []logLine) {
	r.T.Helper()
	f, err := os.Open(filepath.Join(runDir, rundir.LogFile))
	if err != nil {
		r.T.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		l := logLine{text: s.Text()}
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			r.T.Fatalf("%q: %v", s.Text(), err)
		}
		lines = append(lines, l)
	}
	return lines
}

const tooMany = `{"code":"TOO_MANY_REQUESTS","details":{},"status":"error","message":` +
	`"You have made too many requests continuously. Please try again after some time."}`

// Each of two episodes of 429 answers is logged when it begins and when it ends, and nowhere else.
func TestStormIsLoggedOncePerEpisode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newVirtualRig(t, pacedOptions())
		storm := answers(http.StatusTooManyRequests, "application/json", tooMany)
		r.Transport = between(
			50*time.Second, 65*time.Second, storm, between(10*time.Second, 25*time.Second, storm, r.Transport),
		)
		q := r.request(Assign, jobtest.Triples(many(pacedRows)...))
		res := r.run(q)
		r.checkAllDone(res)
		r.checkOneAttempt()
		if res.Summary.Spent.Episodes != 2 {
			t.Errorf("%d episodes, want 2", res.Summary.Spent.Episodes)
		}
		count := map[string]int{}
		for _, l := range r.log(q.RunDir) {
			count[l.Msg]++
			if !strings.HasPrefix(l.Msg, "429 episode") &&
				(l.HTTP == http.StatusTooManyRequests || l.Code == "TOO_MANY_REQUESTS") {
				count["429 beside the episodes"]++
			}
		}
		if count["429 episode"] != 2 || count["429 episode over"] != 2 || count["429 beside the episodes"] != 0 {
			t.Errorf("logged: %v; want each episode's beginning and end, and no 429 beside them", count)
		}
	})
}

// inFlight counts the calls in flight, and tells the most in each stretch of time since its beginning.
type inFlight struct {
	by http.RoundTripper

	mu    sync.Mutex
	now   int
	began time.Time
	most  map[time.Duration]int // by the second
}

func (f *inFlight) RoundTrip(q *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.now++
	second := time.Since(f.began).Truncate(time.Second)
	f.most[second] = max(f.most[second], f.now)
	f.mu.Unlock()
	defer func() { f.mu.Lock(); f.now--; f.mu.Unlock() }()
	later(20 * time.Millisecond) // on its way: a refusal takes its time as well, and is a call in flight until then
	return f.by.RoundTrip(q)
}

func (f *inFlight) between(from, to time.Duration) (most int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for second, n := range f.most {
		if second >= from && second < to {
			most = max(most, n)
		}
	}
	return most
}

// The org's limit drops from ten calls in flight to three and rises again. The run follows both changes, never exceeds
// its first limit, and no row fails.
func TestInFlightFollowsTheOrg(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newVirtualRig(t, emulator.Options{Deals: 600, Contacts: 5, Latency: paceOfCalls, InFlight: 10})
		set := func(n int) func() {
			return func() {
				if _, err := r.Emu.SetLimits(emulator.Limits{InFlight: &n}); err != nil {
					t.Error(err)
				}
			}
		}
		time.AfterFunc(20*time.Second, set(3))
		time.AfterFunc(80*time.Second, set(10))
		seen := &inFlight{by: r.Transport, began: time.Now(), most: map[time.Duration]int{}}
		r.Transport = seen
		q := r.request(Assign, jobtest.Triples(many(3000)...))
		q.Settings.Concurrency = 10
		res := r.run(q)
		if res.Stop != nil || res.Summary.Rows.Success != 3000 {
			t.Fatalf("stop %v, rows %+v", res.Stop, res.Summary.Rows)
		}
		r.checkOneAttempt()
		if before := seen.between(0, 20*time.Second); before != 10 {
			t.Errorf("%d in flight before, want 10", before)
		}
		// The run finds a limit by exceeding it with one call, and never exceeds it by more.
		if low := seen.between(25*time.Second, 80*time.Second); low < 2 || low > 4 {
			t.Errorf("%d in flight while three are allowed", low)
		}
		if after := seen.between(125*time.Second, 24*time.Hour); after != 10 {
			t.Errorf("%d in flight afterwards, want 10 again", after)
		}
		if most := seen.between(0, 24*time.Hour); most > 10 {
			t.Errorf("%d in flight", most)
		}
		// Of hundreds of calls while the limit was low, few may have met it: one each few seconds, and those in flight
		// at first.
		if n := r.Emu.Stats().TooManyRequests; n > 40 {
			t.Errorf("%d times 429", n)
		}
	})
}

// The day's credits are used up during a run. Zoho's answers look like those of another limit, but do not end. The run
// stops after two minutes, no row fails, and resume works on another day.
func TestCreditsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := pacedOptions()
		o.Credits, o.TokenTTL = 200, time.Hour
		r := newVirtualRig(t, o)
		began, q := time.Now(), r.request(Assign, jobtest.Triples(many(pacedRows)...))
		res := r.run(q)
		r.checkUnfinished(res, job.OutOfBudget)
		if res.Summary.Rows.Success != 198 { // two went for the org and its roles
			t.Errorf("%d rows done for 200 credits", res.Summary.Rows.Success)
		}
		// 198 rows take 25 seconds; the waits double to a minute, so the last look may be that late.
		if took := time.Since(began); took < 2*time.Minute+25*time.Second || took > 3*time.Minute+40*time.Second {
			t.Errorf("stopped after %s", took)
		}
		if n := r.Emu.Stats().TooManyRequests; n > 30 {
			t.Errorf("%d calls against a closed door", n)
		}
		unlimited := 0
		if _, err := r.Emu.SetLimits(emulator.Limits{Credits: &unlimited}); err != nil {
			t.Fatal(err)
		}
		r.goOn(q.RunDir)
	})
}

// In no second do more calls start than --rate allows. Retries and reads count too.
func TestRateOverAnySecond(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rate   float64
		rows   int
		faults string
	}{
		{0.5, 20, ""},
		{3, 100, "500=10%"},
		{7, 200, "429=5%,500=5%,slow=10%"},
		{10, 300, ""},
		{64, 500, "500=5%"},
		{250, 500, ""},
	} {
		t.Run(strconv.FormatFloat(test.rate, 'f', -1, 64), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				faults, err := emulator.ParseFaults(test.faults)
				if err != nil {
					t.Fatal(err)
				}
				r := newVirtualRig(t, emulator.Options{Latency: 30 * time.Millisecond, Faults: faults, InFlight: 20})
				var mu sync.Mutex
				var starts []time.Time
				by := r.Transport
				r.Transport = jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
					mu.Lock()
					starts = append(starts, time.Now())
					mu.Unlock()
					return by.RoundTrip(q)
				})
				q := r.request(Assign, jobtest.Triples(many(test.rows)...))
				q.Settings.Concurrency, q.Settings.Rate = 20, test.rate
				if res := r.run(q); res.Stop != nil || res.Summary.Rows.Success != int64(test.rows) {
					t.Fatalf("stop %v, rows %+v", res.Stop, res.Summary.Rows)
				}
				most := busiestSecond(starts)
				// One more at the fence: calls a seventh of a second apart begin and end a second with one, and
				// nanoseconds round.
				if allowed := int(math.Ceil(test.rate)) + 1; most > allowed {
					t.Errorf("%d calls started within a second, want at most %d", most, allowed)
				}
				// The first calls come one by one, and at the end there are fewer deals than workers: between them the
				// rate is what is waited for.
				middle := starts[len(starts)/10 : len(starts)*9/10]
				if took := middle[len(middle)-1].Sub(middle[0]); test.faults == "" &&
					float64(len(middle)-1)/took.Seconds() < 0.95*test.rate {
					t.Errorf("%d calls in %s: the rate is not used", len(middle), took)
				}
			})
		})
	}
}

// busiestSecond is the most starts in any second, its end left out.
func busiestSecond(starts []time.Time) (most int) {
	slices.SortFunc(starts, time.Time.Compare)
	for i, first := range starts {
		n, _ := slices.BinarySearchFunc(starts, first.Add(time.Second), time.Time.Compare)
		most = max(most, n-i)
	}
	return most
}

// However a run stops, results.csv has every row in order, and rows that were not reached are not_attempted.
func TestEveryStopHasEveryRow(t *testing.T) {
	t.Parallel()
	limit := func(s string) job.Threshold { l, _ := job.ParseThreshold(s); return l }
	for _, test := range []struct {
		name   string
		deals  int // of those the file names, so many exist
		set    job.Settings
		reason job.Reason
	}{
		{"max errors", 70, job.Settings{MaxErrors: limit("3")}, job.TooManyErrors},
		{"max errors in per cent", 60, job.Settings{MaxErrors: limit("10%")}, job.TooManyErrors},
		{"max duration", 90, job.Settings{MaxDuration: 30 * time.Second}, job.OutOfBudget},
		{"max credits", 90, job.Settings{MaxCredits: 77}, job.OutOfBudget},
		{"the first hundred", 0, job.Settings{}, job.TooManyErrors},
		{"interrupted", 90, job.Settings{}, job.Interrupted},
	} {
		for _, command := range []string{Assign, Remove} {
			t.Run(test.name+" "+command, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					o := pacedOptions()
					o.Deals, o.TokenTTL = max(test.deals, 1), time.Hour
					r := newVirtualRig(t, o)
					if command == Remove && test.deals > 0 {
						setup := r.request(Assign, jobtest.Triples(many(test.deals*5)...))
						setup.RunDir = filepath.Join(r.Dir, "setup")
						r.run(setup)
					}
					lines := many(pacedRows)
					if test.deals == 0 { // not even the first deal is there
						for i := range lines {
							lines[i] = "9" + lines[i]
						}
					}
					q := r.request(command, jobtest.Triples(lines...))
					q.Settings = test.set
					q.Settings.Concurrency = 4
					after := 5*time.Second + paceOfCalls/2
					if q.Settings.MaxDelete = everything(); command == Remove {
						const reads = pacedRows / 5             // before the first write
						const reading = reads * paceOfCalls / 4 // by 4 workers
						after += reading
						if test.set.MaxDuration > 0 { // the rows of a deal travel together
							q.Settings.MaxDuration = reading + q.Settings.MaxDuration/5
						}
						if test.set.MaxCredits > 0 {
							q.Settings.MaxCredits = reads + q.Settings.MaxCredits/2
						}
					}
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					if test.reason == job.Interrupted {
						time.AfterFunc(after, func() { cancel(job.ErrInterrupted) })
					}
					res, err := job.Start(ctx, q.with())
					if err != nil {
						t.Fatal(err)
					}
					r.checkStopped(res, test.reason, "", [2]int64{1, pacedRows - 1})
					r.checkRows(res)
					if n := len(r.Table(filepath.Join(q.RunDir, rundir.Failed)).Rows); int64(
						n,
					) != res.Summary.Rows.Error {
						t.Errorf("%d rows in failed.csv, %d failed", n, res.Summary.Rows.Error)
					}
				})
			})
		}
	}
}
