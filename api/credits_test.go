package api

import (
	"context"
	"io"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Calls of three credits among calls of one.

// mixed answers queries and writes, and adds up what they cost.
type mixed struct {
	mu    sync.Mutex
	spent int
	times []time.Time // one for each credit
}

func (m *mixed) answer(_ int, r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	cost, body := 1, updated
	if strings.HasSuffix(r.URL.Path, "/coql") {
		cost, body = 3, queried
	}
	m.spent += cost
	for range cost {
		m.times = append(m.times, time.Now())
	}
	return response(200, body), nil
}

// turns makes calls, every third a query of three credits, until one fails.
func turns(ctx context.Context, c *Client, calls int) (err error) {
	for i := range calls {
		if i%3 == 0 {
			_, err = c.Query(ctx, "q", MostRows)
		} else {
			_, err = assignOne(ctx, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// What a query costs is there before it is sent, to the credit: neither the
// run's budget nor the org's is ever broken, by whichever of the two.
func TestCreditsAreReserved(t *testing.T) {
	t.Parallel()
	for total := 100; total < 106; total++ {
		path := filepath.Join(t.TempDir(), "org.json")
		synctest.Test(t, func(t *testing.T) {
			m := &mixed{}
			c := newClient(t, &world{latency: time.Millisecond, answer: m.answer}, Config{Pacer: NewPacer(PacerConfig{InFlight: 8})})
			l := openLedger(t, path, time.Now)
			c.pacer.Account(l, Budget{Credits: total + 7, Reserve: 7, Limited: true})
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					e, ok := turns(t.Context(), c, 1000).(*Error) //nolint:errorlint // the very type is promised
					if !ok || e.Ends != EndCredits {
						t.Errorf("%v", e)
					}
				})
			}
			wg.Wait()
			if m.spent > total || m.spent < total-2 || c.pacer.Stats().Credits != m.spent {
				t.Errorf("%d of %d spent; %+v", m.spent, total, c.pacer.Stats())
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if got := spentIn(t, openLedger(t, path, time.Now)); got != m.spent {
				t.Errorf("written down: %d, spent: %d", got, m.spent)
			}
		})
	}
	for most, want := range map[int]int{1: 0, 2: 0, 3: 3, 5: 3, 6: 6} {
		m := &mixed{}
		c := newClient(t, &world{answer: m.answer}, Config{Pacer: NewPacer(PacerConfig{MaxCredits: most})})
		var err error
		for err == nil {
			_, err = c.Query(t.Context(), "q", MostRows)
		}
		if e := failure(t, err); e.Ends != EndCredits || m.spent != want {
			t.Errorf("at most %d: %d spent, %v", most, m.spent, e)
		}
	}
}

// An error for want of credits says what the call would have cost.
func TestCreditsWanted(t *testing.T) {
	t.Parallel()
	m := &mixed{}
	c := newClient(t, &world{answer: m.answer}, Config{})
	c.pacer.Account(nil, Budget{Credits: 2, Limited: true})
	_, err := c.Query(t.Context(), "q", MostRows)
	if e := failure(t, err); e.Ends != EndCredits || !strings.Contains(e.Error(), "this call costs 3") || m.spent != 0 {
		t.Errorf("%d spent, %v", m.spent, e)
	}
}

// Credits that other programs spent are missed as well, once Zoho says so.
func TestCreditsThatZohoSays(t *testing.T) {
	t.Parallel()
	for remain, sent := range map[string]int{"2": 1, "3": 2} {
		w := &world{answer: func(int, *http.Request) (*http.Response, error) {
			return response(200, queried, "X-API-CREDITS-REMAINING: "+remain), nil
		}}
		c := newClient(t, w, Config{})
		c.pacer.Account(nil, Budget{Credits: 1000, Limited: true})
		for range 2 {
			_, _ = c.Query(t.Context(), "q", MostRows)
		}
		if w.count() != sent {
			t.Errorf("%s remain: %d sent, want %d", remain, w.count(), sent)
		}
	}
}

// A run that waits for credits waits until there are enough for its call, and
// never spends more in any 24 hours.
func TestCreditsAreWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, waited := &mixed{}, 0
		spent := -1 // at the wait before
		told := func(time.Time, string) {
			if waited++; m.spent == spent {
				t.Errorf("waited again at %d, with nothing sent", spent)
			}
			spent = m.spent
		}
		c := newClient(t, &world{latency: 50 * time.Second, answer: m.answer}, Config{Pacer: NewPacer(PacerConfig{InFlight: 2, OnWait: told})})
		c.pacer.Account(nil, Budget{Credits: 21, Limited: true, Wait: true})
		if err := turns(t.Context(), c, 60); err != nil {
			t.Fatal(err)
		}
		if got := mostIn(m.times); m.spent != 100 || got > 21 || waited == 0 {
			t.Errorf("%d spent, %d in 24 hours, %d waits", m.spent, got, waited)
		}
	})
	// It waits once, for the last of the credits that it needs.
	synctest.Test(t, func(t *testing.T) {
		told := &waits{}
		c := newClient(t, &world{answer: (&mixed{}).answer}, Config{Pacer: NewPacer(PacerConfig{OnWait: told.hook})})
		c.pacer.Account(nil, Budget{Credits: 5, Limited: true, Wait: true})
		began := time.Now()
		for range 5 {
			if _, err := assignOne(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if err := wait(t.Context(), 10*time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		_, err := c.Query(t.Context(), "q", MostRows)
		if took, want := time.Since(began), 24*time.Hour+21*time.Minute; err != nil || len(told.told) != 1 || took != want {
			t.Errorf("%v: %d waits, until %s, want %s", err, len(told.told), took, want)
		}
	})
	// A call that costs more than the org ever has is not waited for.
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, &world{answer: (&mixed{}).answer}, Config{})
		c.pacer.Account(nil, Budget{Credits: 2, Limited: true, Wait: true})
		_, err := c.Query(t.Context(), "q", MostRows)
		if e := failure(t, err); e.Ends != EndCredits {
			t.Error(e)
		}
	})
}

// A process that dies in the midst of a query has written all its credits down.
func TestCreditsAreWrittenDownFirst(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "org.json")
	l := openLedger(t, path, time.Now)
	w := &world{}
	c := newClient(t, w, Config{})
	c.pacer.Account(l, Budget{Credits: math.MaxInt32})
	for range 48 { // of a first lease of fifty: two are left
		w.answer = updates
		if _, err := assignOne(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	w.answer = func(_ int, r *http.Request) (*http.Response, error) {
		if written := spentIn(t, openLedger(t, path, time.Now)); written < 51 {
			t.Errorf("%s: %d written down", r.URL.Path, written)
		}
		_, err := io.Copy(io.Discard, r.Body)
		return response(200, queried), err
	}
	if _, err := c.Query(t.Context(), "q", MostRows); err != nil {
		t.Fatal(err)
	}
}
