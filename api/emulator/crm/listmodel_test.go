package crm_test

import (
	"cmp"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// A timedDeal has days of May 2024 as times. It may have the contact's role.
type timedDeal struct {
	id, created, modified int
	role                  bool
}

func day(n int) string { return fmt.Sprintf("2024-05-%02dT00:00:00+00:00", n) }

// Get Records and the deals of a contact return the page that a simple model returns: only what is newer than
// If-Modified-Since, sorted, equal times by the id.
func TestListsAgainstModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		o := &emulator.Org{
			Contacts:  []emulator.Record{{"id": []byte(`"501"`)}},
			DealRoles: map[string]map[string]emulator.RoleRef{},
		}
		var deals []timedDeal
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(1, 30), 0, 12, rapid.ID).Draw(rt, "ids") {
			d := timedDeal{n, rapid.IntRange(1, 5).Draw(rt, "created"), rapid.IntRange(5, 9).Draw(rt, "modified"),
				rapid.Bool().Draw(rt, "role")}
			deals = append(deals, d)
			o.Deals = append(o.Deals, emulator.Record{
				"id": []byte(fmt.Sprintf("%q", fmt.Sprint(n))), "Created_Time": []byte(rig.Quote(day(d.created))),
				"Modified_Time": []byte(rig.Quote(day(d.modified))),
			})
			if d.role {
				o.DealRoles[fmt.Sprint(n)] = map[string]emulator.RoleRef{"501": {Name: "Purchasing"}}
			}
		}
		ofContact := rapid.Bool().Draw(rt, "of a contact")
		since := rapid.IntRange(4, 10).Draw(rt, "since") // 4 stands for no If-Modified-Since
		by := rapid.SampledFrom([]string{"", "id", "Created_Time", "Modified_Time"}).Draw(rt, "sort by")
		order := rapid.SampledFrom([]string{"", "asc", "desc"}).Draw(rt, "order")
		per, page := rapid.IntRange(1, 6).Draw(rt, "per page"), rapid.IntRange(1, 3).Draw(rt, "page")

		rows := slices.DeleteFunc(deals, func(d timedDeal) bool {
			return ofContact && !d.role || since > 4 &&
				d.modified <= since
		})
		slices.SortFunc(rows, func(a, b timedDeal) int {
			c := cmp.Compare(a.id, b.id)
			switch by {
			case "Created_Time":
				c = cmp.Or(cmp.Compare(a.created, b.created), c)
			case "Modified_Time":
				c = cmp.Or(cmp.Compare(a.modified, b.modified), c)
			}
			if order != "asc" {
				return -c
			}
			return c
		})
		from := min((page-1)*per, len(rows))
		to := min(from+per, len(rows))
		var want []string
		for _, d := range rows[from:to] {
			want = append(want, fmt.Sprint(d.id))
		}
		status := 200
		switch {
		case len(rows) == 0 && since > 4:
			status = 304
		case len(want) == 0:
			status = 204
		}

		path := "Deals"
		if ofContact {
			path = "Contacts/501/Deals"
		}
		path += fmt.Sprintf("?fields=Stage&sort_by=%s&sort_order=%s&per_page=%d&page=%d", by, order, per, page)
		d := rig.NewDirect(t, emulator.Options{Org: o})
		r := httptest.NewRequest("GET", "http://zoho/crm/v8/"+path, nil)
		r.Header.Set("Authorization", "Zoho-oauthtoken "+d.Token)
		if since > 4 {
			r.Header.Set("If-Modified-Since", day(since))
		}
		w := httptest.NewRecorder()
		d.E.ServeHTTP(w, r)
		if w.Code != status || !slices.Equal(rig.IDsOf(t, w.Body.String()), want) {
			rt.Fatalf("%s since %d: %d %s, want %d %v", path, since, w.Code, w.Body, status, want)
		}
		if more := strings.Contains(w.Body.String(), `"more_records":true`); more != (to < len(rows) && status == 200) {
			rt.Fatalf("%s: more records %t, %d of %d", path, more, to, len(rows))
		}
	})
}
