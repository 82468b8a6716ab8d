package api

import (
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, want string }{
		{"PUT", "/Deals/4150868000000225013/Contact_Roles/4150868000000000001", "PUT /Deals/{id}/Contact_Roles/{id}"},
		{"PUT", "/Deals/1/Contact_Roles", "PUT /Deals/{id}/Contact_Roles"},
		{"GET", "/Deals/a%2Fb/Contact_Roles/x", "GET /Deals/{id}/Contact_Roles/{id}"},
		{"DELETE", "/Deals/Deals/Contact_Roles/Contact_Roles", "DELETE /Deals/{id}/Contact_Roles/{id}"},
		{"GET", "/Contacts/roles", "GET /Contacts/roles"},
		{"GET", "/Contacts/roles/4150868000000006801", "GET /Contacts/roles/{id}"},
		{"GET", "/org", "GET /org"},
		{"POST", "/__composite_requests", "POST /__composite_requests"},
		{"POST", "/coql", "POST /coql"},
		{"GET", "/Deals", "GET /Deals"},
		{"GET", "/Deals/actions/count", "GET /Deals/actions/count"},
		{"GET", "/Contacts/4150868000000006801/Deals", "GET /Contacts/{id}/Deals"},
	} {
		if got := (request{method: c.method, path: c.path}).kind(); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.method, c.path, got, c.want)
		}
	}
}

func TestCallStatsCountKinds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Millisecond, answer: func(n int, r *http.Request) (*http.Response, error) {
			if n == 3 {
				return nil, errDial
			}
			if r.Method == http.MethodGet {
				return response(204, ""), nil
			}
			return response(200, updated), nil
		}}
		c := newClient(t, w, Config{})
		for range 4 {
			if _, err := assignOne(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.DealContactRoles(t.Context(), "77"); err != nil {
			t.Fatal(err)
		}
		s := c.pacer.CallStats()
		want := map[string]int{"PUT /Deals/{id}/Contact_Roles/{id}": 5, "GET /Deals/{id}/Contact_Roles": 1}
		if diff := cmp.Diff(want, s.Kinds); diff != "" {
			t.Errorf("kinds (-want +got):\n%s", diff)
		}
		if s.Answered != 5 {
			t.Errorf("%d answered", s.Answered)
		}
		s.Kinds["GET /org"] = 7
		if c.pacer.CallStats().Kinds["GET /org"] != 0 {
			t.Error("the statistics can be changed from outside")
		}
	})
}

// About holds durations against what was expected, within 5 %.
func about(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if d := math.Abs(float64(got - want)); d > 0.05*float64(want) {
		t.Errorf("%s: %v, want about %v", what, got, want)
	}
}

// Each thing that calls wait for is told apart.
func TestCallStatsTimes(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "slots")
	const s = time.Second
	for _, c := range []struct {
		name    string
		config  PacerConfig
		prepare func(*testing.T, *Pacer)
		workers int
		calls   int // of 100 ms
		want    CallStats
	}{
		{"at the limit", PacerConfig{InFlight: 4}, nil, 6, 400, CallStats{AtLimit: 10 * s}},
		{"exactly", PacerConfig{InFlight: 4}, nil, 4, 400, CallStats{AtLimit: 10 * s}},
		{"below", PacerConfig{InFlight: 4}, nil, 3, 300, CallStats{}},
		{"rate", PacerConfig{InFlight: 4, Rate: 10}, nil, 4, 100, CallStats{WaitRate: 10 * s}},
		{"gate", PacerConfig{InFlight: 4}, func(_ *testing.T, p *Pacer) {
			p.mu.Lock()
			p.gate.refuse(time.Now(), 0, 20*s)
			p.mu.Unlock()
		}, 1, 10, CallStats{WaitGate: 20 * s}},
		{"slots", PacerConfig{InFlight: 2}, func(t *testing.T, p *Pacer) {
			var both []*Slots
			for range 2 {
				slots, err := OpenSlots(folder, 2)
				if err != nil {
					t.Fatal(err)
				}
				both = append(both, slots)
			}
			taken, ok, err := both[0].take(2)
			if !ok || err != nil {
				t.Fatal(ok, err)
			}
			time.AfterFunc(30*s, func() { both[0].release(taken) })
			p.Share(both[1])
		}, 1, 10, CallStats{WaitSlots: 30 * s}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := NewPacer(c.config)
				if c.prepare != nil {
					c.prepare(t, p)
				}
				client := newClient(t, &world{latency: 100 * time.Millisecond, answer: updates}, Config{Pacer: p})
				ended(t, crew(t.Context(), client, c.workers, c.calls), EndNone)
				_ = wait(t.Context(), time.Hour) // idleness is nobody's
				got := p.CallStats()
				about(t, "at the limit", got.AtLimit, c.want.AtLimit)
				about(t, "gate", got.WaitGate, c.want.WaitGate)
				about(t, "credits", got.WaitCredits, c.want.WaitCredits)
				about(t, "slots", got.WaitSlots, c.want.WaitSlots)
				about(t, "rate", got.WaitRate, c.want.WaitRate)
				about(t, "waiting", got.Waiting(), c.want.Waiting())
				about(t, "p50", got.P50, 100*time.Millisecond)
				about(t, "p99", got.P99, 100*time.Millisecond)
			})
		})
	}
}

// The time of a phase that lasts is told while it lasts.
func TestCallStatsMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPacer(PacerConfig{InFlight: 1})
		ticket, stop := p.acquire(t.Context(), claim{})
		if stop != nil {
			t.Fatal(stop)
		}
		for want := time.Duration(0); want < 3*time.Minute; want += time.Minute {
			if got := p.CallStats().AtLimit; got != want {
				t.Errorf("%v, want %v", got, want)
			}
			_ = wait(t.Context(), time.Minute)
		}
		p.release(ticket, &fault{answered: true})
	})
}

// Quantiles are within 5 % of the exact ones, from 10 µs to ten minutes.
func TestLatencies(t *testing.T) {
	t.Parallel()
	if got := new(latencies).quantile(0.5); got != 0 {
		t.Errorf("of none: %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		var l latencies
		exact := make([]time.Duration, rapid.IntRange(1, 300).Draw(t, "calls"))
		for i := range exact {
			exact[i] = time.Duration(rapid.Int64Range(int64(10*time.Microsecond), int64(10*time.Minute)).Draw(t, "took"))
			if rapid.Bool().Draw(t, "quick") {
				exact[i] = max(exact[i]/100_000, 10*time.Microsecond)
			}
			l.add(exact[i])
		}
		slices.Sort(exact)
		for _, q := range []float64{0.01, 0.5, 0.99, 1} {
			want := exact[max(1, int(math.Ceil(q*float64(len(exact)))))-1]
			if got := l.quantile(q); math.Abs(float64(got-want)) > 0.05*float64(want) {
				t.Fatalf("%v of %d: %v, exactly %v", q, len(exact), got, want)
			}
		}
	})
	var l latencies
	for _, d := range []time.Duration{-time.Second, 0, 1, time.Microsecond, 365 * 24 * time.Hour} {
		l.add(d) // beyond the ends: the last buckets
	}
	if l.quantile(0.1) > 2*latencyLeast || l.quantile(1) < 10*time.Minute {
		t.Errorf("%v, %v", l.quantile(0.1), l.quantile(1))
	}
}
