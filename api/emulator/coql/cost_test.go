package coql_test

import (
	"fmt"
	"net/http"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// BenchmarkCOQLPage measures a page of 2,000 deals by id, with the fields of an export, and a filtered page.
func BenchmarkCOQLPage(b *testing.B) {
	const fields = "Deal_Name, Stage, Account_Name, Owner, Closing_Date"
	for name, where := range map[string]string{"by id": "id > '4150868000010020000'",
		"filtered": "(id > '4150868000010020000' and Stage = 'Closed Won')"} {
		for _, deals := range []int{50_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s, %d deals", name, deals), func(b *testing.B) {
				e, err := emulator.New(emulator.Options{Deals: deals})
				if err != nil {
					b.Fatal(err)
				}
				token := rig.TokenOf(b, e)
				query := rig.Selecting(fields + " from Deals where " + where + " order by id asc limit 2000")
				b.ReportAllocs()
				for b.Loop() {
					if status := rig.Send(e, token, "POST", "v8/coql", query); status != http.StatusOK {
						b.Fatalf("status %d", status)
					}
				}
			})
		}
	}
}

// A page by id looks at its own rows only, and generated deals need no memory. So a page takes as many allocations in a
// large org as in a small one.
//
//nolint:paralleltest // tests beside it would change the count of allocations
func TestPagesByIDCostTheSame(t *testing.T) {
	cost := func(deals int, body string) float64 {
		e := rig.Open(t, emulator.Options{Deals: deals})
		token := rig.TokenOf(t, e)
		return testing.AllocsPerRun(5, func() {
			if status := rig.Send(e, token, "POST", "v8/coql", body); status != 200 {
				t.Fatalf("status %d", status)
			}
		})
	}
	for _, rest := range []string{
		"Deal_Name from Deals where id > '4150868000010000500' order by id asc limit 20",
		"Deal_Name from Deals where id < '4150868000010000500' order by id desc limit 20",
		"Deal_Name from Deals where id is not null limit 500, 20",
		"Deal_Name from Deals where ((id > '4150868000010000500' and id <= '4150868000010000600') and Stage is not " +
			"null) limit 20",
	} {
		small, large := cost(1000, rig.Selecting(rest)), cost(1_000_000, rig.Selecting(rest))
		if large > small*1.2 {
			t.Errorf("%s: %.0f allocations, %.0f in an org of a million deals", rest, small, large)
		}
	}
	// A field that finds a record has an index, which the first query makes.
	for _, criteria := range []string{"Deal_Name = 'Renewal 8'",
		"((id > 1 and Deal_Name in ('Renewal 8', 'no')) or Deal_Name = 'Renewal 16')"} {
		body := rig.Selecting("Amount from Deals where " + criteria)
		if small, large := cost(500, body), cost(5000, body); large > small*1.2 {
			t.Errorf("%s: %.0f allocations, %.0f in an org of 5,000 deals", criteria, small, large)
		}
	}
}
