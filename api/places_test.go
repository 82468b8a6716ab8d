package api

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bench lets calls of one and of several places through pacers and watches them.
type bench struct {
	mu       sync.Mutex
	inFlight int
	most     int
	heavy    []time.Time // when calls of several places started
}

// call holds some places for a time.
func (b *bench) call(ctx context.Context, p *Pacer, places int, lasts time.Duration) *Error {
	ticket, stop := p.acquire(ctx, claim{places: places})
	if stop != nil {
		return stop
	}
	b.mu.Lock()
	b.inFlight += places
	b.most = max(b.most, b.inFlight)
	if places > 1 {
		b.heavy = append(b.heavy, time.Now())
	}
	b.mu.Unlock()
	_ = wait(ctx, lasts)
	b.mu.Lock()
	b.inFlight -= places
	b.mu.Unlock()
	p.release(ticket, &fault{answered: true})
	return nil
}

// crowd starts n callers of one place that never pause, until the pacer stops.
func (b *bench) crowd(ctx context.Context, p *Pacer, n int, wg *sync.WaitGroup) {
	for range n {
		wg.Go(func() {
			for b.call(ctx, p, 1, 100*time.Millisecond) == nil {
			}
		})
	}
}

// A call of five places starts although callers of one never leave it five free
// by themselves, and the limit is kept.
func TestPlacesAreNotOvertaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bench
		var wg sync.WaitGroup
		p := NewPacer(PacerConfig{InFlight: 7})
		b.crowd(t.Context(), p, 20, &wg)
		_ = wait(t.Context(), 250*time.Millisecond)
		for range 3 {
			began := time.Now()
			if stop := b.call(t.Context(), p, 5, 100*time.Millisecond); stop != nil {
				t.Fatal(stop)
			}
			if took := time.Since(began); took > 200*time.Millisecond {
				t.Errorf("waited %v", took-100*time.Millisecond)
			}
		}
		p.Drain()
		wg.Wait()
		if s := p.Stats(); b.most != 7 || s.MaxInFlight != 7 || s.InFlight != 0 {
			t.Errorf("%d places at most; %+v", b.most, s)
		}
	})
}

// Where five places are never free, a call of five goes alone.
func TestPlacesBeyondTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bench
		var wg sync.WaitGroup
		p := NewPacer(PacerConfig{InFlight: 3})
		b.crowd(t.Context(), p, 6, &wg)
		_ = wait(t.Context(), 50*time.Millisecond)
		for range 2 {
			if stop := b.call(t.Context(), p, 5, 100*time.Millisecond); stop != nil {
				t.Fatal(stop)
			}
		}
		p.Drain()
		wg.Wait()
		if b.most != 5 {
			t.Errorf("%d places at most: it did not go alone", b.most)
		}
	})
}

// One that gives up lets the others go on at once.
func TestPlacesGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bench
		p := NewPacer(PacerConfig{InFlight: 5})
		first, stop := p.acquire(t.Context(), claim{})
		if stop != nil {
			t.Fatal(stop)
		}
		ctx, cancel := context.WithCancel(t.Context())
		given, behind := make(chan *Error), make(chan *Error)
		go func() { given <- b.call(ctx, p, 5, 0) }()
		synctest.Wait()
		go func() { behind <- b.call(t.Context(), p, 1, 0) }()
		synctest.Wait()
		if s := p.Stats(); s.InFlight != 1 {
			t.Errorf("overtaken: %+v", s)
		}
		cancel()
		if stop := <-given; stop == nil || stop.Ends != EndDraining {
			t.Errorf("given up: %v", stop)
		}
		if stop := <-behind; stop != nil {
			t.Errorf("the call behind: %v", stop)
		}
		p.release(first, &fault{answered: true})
	})
}

// Nor are other processes kept back by one that gave up.
func TestPlacesGivenUpBetweenProcesses(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "slots")
	synctest.Test(t, func(t *testing.T) {
		var b bench
		var both []*Slots
		for range 2 {
			s, err := OpenSlots(folder, 5)
			if err != nil {
				t.Fatal(err)
			}
			both = append(both, s)
		}
		taken, ok, err := both[0].take(1)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		p := NewPacer(PacerConfig{InFlight: 5})
		p.Share(both[1])
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if stop := b.call(ctx, p, 5, 0); stop == nil || stop.Ends != EndDraining {
			t.Errorf("given up: %v", stop)
		}
		both[0].release(taken)
		everySlotIsFree(t, folder, 5)
	})
}

// Two processes share slots; one of them, that the other keeps busy, gets several
// at a time. With fewer slots than places it takes them all.
func TestPlacesAreSharedBetweenProcesses(t *testing.T) {
	t.Parallel()
	for name, slots := range map[string]int{"more slots": 8, "as many": 5, "fewer": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := filepath.Join(t.TempDir(), "slots")
			synctest.Test(t, func(t *testing.T) {
				var b bench
				var wg sync.WaitGroup
				var pacers []*Pacer
				for range 2 {
					p := NewPacer(PacerConfig{InFlight: slots})
					s, err := OpenSlots(folder, slots)
					if err != nil {
						t.Fatal(err)
					}
					p.Share(s)
					b.crowd(t.Context(), p, 2*slots, &wg)
					pacers = append(pacers, p)
				}
				_ = wait(t.Context(), time.Second)
				for range 2 {
					for _, p := range pacers {
						wg.Go(func() {
							began := time.Now()
							_ = b.call(t.Context(), p, 5, 100*time.Millisecond)
							if took := time.Since(began); took > time.Second {
								t.Errorf("waited %v", took)
							}
						})
					}
					_ = wait(t.Context(), time.Second)
				}
				for _, p := range pacers {
					p.Drain()
				}
				wg.Wait()
				if want := max(slots, 5); b.most > want || len(b.heavy) != 4 {
					t.Errorf("%d places at most, want %d; %d calls of five started", b.most, want, len(b.heavy))
				}
				everySlotIsFree(t, folder, slots)
			})
		})
	}
}

func everySlotIsFree(t *testing.T, folder string, slots int) {
	t.Helper()
	s, err := OpenSlots(folder, slots)
	if err != nil {
		t.Fatal(err)
	}
	got, ok, err := s.take(slots)
	if !ok || err != nil || len(got) != slots {
		t.Fatalf("took %v, %v, %v", got, ok, err)
	}
	s.release(got)
}

// A process that waits for several slots keeps the others back only while it
// could take them: not behind a closed gate.
func TestPlacesBehindAClosedGate(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "slots")
	synctest.Test(t, func(t *testing.T) {
		var b bench
		other, err := OpenSlots(folder, 5)
		if err != nil {
			t.Fatal(err)
		}
		taken, ok, err := other.take(1)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		mine, err := OpenSlots(folder, 5)
		if err != nil {
			t.Fatal(err)
		}
		p := NewPacer(PacerConfig{InFlight: 5})
		p.Share(mine)
		done := make(chan *Error)
		go func() { done <- b.call(t.Context(), p, 5, 0) }()
		_ = wait(t.Context(), time.Second)
		if _, ok, _ := other.take(1); ok {
			t.Error("another process took a slot before one that waits for several")
		}
		p.mu.Lock()
		p.gate.refuse(time.Now(), p.gate.closings, 10*time.Second)
		p.wake()
		p.mu.Unlock()
		_ = wait(t.Context(), time.Second)
		more, ok, err := other.take(1)
		if !ok || err != nil {
			t.Errorf("the slots stay reserved behind a closed gate: %v", err)
		}
		other.release(append(taken, more...))
		if stop := <-done; stop != nil {
			t.Error(stop)
		}
		everySlotIsFree(t, folder, 5)
	})
}
