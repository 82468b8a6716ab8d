package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"rolecall/api"
	"rolecall/job/report"
)

// benchVoice is the contacts of an address book.
const benchVoice = 20_000

// BenchmarkVoiceImport creates 20,000 contacts of Zoho Voice, 100 ms a call, 5 in flight. The bound is the time of so
// many calls that overlap fully.
//
// Must be reached: at least 95 %of-bound, at most 96 peak-MiB.
func BenchmarkVoiceImport(b *testing.B) {
	n := benchOf(benchVoice)
	var text bytes.Buffer
	fmt.Fprintln(&text, "first_name,last_name,email,mobile,company")
	for i := range n {
		fmt.Fprintf(&text, "First,Name %d,person%d@bench.example,+1 201 %07d,Northwind\n", i, i, 2_000_000+i)
	}
	for b.Loop() {
		o := newBenchOrg(b, benchRows{n: 1, perDeal: 1}, benchLatency)
		c := newBenchClient(b, o, benchRows{n: 1, perDeal: 1})
		if err := os.WriteFile(filepath.Join(c.dir, "people.csv"), text.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
		cost := c.run(0, "voice", "import", "people.csv", "--run-dir", "run", "-v")
		if s := c.summary(); s.Rows.Created != int64(n) {
			b.Fatalf("%+v", s.Rows)
		}
		bound := time.Duration(n) * benchLatency / api.VoiceInFlight
		b.ReportMetric(100*bound.Seconds()/c.calling("/contacts").Seconds(), "%of-bound")
		b.ReportMetric(perSecond(n, cost.took), "rows/s")
		b.ReportMetric(cost.peak, "peak-MiB")
		o.end()
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkVoiceExport exports 20,000 contacts of Zoho Voice.
//
// Must be reached: at most 96 peak-MiB.
func BenchmarkVoiceExport(b *testing.B) {
	n := benchOf(benchVoice)
	for b.Loop() {
		o := newBenchOrg(b, benchRows{n: 1, perDeal: 1}, 0, "--voice-contacts", strconv.Itoa(n))
		p := newBenchClient(b, o, benchRows{n: 1, perDeal: 1}).start("voice", "export", "--json", "-o", "out.csv")
		e := exported{benchCost: p.end(0)}
		o.end()
		if err := json.Unmarshal(p.stdout.Bytes(), &e.sum); err != nil {
			b.Fatal(err)
		}
		if e.sum.State != report.Finished || e.sum.Rows != int64(n) {
			b.Fatalf("the export is %s: %d rows", e.sum.State, e.sum.Rows)
		}
		b.ReportMetric(perSecond(n, e.took), "records/s")
		b.ReportMetric(e.peak, "peak-MiB")
	}
	b.ReportMetric(0, "ns/op")
}
