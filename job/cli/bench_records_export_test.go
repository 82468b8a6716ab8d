package cli_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"rolecall/job/report"
)

// BenchmarkRecordsExport exports 200,000 contacts with all fields, by COQL and by pages.
//
// Must be reached: at most 96 peak-MiB; spent-% of the announced credits between 99 and 101.
func BenchmarkRecordsExport(b *testing.B) {
	for _, coql := range []string{"on", "off"} {
		b.Run("coql="+coql, func(b *testing.B) {
			contacts := benchOf(200_000)
			for b.Loop() {
				o := newBenchOrg(b, benchRows{n: 1, perDeal: 1}, 0, "--contacts", strconv.Itoa(contacts), "--coql", coql)
				p := newBenchClient(b, o, benchRows{n: 1, perDeal: 1}).start("records", "export", "Contacts", "--json", "-o", "out.csv")
				e := exported{benchCost: p.end(0)}
				o.end()
				if err := json.Unmarshal(p.stdout.Bytes(), &e.sum); err != nil {
					b.Fatal(err)
				}
				if e.sum.State != report.Finished || e.sum.Rows != int64(contacts) {
					b.Fatalf("the export is %s: %d rows", e.sum.State, e.sum.Rows)
				}
				b.ReportMetric(e.spentOfAnnounced(), "spent-%")
				b.ReportMetric(perSecond(contacts, e.took), "records/s")
				if e.peak > 0 {
					b.ReportMetric(e.peak, "peak-MiB")
				}
				b.Logf("%s, CPU %s, %d credits", e.took, e.cpu, e.sum.Spent.Credits)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
