package api

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Two pacers with the same slots stand for two processes: each opens the files by itself.
func TestSlotsAreSharedBetweenProcesses(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "slots")
	const slots, calls = 3, 60
	var inFlight, most atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		p := NewPacer(PacerConfig{InFlight: slots})
		s, err := OpenSlots(folder, slots)
		if err != nil {
			t.Fatal(err)
		}
		p.Share(s)
		for range slots {
			wg.Go(func() {
				for range calls / slots {
					ticket, stop := p.acquire(t.Context(), claim{})
					if stop != nil {
						t.Error(stop)
						return
					}
					n := inFlight.Add(1)
					for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
					}
					<-time.After(time.Millisecond) // the call
					inFlight.Add(-1)
					p.release(ticket, &fault{answered: true})
				}
			})
		}
	}
	wg.Wait()
	if most.Load() > slots {
		t.Errorf("%d calls in flight, %d slots", most.Load(), slots)
	}
}

// A call that waits for another process's slot gives up when the run stops, and a slot is not kept by one that waits for the rate.
func TestWaitingForASlotEnds(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "slots")
	other, err := OpenSlots(folder, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := other.take(1); !ok || err != nil {
		t.Fatal(ok, err)
	}
	mine, err := OpenSlots(folder, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := NewPacer(PacerConfig{InFlight: 1})
	p.Share(mine)
	ended := make(chan *Error)
	go func() {
		_, stop := p.acquire(context.Background(), claim{})
		ended <- stop
	}()
	p.Drain()
	if stop := <-ended; stop == nil || stop.Ends != EndDraining {
		t.Errorf("got %v", stop)
	}
	other.release([]int{0})
	limited := NewPacer(PacerConfig{InFlight: 1, Rate: 0.001})
	limited.Share(mine)
	if ticket, stop := limited.acquire(t.Context(), claim{}); stop != nil {
		t.Fatal(stop)
	} else {
		limited.release(ticket, &fault{answered: true})
	}
	if _, wait, ok := limited.grant(time.Now(), &claim{places: 1}); ok || wait <= 0 {
		t.Errorf("the rate lets a second call start at once")
	}
	if _, ok, err := other.take(1); !ok || err != nil {
		t.Errorf("the slot is kept while waiting for the rate: %v", err)
	}
}

func TestSlotsThatCannotBeLockedStopEverything(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "slots")
	s, err := OpenSlots(folder, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "00.lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := NewPacer(PacerConfig{})
	p.Share(s)
	if _, stop := p.acquire(t.Context(), claim{}); stop == nil || stop.Ends != EndRefused || stop.HTTP == http.StatusTooManyRequests {
		t.Errorf("got %v", stop)
	}
}
