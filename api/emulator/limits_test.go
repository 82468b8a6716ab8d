package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// The limit decides the price of COQL: up to 200, to 1,000, to 2,000. Zoho CRM API v8, Query API - An Overview. A list
// of deleted records costs 2: API Limits.
func TestCreditsOfReads(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Credits: 30})
	used := 0
	for _, c := range []struct {
		method, path, body string
		credits            int
	}{
		{"POST", "v8/coql", rig.Selecting("id from Deals where id > 1"), 1},
		{"POST", "v8/coql", rig.Selecting("id from Deals where id > 1 limit 200"), 1},
		{"POST", "v8/coql", rig.Selecting("id from Deals where id > 1 limit 201"), 2},
		{"POST", "v8/coql", rig.Selecting("id from Deals where id > 1 limit 1000"), 2},
		{"POST", "v8/coql", rig.Selecting("id from Deals where id > 1 limit 2000"), 3},
		{"POST", "v8/coql", rig.Selecting("id from Deals where nonsense > 1 limit 2000"), 1},
		{"GET", "v8/Deals/deleted", "", 2},
		{"GET", "v8/Deals?fields=x", "", 1},
		{"GET", "v8/Deals/actions/count", "", 1},
		{"GET", "v8/Contacts/" + rig.Contact1 + "/Deals?fields=x", "", 1},
		{"DELETE", "v8/Deals/" + rig.Deal1, "", 1},
		{"POST", composite, composed(`{"method":"POST","uri":"/crm/v8/coql","body":` +
			rig.Selecting("id from Deals where id > 1") + `}`), 1},
		{"POST", "v8/coql", rig.Selecting("id from Deals where id > 1 limit 2000"), 3},
	} {
		_, header, got, err := r.Do(c.method, c.path, c.body)
		if err != nil {
			t.Fatal(err)
		}
		used += c.credits
		if s := r.E.Stats(); s.Credits != used {
			t.Fatalf("%s %s: %d credits used, want %d (%s)", c.method, c.body, s.Credits, used, got)
		}
		want := ""
		if used >= 15 {
			want = fmt.Sprint(30 - used)
		}
		if got := header.Get("X-API-CREDITS-REMAINING"); got != want {
			t.Errorf("after %d: remaining %q, want %q", used, got, want)
		}
	}
}

// leads returns the body of an insert.
func leads(n int) string { return rig.Data(slices.Repeat([]string{`{"Last_Name":"x"}`}, n)...) }

// Writes of records cost a credit for each ten. Zoho CRM API v8, API Limits.
func TestCreditsOfWrites(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	for n, want := range map[int]int{1: 1, 10: 1, 11: 2, 100: 10, 101: 1} {
		before := r.E.Stats().Credits
		for _, path := range []string{"v8/Leads", "v8/Leads/upsert"} {
			r.Call("POST", path, leads(n))
		}
		if got := r.E.Stats().Credits - before; got != 2*want {
			t.Errorf("%d records: %d credits, want %d", n, got, 2*want)
		}
	}
}

// Ten heavy calls may be in flight in every edition. Zoho CRM API v8, API Limits, Sub-concurrency.
func TestSubConcurrency(t *testing.T) {
	t.Parallel()
	query := rig.Selecting("id from Deals where id > 1")
	for name, c := range map[string]struct {
		method, path, body string
		calls              int
		want               map[int]int
	}{
		"COQL":                 {"POST", "v8/coql", query, 13, map[int]int{200: 10, 429: 3}},
		"sorted records":       {"GET", "v8/Deals?fields=x&sort_by=id", "", 12, map[int]int{200: 10, 429: 2}},
		"records as they come": {"GET", "v8/Deals?fields=x", "", 13, map[int]int{200: 13}},
		"11 records":           {"POST", "v8/Leads", leads(11), 13, map[int]int{201: 10, 429: 3}},
		"10 records":           {"POST", "v8/Leads", leads(10), 13, map[int]int{201: 13}},
		"roles, sorted":        {"GET", rig.RolesOf(rig.Deal1) + "?fields=x&sort_by=id", "", 13, map[int]int{204: 13}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T) {
				d := rig.NewDirect(t, emulator.Options{Latency: time.Second})
				if diff := cmp.Diff(c.want, atOnce(d, c.calls, c.method, c.path, c.body)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				// The calls in flight are free afterwards.
				if diff := cmp.Diff(c.want, atOnce(d, c.calls, c.method, c.path, c.body)); diff != "" {
					t.Errorf("afterwards (-want +got)\n%s", diff)
				}
			})
		})
	}
}

func TestCallsInFlight(t *testing.T) {
	t.Parallel()
	// Zoho CRM API v8, API Limits, "Concurrency limit".
	for edition, limit := range map[string]int{"free": 5, "standard": 10, "professional": 15, "Enterprise": 20,
		"ultimate": 25, "": 20} {
		t.Run(edition, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := rig.NewDirect(t, emulator.Options{Edition: edition, Latency: time.Second})
				start := time.Now()
				var mu sync.Mutex
				statuses := map[int]int{}
				refusedAt := time.Duration(0)
				var all sync.WaitGroup
				for range limit + 3 {
					all.Go(func() {
						status, body, _ := d.Call("GET", rig.Roles, "")
						mu.Lock()
						defer mu.Unlock()
						statuses[status]++
						if status == 429 {
							refusedAt = max(refusedAt, time.Since(start))
							if body != rig.TooMany {
								t.Errorf("body %s", body)
							}
						}
					})
				}
				all.Wait()
				if diff := cmp.Diff(map[int]int{200: limit, 429: 3}, statuses); diff != "" || refusedAt != 0 {
					t.Errorf("refused after %v (-want +got)\n%s", refusedAt, diff)
				}
				want := emulator.Stats{
					Calls:       map[string]int{"GET /Contacts/roles": limit + 3},
					MaxInFlight: limit, TooManyRequests: 3, Credits: limit, TokensIssued: 1,
				}
				if diff := cmp.Diff(want, d.E.Stats()); diff != "" {
					t.Errorf("stats (-want +got)\n%s", diff)
				}
			})
		})
	}
}

// A client that sends its next call as soon as it has an answer never has two in flight.
func TestInFlightEndsBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{InFlight: 1})
	for range 500 {
		if status, got := r.Call("GET", rig.Roles, ""); status != 200 {
			t.Fatalf("%d %s", status, got)
		}
	}
	if s := r.E.Stats(); s.MaxInFlight != 1 || s.TooManyRequests != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := rig.NewDirect(t, emulator.Options{Latency: 120 * time.Millisecond})
		start := time.Now()
		if _, _, err := d.Call("GET", rig.Roles, ""); err != nil || time.Since(start) != 120*time.Millisecond {
			t.Errorf("took %v: %v", time.Since(start), err)
		}
		// Work is in the latency, here that of reading a slow body.
		start = time.Now()
		r := httptest.NewRequestWithContext(t.Context(), "POST", "http://zoho/crm/v8/Contacts",
			slowReader{strings.NewReader(rig.Data(`{"Last_Name":"A"}`))})
		r.Header.Set("Authorization", "Zoho-oauthtoken "+d.Token)
		resp, err := d.RoundTrip(r)
		if err != nil || resp.StatusCode != http.StatusCreated || time.Since(start) != 120*time.Millisecond {
			t.Errorf("took %v: %+v %v", time.Since(start), resp, err)
		}
	})
}

// slowReader takes its time.
type slowReader struct{ *strings.Reader }

func (r slowReader) Read(b []byte) (int, error) {
	<-time.After(50 * time.Millisecond) // of the bubble's clock
	n, err := r.Reader.Read(b)
	if r.Len() == 0 {
		err = io.EOF
	}
	return n, err
}

func TestCredits(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Credits: 10, Now: c.Now, TokenTTL: 100 * time.Hour})
	for used := 1; used <= 10; used++ {
		status, header, got, err := r.Do("GET", rig.Roles, "")
		if err != nil || status != 200 {
			t.Fatalf("call %d: %d %s %v", used, status, got, err)
		}
		// The header appears once half are used. Zoho CRM API v8, API Limits.
		want := ""
		if used >= 5 {
			want = fmt.Sprint(10 - used)
		}
		if got := header.Get("X-API-CREDITS-REMAINING"); got != want {
			t.Errorf("after %d: remaining %q, want %q", used, got, want)
		}
		c.Pass(time.Hour)
	}
	status, header, got, _ := r.Do("GET", rig.Roles, "")
	if status != 429 || got != rig.TooMany {
		t.Errorf("the eleventh: %d %s", status, got)
	}
	for name := range header {
		if strings.EqualFold(name, "Retry-After") || strings.Contains(strings.ToLower(name), "ratelimit") {
			t.Errorf("a 429 says %s", name)
		}
	}
	c.Pass(14*time.Hour + time.Minute) // the first is more than 24 hours old
	r.Want("GET", rig.Roles+"/77", "", 204, "")
	if status, got := r.Call("GET", rig.Roles, ""); status != 429 {
		t.Errorf("one credit came back, and two calls went: %d %s", status, got)
	}
	s := r.E.Stats()
	if s.Credits != 10 || s.TooManyRequests != 2 || s.Calls["GET /Contacts/roles"] != 12 {
		t.Errorf("stats %+v", s)
	}
}

func TestLimitsChangeWhileRunning(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	post := func(body string) (int, string) {
		resp, err := http.Post(r.URL+"/__emulator/limits", "", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, strings.TrimSpace(string(b))
	}
	if status, got := post(`{"in_flight": 5, "credits": 1}`); status != 200 || got != `{"in_flight":5,"credits":1}` {
		t.Errorf("%d %s", status, got)
	}
	r.Want("GET", rig.Roles+"/77", "", 204, "")
	r.Want("GET", rig.Roles+"/77", "", 429, rig.TooMany)
	if status, got := post(`{"credits": 0}`); status != 200 || got != `{"in_flight":5,"credits":0}` {
		t.Errorf("%d %s", status, got)
	}
	r.Want("GET", rig.Roles+"/77", "", 204, "")
	for _, body := range []string{``, `{"in_flight": 0}`, `{"credits": -1}`, `{"inflight": 5}`, `{"credits": "5"}`} {
		if status, got := post(body); status != 400 || !strings.Contains(got, `{"in_flight": 5, "credits": 100}`) {
			t.Errorf("%s: %d %s", body, status, got)
		}
	}
	if _, err := r.E.SetLimits(emulator.Limits{InFlight: new(1)}); err != nil {
		t.Error(err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]emulator.Options{
		"unknown edition":        {Edition: "gold"},
		"unknown collection PUT": {CollectionPut: "maybe"},
		"unknown way to move":    {RoleMoves: "maybe"},
		`unknown right "roles"`:  {Denied: []string{"roles.read", "roles"}},
		"cannot be negative":     {Credits: -1},
		"1 to 1000000000":        {Deals: -1},
		"either seeded or":       {Deals: 1, Org: &emulator.Org{}},
	} {
		if _, err := emulator.New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}

func inBubble(t *testing.T, f func(*testing.T)) { synctest.Test(t, f) }

// atOnce makes calls at one time and counts their statuses.
func atOnce(d *rig.Direct, calls int, method, path, body string) map[int]int {
	statuses := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			status, _, _ := d.Call(method, path, body)
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	all.Wait()
	return statuses
}
