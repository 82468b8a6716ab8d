package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rolecall/job/report"
)

// What the exports of the benchmarks read.
const (
	exportLatency  = 20 * time.Millisecond
	exportMaxRoles = "8" // deals have 0 to 8 stakeholders
)

// BenchmarkExport exports 50,000 deals at 20 ms a call and 10 in flight, and compares that with the bare loop that
// reads the same deals; then 5,000 deals, and 50,000 by composite requests.
//
// Must be reached: at least 95 %of-bare, which takes the whole process from its start to its end; spent-% of the
// announced credits between 98 and 102; at most 1.25 peak-ratio, to the peak of 5,000 deals; composite credits-% of the
// deals at most 21.
func BenchmarkExport(b *testing.B) {
	deals := benchRows{n: benchOf(50_000), perDeal: 1}
	for b.Loop() {
		bare := bareReads(b, deals)
		few := exportOnce(b, benchRows{n: benchOf(5000), perDeal: 1})
		many := exportOnce(b, deals)
		five := exportOnce(b, deals, "--composite", "on")
		b.ReportMetric(100*bare.Seconds()/many.took.Seconds(), "%of-bare")
		b.ReportMetric(perSecond(deals.n, many.took), "deals/s")
		b.ReportMetric(many.spentOfAnnounced(), "spent-%")
		b.ReportMetric(five.spentOfAnnounced(), "composite-spent-%")
		b.ReportMetric(100*float64(five.sum.Spent.Credits)/float64(deals.n), "composite-credits-%")
		if few.peak > 0 {
			b.ReportMetric(many.peak, "peak-MiB")
			b.ReportMetric(many.peak/few.peak, "peak-ratio")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// exported is what an export took.
type exported struct {
	benchCost
	sum report.Export
}

func (e exported) spentOfAnnounced() float64 {
	return 100 * float64(e.sum.Spent.Credits) / float64(e.sum.Plan.Before+e.sum.Plan.Credits())
}

// exportOnce exports an org with that many deals.
func exportOnce(b *testing.B, deals benchRows, flags ...string) exported {
	b.Helper()
	o := newBenchOrg(b, deals, exportLatency, "--max-roles", exportMaxRoles)
	defer o.end()
	p := newBenchClient(b, o, benchRows{}).start(append([]string{"export", "--json", "-o", "out.csv"}, flags...)...)
	e := exported{benchCost: p.end(0)}
	if err := json.Unmarshal(p.stdout.Bytes(), &e.sum); err != nil {
		b.Fatal(err)
	}
	if e.sum.State != report.Finished || e.sum.Counts.Deals != int64(deals.n) {
		b.Fatalf("the export is %s: %+v", e.sum.State, e.sum.Counts)
	}
	b.Logf("%d deals %v in %s: %.0f deals/s, %.1f MiB, CPU %s, %d credits", deals.n, flags, e.took,
		perSecond(deals.n, e.took), e.peak, e.cpu, e.sum.Spent.Credits)
	return e
}

// bareReads is the yardstick: as many workers as the org has places read each deal, one after the other, with nothing
// but net/http. It fetches a token first, as rolecall does.
func bareReads(b *testing.B, deals benchRows) time.Duration {
	b.Helper()
	o := newBenchOrg(b, deals, exportLatency, "--max-roles", exportMaxRoles)
	defer o.end()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchPlaces}}
	defer client.CloseIdleConnections()
	ids := make(chan int)
	var workers errgroup.Group
	began := time.Now()
	token := o.token()
	for range benchPlaces {
		workers.Go(func() (err error) {
			for id := range ids {
				if err == nil { // else the others' work is only taken off the channel
					err = bareGet(client,
						fmt.Sprintf("%s/crm/v8/Deals/%d/Contact_Roles?fields=Full_Name,Email", o.url, id), token)
				}
			}
			return err
		})
	}
	for deal := range deals.all() {
		ids <- deal
	}
	close(ids)
	err := workers.Wait()
	took := time.Since(began)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("bare: %d deals in %s: %.0f deals/s", deals.n, took, perSecond(deals.n, took))
	return took
}

func bareGet(client *http.Client, url, token string) error {
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Zoho-oauthtoken "+token)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s: %s", url, res.Status)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
