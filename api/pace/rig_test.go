package pace

import (
	"context"
	"sync"
	"testing"
	"time"
)

func start() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// service stands for Zoho in a synctest bubble: it answers attempts after some latency.
type service struct {
	pacer   *Pacer
	latency time.Duration
	answer  func(n int) Result // n: attempts so far, with this one; nil: all succeed

	mu     sync.Mutex
	sent   int
	spent  int         // credits of attempts that were answered with anything but 429
	times  []time.Time // one for each of these credits
	starts []time.Time
}

var fine = Result{Answered: true}

// call sends attempts as package api does, until one is answered with anything but 429.
func (s *service) call(ctx context.Context, c Claim) *Stop {
	for {
		t, stop := s.pacer.Acquire(ctx, c)
		if stop != nil {
			return stop
		}
		s.mu.Lock()
		s.sent++
		n := s.sent
		s.starts = append(s.starts, t.Started)
		s.mu.Unlock()
		<-time.After(s.latency)
		r := fine
		if s.answer != nil {
			r = s.answer(n)
		}
		s.mu.Lock()
		if !r.Throttled && !r.Unsent {
			s.spent += t.credits
			for range t.credits {
				s.times = append(s.times, t.Started)
			}
		}
		s.mu.Unlock()
		s.pacer.Release(t, r)
		if !r.Throttled && !r.Unsent {
			return nil
		}
		c.Retry = true
	}
}

// crew has workers make calls of one credit until all are made or the pacer stops. It returns how many succeeded, and
// the last stop.
func (s *service) crew(ctx context.Context, workers, calls int) (done int, last *Stop) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				mu.Lock()
				calls--
				left := calls >= 0
				mu.Unlock()
				if !left {
					return
				}
				stop := s.call(ctx, Claim{})
				mu.Lock()
				if stop == nil {
					done++
				} else {
					last = stop
				}
				mu.Unlock()
				if stop != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return done, last
}

// reason fails the test unless a stop has that reason.
func reason(t *testing.T, stop *Stop, want Reason) *Stop {
	t.Helper()
	if stop == nil || stop.Reason != want {
		t.Fatalf("got %+v, want reason %d", stop, want)
	}
	return stop
}

// mostIn returns the most credits that were spent in any 24 hours.
func mostIn(times []time.Time) int {
	most, first := 0, 0
	for i, at := range times {
		for at.Sub(times[first]) > 24*time.Hour {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// waits stores what OnWait was called with.
type waits struct {
	mu    sync.Mutex
	lasts []time.Duration
	why   []string
}

func (w *waits) hook(until time.Time, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lasts = append(w.lasts, time.Until(until))
	w.why = append(w.why, why)
}

// shared is a record that several pacers use.
type shared struct {
	mu    sync.Mutex
	alone alone
	err   error
}

func (s *shared) Lease(l Lease) (int, Day, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, nil, s.err
	}
	return s.alone.Lease(l)
}

func (s *shared) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// spent returns what the record has of the 24 hours until now.
func (s *shared) spent(now time.Time) int {
	_, day, _ := s.Lease(Lease{Minute: minuteOf(now)})
	return day.sum(minuteOf(now))
}

// room is the places that several pacers share.
type room struct {
	mu    sync.Mutex
	free  int
	first *door // waits for several
}

type door struct{ room *room }

func (d *door) Take(n int) ([]int, bool, error) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	if d.room.first != nil && d.room.first != d {
		return nil, false, nil
	}
	if n > 1 {
		d.room.first = d
	}
	if d.room.free < n {
		return nil, false, nil
	}
	d.room.first = nil
	d.room.free -= n
	return make([]int, n), true, nil
}

func (d *door) Release(places []int) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.room.free += len(places)
}

func (d *door) StepAside() {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	if d.room.first == d {
		d.room.first = nil
	}
}
