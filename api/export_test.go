package api_test

import (
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api"
	"rolecall/api/emulator"
)

// The reads of an export, against the emulator.

const (
	fields   = "Deal_Name, Stage, Account_Name, Owner"
	allDeals = "select id, " + fields + " from Deals where id %s order by id asc limit %d"
	first    = "is not null"
)

// listed reads all deals by queries, each after the last deal of the one before.
func listed(t *testing.T, z zoho, rows int) []api.Record {
	t.Helper()
	var all []api.Record
	for after := first; ; after = "> '" + all[len(all)-1].ID + "'" {
		page, err := z.Query(t.Context(), fmt.Sprintf(allDeals, after, rows), rows)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, page.Records...); !page.More {
			return all
		}
	}
}

// Every deal comes once and in order, for the announced credits. The two counts agree. A lookup has the form of the
// version.
func TestQueryAllDeals(t *testing.T) {
	t.Parallel()
	const deals = 4500
	for version, lookup := range map[string]string{
		"v6": `{"id":"4150868000030000002"}`, "v8": `{"name":"Account 2","id":"4150868000030000002"}`,
	} {
		z := newZoho(t, version, emulator.Options{Deals: deals, Contacts: 5}, nil)
		before := z.pacer.Stats().Credits
		all := listed(t, z, api.MostRows)
		if got := z.pacer.Stats().Credits - before; got != 3*3 || z.emulator.Stats().Credits != got {
			t.Errorf("%s: %d credits; emulator %+v", version, got, z.emulator.Stats())
		}
		for i, d := range all {
			if d.ID != dealID(i+1) || len(d.Fields) != 4 || len(d.Fields["Deal_Name"]) < 3 {
				t.Fatalf("%s, %d: %+v", version, i, d)
			}
		}
		if len(all) != deals {
			t.Errorf("%s: %d deals", version, len(all))
		}
		if got := string(all[0].Fields["Account_Name"]); got != lookup {
			t.Errorf("%s: got %s, want %s", version, got, lookup)
		}
		counted, err := z.QueryCount(t.Context(), "select COUNT(id) from Deals where id is not null")
		if err != nil || counted != deals {
			t.Errorf("%s: %d, %v", version, counted, err)
		}
		count, err := z.CountRecords(t.Context(), "Deals", "")
		if err != nil || count != deals {
			t.Errorf("%s: %d, %v", version, count, err)
		}
		none, err := z.Query(t.Context(), "select id from Deals where id = '77' limit 10", 10)
		if err != nil || len(none.Records) != 0 || none.More {
			t.Errorf("%s: %+v, %v", version, none, err)
		}
	}
}

// An org with a lower limit refuses the number of rows. The query with that limit works.
func TestQueryFewerRows(t *testing.T) {
	t.Parallel()
	z := newZoho(t, "v8", emulator.Options{Deals: 450, Contacts: 5, CoqlRows: api.RowsOfOrgs}, nil)
	_, err := z.Query(t.Context(), fmt.Sprintf(allDeals, first, api.MostRows), api.MostRows)
	if !api.QueryLimited(err) || api.NotOffered(err) {
		t.Fatalf("%#v", err)
	}
	if got := len(listed(t, z, api.RowsOfOrgs)); got != 450 {
		t.Errorf("%d deals", got)
	}
	_, err = z.Query(t.Context(), "select id, Nothing from Deals where id is not null limit 200", 200)
	if e, ok := failed(err); !ok || e.Code != "INVALID_QUERY" || api.QueryLimited(err) || api.NotOffered(err) {
		t.Errorf("%#v", err)
	}
}

// If COQL is not allowed, Records reads all deals: by pages up to the 2,000th, then by tokens.
func TestRecordsInPlaceOfQueries(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"off", "unscoped"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			const deals = 2650
			z := newZoho(t, "v8", emulator.Options{Deals: deals, Contacts: 5, Coql: setting}, nil)
			if _, err := z.Query(t.Context(), fmt.Sprintf(allDeals, first, 2000), 2000); !api.NotOffered(err) ||
				api.QueryLimited(err) {
				t.Fatalf("%#v", err)
			}
			q := api.RecordsQuery{
				Fields: []string{"Deal_Name"}, PerPage: api.MostPerPage, SortBy: "id", SortOrder: "asc", Page: 1,
			}
			var all []string
			for more := true; more; {
				page, err := z.Records(t.Context(), "Deals", q)
				if err != nil {
					t.Fatalf("after %d: %v", len(all), err)
				}
				for _, d := range page.Records {
					all = append(all, d.ID)
				}
				if q.Page != 0 && q.Page < 10 {
					q.Page++
				} else if page.More {
					q.Page, q.Token = 0, page.Token
				}
				more = page.More
			}
			if !slices.IsSorted(all) || len(slices.Compact(all)) != deals {
				t.Errorf("%d deals", len(all))
			}
			_, err := z.Records(t.Context(), "Deals", api.RecordsQuery{Page: 11, PerPage: 200})
			if e, ok := failed(err); !ok || e.Code != "DISCRETE_PAGINATION_LIMIT_EXCEEDED" || e.Ends != api.EndNone {
				t.Errorf("%#v", err)
			}
			q.Fields = []string{"Stage"}
			_, err = z.Records(t.Context(), "Deals", q)
			if e, ok := failed(err); !ok || e.Code != "TOKEN_BOUND_DATA_MISMATCH" {
				t.Errorf("%#v", err)
			}
		})
	}
}

// The reads of contacts return the same triples as the reads of deals, in every version.
func TestContactDealsAreDealContacts(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			const deals, contacts = 12, 6
			z := newZoho(t, version, emulator.Options{Deals: deals, Contacts: contacts, RolesPerDeal: 4}, nil)
			roles, err := z.Roles(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			byDeal, byContact := map[[2]string]string{}, map[[2]string]string{}
			for i := 1; i <= deals; i++ {
				on, err := z.DealContactRoles(t.Context(), dealID(i), "Full_Name", "Email", "Phone")
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range on {
					byDeal[[2]string{dealID(i), c.ID}] = find(t, c.Role, roles).ID
					if len(c.Fields["Full_Name"]) == 0 || len(c.Fields["Email"]) == 0 || len(c.Fields["Phone"]) == 0 {
						t.Errorf("%+v", c)
					}
				}
			}
			for j := 1; j <= contacts; j++ {
				on, err := z.ContactDeals(t.Context(), contactID(j), "Deal_Name")
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range on {
					byContact[[2]string{d.Deal, contactID(j)}] = find(t, d.Role, roles).ID
				}
			}
			if diff := gocmp.Diff(byDeal, byContact); diff != "" || len(byDeal) == 0 {
				t.Errorf("%d (-deals +contacts)\n%s", len(byDeal), diff)
			}
			if _, err := z.DealContactRoles(t.Context(), "77"); !api.DealGone(err) {
				t.Errorf("%#v", err)
			}
		})
	}
}

// With faults every deal is still listed, and the client counts the same credits as the emulator.
func TestQueryFaults(t *testing.T) {
	t.Parallel()
	faults, err := emulator.ParseFaults("429=5%,500=5%,reset=5%,drop=5%,html=5%,truncate=5%")
	if err != nil {
		t.Fatal(err)
	}
	z := newZoho(t, "v8", emulator.Options{Deals: 2000, Contacts: 5, Faults: faults, FaultSeed: 7}, nil)
	if all := listed(t, z, 50); len(all) != 2000 {
		t.Errorf("%d deals", len(all))
	}
	if s := z.pacer.Stats(); s.Retries == 0 || s.InFlight != 0 {
		t.Errorf("%+v", s)
	}
}
