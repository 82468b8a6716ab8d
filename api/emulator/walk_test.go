package emulator_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
)

func inBubble(t *testing.T, f func(*testing.T)) { synctest.Test(t, f) }

// atOnce makes calls at one time and counts their statuses.
func (d *direct) atOnce(calls int, method, path, body string) map[int]int {
	statuses := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			status, _, _ := d.call(method, path, body)
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	all.Wait()
	return statuses
}

// grant signs in with some scopes and gives the access token.
func (r *rig) grant(scope string) string {
	r.t.Helper()
	r.signIn(scope)
	return r.token
}

// mixed is an org of made-up deals with seeded ones before, among and after
// them; some are deleted.
func mixed(t *rapid.T) (o emulator.Options, ids []string) {
	org := &emulator.Org{Generated: emulator.Generated{Deals: rapid.IntRange(0, 30).Draw(t, "deals"), Contacts: 1}}
	there := map[string]bool{}
	for i := 1; i <= org.Generated.Deals; i++ {
		there[dealID(i)] = true
	}
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(-5, 40), 0, 10, rapid.ID).Draw(t, "seeded") {
		id := dealID(n)
		org.Deals = append(org.Deals, emulator.Record{
			"id":            []byte(`"` + id + `"`),
			"Modified_Time": fmt.Appendf(nil, `"20%02d-01-01T00:00:00+00:00"`, rapid.IntRange(10, 30).Draw(t, "year")),
		})
		there[id] = true
	}
	return emulator.Options{Org: org, TokenRequests: -1}, slices.Sorted(maps.Keys(there))
}

// All deals come exactly once, in the order asked for, by pages, page tokens,
// COQL with the last id, and COQL with an offset, also those of an org in
// which deals were deleted, and while others are being deleted.
func TestEveryWalkFindsAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		o, ids := mixed(rt)
		d := newDirect(t, o)
		if len(ids) > 0 {
			for _, n := range rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, len(ids), rapid.ID).Draw(rt, "deleted") {
				d.must(rt, "DELETE", "v8/Deals/"+n, "")
				ids = slices.DeleteFunc(ids, func(s string) bool { return s == n })
			}
		}
		per := rapid.IntRange(1, 12).Draw(rt, "rows a page")
		desc := slices.Clone(ids)
		slices.Reverse(desc)
		for name, c := range map[string]struct{ want, got []string }{
			"pages":                     {desc, d.walkPages(rt, fmt.Sprintf("v8/Deals?fields=x&per_page=%d", per))},
			"tokens":                    {desc, d.walkTokens(rt, fmt.Sprintf("v8/Deals?fields=x&per_page=%d", per), nil)},
			"tokens, up":                {ids, d.walkTokens(rt, fmt.Sprintf("v8/Deals?fields=x&sort_order=asc&per_page=%d", per), nil)},
			"COQL, by id":               {ids, d.walkByID(rt, "id > ", "asc", per)},
			"COQL, down":                {desc, d.walkByID(rt, "id < ", "desc", per)},
			"COQL, filtered":            {ids, d.walkByID(rt, "Owner is not null and id > ", "asc", per)},
			"COQL, offset":              {ids, d.walkOffset(rt, "id is not null", per)},
			"COQL, offset and a filter": {ids, d.walkOffset(rt, "Owner is not null", per)},
		} {
			if !slices.Equal(c.want, c.got) {
				rt.Fatalf("%s: %d a page (-want +got)\n%s", name, per, cmp.Diff(c.want, c.got))
			}
		}
		sorted := d.walkTokens(rt, fmt.Sprintf("v8/Deals?fields=x&sort_by=Modified_Time&per_page=%d", per), nil)
		byTime := d.walkOffset(rt, "id is not null order by Modified_Time desc, id desc", per)
		if !slices.Equal(sorted, byTime) || len(sorted) != len(ids) {
			rt.Fatalf("by Modified_Time (COQL, records)\n%s", cmp.Diff(byTime, sorted))
		}
		// What was read is deleted: nothing else is skipped.
		gone := d.walkTokens(rt, fmt.Sprintf("v8/Deals?fields=x&per_page=%d", per), func(n string) { d.must(rt, "DELETE", "v8/Deals/"+n, "") })
		if !slices.Equal(desc, gone) {
			rt.Fatalf("while deleting (-want +got)\n%s", cmp.Diff(desc, gone))
		}
		if status, got, _ := d.call("GET", "v8/Deals/actions/count", ""); got != `{"count":0}` {
			rt.Fatalf("left: %d %s", status, got)
		}
	})
}

// must makes a call that is answered with rows or none.
func (d *direct) must(t *rapid.T, method, path, body string) string {
	status, got, err := d.call(method, path, body)
	if err != nil || status != 200 && status != 204 {
		t.Fatalf("%s %s %s: %d %v %s", method, path, body, status, err, got)
	}
	return got
}

func (d *direct) walkPages(t *rapid.T, path string) (all []string) {
	for page := 1; ; page++ {
		ids := idsOf(d.t, d.must(t, "GET", fmt.Sprintf("%s&page=%d", path, page), ""))
		if len(ids) == 0 {
			return all
		}
		all = append(all, ids...)
	}
}

func (d *direct) walkTokens(t *rapid.T, path string, then func(string)) (all []string) {
	for token := ""; ; {
		got := d.must(t, "GET", path+token, "")
		if got == "" {
			return all
		}
		for _, n := range idsOf(d.t, got) {
			all = append(all, n)
			if then != nil {
				then(n)
			}
		}
		after := next(d.t, got)
		if after == "" {
			return all
		}
		token = "&page_token=" + after
	}
}

func (d *direct) walkByID(t *rapid.T, after, order string, per int) (all []string) {
	last := "1"
	if order == "desc" {
		last = "9999999999999999999"
	}
	for {
		got := d.must(t, "POST", "v8/coql", selecting(fmt.Sprintf("id from Deals where %s'%s' order by id %s limit %d", after, last, order, per)))
		ids := idsOf(d.t, got)
		if more := strings.Contains(got, `"more_records":true`); !more {
			return append(all, ids...)
		}
		all = append(all, ids...)
		last = ids[len(ids)-1]
	}
}

func (d *direct) walkOffset(t *rapid.T, where string, per int) (all []string) {
	for {
		got := d.must(t, "POST", "v8/coql", selecting(fmt.Sprintf("id from Deals where %s limit %d, %d", where, len(all), per)))
		ids := idsOf(d.t, got)
		if len(ids) == 0 {
			return all
		}
		all = append(all, ids...)
	}
}

// A deal with more contacts than a sub-request may carry says so, and the rest
// comes with the next page; so do other reads. Zoho CRM API v7, Composite API,
// Allowed APIs.
func TestCompositeReads(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Deals: 60, Contacts: 60, RolesPerDeal: 40})
	deal30, deal25 := dealID(30), dealID(25)
	coql := func(rest string) string {
		return `{"method":"POST","uri":"/crm/v8/coql","body":` + selecting(rest) + `}`
	}
	sub := func(uri, params string) string {
		return `{"method":"GET","uri":"/crm/v8/` + uri + `","params":` + params + `}`
	}
	_, got := r.call("POST", composite, composed(get(deal30), getWith(deal30, `{"fields":"id","page":2}`), get(deal25), get(dealID(41)), sub("Deals", `{"fields":"id"}`)))
	bodies := decode(t, got).(map[string]any)["__composite_requests"].([]any)
	for i, want := range []string{"25 true", "5 false", "25 false", "", "25 true"} {
		response := bodies[i].(map[string]any)["details"].(map[string]any)["response"].(map[string]any)
		have := ""
		if body, is := response["body"].(map[string]any); is {
			info := body["info"].(map[string]any)
			have = fmt.Sprint(info["count"], " ", info["more_records"])
			if len(body["data"].([]any)) > 25 {
				t.Errorf("sub-request %d: %d rows", i, len(body["data"].([]any)))
			}
		}
		if have != want {
			t.Errorf("sub-request %d: %s, want %s", i, have, want)
		}
	}
	rows := func(n int) string {
		var list []string
		for i := 1; i <= n; i++ {
			list = append(list, `{"id":"`+dealID(i)+`"}`)
		}
		return found(n < 60, list...)
	}
	r.want("POST", composite, composed(coql("id from Deals where id > 1"), coql("id from Deals where id > 1 limit 26"), coql("id from Deals where id > 1 limit 2"),
		sub("Deals/actions/count", `{}`), `{"method":"DELETE","uri":"/crm/v8/Deals/`+deal1+`"}`), 200, composed(
		executed(200, rows(25)),
		executed(400, failed("LIMIT_EXCEEDED", `{"by":"limit","limit":25}`, "limit exceeded")),
		executed(200, rows(2)), executed(200, `{"count":60}`), executed(200, data(deleted(deal1)))))
}

// What parses is the same query when it is written in one form, and parses to
// that form again; nothing brings the parser or the query down.
func FuzzCOQL(f *testing.F) {
	for _, query := range []string{
		"select id from Deals where id is not null",
		"select 'Account_Name' AS 'Account id', Account_Name.Account_Name from Deals where ((Stage = 'O''Neill' and Amount >= -1.5) or id in (1,'2')) order by id desc, Stage limit 5, 10",
		`select COUNT(id) as "a ""b""" from Contacts where (Email like '%x%' and (Created_Time between '2023-05-28T04:25:36-07:00' and '2025-05-28T04:25:36-07:00')) limit 1 offset 2`,
		"select \"select\" from Deals where 'from' not like '%a%' or x not in (a, b)",
		"select id from Deals where (((((id = 1", "update Deals", "select", "select a.b.c$ from Deals where $x = 'ü\xff' limit z",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		first, err := emulator.FormatCOQL(query)
		if err == nil {
			again, err := emulator.FormatCOQL(first)
			if err != nil || again != first {
				t.Errorf("%q is %q, which is %q, %v", query, first, again, err)
			}
		}
		d := newDirect(t, emulator.Options{Deals: 3, Contacts: 3, RolesPerDeal: 2})
		status, got, callErr := d.call("POST", "v8/coql", `{"select_query":`+quote(query)+`}`)
		if callErr != nil || status != 200 && status != 204 && status != 400 || status != 204 && !strings.HasPrefix(got, "{") {
			t.Errorf("%q: %d %s %v", query, status, got, callErr)
		}
		if strings.ToValidUTF8(query, "") == query && err != nil && status != 400 {
			t.Errorf("%q does not parse (%v), but is answered %d", query, err, status)
		}
	})
}

// A page by id looks at its own rows only, and a million deals are not kept:
// it takes as many allocations in a large org as in a small one.
func TestPagesByIDCostTheSame(t *testing.T) { //nolint:paralleltest // allocations are counted
	cost := func(deals int, body string) float64 {
		e := open(t, emulator.Options{Deals: deals})
		token := benchToken(t, e)
		return testing.AllocsPerRun(5, func() {
			if status := post(e, token, body); status != 200 {
				t.Fatalf("status %d", status)
			}
		})
	}
	for _, rest := range []string{
		"Deal_Name from Deals where id > '4150868000010000500' order by id asc limit 20",
		"Deal_Name from Deals where id < '4150868000010000500' order by id desc limit 20",
		"Deal_Name from Deals where id is not null limit 500, 20",
		"Deal_Name from Deals where ((id > '4150868000010000500' and id <= '4150868000010000600') and Stage is not null) limit 20",
	} {
		small, large := cost(1000, selecting(rest)), cost(1_000_000, selecting(rest))
		if large > small*1.2 {
			t.Errorf("%s: %.0f allocations, %.0f in an org of a million deals", rest, small, large)
		}
	}
}
