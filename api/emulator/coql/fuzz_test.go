package coql_test

import (
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/coql"
	"rolecall/api/emulator/rig"
)

// A parsed query that is written in one form parses to that form. Every text is answered.
func FuzzCOQL(f *testing.F) {
	for _, query := range []string{
		"select id from Deals where id is not null",
		"select 'Account_Name' AS 'Account id', Account_Name.Account_Name from Deals where ((Stage = 'O''Neill' and " +
			"Amount >= -1.5) or id in (1,'2')) order by id desc, Stage limit 5, 10",
		`select COUNT(id) as "a ""b""" from Contacts where (Email like '%x%' and (Created_Time between ` +
			`'2023-05-28T04:25:36-07:00' and '2025-05-28T04:25:36-07:00')) limit 1 offset 2`,
		"select \"select\" from Deals where 'from' not like '%a%' or x not in (a, b)",
		"select id from Deals where (((((id = 1", "update Deals", "select",
		"select a.b.c$ from Deals where $x = 'ü\xff' limit z",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		first, err := coql.Format(query)
		if err == nil {
			second, err := coql.Format(first)
			if err != nil || second != first {
				t.Errorf("%q is %q, which is %q, %v", query, first, second, err)
			}
		}
		d := rig.NewDirect(t, emulator.Options{Deals: 3, Contacts: 3, RolesPerDeal: 2})
		status, got, callErr := d.Call("POST", "v8/coql", `{"select_query":`+rig.Quote(query)+`}`)
		if callErr != nil || status != 200 && status != 204 && status != 400 || status != 204 &&
			!strings.HasPrefix(got, "{") {
			t.Errorf("%q: %d %s %v", query, status, got, callErr)
		}
		if strings.ToValidUTF8(query, "") == query && err != nil && status != 400 {
			t.Errorf("%q does not parse (%v), but is answered %d", query, err, status)
		}
	})
}
