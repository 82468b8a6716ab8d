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

// newVoiceBench starts an org with so many contacts of Zoho Voice, and a client of it.
func newVoiceBench(b *testing.B, contacts int, latency time.Duration) (*benchOrg, *benchClient) {
	b.Helper()
	rows := benchRows{n: 1, perDeal: 1}
	o := newBenchOrg(b, rows, latency, "--voice-contacts", strconv.Itoa(contacts))
	c := newBenchClient(b, o, rows)
	c.env = append(c.env, "ROLECALL_VOICE_URL="+o.url)
	return o, c
}

// BenchmarkVoiceImport creates 20,000 contacts of Zoho Voice, 100 ms a call, 5 in flight. The bound is the time of so
// many calls that overlap fully. The whole process counts.
//
// Must be reached: at least 95 %of-bound, at most 96 peak-MiB.
func BenchmarkVoiceImport(b *testing.B) {
	n := benchOf(benchManyRows)
	for b.Loop() {
		o, c := newVoiceBench(b, 0, benchLatency)
		var text bytes.Buffer
		fmt.Fprintln(&text, "first_name,last_name,mobile,email,company")
		for i := range n {
			fmt.Fprintf(&text, "First %d,Last,+1201%07d,person%d@bench.example,Zylker\n", i, 5_550_000+i, i)
		}
		if err := os.WriteFile(filepath.Join(c.dir, "voice.csv"), text.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
		cost := c.run(0, "voice", "import", "voice.csv", "--run-dir", "run")
		c.finished()
		s := o.stats()
		o.end()
		if s.Voice == nil || s.Voice.Calls["POST /contacts"] != n || s.Voice.TooManyRequests != 0 {
			b.Fatalf("%d rows: %+v", n, s.Voice)
		}
		bound := time.Duration(n) * benchLatency / api.VoiceInFlight
		b.ReportMetric(100*bound.Seconds()/cost.took.Seconds(), "%of-bound")
		b.ReportMetric(perSecond(n, cost.took), "rows/s")
		b.ReportMetric(cost.peak, "peak-MiB")
		b.Logf("%s, CPU %s", cost.took, cost.cpu)
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkVoiceExport exports 20,000 contacts of Zoho Voice.
//
// Must be reached: at most 96 peak-MiB.
func BenchmarkVoiceExport(b *testing.B) {
	n := benchOf(benchManyRows)
	for b.Loop() {
		o, c := newVoiceBench(b, n, 0)
		p := c.start("voice", "export", "--json", "-o", "out.csv")
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
		b.Logf("%s, CPU %s", e.took, e.cpu)
	}
	b.ReportMetric(0, "ns/op")
}
