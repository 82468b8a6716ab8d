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

// Reason says what kind of thing ended a run before its end.
type Reason int

// The reasons, each with an exit code of its own in the command line.
const (
	TooManyErrors Reason = iota + 1 // --max-errors, or the first hundred rows sent all failed
	Refused                         // an answer that would refuse every row, and is not about signing in
	SignIn                          // sign-in or scope needed
	Outage                          // no call answered for two minutes
	OutOfBudget                     // credits or time
	Interrupted                     // SIGINT or SIGTERM
	Broken                          // an invariant of rolecall does not hold, or its own files cannot be written
)

// Stop is why a run ended before its end. What was recorded until then stands, and resume goes on from there.
type Stop struct {
	Reason Reason
	Err    error // what happened, for people
}

func (s *Stop) Error() string { return s.Err.Error() }

// Unwrap gives what happened.
func (s *Stop) Unwrap() error { return s.Err }

// ErrInterrupted is the cause of a context that was cancelled by SIGINT or SIGTERM.
var ErrInterrupted = errors.New("interrupted")

// StopOf turns an error that ends a run into a Stop. An error that is only a row's own gives nil.
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

// Stopper is the one place that ends the calls of a run early. The first cause wins; it drains the pacer, so that no write starts afterwards.
type Stopper struct {
	once  sync.Once
	cause *Stop
	Done  chan struct{} // closed when the calls must end
	drain func()
	limit Threshold

	failed, finished atomic.Int64 // rows of this process, those that could never be sent included
	sent, sentOK     atomic.Int64 // rows that Zoho answered
}

func NewStopper(limit Threshold, drain func()) *Stopper {
	return &Stopper{Done: make(chan struct{}), drain: drain, limit: limit}
}

// Stop ends the calls because of s.
func (s *Stopper) Stop(cause *Stop) {
	s.once.Do(func() {
		s.cause = cause
		close(s.Done)
		s.drain()
	})
}

// Stopped says whether the calls must end.
func (s *Stopper) Stopped() bool {
	select {
	case <-s.Done:
		return true
	default:
		return false
	}
}

// Why returns what ended the calls, nil when nothing did.
func (s *Stopper) Why() *Stop {
	if !s.Stopped() {
		return nil
	}
	return s.cause
}

// CountRejected takes the rows into the limits that were done without a call, of which some failed.
func (s *Stopper) CountRejected(failed, finished int64) {
	s.checkLimit(s.failed.Add(failed), s.finished.Add(finished))
}

// Count takes one finished row into the limits.
func (s *Stopper) Count(failed, wasSent bool) {
	finished, bad := s.finished.Add(1), s.failed.Load()
	if failed {
		bad = s.failed.Add(1)
	}
	s.checkLimit(bad, finished)
	if !wasSent {
		return
	}
	if !failed { // before the row is counted as sent, or another worker might see a hundred rows and no success
		s.sentOK.Add(1)
	}
	if s.sent.Add(1) == allFailed && !s.limit.Set && s.sentOK.Load() == 0 {
		s.Stop(&Stop{TooManyErrors, fmt.Errorf("the first %d rows sent all failed: is this the right org? (--max-errors 100%% goes on regardless)", allFailed)})
	}
}

// checkLimit stops the calls when too many rows failed.
func (s *Stopper) checkLimit(failed, finished int64) {
	if s.limit.exceeded(failed, finished) {
		s.Stop(&Stop{TooManyErrors, fmt.Errorf("%d of %d finished rows failed, more than --max-errors %s allows", failed, finished, s.limit)})
	}
}

// Watch stops the calls when the context ends or the time is up. The function it returns ends the watch.
func (s *Stopper) Watch(ctx context.Context, limit time.Duration) (end func()) {
	over := make(chan struct{})
	var timeUp <-chan time.Time
	if limit > 0 {
		timeUp = time.After(limit)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-ctx.Done():
			s.Stop(&Stop{Interrupted, ErrInterrupted})
		case <-timeUp:
			s.Stop(&Stop{OutOfBudget, fmt.Errorf("--max-duration %s is over", limit)})
		case <-over:
		}
	})
	return func() { close(over); wg.Wait() }
}
