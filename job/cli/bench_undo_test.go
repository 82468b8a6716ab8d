package cli_test

import "testing"

// BenchmarkUndo takes back a run that put 20,000 contacts on deals, five on each, 100 ms a call, 10 in flight: each
// deal is read, and its contacts are taken off in one call. The whole process counts. Nobody must be left on a deal.
//
// Must be reached: at least 95 %of-bound, which is the time that the bare loop takes for as many calls; at most 96
// peak-MiB.
func BenchmarkUndo(b *testing.B) {
	rows := benchRows{n: benchOf(benchManyRows), perDeal: benchDeal}
	for b.Loop() {
		bound := bareCalls(b)
		o := newBenchOrg(b, rows, benchLatency)
		c := newBenchClient(b, o, rows)
		c.assign("--read-first", "on")
		before := callsOf(o.stats())
		cost := c.run(0, "undo", "run", "--yes", "--run-dir", "undone")
		calls := callsOf(o.stats()) - before
		o.has(benchRows{perDeal: 1})
		o.end()
		b.ReportMetric(100*perSecond(calls, cost.took)/bound, "%of-bound")
		b.ReportMetric(perSecond(rows.n, cost.took), "rows/s")
		b.ReportMetric(float64(calls), "calls")
		b.ReportMetric(cost.peak, "peak-MiB")
	}
	b.ReportMetric(0, "ns/op")
}
