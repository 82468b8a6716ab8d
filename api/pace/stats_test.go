package pace

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// about fails the test unless a duration is within 5 % of what is wanted.
func about(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if d := math.Abs(float64(got - want)); d > 0.05*float64(want) {
		t.Errorf("%s: %v, want about %v", what, got, want)
	}
}

// Times are counted by what calls wait for.
func TestCallStatsTimes(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for _, c := range []struct {
		name    string
		config  Config
		prepare func(*Pacer)
		workers int
		calls   int // of 100 ms
		want    CallStats
	}{
		{"at the limit", Config{InFlight: 4}, nil, 6, 400, CallStats{AtLimit: 10 * s}},
		{"exactly", Config{InFlight: 4}, nil, 4, 400, CallStats{AtLimit: 10 * s}},
		{"below", Config{InFlight: 4}, nil, 3, 300, CallStats{}},
		{"rate", Config{InFlight: 4, Rate: 10}, nil, 4, 100, CallStats{WaitRate: 10 * s}},
		{"gate", Config{InFlight: 4}, func(p *Pacer) {
			p.mu.Lock()
			p.gate.refuse(time.Now(), 0, 20*s)
			p.mu.Unlock()
		}, 1, 10, CallStats{WaitGate: 20 * s}},
		{"places", Config{InFlight: 2}, func(p *Pacer) {
			places := &room{free: 2}
			other := &door{places}
			taken, _, _ := other.Take(2)
			time.AfterFunc(30*s, func() { other.Release(taken) })
			p.Share(&door{places})
		}, 1, 10, CallStats{WaitSlots: 30 * s}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := New(c.config)
				if c.prepare != nil {
					c.prepare(p)
				}
				zoho := &service{latency: 100 * time.Millisecond, pacer: p}
				if done, stop := zoho.crew(t.Context(), c.workers, c.calls); done != c.calls {
					t.Fatal(stop)
				}
				<-time.After(time.Hour) // idle time counts for nothing
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

// The time of a phase counts while the phase lasts.
func TestCallStatsMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := New(Config{InFlight: 1})
		ticket, stop := p.Acquire(t.Context(), Claim{})
		if stop != nil {
			t.Fatal(stop)
		}
		for want := time.Duration(0); want < 3*time.Minute; want += time.Minute {
			if got := p.CallStats().AtLimit; got != want {
				t.Errorf("%v, want %v", got, want)
			}
			<-time.After(time.Minute)
		}
		p.Release(ticket, fine)
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
			exact[i] = time.Duration(rapid.Int64Range(int64(10*time.Microsecond), int64(10*time.Minute)).Draw(
				t, "took",
			))
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
