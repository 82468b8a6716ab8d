package crm_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// mixed draws an org of generated deals with seeded ones before, among and after them.
func mixed(t *rapid.T) (o emulator.Options, ids []string) {
	org := &emulator.Org{Generated: emulator.Generated{Deals: rapid.IntRange(0, 30).Draw(t, "deals"), Contacts: 1}}
	there := map[string]bool{}
	for i := 1; i <= org.Generated.Deals; i++ {
		there[rig.DealID(i)] = true
	}
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(-5, 40), 0, 10, rapid.ID).Draw(t, "seeded") {
		id := rig.DealID(n)
		org.Deals = append(org.Deals, emulator.Record{
			"id":            []byte(`"` + id + `"`),
			"Modified_Time": fmt.Appendf(nil, `"20%02d-01-01T00:00:00+00:00"`, rapid.IntRange(10, 30).Draw(t, "year")),
		})
		there[id] = true
	}
	return emulator.Options{Org: org, TokenRequests: -1}, slices.Sorted(maps.Keys(there))
}

// Pages, page tokens, COQL with the last id, and COQL with an offset return each deal exactly once, in the wanted
// order. They do so too after deletions and during deletions.
func TestEveryWalkFindsAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		o, ids := mixed(rt)
		d := rig.NewDirect(t, o)
		if len(ids) > 0 {
			for _, n := range rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, len(ids), rapid.ID).Draw(rt,
				"deleted") {
				d.Must(rt, "DELETE", "v8/Deals/"+n, "")
				ids = slices.DeleteFunc(ids, func(s string) bool { return s == n })
			}
		}
		per := rapid.IntRange(1, 12).Draw(rt, "rows a page")
		desc := slices.Clone(ids)
		slices.Reverse(desc)
		for name, c := range map[string]struct{ want, got []string }{
			"pages": {desc, walkPages(d, rt, fmt.Sprintf("v8/Deals?fields=x&per_page=%d", per))},
			"tokens": {desc, walkTokens(d, rt, fmt.Sprintf("v8/Deals?fields=x&per_page=%d", per),
				nil)},
			"tokens, up": {ids, walkTokens(d, rt,
				fmt.Sprintf("v8/Deals?fields=x&sort_order=asc&per_page=%d", per), nil)},
			"COQL, by id":               {ids, walkByID(d, rt, "id > ", "asc", per)},
			"COQL, down":                {desc, walkByID(d, rt, "id < ", "desc", per)},
			"COQL, filtered":            {ids, walkByID(d, rt, "Owner is not null and id > ", "asc", per)},
			"COQL, offset":              {ids, walkOffset(d, rt, "id is not null", per)},
			"COQL, offset and a filter": {ids, walkOffset(d, rt, "Owner is not null", per)},
		} {
			if !slices.Equal(c.want, c.got) {
				rt.Fatalf("%s: %d a page (-want +got)\n%s", name, per, cmp.Diff(c.want, c.got))
			}
		}
		sorted := walkTokens(d, rt, fmt.Sprintf("v8/Deals?fields=x&sort_by=Modified_Time&per_page=%d", per), nil)
		byTime := walkOffset(d, rt, "id is not null order by Modified_Time desc, id desc", per)
		if !slices.Equal(sorted, byTime) || len(sorted) != len(ids) {
			rt.Fatalf("by Modified_Time (COQL, records)\n%s", cmp.Diff(byTime, sorted))
		}
		// Each read deal is deleted. The walk skips no other deal.
		gone := walkTokens(d, rt, fmt.Sprintf("v8/Deals?fields=x&per_page=%d", per),
			func(n string) { d.Must(rt, "DELETE", "v8/Deals/"+n, "") })
		if !slices.Equal(desc, gone) {
			rt.Fatalf("while deleting (-want +got)\n%s", cmp.Diff(desc, gone))
		}
		if status, got, _ := d.Call("GET", "v8/Deals/actions/count", ""); got != `{"count":0}` {
			rt.Fatalf("left: %d %s", status, got)
		}
	})
}

func walkPages(d *rig.Direct, t *rapid.T, path string) (all []string) {
	for page := 1; ; page++ {
		ids := rig.IDsOf(d.T, d.Must(t, "GET", fmt.Sprintf("%s&page=%d", path, page), ""))
		if len(ids) == 0 {
			return all
		}
		all = append(all, ids...)
	}
}

func walkTokens(d *rig.Direct, t *rapid.T, path string, then func(string)) (all []string) {
	for token := ""; ; {
		got := d.Must(t, "GET", path+token, "")
		if got == "" {
			return all
		}
		for _, n := range rig.IDsOf(d.T, got) {
			all = append(all, n)
			if then != nil {
				then(n)
			}
		}
		after := next(d.T, got)
		if after == "" {
			return all
		}
		token = "&page_token=" + after
	}
}

func walkByID(d *rig.Direct, t *rapid.T, after, order string, per int) (all []string) {
	last := "1"
	if order == "desc" {
		last = "9999999999999999999"
	}
	for {
		got := d.Must(t, "POST", "v8/coql", rig.Selecting(fmt.Sprintf("id from Deals where %s'%s' order by id %s "+
			"limit %d", after, last, order, per)))
		ids := rig.IDsOf(d.T, got)
		if more := strings.Contains(got, `"more_records":true`); !more {
			return append(all, ids...)
		}
		all = append(all, ids...)
		last = ids[len(ids)-1]
	}
}

func walkOffset(d *rig.Direct, t *rapid.T, where string, per int) (all []string) {
	for {
		got := d.Must(t, "POST", "v8/coql", rig.Selecting(fmt.Sprintf("id from Deals where %s limit %d, %d", where,
			len(all), per)))
		ids := rig.IDsOf(d.T, got)
		if len(ids) == 0 {
			return all
		}
		all = append(all, ids...)
	}
}
