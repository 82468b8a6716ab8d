package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// BenchmarkCurl compares rolecall on 20,000 rows, five contacts a deal, with what a user's script would do, curl under
// xargs -P10, one call a row, on 2,000 of them; 100 ms a call, 10 in flight. The token and the list of URLs are made
// for curl beforehand; rolecall's time is that of the whole process.
//
// Must be reached: rolecall does at least 5 times-curl rows a second.
func BenchmarkCurl(b *testing.B) {
	for _, program := range []string{"curl", "xargs"} {
		if _, err := exec.LookPath(program); err != nil {
			b.Skip(err)
		}
	}
	few, many := benchRows{n: benchOf(2000), perDeal: benchDeal},
		benchRows{n: benchOf(benchManyRows), perDeal: benchDeal}
	for b.Loop() {
		curl := perSecond(few.n, curlLoop(b, few))
		o := newBenchOrg(b, many, benchLatency)
		cost := newBenchClient(b, o, many).assign()
		o.end()
		b.ReportMetric(perSecond(many.n, cost.took)/curl, "times-curl")
		b.ReportMetric(curl, "curl-rows/s")
		b.ReportMetric(perSecond(many.n, cost.took), "rows/s")
	}
	b.ReportMetric(0, "ns/op")
}

// curlLoop sends the rows by curl, and returns how long it took.
func curlLoop(b *testing.B, rows benchRows) time.Duration {
	b.Helper()
	o := newBenchOrg(b, rows, benchLatency)
	defer o.end()
	dir := b.TempDir()
	for name, text := range map[string]string{
		"headers": "Authorization: Zoho-oauthtoken " + o.token() + "\nContent-Type: application/json\n",
		"body":    benchBody,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	var urls bytes.Buffer
	for deal, contact := range rows.all() {
		urls.WriteString(o.url + benchPath(deal, contact) + "\n")
	}
	c := exec.CommandContext(b.Context(), "xargs", "-P", strconv.Itoa(benchPlaces), "-n", "1",
		"curl", "--fail", "--silent", "--show-error", "--noproxy", "*", "--output", os.DevNull, "--request", "PUT",
		"--header", "@headers", "--data", "@body")
	c.Dir, c.Stdin = dir, &urls
	began := time.Now()
	if said, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, said)
	}
	took := time.Since(began)
	o.has(rows)
	return took
}
