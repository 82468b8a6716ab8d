package job

import (
	"context"
	"testing"
)

// signalled is a job that gets a signal.
type signalled struct {
	Work

	t      *testing.T
	opened func()
}

func (*signalled) Together(int) int { return 1 }

func (s *signalled) Open(_ context.Context, groups []Group) ([]Steps, error) {
	s.opened()
	return []Steps{&stepping{s.t, groups[0].Rows}}, nil
}

// stepping sends all rows in one call, which must not happen.
type stepping struct {
	t    *testing.T
	rows []Row
}

func (s *stepping) Next() ([]Outcome, *Call) {
	rows := s.rows
	if s.rows = nil; len(rows) == 0 {
		return nil, nil
	}
	return nil, &Call{Rows: rows, Send: func(context.Context) ([]Outcome, error) {
		s.t.Error("a call was made after the signal")
		return nil, nil
	}}
}

// After a signal nothing is sent, even before the goroutine of Stopper.Watch runs. Here there is no such goroutine.
func TestNoCallWaitsForTheWatch(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"before the calls": true, "as a key is opened": false} {
		db, rec := recording(t, 1, nil, nil)
		if err := db.Order(); err != nil {
			t.Fatal(err)
		}
		signal, send := context.WithCancelCause(t.Context())
		if early {
			send(ErrInterrupted)
		}
		work := &signalled{t: t, opened: func() {
			if early {
				t.Errorf("%s: a key was opened", name)
				return
			}
			send(ErrInterrupted)
		}}
		c := &caller{
			store: db, work: work, workers: 1, stop: NewStopper(Threshold{}, func() {}), progress: &Progress{},
			rec: rec, ends: signal,
		}
		c.run(t.Context())
		if why := c.stop.Why(); why == nil || why.Reason != Interrupted {
			t.Errorf("%s: stopped by %v", name, why)
		}
		if err := rec.close(); err != nil {
			t.Error(err)
		}
	}
}
