package machine

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rolecall/api/pace"
)

var answered = pace.Result{Answered: true}

// sharing makes a pacer that shares n places with others, as in a process of its own.
func sharing(t *testing.T, m *Machine, n int) *pace.Pacer {
	t.Helper()
	p := pace.New(pace.Config{InFlight: n})
	p.Share(placesOf(t, m, n))
	return p
}

func placesOf(t *testing.T, m *Machine, n int) *Places {
	t.Helper()
	places, err := m.Places("account", n)
	if err != nil {
		t.Fatal(err)
	}
	return places
}

// allFree fails the test unless all places are free.
func allFree(t *testing.T, m *Machine, n int) {
	t.Helper()
	p := placesOf(t, m, n)
	got, ok, err := p.Take(n)
	if !ok || err != nil || len(got) != n {
		t.Fatalf("took %v, %v, %v", got, ok, err)
	}
	p.Release(got)
}

// Two pacers stand for two processes: each opens the files by itself.
func TestPlacesAreSharedBetweenProcesses(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	const places, calls = 3, 60
	var inFlight, most atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		p := sharing(t, m, places)
		for range places {
			wg.Go(func() {
				for range calls / places {
					ticket, stop := p.Acquire(t.Context(), pace.Claim{})
					if stop != nil {
						t.Error(stop)
						return
					}
					n := inFlight.Add(1)
					for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
					}
					<-time.After(time.Millisecond) // the call
					inFlight.Add(-1)
					p.Release(ticket, answered)
				}
			})
		}
	}
	wg.Wait()
	if most.Load() > places {
		t.Errorf("%d calls in flight, %d places", most.Load(), places)
	}
	allFree(t, m, places)
}

// Two busy processes share places. Each of them gets five at a time, or all places if there are fewer.
func TestSeveralPlacesAreSharedBetweenProcesses(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"more": 8, "as many": 5, "fewer": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, _ := newMachine(t)
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var wg sync.WaitGroup
				inFlight, most, heavy := 0, 0, 0
				call := func(p *pace.Pacer, places int) bool {
					ticket, stop := p.Acquire(t.Context(), pace.Claim{Places: places})
					if stop != nil {
						return false
					}
					mu.Lock()
					inFlight += places
					most = max(most, inFlight)
					if places > 1 {
						heavy++
					}
					mu.Unlock()
					<-time.After(100 * time.Millisecond)
					mu.Lock()
					inFlight -= places
					mu.Unlock()
					p.Release(ticket, answered)
					return true
				}
				pacers := []*pace.Pacer{sharing(t, m, n), sharing(t, m, n)}
				for _, p := range pacers {
					for range 2 * n {
						wg.Go(func() {
							for call(p, 1) {
							}
						})
					}
				}
				for range 2 {
					<-time.After(time.Second)
					for _, p := range pacers {
						wg.Go(func() {
							began := time.Now()
							if call(p, 5); time.Since(began) > 1100*time.Millisecond {
								t.Errorf("waited %v", time.Since(began))
							}
						})
					}
				}
				<-time.After(2 * time.Second)
				for _, p := range pacers {
					p.Drain()
				}
				wg.Wait()
				if want := max(n, 5); most > want || heavy != 4 {
					t.Errorf("%d places at most, want %d; %d calls of five started", most, want, heavy)
				}
			})
			allFree(t, m, n)
		})
	}
}

// A process that waits for several places keeps other processes from taking any, until it calls StepAside.
func TestStepAside(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	a, b := placesOf(t, m, 5), placesOf(t, m, 5)
	taken, ok, err := a.Take(1)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, ok, err := b.Take(5); ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, ok, err := a.Take(1); ok || err != nil {
		t.Errorf("a place was taken before the one who waits for several: %v", err)
	}
	b.StepAside()
	more, ok, err := a.Take(1)
	if !ok || err != nil {
		t.Errorf("not taken after the other stepped aside: %v", err)
	}
	a.Release(append(taken, more...))
	allFree(t, m, 5)
}

func TestPlacesThatCannotBeLocked(t *testing.T) {
	t.Parallel()
	m, _ := newMachine(t)
	p := sharing(t, m, 1)
	lock, err := filepath.Glob(filepath.Join(m.folder, "slots", "*"))
	if err != nil || len(lock) != 1 {
		t.Fatal(lock, err)
	}
	if err := os.Mkdir(filepath.Join(lock[0], "00.lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, stop := p.Acquire(t.Context(), pace.Claim{}); stop == nil || stop.Reason != pace.Broken {
		t.Errorf("got %+v", stop)
	}
}
