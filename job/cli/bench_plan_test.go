package cli_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rolecall/job/report"
)

const (
	planMaxRoles = "10" // deals have 0 to 10 stakeholders, five on the average
	planEdits    = 100  // one of so many rows is edited
)

// BenchmarkPlan exports 20,000 deals with 100,000 rows at 20 ms a call and 10 in flight, plans the file with --prune,
// which reads each deal, and compares that with the bare loop that reads the same deals. A plan of the same file without
// --prune reads nothing: it tells rolecall's own time before and after the reads. Then 1 % of the rows are edited, and
// apply makes these changes.
//
// Must be reached: at least 95 %of-bound for the reads (whole-% counts rolecall's own time too); at most 100 own-µs/row;
// 1 reads/deal; at most 96 peak-MiB; 0 changes of the file as it was; writes of the edited rows alone, and spent-% of
// the announced credits between 99 and 101.
func BenchmarkPlan(b *testing.B) {
	deals := benchRows{n: benchOf(20_000), perDeal: 1}
	for b.Loop() {
		bare := bareReads(b, deals)
		o := newBenchOrg(b, deals, exportLatency, "--max-roles", planMaxRoles)
		c := newBenchClient(b, o, benchRows{})
		c.run(0, "export", "-o", "out.csv")
		before := callsOf(o.stats())
		cost, sum := c.planOnce("out.csv", "--prune")
		reads := callsOf(o.stats()) - before
		if n := sum.Changes; sum.Rows.Unchanged != sum.Rows.Total || n.Added+n.Updated+n.Removed+n.Conflicts > 0 {
			b.Fatalf("changes of a file that nobody edited: %+v, %+v", sum.Rows, n)
		}
		own, _ := c.planOnce("out.csv")
		edits := editSome(b, filepath.Join(c.dir, "out.csv"), filepath.Join(c.dir, "edited.csv"))
		_, plan := c.planOnce("edited.csv")
		before = writesOf(o.stats())
		c.run(0, "apply", "edited.csv", "--batch", "off", "--run-dir", "run")
		if writes := writesOf(o.stats()) - before; writes != edits {
			b.Fatalf("%d writes of %d edited rows", writes, edits)
		}
		o.end()
		spent, announced := c.summary().Spent.Credits, plan.Plan.Calls+plan.Plan.DealReads+plan.Plan.Reads
		b.ReportMetric(100*bare.Seconds()/(cost.took-own.took).Seconds(), "%of-bound")
		b.ReportMetric(100*bare.Seconds()/cost.took.Seconds(), "whole-%")
		b.ReportMetric(float64(own.took.Microseconds())/float64(sum.Rows.Total), "own-µs/row")
		b.ReportMetric(float64(reads)/float64(deals.n), "reads/deal")
		b.ReportMetric(float64(sum.Rows.Total), "rows")
		b.ReportMetric(cost.peak, "peak-MiB")
		b.ReportMetric(100*float64(spent)/float64(announced), "spent-%")
	}
	b.ReportMetric(0, "ns/op")
}

// planOnce plans a file.
func (c *benchClient) planOnce(file string, flags ...string) (cost benchCost, sum report.Summary) {
	c.b.Helper()
	p := c.start(append([]string{"plan", file, "--json", "--batch", "off"}, flags...)...)
	cost = p.end(0)
	if err := json.Unmarshal(p.stdout.Bytes(), &sum); err != nil || sum.Changes == nil {
		c.b.Fatalf("%v: %s", err, p.stdout.String())
	}
	c.b.Logf("plan %s %v in %s: %.1f MiB, CPU %s, %d credits", file, flags, cost.took, cost.peak, cost.cpu,
		sum.Spent.Credits)
	return cost, sum
}

// editSome gives one of planEdits rows with a contact another role, and returns how many.
func editSome(b *testing.B, from, to string) (edits int) {
	b.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		b.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	const role = 9 // the column
	for i, row := range rows {
		if i == 0 || row[role] == "" || i%planEdits != 0 {
			continue
		}
		edits++
		if row[role] = "Purchasing"; rows[i][role+1] == "zcrm_4150868000000006872" {
			row[role] = "Decision Maker"
		}
	}
	out, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	if err := csv.NewWriter(out).WriteAll(rows); err != nil {
		b.Fatal(err)
	}
	return edits
}
