package pace

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bench makes calls of one place and of several through pacers, and counts them.
type bench struct {
	mu       sync.Mutex
	inFlight int
	most     int
	heavy    []time.Time // when calls of several places started
}

// call holds some places for a time.
func (b *bench) call(ctx context.Context, p *Pacer, places int, lasts time.Duration) *Stop {
	ticket, stop := p.Acquire(ctx, Claim{Places: places})
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
	<-time.After(lasts)
	b.mu.Lock()
	b.inFlight -= places
	b.mu.Unlock()
	p.Release(ticket, fine)
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

// A call of five places starts although calls of one place never leave five free. The limit holds. If the limit is
// below five, the call starts alone.
func TestPlacesAreNotOvertaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ limit, callers, most int }{
		"the limit holds":   {7, 20, 7},
		"beyond the limit":  {3, 6, 5},
		"at the very limit": {5, 10, 5},
	} {
		synctest.Test(t, func(t *testing.T) {
			var b bench
			var wg sync.WaitGroup
			p := New(Config{InFlight: c.limit})
			b.crowd(t.Context(), p, c.callers, &wg)
			<-time.After(250 * time.Millisecond)
			for range 3 {
				began := time.Now()
				if stop := b.call(t.Context(), p, 5, 100*time.Millisecond); stop != nil {
					t.Fatal(name, stop)
				}
				if took := time.Since(began); took > 200*time.Millisecond {
					t.Errorf("%s: waited %v", name, took-100*time.Millisecond)
				}
			}
			p.Drain()
			wg.Wait()
			if s := p.Stats(); b.most != c.most || s.MaxInFlight != c.most || s.InFlight != 0 {
				t.Errorf("%s: %d places at most; %+v", name, b.most, s)
			}
		})
	}
}

// A call that gives up lets the others go on at once.
func TestPlacesGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bench
		p := New(Config{InFlight: 5})
		first, stop := p.Acquire(t.Context(), Claim{})
		if stop != nil {
			t.Fatal(stop)
		}
		ctx, cancel := context.WithCancel(t.Context())
		given, behind := make(chan *Stop), make(chan *Stop)
		go func() { given <- b.call(ctx, p, 5, 0) }()
		synctest.Wait()
		go func() { behind <- b.call(t.Context(), p, 1, 0) }()
		synctest.Wait()
		if s := p.Stats(); s.InFlight != 1 {
			t.Errorf("overtaken: %+v", s)
		}
		cancel()
		if stop := <-given; stop == nil || stop.Reason != Drained {
			t.Errorf("given up: %v", stop)
		}
		if stop := <-behind; stop != nil {
			t.Errorf("the call behind: %v", stop)
		}
		p.Release(first, fine)
	})
}

// Other pacers do not wait for one that gave up.
func TestPlacesGivenUpBetweenPacers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bench
		places := &room{free: 5}
		other := &door{places}
		taken, _, _ := other.Take(1)
		p := New(Config{InFlight: 5})
		p.Share(&door{places})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if stop := b.call(ctx, p, 5, 0); stop == nil || stop.Reason != Drained {
			t.Errorf("given up: %v", stop)
		}
		other.Release(taken)
		if places.free != 5 || places.first != nil {
			t.Errorf("%+v", places)
		}
	})
}

// Two pacers share places. Each gets several at a time, although the other is busy.
func TestPlacesAreSharedBetweenPacers(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"more places": 8, "as many": 5} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var b bench
				var wg sync.WaitGroup
				var pacers []*Pacer
				places := &room{free: n}
				for range 2 {
					p := New(Config{InFlight: n})
					p.Share(&door{places})
					b.crowd(t.Context(), p, 2*n, &wg)
					pacers = append(pacers, p)
				}
				<-time.After(time.Second)
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
					<-time.After(time.Second)
				}
				for _, p := range pacers {
					p.Drain()
				}
				wg.Wait()
				if b.most > n || len(b.heavy) != 4 || places.free != n {
					t.Errorf(
						"%d places at most, want %d; %d calls of five started; %+v", b.most, n, len(b.heavy), places,
					)
				}
			})
		})
	}
}

// A pacer that waits for several places keeps others from taking places only while it could take them itself, not while
// its gate is closed.
func TestPlacesBehindAClosedGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bench
		places := &room{free: 5}
		other := &door{places}
		taken, _, _ := other.Take(1)
		p := New(Config{InFlight: 5})
		p.Share(&door{places})
		done := make(chan *Stop)
		go func() { done <- b.call(t.Context(), p, 5, 0) }()
		<-time.After(time.Second)
		if _, ok, _ := other.Take(1); ok {
			t.Error("another took a place before the one that waits for several")
		}
		p.mu.Lock()
		p.gate.refuse(time.Now(), p.gate.closings, 10*time.Second)
		p.wake()
		p.mu.Unlock()
		<-time.After(time.Second)
		more, ok, _ := other.Take(1)
		if !ok {
			t.Error("the places stay reserved behind a closed gate")
		}
		other.Release(append(taken, more...))
		if stop := <-done; stop != nil {
			t.Error(stop)
		}
		if places.free != 5 || places.first != nil {
			t.Errorf("%+v", places)
		}
	})
}

// A call that waits for a place ends with the run, and a call that waits for the rate holds no place.
func TestWaitingForAPlaceEnds(t *testing.T) {
	t.Parallel()
	places := &room{free: 1}
	other := &door{places}
	taken, _, _ := other.Take(1)
	p := New(Config{InFlight: 1})
	p.Share(&door{places})
	ended := make(chan *Stop)
	go func() {
		_, stop := p.Acquire(context.Background(), Claim{})
		ended <- stop
	}()
	p.Drain()
	reason(t, <-ended, Drained)
	other.Release(taken)
	limited := New(Config{InFlight: 1, Rate: 0.001})
	limited.Share(&door{places})
	ticket, stop := limited.Acquire(t.Context(), Claim{})
	if stop != nil {
		t.Fatal(stop)
	}
	limited.Release(ticket, fine)
	if _, wait, ok := limited.grant(time.Now(), &Claim{Places: 1, Credits: 1}); ok || wait <= 0 {
		t.Error("the rate lets a second call start at once")
	}
	if places.free != 1 {
		t.Error("a call holds a place while it waits for the rate")
	}
}

// All pacers that share places have ten heavy calls in flight together. Light calls go on beside them. Every place
// comes back (Zoho CRM API v8, API Limits).
func TestHeavyCallsAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		places, heavy := &room{free: 40}, &room{free: MostHeavy}
		var inFlight, most, light int
		var mu sync.Mutex
		var wg sync.WaitGroup
		call := func(p *Pacer, c Claim) {
			ticket, stop := p.Acquire(t.Context(), c)
			if stop != nil {
				t.Error(stop)
				return
			}
			mu.Lock()
			if c.Heavy {
				inFlight++
				most = max(most, inFlight)
			} else if inFlight > 0 {
				light++
			}
			mu.Unlock()
			<-time.After(time.Second)
			mu.Lock()
			if c.Heavy {
				inFlight--
			}
			mu.Unlock()
			p.Release(ticket, fine)
		}
		for range 2 {
			p := New(Config{InFlight: 20})
			p.Share(&door{places})
			p.ShareHeavy(&door{heavy})
			for range 15 {
				wg.Go(func() { call(p, Claim{Heavy: true}) })
			}
			synctest.Wait()
			for range 3 {
				wg.Go(func() { call(p, Claim{}) })
			}
			wg.Go(func() { call(p, Claim{Heavy: true, Places: 5}) })
		}
		wg.Wait()
		if most != MostHeavy || light != 6 || places.free != 40 || heavy.free != MostHeavy {
			t.Errorf("%d heavy at most, %d beside them; %+v, %+v", most, light, places, heavy)
		}
	})
}
