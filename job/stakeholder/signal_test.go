package stakeholder

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

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// After a signal before the first write, no write is sent, however many workers are ready.
func TestASignalBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	writes := atomic.Int64{}
	rolesRead := atomic.Pointer[context.CancelFunc]{} // what happens once the roles are read
	r.Transport = jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
		if q.Method != http.MethodGet {
			writes.Add(1)
		}
		if then := rolesRead.Load(); then != nil && strings.HasSuffix(q.URL.Path, "/Contacts/roles") {
			defer (*then)()
		}
		return http.DefaultTransport.RoundTrip(q)
	})
	for name, command := range map[string]string{
		"after the roles": Assign, "after signing in": Remove, "as the calls begin": Assign,
	} {
		for n := range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			q := r.request(command, jobtest.Triples(many(100)...))
			q.RunDir = filepath.Join(r.Dir, fmt.Sprint(command, name, n))
			q.Settings.Concurrency = 10
			q.Connect = func(ctx context.Context, set job.Settings, h job.Hooks) (*job.Org, error) {
				org, err := r.Connect(ctx, set, h)
				if err != nil {
					return nil, err
				}
				switch name {
				case "after the roles":
					rolesRead.Store(&cancel)
				case "after signing in":
					cancel()
				}
				return org, nil
			}
			if name == "as the calls begin" {
				q.Begins = cancel
			}
			res, err := job.Start(ctx, q.with())
			if err != nil || res.Stop == nil || res.Stop.Reason != job.Interrupted ||
				res.Summary.Rows.NotAttempted != 100 ||
				!strings.Contains(res.Summary.Next, "rolecall resume") {
				t.Errorf("%s: %v, %+v", name, err, res)
			}
			cancel()
			rolesRead.Store(nil)
		}
	}
	if n := writes.Load(); n != 0 {
		t.Errorf("%d writes were sent", n)
	}
}

// A named pipe that nobody writes to does not keep a run from being interrupted, from its opening on.
func TestASilentNamedPipeCanBeInterrupted(t *testing.T) {
	t.Parallel()
	mkfifo, err := exec.LookPath("mkfifo")
	if err != nil {
		t.Skip("this system has no mkfifo to make a named pipe")
	}
	r := newRig(t, emulator.Options{})
	path := filepath.Join(r.Dir, "pipe")
	if out, err := exec.Command(mkfifo, path).CombinedOutput(); err != nil { //nolint:noctx // mkfifo ends at once
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
	q.Progress = &job.Progress{}
	ended := make(chan error, 1)
	go func() {
		_, err := job.Start(ctx, q.with())
		ended <- err
	}()
	cancel()
	select {
	case err := <-ended:
		var stop *job.Stop
		if !errors.As(err, &stop) || stop.Reason != job.Interrupted {
			t.Errorf("got %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it still waits for somebody to write")
	}
	if left, _ := filepath.Glob(filepath.Join(r.Dir, ".rolecall-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// With --limit the rest of the input is still copied. A signal during this copy is an interruption, not an error of
// files.
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
		q.Stdin = io.MultiReader(strings.NewReader(jobtest.Triples(many(20_000)...)), silent)
		ended := make(chan error, 1)
		go func() {
			_, err := job.Start(ctx, q.with())
			ended <- err
		}()
		synctest.Wait()
		if stage, _, done, _ := q.Progress.Snapshot(); stage != job.Surveying || done != 1 {
			t.Errorf("at stage %d with %d rows", stage, done)
		}
		cancel()
		var stop *job.Stop
		if err := <-ended; !errors.As(err, &stop) || stop.Reason != job.Interrupted {
			t.Errorf("got %v", err)
		}
	})
}

// brokenStdout is a stdout that takes nothing.
type brokenStdout struct{}

func (brokenStdout) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// If the results of an interrupted run cannot be written, the run is Broken, because the user must first fix the files.
func TestResultsOfAnInterruptedRunCannotBeWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	q := r.request(Assign, jobtest.Triples(many(3)...))
	q.Begins = func() { cancel(job.ErrInterrupted) }
	q.Settings.ResultsCopy, q.Stdout = "-", brokenStdout{}
	_, err := job.Start(ctx, q.with())
	stop, _ := errors.AsType[*job.Stop](err)
	if stop == nil || stop.Reason != job.Broken || !strings.Contains(err.Error(), "fix that, then go on with: ") {
		t.Errorf("got %v", err)
	}
}
