package cli_test

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rolecall/job/rundir"
)

const (
	benchRecords = 100_000 // records of a migration
	benchPerCall = 100     // records of a call (Zoho CRM API v8, Insert Records)
	benchDiffers = 100     // one record of so many differs
)

// writePeople writes a table of contacts to the client's folder. Each benchDiffers-th one has another title if changed
// is set.
func (c *benchClient) writePeople(name string, n int, changed bool) {
	c.b.Helper()
	var text bytes.Buffer
	fmt.Fprintln(&text, "Last_Name,First_Name,Email,Phone,Title")
	for i := range n {
		title := "Engineer"
		if changed && i%benchDiffers == 0 {
			title = "Head of engineering"
		}
		fmt.Fprintf(&text, "Name %d,First,person%d@bench.example,+49 30 %07d,%s\n", i, i, i, title)
	}
	if err := os.WriteFile(filepath.Join(c.dir, name), text.Bytes(), 0o600); err != nil {
		c.b.Fatal(err)
	}
}

// BenchmarkRecordsInsert inserts 100,000 contacts, 100 to a call, 100 ms a call, 10 in flight. The bare loop makes the
// same calls, with bodies that are ready, just before; the bound is the time of so many calls that overlap fully. Both
// are compared with the calls of the run; the survey and the results, which wait for nobody, are in the rows a second.
//
// Must be reached: at least 95 %of-bare, at most 96 peak-MiB. What the machine does beside is in %of-bound.
func BenchmarkRecordsInsert(b *testing.B) {
	n := benchOf(benchRecords)
	for b.Loop() {
		bare := bareInserts(b, n/benchPerCall)
		o := newBenchOrg(b, benchRows{n: 1, perDeal: 1}, benchLatency)
		c := newBenchClient(b, o, benchRows{n: 1, perDeal: 1})
		c.writePeople("people.csv", n, false)
		cost := c.run(0, "records", "insert", "Contacts", "people.csv", "--run-dir", "run", "-v")
		if s := c.summary(); s.Rows.Inserted != int64(n) {
			b.Fatalf("%+v", s.Rows)
		}
		bound := time.Duration(n/benchPerCall) * benchLatency / benchPlaces
		b.ReportMetric(100*bare.Seconds()/c.calling().Seconds(), "%of-bare")
		b.ReportMetric(100*bound.Seconds()/c.calling().Seconds(), "%of-bound")
		b.ReportMetric(perSecond(n, cost.took), "rows/s")
		b.ReportMetric(cost.peak, "peak-MiB")
		o.end()
	}
	b.ReportMetric(0, "ns/op")
}

// bareInserts makes so many inserts of benchPerCall contacts by the bare loop, and returns how long they took.
func bareInserts(b *testing.B, calls int) time.Duration {
	b.Helper()
	o := newBenchOrg(b, benchRows{n: 1, perDeal: 1}, benchLatency)
	defer o.end()
	person := `{"Last_Name":"Name","First_Name":"First","Email":"person@bench.example","Phone":"+49 30 1","Title":"Engineer"}`
	body := `{"data":[` + strings.Repeat(person+",", benchPerCall-1) + person + `]}`
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchPlaces}}
	defer client.CloseIdleConnections()
	token := o.token()
	var workers errgroup.Group
	began := time.Now()
	workers.SetLimit(benchPlaces)
	for range calls {
		workers.Go(func() error {
			return bareCall(client, http.MethodPost, o.url+"/crm/v8/Contacts", token, body, http.StatusCreated)
		})
	}
	if err := workers.Wait(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// BenchmarkUpsert upserts 100,000 contacts of which 1 % differ, after a read of all.
//
// Must be reached: 1 %written, at most 1 %off-price, which is how far the credits are from those announced.
func BenchmarkUpsert(b *testing.B) {
	n := benchOf(benchRecords)
	for b.Loop() {
		o := newBenchOrg(b, benchRows{n: 1, perDeal: 1}, 0)
		c := newBenchClient(b, o, benchRows{n: 1, perDeal: 1})
		c.writePeople("people.csv", n, false)
		c.writePeople("changed.csv", n, true)
		c.run(0, "records", "insert", "Contacts", "people.csv", "--run-dir", "made")
		cost := c.run(0, "records", "upsert", "Contacts", "changed.csv", "--duplicate-check", "Email", "--read-first", "on",
			"--run-dir", "run")
		s := c.summary()
		if s.Rows.Unchanged+s.Rows.Updated != int64(n) {
			b.Fatalf("%+v", s.Rows)
		}
		b.ReportMetric(100*float64(s.Rows.Updated)/float64(n), "%written")
		b.ReportMetric(100*math.Abs(float64(s.Spent.Credits-s.Records.Credits))/float64(s.Records.Credits), "%off-price")
		b.ReportMetric(perSecond(n, cost.took), "rows/s")
		b.ReportMetric(cost.peak, "peak-MiB")
		o.end()
	}
	b.ReportMetric(0, "ns/op")
}

// calling returns the time from the first insert of the run to the end of the last, as its log has them.
func (c *benchClient) calling() time.Duration {
	c.b.Helper()
	var first, last time.Time
	err := rundir.ReadLog(filepath.Join(c.dir, "run", rundir.LogFile), func(e *rundir.LogEntry) {
		if e.Method != http.MethodPost || e.Path != "/Contacts" {
			return
		}
		if began := e.Time.Add(-time.Duration(e.Took) * time.Millisecond); first.IsZero() || began.Before(first) {
			first = began
		}
		last = e.Time
	})
	if err != nil || first.IsZero() {
		c.b.Fatalf("the log has no insert: %v", err)
	}
	return last.Sub(first)
}
