package cli_test

import (
	"strconv"
	"testing"
)

// millionRows are n rows in random order.
func millionRows(n int) benchRows {
	return benchRows{n: benchOf(n), perDeal: benchDeal, shuffled: true}
}

// BenchmarkMillion runs 1,000,000 rows, five to a deal in random order, against an org that answers at once, and
// 100,000 of that kind; then it resumes the finished run of the million. Rolecall and the org are processes of their
// own and share the machine; memory and CPU time are rolecall's alone.
//
// Must be reached: at most 96 peak-MiB; at most 1.25 peak-ratio, to the peak of 100,000 rows; under 5 resume-%, the
// time that resume takes in percent of the run's own.
func BenchmarkMillion(b *testing.B) {
	for name, flags := range map[string][]string{"one by one": benchOneCall(), "together": nil} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				few, _, fewOrg := runAtOnce(b, millionRows(100_000), flags)
				fewOrg.end()
				many, c, o := runAtOnce(b, millionRows(1_000_000), flags)
				again := c.resume()
				o.end()
				rows := millionRows(1_000_000).n
				b.ReportMetric(perSecond(rows, many.took), "rows/s")
				b.ReportMetric(float64(many.cpu.Microseconds())/float64(rows), "cpu-µs/row")
				if few.peak > 0 {
					b.ReportMetric(many.peak, "peak-MiB")
					b.ReportMetric(many.peak/few.peak, "peak-ratio")
				}
				b.ReportMetric(100*again.took.Seconds()/many.took.Seconds(), "resume-%")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// runAtOnce runs rows against a fresh org that answers at once, and returns what it cost.
func runAtOnce(b *testing.B, rows benchRows, flags []string) (benchCost, *benchClient, *benchOrg) {
	b.Helper()
	o := newBenchOrg(b, rows, 0)
	c := newBenchClient(b, o, rows)
	cost := c.assign(flags...)
	b.Logf("%d rows in %s: %.0f rows/s, %.1f MiB, CPU %s", rows.n, cost.took, perSecond(rows.n, cost.took), cost.peak,
		cost.cpu)
	return cost, c, o
}

// BenchmarkMillionResumed stops a run of 1,000,000 rows, five to a deal in random order, one call a row, before its
// last 1,000, and resumes it.
//
// Must be reached: under 5 resume-%, the time that resume takes in percent of what the run took until then.
func BenchmarkMillionResumed(b *testing.B) {
	const beside = 2 // calls that are no row's: the org and its roles
	rows, left := millionRows(1_000_000), benchOf(1000)
	for b.Loop() {
		o := newBenchOrg(b, rows, 0)
		c := newBenchClient(b, o, rows)
		budget := append([]string{"--max-credits", strconv.Itoa(rows.n - left + beside)}, benchOneCall()...)
		cost := c.run(8, assigning(budget...)...)
		if got := c.summary().Rows.NotAttempted; got != int64(left) {
			b.Fatalf("%d rows are left, want %d", got, left)
		}
		again := c.resume()
		o.end()
		b.ReportMetric(100*again.took.Seconds()/cost.took.Seconds(), "resume-%")
		b.ReportMetric(again.took.Seconds(), "resume-s")
	}
	b.ReportMetric(0, "ns/op")
}
