package cli_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

// The campaign's environment: how long it goes on, and the seed to begin with. A round that fails names its own seed,
// by which a campaign of its kind, short or long, begins with that round's file and kills; what they hit depends on the
// machine.
const (
	chaosFor  = "ROLECALL_CHAOS_FOR"
	chaosSeed = "ROLECALL_CHAOS_SEED"
)

// chaosShort is how long new rounds are begun in a test of every day.
const chaosShort = 5 * time.Second

// chaosLanes is how many rounds go on side by side: the processes mostly wait for answers.
const chaosLanes = 2

// chaosCounts is what a campaign has done.
type chaosCounts struct {
	long bool // it is a campaign of its own, not a test of every day

	rounds, kills, stops, resumes, rows, twice, crowds, strangers atomic.Int64
	before, during, after                                         atomic.Int64 // the calls: kills
	together, putBack, composites, inPlace                        atomic.Int64
}

func (c *chaosCounts) String() string {
	return fmt.Sprintf("%d rounds: %d kills (%d before the calls, %d in them, %d after), %d stops, %d resumes, "+
		"%d resumes at once, %d on another org, %d rows, %d rows sent twice, %d calls of several contacts, "+
		"%d contacts put back, %d composite requests, %d rows in flight at a kill found in place",
		c.rounds.Load(), c.kills.Load(), c.before.Load(), c.during.Load(), c.after.Load(), c.stops.Load(),
		c.resumes.Load(), c.crowds.Load(), c.strangers.Load(), c.rows.Load(), c.twice.Load(),
		c.together.Load(), c.putBack.Load(), c.composites.Load(), c.inPlace.Load())
}

// chaosSettings reads the campaign's environment.
func chaosSettings(t *testing.T) (length time.Duration, long bool, seed uint64) {
	t.Helper()
	var err error
	length, seed = chaosShort, rand.Uint64N(1_000_000_000)
	if text := os.Getenv(chaosFor); text != "" {
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatalf("%s: %v", chaosFor, err)
		}
		long = true
	}
	if text := os.Getenv(chaosSeed); text != "" {
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", chaosSeed, err)
		}
	}
	return length, long, seed
}

// TestChaos kills rolecall at any moment, resumes it, kills it again: the org must end as if the rows had been executed
// one by one, and results.csv say so row by row.
func TestChaos(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the test sends SIGTERM and copies files in use: Windows can do neither")
	}
	length, long, seed := chaosSettings(t)
	t.Logf("%s=%d", chaosSeed, seed)
	counts, began := &chaosCounts{long: long}, time.Now()
	t.Cleanup(func() { // the lanes are over by then
		line := fmt.Sprintf("chaos: %s, %.0f seconds, seed %d", counts, time.Since(began).Seconds(), seed)
		t.Log(line)
		if !long {
			return
		}
		_, _ = fmt.Fprintln(os.Stdout, line)
		if !t.Failed() &&
			min(counts.before.Load(), counts.during.Load(), counts.after.Load(), counts.together.Load()) == 0 {
			t.Error("the campaign did not hit every stage, or not every kind of call: it proves too little")
		}
	})
	var next atomic.Uint64
	for lane := range chaosLanes {
		t.Run(fmt.Sprint("lane", lane+1), func(lane *testing.T) {
			lane.Parallel()
			// A failure ends every lane.
			for first := true; (first || time.Since(began) < length) && !t.Failed(); first = false {
				round := seed + next.Add(1) - 1
				lane.Run(fmt.Sprint("seed", round),
					func(t *testing.T) { newChaosRound(t, round, counts, began.Add(length)).play() })
			}
		})
	}
}

// chaosRound is one file, one org and one run, from its first process to the last.
type chaosRound struct {
	t      *testing.T
	seed   uint64
	rnd    *rand.Rand
	counts *chaosCounts
	until  time.Time // when there must be no more kills

	way     chaosWay
	file    *chaosFile
	wants   []want
	state   map[string]map[string]string
	org     *chaosOrg
	workers int

	answered bool // no answer is lost, and none makes rolecall send a row again

	dir, run string
	env      []string

	done     map[int]bool         // rows with an outcome, in run.db or in a results.csv
	noted    map[int]bool         // rows whose DELETE was noted when a process ended without an outcome for them
	lost     map[int]bool         // rows that were sent when a process ended without an outcome for them
	sends    map[int]int          // how often a row was sent
	senders  map[int]int          // by how many processes
	failures map[int]bool         // how many errors a results.csv had
	off      map[chaosTriple]bool // whom a collection PUT may have taken off a deal
}

func newChaosRound(t *testing.T, seed uint64, counts *chaosCounts, until time.Time) *chaosRound {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 0))
	r := &chaosRound{t: t, seed: seed, rnd: rnd, counts: counts, until: until, dir: t.TempDir(), workers: 1 +
		rnd.IntN(10)}
	r.done, r.noted, r.lost, r.sends, r.senders, r.failures = map[int]bool{}, map[int]bool{}, map[int]bool{},
		map[int]int{}, map[int]int{}, map[int]bool{}
	r.off = map[chaosTriple]bool{}
	r.run = filepath.Join(r.dir, "run")
	r.file = drawChaosFile(rnd, []string{"assign", "remove"}[rnd.IntN(2)], counts.long)
	r.way = drawChaosWay(rnd, r.file.command)
	r.wants, r.state = r.file.model(r.way)
	o := emulator.Options{InFlight: 25, Latency: time.Duration(1+rnd.IntN(5)) * time.Millisecond,
		FaultSeed: rnd.Int64()}
	if r.way.together() { // a call for each deal: they must take as long as the many of single rows
		o.Latency *= 3
	}
	r.way.offer(&o)
	var err error
	if o.Faults, err = emulator.ParseFaults([]string{"", "", "drop=3%,truncate=3%",
		"429=0.1%,500=1%,reset=1%,drop=2%,html=1%,truncate=2%"}[rnd.IntN(4)]); err != nil {
		t.Fatal(err)
	}
	r.answered = o.Faults == (emulator.Faults{}) && !r.way.again()
	r.org = newChaosOrg(t, r.file, o)
	if err := os.WriteFile(filepath.Join(r.dir, "in.csv"), []byte(r.file.text()), 0o600); err != nil {
		t.Fatal(err)
	}
	r.env = []string{"GORACE=" + os.Getenv("GORACE"), "XDG_STATE_HOME=" + filepath.Join(r.dir, "state"),
		"ROLECALL_API_URL=" + r.org.server.URL, "ROLECALL_CLIENT_ID=chaos",
		"ROLECALL_CLIENT_SECRET=" + canarySecret, "ROLECALL_REFRESH_TOKEN=" + emulator.RefreshToken}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		r.env = append(r.env, name+"="+os.Getenv(name))
	}
	counts.rounds.Add(1)
	counts.rows.Add(int64(len(r.file.rows)))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s=%d: %s %s, %d rows, %d calls in flight, faults %q, latency %s", chaosSeed, seed, r.file.command,
				r.way, len(r.file.rows), r.workers, o.Faults, o.Latency)
		}
	})
	return r
}

// play kills and resumes until the run is finished.
func (r *chaosRound) play() {
	for ends := 3 + r.rnd.IntN(10); !r.t.Failed(); ends-- {
		p := r.start()
		var signals []os.Signal
		if ends > 0 && time.Now().Before(r.until) {
			moment := r.drawMoment()
			signals = r.drawSignals()
			moment.await(p)
			signals = p.signal(r.t, signals...)
		}
		code := p.over(r.t)
		wrote := r.look()
		switch {
		case code == 0 || code == 1:
			r.finished(p, code)
			return
		case len(signals) == 0 || code != -1 && code != 130:
			r.t.Fatalf("rolecall %s: exit code %d\n%s", strings.Join(p.args, " "), code, p.stderr.String())
		case code == -1:
			r.killed(wrote)
		default:
			r.stopped(p, wrote && len(signals) == 1)
		}
		if r.exists() && r.open() > 0 && r.rnd.IntN(6) == 0 {
			r.stranger()
		}
	}
}

// exists says whether there is a run to go on with.
func (r *chaosRound) exists() bool {
	_, err := os.Stat(r.run)
	return err == nil
}

// open is how many rows are still to be sent.
func (r *chaosRound) open() int {
	n := 0
	for i, w := range r.wants {
		if w.travels && !r.done[i] {
			n++
		}
	}
	return n
}

// start starts the command, or goes on with the run where there is one: sometimes with two processes at once.
func (r *chaosRound) start() *chaosProcess {
	if !r.exists() {
		args := []string{r.file.command, "in.csv", "--run-dir", "run", "--concurrency", fmt.Sprint(r.workers),
			"--max-errors", "100%"}
		return startProcess(r.t, r.dir, r.env, append(args, r.way.flags()...)...)
	}
	r.counts.resumes.Add(1)
	if r.open() > 0 && r.rnd.IntN(5) == 0 {
		return r.crowd()
	}
	return startProcess(r.t, r.dir, r.env, "resume", "run")
}

// crowd resumes twice at once: one wins, and the other is told that the run is held. No call is answered meanwhile, so
// that the winner cannot be over before the other has begun.
func (r *chaosRound) crowd() *chaosProcess {
	r.counts.crowds.Add(1)
	r.org.hold()
	defer r.org.release()
	winner, loser := startProcess(r.t, r.dir, r.env, "resume", "run"), startProcess(r.t, r.dir, r.env, "resume", "run")
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-winner.ended:
		winner, loser = loser, winner
	case <-loser.ended:
	case <-late.C:
		r.t.Fatal("two processes hold the run")
	}
	if code := loser.over(r.t); code != 11 {
		r.t.Fatalf("two resumes at once: one ended with exit code %d, want 11\n%s", code, loser.stderr.String())
	}
	return winner
}

// stranger resumes on another org, which is refused.
func (r *chaosRound) stranger() {
	r.counts.strangers.Add(1)
	r.org.swap()
	defer r.org.swap()
	p := startProcess(r.t, r.dir, r.env, "resume", "run")
	if code := p.over(r.t); code != 2 || !strings.Contains(p.stderr.String(), "another org") {
		r.t.Fatalf("resume on another org: exit code %d, want 2\n%s", code, p.stderr.String())
	}
	if writes := r.org.take(); len(writes) > 0 {
		r.t.Fatalf("resume on another org wrote: %v", writes)
	}
}

// killed counts a kill by where it hit the run.
func (r *chaosRound) killed(wrote bool) {
	r.counts.kills.Add(1)
	switch {
	case !r.exists() || !wrote && r.open() > 0:
		r.counts.before.Add(1)
	case r.open() > 0:
		r.counts.during.Add(1)
	default:
		r.counts.after.Add(1)
	}
}

// stopped looks at what a stop leaves. Unlike a kill it writes the files, once rows have been sent, and says how to go
// on; not so where a second signal made it leave at once.
func (r *chaosRound) stopped(p *chaosProcess, whole bool) {
	r.t.Helper()
	r.counts.stops.Add(1)
	if !whole {
		return
	}
	s := r.summary()
	if r.results() == nil || s == nil || s.State != "stopped" ||
		!strings.Contains(p.stderr.String(), "rolecall resume run") {
		r.t.Errorf("rolecall %s was stopped: its summary is %+v\n%s", strings.Join(p.args, " "), s, p.stderr.String())
	}
}

// look looks at everything after the end of a process, and says whether that one wrote.
func (r *chaosRound) look() (wrote bool) {
	r.t.Helper()
	writes := r.org.take()
	if !r.exists() {
		if len(writes) > 0 {
			r.t.Fatalf("there is no run, but %d calls wrote", len(writes))
		}
		return false
	}
	sent := r.sent(writes)
	done, noted := r.recorded()
	for row := range r.done {
		if r.wants[row].travels && !done[row] {
			r.t.Errorf("row %d had an outcome and has none now", row+1)
		}
	}
	r.done = done
	for row := range noted {
		if !done[row] {
			r.noted[row] = true
		}
	}
	for row := range sent {
		if r.senders[row]++; r.senders[row] > 1 {
			r.counts.twice.Add(1)
		}
		if !done[row] {
			r.lost[row] = true
		}
	}
	if n := r.inFlight(sent); n > r.workers {
		r.t.Errorf("%d calls were sent and have no outcome, with %d in flight", n, r.workers)
	}
	r.files()
	return len(writes) > 0
}

// finished looks at a run that is finished.
func (r *chaosRound) finished(p *chaosProcess, code int) {
	r.t.Helper()
	results, failed, superseded := r.results(), 0, 0
	for i, res := range results {
		if r.lost[i] && strings.Contains(res.message, "an earlier call may have made the change") {
			r.counts.inPlace.Add(1)
		}
		switch res.status {
		case "error":
			failed++
			if r.wants[i].superseded {
				superseded++
			}
		case "not_attempted":
			r.t.Errorf("row %d was not attempted, but the run is finished", i+1)
		}
	}
	want := min(failed, 1)
	// It was killed after everything was done.
	if strings.Contains(p.stderr.String(), "the run is finished") {
		want = 0
	}
	if len(results) == 0 || code != want {
		r.t.Fatalf("rolecall %s: exit code %d with %d results, %d of them errors\n%s", strings.Join(p.args, " "), code,
			len(results), failed, p.stderr.String())
	}
	if _, records := r.table("failed.csv"); len(records) != failed-superseded {
		r.t.Errorf("failed.csv has %d rows, want %d", len(records), failed-superseded)
	}
	if s := r.summary(); s == nil || s.State != "finished" || s.Rows.Error != failed ||
		s.Rows.Success != len(results)-failed || s.Rows.NotAttempted != 0 {
		r.t.Errorf("summary.json says %+v of %d rows with %d errors", s, len(results), failed)
	}
	if left, _ := filepath.Glob(filepath.Join(r.run, ".*")); len(left) > 0 {
		r.t.Errorf("left half written: %s", left)
	}
	if d := cmp.Diff(r.state, r.org.state()); d != "" {
		r.t.Errorf("who plays which role (-want +got):\n%s", d)
	}
	r.undo(results)
	r.counts.composites.Add(r.org.composites.Load())
	r.again()
}

// again resumes a finished run: it says so and sends nothing; and makes its files again where they are gone.
func (r *chaosRound) again() {
	r.t.Helper()
	results := filepath.Join(r.run, "results.csv")
	before, err := os.ReadFile(results)
	if err == nil && r.rnd.IntN(2) == 0 {
		err = os.Remove(results)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	p := startProcess(r.t, r.dir, r.env, "resume", "run")
	if code := p.over(r.t); code != 0 || !strings.Contains(p.stderr.String(), "the run is finished") {
		r.t.Errorf("resume of a finished run: exit code %d\n%s", code, p.stderr.String())
	}
	if writes := r.org.take(); len(writes) > 0 {
		r.t.Errorf("resume of a finished run wrote: %v", writes)
	}
	if after, err := os.ReadFile(results); err != nil || !bytes.Equal(before, after) {
		r.t.Errorf("resume of a finished run changed results.csv (%v)", err)
	}
}
