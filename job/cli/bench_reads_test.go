package cli_test

import "testing"

// BenchmarkCompositeReads has 5,000 deals read by composite requests, five to a call, before nothing of them is
// written: everything is in place.
//
// Must be reached: at most 1,010 credits, the org and its roles included.
func BenchmarkCompositeReads(b *testing.B) {
	rows := benchRows{n: benchOf(5000), perDeal: 1}
	for b.Loop() {
		o := newBenchOrg(b, rows, 0)
		newBenchClient(b, o, rows).assign()
		c := newBenchClient(b, o, rows)
		c.assign("--read-first", "on", "--composite", "on")
		sum := c.summary()
		o.end()
		if sum.Rows.Unchanged != int64(rows.n) {
			b.Fatalf("%+v", sum.Rows)
		}
		b.ReportMetric(float64(sum.Spent.Credits), "credits")
	}
	b.ReportMetric(0, "ns/op")
}
