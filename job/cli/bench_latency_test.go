package cli_test

import (
	"fmt"
	"testing"
	"time"

	"rolecall/api/emulator"
)

// benchOneCall returns the flags by which each row is a call of its own.
func benchOneCall() []string { return []string{"--batch", "off"} }

// BenchmarkLatency compares rolecall with the bare loop on the same 2,000 rows, one call a row, 100 ms a call, 10 in
// flight. Both fetch a token.
//
// Must be reached: at least 97 %of-bare, which takes the whole process from its start to its end, reads of the org
// included; never more than 10 max-in-flight. The org lets more in than its edition says, or max-in-flight could not
// show it. %of-bare-in-calls takes the time from the first write to the last answer only.
func BenchmarkLatency(b *testing.B) {
	for _, perDeal := range []int{benchDeal, 1} {
		b.Run(fmt.Sprintf("rows a deal=%d", perDeal), func(b *testing.B) {
			rows := benchRows{n: benchOf(2000), perDeal: perDeal}
			for b.Loop() {
				bare := bareLoop(b, rows, benchLatency)
				o := newBenchOrg(b, rows, benchLatency)
				o.limit(2 * benchPlaces)
				c := newBenchClient(b, o, rows)
				callStage := o.watchWrites()
				cost := c.assign(benchOneCall()...)
				inCalls := callStage()
				s := o.stats()
				o.end()
				b.ReportMetric(100*bare.Seconds()/cost.took.Seconds(), "%of-bare")
				b.ReportMetric(100*bare.Seconds()/inCalls.Seconds(), "%of-bare-in-calls")
				b.ReportMetric(perSecond(rows.n, cost.took), "rows/s")
				b.ReportMetric(float64(s.MaxInFlight), "max-in-flight")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// watchWrites watches the writes.
func (o *benchOrg) watchWrites() (end func() time.Duration) { return o.watch(writesOf) }

// watch begins to look at the org every 20 ms. The function it returns ends that, and returns the time from the first
// of the calls that are counted to the answer of the last, 20 ms more or less.
func (o *benchOrg) watch(counted func(emulator.Stats) int) (end func() time.Duration) {
	over, watched := make(chan struct{}), make(chan time.Duration)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		var first, last time.Time
		for n := 0; ; {
			select {
			case <-over:
				watched <- last.Sub(first) + benchLatency
				return
			case <-tick.C:
			}
			var s emulator.Stats
			if err := o.get("stats", &s); err != nil {
				o.b.Error(err)
				continue
			}
			now, came := time.Now(), counted(s)
			if n == 0 && came > 0 {
				first = now
			}
			if came > n {
				n, last = came, now
			}
		}
	}()
	return func() time.Duration { close(over); return <-watched }
}
