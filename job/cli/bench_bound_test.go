package cli_test

import (
	"testing"
	"time"
)

// benchManyRows is the size of the files whose runs must keep to a bound.
const benchManyRows = 20_000

// BenchmarkBound runs 20,000 rows, five contacts a deal, 100 ms a call, 10 in flight. The bound is what the bare loop
// reaches in calls a second, times the rows that a call can take. The whole process counts. Every relation must be in
// place at the end.
//
// Must be reached: at least 95 %of-bound, in each. rows/call is what went in one write on the average.
func BenchmarkBound(b *testing.B) {
	for _, work := range []struct {
		name    string
		rows    benchRows
		org     []string
		perCall float64
	}{
		{"deal order", benchRows{perDeal: benchDeal}, nil, benchDeal},
		{"random order", benchRows{perDeal: benchDeal, shuffled: true}, nil, benchDeal},
		{"collection PUT off", benchRows{perDeal: benchDeal}, []string{"--collection-put", "off"}, 1},
		{"collection PUT replaces", benchRows{perDeal: benchDeal}, []string{"--collection-put", "replace"}, 1},
	} {
		b.Run(work.name, func(b *testing.B) {
			work.rows.n = benchOf(benchManyRows)
			for b.Loop() {
				bound := bareCalls(b) * work.perCall
				o := newBenchOrg(b, work.rows, benchLatency, work.org...)
				cost := newBenchClient(b, o, work.rows).assign()
				o.has(work.rows)
				b.ReportMetric(100*perSecond(work.rows.n, cost.took)/bound, "%of-bound")
				b.ReportMetric(perSecond(work.rows.n, cost.took), "rows/s")
				b.ReportMetric(float64(work.rows.n)/float64(writesOf(o.stats())), "rows/call")
				o.end()
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkLimitDrop runs 20,000 rows, five contacts a deal, 100 ms a call, in an org that lets 10 calls in, only 5 for
// a while, and 10 again. It drops after a quarter of the time that the run's calls would take the bare loop, and comes
// back after three quarters.
//
// Must be reached: at least 85 %of-limit, which is the calls done, in percent of those that the limit in force allowed:
// at each moment as many a second for each place as the bare loop reaches; under 2 %429, the calls that were answered
// 429.
func BenchmarkLimitDrop(b *testing.B) {
	rows := benchRows{n: benchOf(benchManyRows), perDeal: benchDeal}
	for b.Loop() {
		perPlace := bareCalls(b) / benchPlaces
		o := newBenchOrg(b, rows, benchLatency)
		c := newBenchClient(b, o, rows)
		quarter := time.Duration(c.plannedCalls() / (perPlace * benchPlaces) / 4 * float64(time.Second))
		p := c.start(assigning()...)
		<-time.After(quarter)
		dropped := o.limit(benchPlaces / 2)
		<-time.After(2 * quarter)
		back := o.limit(benchPlaces)
		cost := p.end(0)
		c.finished()
		o.has(rows)
		s := o.stats()
		o.end()
		over := cost.began.Add(cost.took)
		if !over.After(back) {
			b.Fatal("the run was over before the limit came back")
		}
		lost := float64(benchPlaces-benchPlaces/2) * back.Sub(dropped).Seconds() // places times seconds
		allowed := (benchPlaces*cost.took.Seconds() - lost) * perPlace
		b.ReportMetric(100*float64(writesOf(s)-s.TooManyRequests)/allowed, "%of-limit")
		b.ReportMetric(100*float64(s.TooManyRequests)/float64(callsOf(s)), "%429")
		b.ReportMetric(perSecond(rows.n, cost.took), "rows/s")
	}
	b.ReportMetric(0, "ns/op")
}
