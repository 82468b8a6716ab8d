package cli_test

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// BenchmarkLookup looks up 50,000 distinct e-mails, 100 ms a call, 10 in flight. The role of all rows is unknown, so
// that nothing else is done.
//
// Must be reached: at most 510 credits; at least 95 %of-bound, which is the time that the bare loop takes for as many
// calls, from the first query to the last; at most 96 peak-MiB.
func BenchmarkLookup(b *testing.B) {
	n := benchOf(50_000)
	for b.Loop() {
		bound := bareCalls(b)
		o := newBenchOrg(b, benchRows{n: 1, perDeal: 1}, benchLatency,
			"--contacts", strconv.Itoa(n+n/40), "--coql-caseless")
		c := newBenchClient(b, o, benchRows{perDeal: 1})
		writeMails(b, filepath.Join(c.dir, "in.csv"), n)
		// The emulator indexes a field at its first query.
		const first = `{"select_query":"select id from Contacts where Email in ('a') or Secondary_Email in ('a') limit 1"}`
		if err := bareCall(&http.Client{}, http.MethodPost, o.url+"/crm/v8/coql", o.token(), first,
			http.StatusNoContent); err != nil {
			b.Fatal(err)
		}
		queries := func(s emulator.Stats) int { return s.Calls["POST /coql"] }
		before := queries(o.stats())
		end := o.watch(func(s emulator.Stats) int { return queries(s) - before })
		cost := c.run(1, assigning("--max-errors", "100%")...)
		took, calls := end(), queries(o.stats())-before
		o.end()
		sum := c.summary()
		if len(sum.Errors) != 1 || sum.Errors[0].Code != "ROLE_UNKNOWN" || sum.Errors[0].Rows != int64(n) {
			b.Fatalf("%+v", sum.Errors)
		}
		b.ReportMetric(100*perSecond(calls, took)/bound, "%of-bound")
		b.ReportMetric(float64(sum.Spent.Credits), "credits")
		b.ReportMetric(cost.peak, "peak-MiB")
		b.ReportMetric(perSecond(n, cost.took), "rows/s")
	}
	b.ReportMetric(0, "ns/op")
}

// writeMails writes a table with n e-mails that one generated contact has each.
func writeMails(b *testing.B, path string, n int) {
	b.Helper()
	given := strings.Fields("ada bruno chidi dana elif farid grace hana ines jonas kofi lena mira noor otto priya")
	family := strings.Fields(
		"abara bianchi costa duval eriksen fischer garcia haddad ivanova jensen kim lopez meyer")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "deal_id,contact_email,role")
	for j, left := 1, n; left > 0; j++ {
		if j%97 == 0 || j%97 == 96 { // two contacts have that e-mail
			continue
		}
		left--
		fmt.Fprintf(w, "%d,%s.%s.%d@example.com,Nobody\n", dealBase+j/benchDeal+1, given[j%len(given)], family[j%len(family)], j)
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
}
