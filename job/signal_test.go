package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api"
	"rolecall/api/emulator"

	"zombiezen.com/go/sqlite"
)

// cancelling cancels once the roles are read.
type cancelling struct {
	Zoho

	cancel func()
}

func (z cancelling) Roles(ctx context.Context) ([]api.Role, error) {
	defer z.cancel()
	return z.Zoho.Roles(ctx)
}

// A signal that comes before the first write sends none, however many workers are about to.
func TestASignalBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	writes := atomic.Int64{}
	r.transport = roundTripper(func(q *http.Request) (*http.Response, error) {
		if q.Method != http.MethodGet {
			writes.Add(1)
		}
		return http.DefaultTransport.RoundTrip(q)
	})
	for name, command := range map[string]Command{"after the roles": Assign, "after signing in": Remove, "as the calls begin": Assign} {
		for n := range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			q := r.request(command, triples(many(100)...))
			q.RunDir = filepath.Join(r.dir, fmt.Sprint(command, name, n))
			q.Settings.Concurrency = 10
			q.Connect = func(ctx context.Context, set Settings, h Hooks) (*Org, error) {
				org, err := r.connect(ctx, set, h)
				if err != nil {
					return nil, err
				}
				switch name {
				case "after the roles":
					org.Zoho = cancelling{org.Zoho, cancel}
				case "after signing in":
					cancel()
				}
				return org, nil
			}
			if name == "as the calls begin" {
				q.Progress = &Progress{onEnter: func(s Stage) {
					if s == Calling {
						cancel()
					}
				}}
			}
			res, err := Start(ctx, q)
			if err != nil || res.Stop == nil || res.Stop.Reason != Interrupted || res.Summary.Rows.NotAttempted != 100 || !strings.Contains(res.Summary.Next, "rolecall resume") {
				t.Errorf("%s: %v, %+v", name, err, res)
			}
			cancel()
		}
	}
	if n := writes.Load(); n != 0 {
		t.Errorf("%d writes were sent", n)
	}
}

// That nothing is sent after a signal does not wait for whoever watches for signals: here nobody does.
func TestNoCallWaitsForTheWatch(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if inOrder, err := filled(s, []surveyedRow{{row: 1, line: 2, deal: recordID{n: 1}, contact: recordID{n: 1}}}); err != nil || !inOrder {
		t.Fatal(inOrder, err)
	}
	s.inDealOrder = true
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	z := &removing{before: func([]string) { t.Error("sent") }}
	c := &caller{batcher: batcher{command: Remove}, zoho: z, s: s, collection: &collection{never: true}, stop: NewStopper(Threshold{}, func() {}), done: &rowSet{}, noted: &rowSet{}, workers: 1, progress: &Progress{}}
	if err := c.run(ctx); err != nil || c.stop.Why() == nil || c.stop.Why().Reason != Interrupted {
		t.Errorf("stop %v, %v", c.stop.Why(), err)
	}
}

// What could not be recorded is not hidden by a stop that came before it: the run ends as broken.
func TestARecordThatFailsEndsTheRunAsSuch(t *testing.T) {
	t.Parallel()
	for name, interrupted := range map[string]bool{"alone": false, "after a signal": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newVirtualRig(t, emulator.Options{})
				dir := r.stopped("unfinished")
				again := Again{RunDir: dir, Env: r.env(), Change: func(s *Settings) { s.MaxCredits, s.Concurrency = 0, 1 }}
				run, _, err := again.open()
				if err != nil {
					t.Fatal(err)
				}
				defer run.close()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				by, puts := r.transport, 0
				r.transport = instead(http.MethodPut, roundTripper(func(q *http.Request) (*http.Response, error) {
					if puts++; puts == 1 {
						if interrupted {
							cancel()
							synctest.Wait() // until it has stopped the calls
						}
						run.s.Lock()
						err := run.s.Exec("PRAGMA query_only=1") // from here on nothing can be written
						run.s.Unlock()
						if err != nil {
							t.Error(err)
						}
					}
					<-time.After(commitEvery)
					return by.RoundTrip(q)
				}), by)
				org, err := run.Connect(ctx, run.settings, LogHooks(run.log))
				if err != nil {
					t.Fatal(err)
				}
				stop, err := run.call(ctx, org)
				if err != nil || stop == nil || stop.Reason != Broken || sqlite.ErrCode(stop).ToPrimary() != sqlite.ResultReadOnly {
					t.Errorf("stop %+v, %v", stop, err)
				}
				// The first commit that fails stops the rest.
				if puts > 3 {
					t.Errorf("%d rows were sent that could not be recorded", puts)
				}
			})
		})
	}
}

// A named pipe that nobody writes to does not keep a run from being interrupted, from its opening on.
func TestASilentNamedPipeCanBeInterrupted(t *testing.T) {
	t.Parallel()
	mkfifo, err := exec.LookPath("mkfifo")
	if err != nil {
		t.Skip("no named pipes here")
	}
	r := newRig(t, emulator.Options{})
	path := filepath.Join(r.dir, "pipe")
	if out, err := exec.Command(mkfifo, path).CombinedOutput(); err != nil { //nolint:noctx // it ends at once
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { // lets go of whoever still waits for a writer
		if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
			_ = f.Close()
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	q := r.request(Assign, "")
	q.Input = path
	q.Progress = &Progress{}
	ended := make(chan error, 1)
	go func() {
		_, err := Start(ctx, q)
		ended <- err
	}()
	cancel()
	select {
	case err := <-ended:
		var stop *Stop
		if !errors.As(err, &stop) || stop.Reason != Interrupted {
			t.Errorf("got %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it still waits for somebody to write")
	}
	if left, _ := filepath.Glob(filepath.Join(r.dir, ".rolecall-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// With --limit the rest of the input is still copied; an interruption while that waits is one, and no trouble with files.
func TestLimitOfASilentPipeCanBeInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newVirtualRig(t, emulator.Options{})
		silent, writer := io.Pipe()
		defer writer.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		q := r.request(Assign, "")
		q.Input, q.Settings.Limit = "-", 1
		q.Stdin = io.MultiReader(strings.NewReader(triples(many(20_000)...)), silent)
		ended := make(chan error, 1)
		go func() {
			_, err := Start(ctx, q)
			ended <- err
		}()
		synctest.Wait()
		if stage, _, done, _ := q.Progress.Snapshot(); stage != Surveying || done != 1 {
			t.Errorf("at stage %d with %d rows", stage, done)
		}
		cancel()
		var stop *Stop
		if err := <-ended; !errors.As(err, &stop) || stop.Reason != Interrupted {
			t.Errorf("got %v", err)
		}
	})
}
