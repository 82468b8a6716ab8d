package cli_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// chaosProcess is rolecall as a process of its own.
type chaosProcess struct {
	cmd    *exec.Cmd
	args   []string
	stderr bytes.Buffer
	ended  chan struct{} // closed once the process is over
}

// startProcess starts rolecall in a folder. It is this test binary under rolecall's name, as TestMain has put it in the
// path.
func startProcess(t *testing.T, dir string, env []string, args ...string) *chaosProcess {
	t.Helper()
	p := &chaosProcess{cmd: exec.CommandContext(t.Context(), "rolecall", args...), args: args,
		ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stderr = dir, env, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // how it ended is in ProcessState
	}()
	return p
}

// over waits for the end of the process, and returns its exit code: -1 when a signal ended it.
func (p *chaosProcess) over(t *testing.T) int {
	t.Helper()
	late := time.NewTimer(3 * patience)
	defer late.Stop()
	select {
	case <-p.ended:
	case <-late.C:
		t.Fatalf("rolecall %s does not end", strings.Join(p.args, " "))
	}
	if text := p.stderr.String(); strings.Contains(text, "panic:") || strings.Contains(text, "DATA RACE") {
		t.Fatalf("rolecall %s:\n%s", strings.Join(p.args, " "), text)
	}
	return p.cmd.ProcessState.ExitCode()
}

// signal sends the signals one after the other, and returns them. A process that is over already gets none.
func (p *chaosProcess) signal(t *testing.T, signals ...os.Signal) []os.Signal {
	t.Helper()
	select {
	case <-p.ended:
		return nil
	default:
	}
	for _, s := range signals {
		if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
	}
	return signals
}

// chaosMoment is when to end a process: so long after something is so.
type chaosMoment struct {
	so    func() bool
	after time.Duration
}

// await waits for the moment, or for the end of the process. It looks often: a file is half written for a millisecond
// only.
func (m chaosMoment) await(p *chaosProcess) {
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	for !m.so() {
		select {
		case <-tick.C:
		case <-p.ended:
			return
		}
	}
	rest := time.NewTimer(m.after)
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-p.ended:
	}
}

// appears says whether there is a file that fits and was not there when appears was called.
func appears(patterns ...string) func() bool {
	find := func() (found []string) {
		for _, pattern := range patterns {
			paths, _ := filepath.Glob(pattern) // the patterns are ours
			found = append(found, paths...)
		}
		return found
	}
	before := find()
	return func() bool {
		return slices.ContainsFunc(find(), func(path string) bool { return !slices.Contains(before, path) })
	}
}

// replaced says whether the file is another one than when replaced was called.
func replaced(path string) func() bool {
	before, _ := os.Stat(path)
	return func() bool {
		now, err := os.Stat(path)
		return err == nil && (before == nil || !os.SameFile(before, now))
	}
}

// between is a random duration below the limit, mostly a short one.
func between(rnd *rand.Rand, limit time.Duration) time.Duration {
	f := rnd.Float64()
	return time.Duration(f * f * float64(limit))
}

// drawMoment draws when the next process is to end: in survey, sign-in, calls or writing, as far as the run still has
// them before it.
func (r *chaosRound) drawMoment() chaosMoment {
	file := func(name string) string { return filepath.Join(r.run, name) }
	at := 1 + r.rnd.IntN(max(1, r.open()/3))
	if r.way.together() { // most of them travel together
		at = 1 + r.rnd.IntN(max(1, r.file.deals/4))
	}
	start := chaosMoment{func() bool { return true }, between(r.rnd, 200*time.Millisecond)}
	survey := chaosMoment{appears(filepath.Join(r.dir, ".rolecall-*.tmp"), r.run), between(r.rnd, 60*time.Millisecond)}
	calls := chaosMoment{func() bool { return r.org.written() >= at }, between(r.rnd, 10*time.Millisecond)}
	writing := []chaosMoment{
		{appears(file(".results.csv.*.tmp"), file(".failed.csv.*.tmp")), between(r.rnd, 8*time.Millisecond)},
		{replaced(file("results.csv")), between(r.rnd, 8*time.Millisecond)},
		{appears(file(".summary.json.*.tmp")), between(r.rnd, 8*time.Millisecond)},
	}
	// Among them are the first that reads several deals, and those that prove the collection PUT
	call := 1 + r.rnd.IntN(12)
	first := chaosMoment{func() bool { return r.org.arrivedSoFar() >= call }, between(r.rnd, 10*time.Millisecond)}
	stage := r.rnd.IntN(10)
	switch {
	case !r.exists() && stage < 4:
		return survey
	case stage == 9:
		return start
	case r.open() == 0 || stage == 8:
		return writing[r.rnd.IntN(len(writing))]
	case stage > 5:
		return first
	}
	return calls
}

// drawSignals draws how the next process is to end: mostly killed, sometimes asked to stop, or twice.
func (r *chaosRound) drawSignals() []os.Signal {
	switch r.rnd.IntN(10) {
	case 0:
		return []os.Signal{os.Interrupt}
	case 1:
		return []os.Signal{syscall.SIGTERM}
	case 2:
		return []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	return []os.Signal{os.Kill}
}
