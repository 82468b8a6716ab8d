package picklist

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// childEnv makes this test binary do a run in the folder of a rig. It holds the job and the URL. If the folder has a
// run, the binary resumes it.
const childEnv = "ROLECALL_TEST_ROLES_RUN"

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		os.Exit(child(strings.Split(spec, "|")))
	}
	fewer()
	os.Exit(jobtest.Main{M: m}.Run())
}

const fewChecks = 8

// sparsely returns the distance between the moments at which runs are stopped. It is 1, so that all moments are tested,
// if -rapid.checks is given.
func sparsely() int {
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() != fmt.Sprint(fewChecks) {
		return 1
	}
	return 3
}

// fewer sets two flags, unless they are given: fewer checks of a property, because each check is a whole run with files
// of its own, and more parallel tests than cores, because a run mostly waits for the disk.
func fewer() {
	flag.Parse()
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, value := range map[string]int{"rapid.checks": fewChecks, "test.parallel": 8} {
		if !given[name] {
			_ = flag.Set(name, fmt.Sprint(value)) // both flags exist
		}
	}
}

// child does a run in a process of its own. It returns 0 if the run finished and 3 if it stopped.
func child(spec []string) int {
	r := &rig{&jobtest.Rig{Dir: ".", URL: spec[1], Kinds: Kinds()}}
	command, dir := spec[0], r.RunDir()
	var res *job.Result
	var err error
	if _, there := os.Stat(dir); there == nil {
		res, err = job.Resume(context.Background(), r.again(dir))
	} else {
		res, err = start(context.Background(), request{
			Request: job.Request{Kind: kind(command), Input: "input.csv", RunDir: dir, Env: r.Env()},
			Options: Options{Prune: command == Sync},
		})
	}
	switch {
	case errors.Is(err, job.ErrFinished), err == nil && res.Stop == nil:
		return 0
	default:
		fmt.Fprintln(os.Stderr, err, res)
		return 3
	}
}

// killed is a run in processes that are killed.
type killed struct {
	*rig

	mu   sync.Mutex
	cmd  *exec.Cmd
	n    int  // calls of this process so far
	at   int  // the call at which it is killed; 0: none
	done bool // after the call is done, not before
	dead bool
}

// ServeHTTP kills the process at the call.
func (k *killed) meddle(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
	k.mu.Lock()
	k.n++
	dies := k.at > 0 && k.n == k.at
	if dies && k.done {
		pass(jobtest.Discarded{})
	}
	if dies || k.dead {
		k.dead = true
		_ = k.cmd.Process.Kill()
		k.mu.Unlock()
		<-q.Context().Done() // it does not hear the answer
		return
	}
	k.mu.Unlock()
	pass(w)
}

// process does the run in a process that is killed at a call, before or after the call is done, or, if at is 0, after a
// time. It reports whether the run finished.
func (k *killed) process(t *testing.T, command string, at int, done bool, after time.Duration) bool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childEnv+"="+strings.Join([]string{command, k.URL}, "|"))
	cmd.Dir = k.Dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	k.mu.Lock()
	k.cmd, k.n, k.at, k.done, k.dead = cmd, 0, at, done, false
	err = cmd.Start()
	k.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	err = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code >= 0 && code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	return err == nil
}

// A run is killed at each of its calls, before and after the call is done, and the resumed runs at random moments. The
// list, the results and the files equal those of a run without a kill, and each role is created once.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, p := range plays() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := uint64(time.Now().UnixNano()) //nolint:gosec // a seed may be any number
			rnd := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // the numbers need not be secret
			t.Logf("seed %d", seed)
			for at := 1 + rnd.IntN(sparsely()+1); at <= 13; at += sparsely() + 1 {
				k := &killed{rig: newRig(t, emulator.Options{Org: orgOf(p.org...)})}
				k.Front.Meddle = k.meddle
				p.request(k.rig)
				done := rnd.IntN(3) > 0
				t.Logf("at %d, done %v", at, done)
				finished := k.process(t, p.command, at, done, 0)
				for n := 0; !finished && n < 40; n++ {
					switch n {
					case 0: // once more, soon
						finished = k.process(t, p.command, 1+rnd.IntN(4), rnd.IntN(2) > 0, 0)
					case 1:
						finished = k.process(t, p.command, 0, false, time.Duration(1+rnd.IntN(100))*time.Millisecond)
					default:
						finished = k.process(t, p.command, 0, false, 0)
					}
				}
				if !finished {
					t.Fatal("not finished")
				}
				if p.check(t, k.rig); t.Failed() {
					t.Fatal(strings.Join(k.Front.Sent(), "\n"))
				}
				if left, _ := filepath.Glob(filepath.Join(k.Dir, "run", ".*.tmp")); len(left) > 0 {
					t.Errorf("left behind: %q", left)
				}
			}
		})
	}
}
