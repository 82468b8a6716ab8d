package job

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"rolecall/api"
)

// Reason is the kind of event that stopped a run.
type Reason int

// The reasons. The command line has an exit code for each.
const (
	TooManyErrors Reason = iota + 1 // more rows failed than --max-errors allows, or the first hundred rows sent
	Refused                         // Zoho refuses every row, but not because of the sign-in; or a guard refuses the run
	SignIn                          // the sign-in or a scope is missing
	Outage                          // Zoho answered no call for two minutes, or not a call that every row needs
	OutOfBudget                     // the credits or the time are used up
	Interrupted                     // SIGINT, SIGTERM or SIGHUP came
	Broken                          // rolecall has a bug, or cannot write its own files
	Held                            // another program has a file open that the run writes
	Unconfirmed                     // the user did not agree to what the run takes away
)

// Stop reports why a run was stopped early. The outcomes recorded before stay, and resume goes on from there.
type Stop struct {
	Reason Reason
	Err    error // what happened, for people
}

func (s *Stop) Error() string { return s.Err.Error() }

// Unwrap returns Err.
func (s *Stop) Unwrap() error { return s.Err }

// ErrInterrupted is the cause of a context that SIGINT, SIGTERM or SIGHUP cancelled.
var ErrInterrupted = errors.New("interrupted")

// Within returns a context that ends after limit. 0 is no limit.
func Within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit,
		&Stop{OutOfBudget, fmt.Errorf("--max-duration %s is over", limit)})
}

// EndOf returns why a context ended: a signal came, or the time is up.
func EndOf(ctx context.Context) *Stop {
	if stop := endedFromOutside(context.Cause(ctx)); stop != nil {
		return stop
	}
	return &Stop{Interrupted, ErrInterrupted}
}

// endedFromOutside returns the Stop in err if a signal or --max-duration ended the run, else nil.
func endedFromOutside(err error) *Stop {
	if stop, ok := errors.AsType[*Stop](err); ok && (stop.Reason == Interrupted || stop.Reason == OutOfBudget) {
		return stop
	}
	if errors.Is(err, ErrInterrupted) {
		return &Stop{Interrupted, ErrInterrupted}
	}
	return nil
}

// StopOf returns an error that ends a run as a Stop. It returns nil for an *api.Error that concerns only one row.
func StopOf(err error) *Stop {
	if stop, ok := errors.AsType[*Stop](err); ok {
		return stop
	}
	var e *api.Error
	if !errors.As(err, &e) {
		return &Stop{Reason: Broken, Err: err}
	}
	switch e.Ends {
	case api.EndNone:
		return nil
	case api.EndSignIn:
		return &Stop{Reason: SignIn, Err: err}
	case api.EndOutage:
		return &Stop{Reason: Outage, Err: err}
	case api.EndCredits:
		return &Stop{Reason: OutOfBudget, Err: err}
	case api.EndDraining:
		return &Stop{Reason: Interrupted, Err: ErrInterrupted}
	}
	return &Stop{Reason: Refused, Err: err}
}

// AsStop returns an error of a call that every row needs as a Stop. It never returns nil.
func AsStop(err error) *Stop {
	if stop := StopOf(err); stop != nil {
		return stop
	}
	if e, ok := errors.AsType[*api.Error](err); ok && e.Temporary() {
		return &Stop{Reason: Outage, Err: err}
	}
	return &Stop{Reason: Refused, Err: err}
}

// Stopper stops the calls of a run early. It drains the pacer, so that no write starts afterwards. It keeps the first
// cause. Only a later cause Broken replaces that one, because rows whose outcomes were not recorded may have been sent.
// It is safe for use by many goroutines.
type Stopper struct {
	once  sync.Once
	mu    sync.Mutex
	cause *Stop
	Done  chan struct{} // closed when the calls must end
	drain func()
	limit Threshold

	failed, finished atomic.Int64 // rows of this process, with those that can never be sent
	sent, sentOK     atomic.Int64 // rows that Zoho answered
}

// NewStopper returns a Stopper. limit is how many failed rows a run may have. The Stopper calls drain once, when it
// stops the calls.
func NewStopper(limit Threshold, drain func()) *Stopper {
	return &Stopper{Done: make(chan struct{}), drain: drain, limit: limit}
}

// Stop stops the calls because of cause.
func (s *Stopper) Stop(cause *Stop) {
	s.mu.Lock()
	if s.cause == nil || cause.Reason == Broken && s.cause.Reason != Broken {
		s.cause = cause
	}
	s.mu.Unlock()
	s.once.Do(func() {
		close(s.Done)
		s.drain()
	})
}

// Stopped reports whether the calls must end.
func (s *Stopper) Stopped() bool {
	select {
	case <-s.Done:
		return true
	default:
		return false
	}
}

// Why returns why the calls were stopped, or nil if they were not.
func (s *Stopper) Why() *Stop {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

// CountRejected counts finished rows that needed no call, failed of which failed. It stops the calls if too many rows
// failed.
func (s *Stopper) CountRejected(failed, finished int64) {
	s.checkLimit(s.failed.Add(failed), s.finished.Add(finished))
}

// Count counts one finished row. failed reports whether it failed, wasSent whether Zoho answered it. Count stops the
// calls if too many rows failed.
func (s *Stopper) Count(failed, wasSent bool) {
	// Add to finished first and read it last, so that no worker sees more failed rows than finished ones.
	s.finished.Add(1)
	if failed {
		s.failed.Add(1)
	}
	bad := s.failed.Load()
	s.checkLimit(bad, s.finished.Load())
	if !wasSent {
		return
	}
	if !failed { // count it before s.sent, so that no other worker sees a hundred sent rows without a success
		s.sentOK.Add(1)
	}
	if s.sent.Add(1) == allFailed && !s.limit.Set && s.sentOK.Load() == 0 {
		s.Stop(&Stop{TooManyErrors, fmt.Errorf("the first %d rows sent all failed: is this the right org? "+
			"(--max-errors 100%% goes on regardless)", allFailed)})
	}
}

// checkLimit stops the calls if too many rows failed.
func (s *Stopper) checkLimit(failed, finished int64) {
	if s.limit.exceeded(failed, finished) {
		s.Stop(&Stop{TooManyErrors, fmt.Errorf("%d of %d finished rows failed, more than --max-errors %s allows",
			failed, finished, s.limit)})
	}
}

// Watch starts a goroutine that stops the calls when the context ends. The caller calls end to end the goroutine.
func (s *Stopper) Watch(ctx context.Context) (end func()) {
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-ctx.Done():
			s.Stop(EndOf(ctx))
		case <-over:
		}
	})
	return func() { close(over); wg.Wait() }
}
