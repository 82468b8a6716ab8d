package records_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// Every body of a write is answered with JSON and a status that Zoho documents.
func FuzzWrites(f *testing.F) {
	for _, body := range []string{
		rig.Data(`{"Last_Name":"x","Email":"x@x.com","Annual_Revenue":1e9}`, `{"id":"5"}`, `null`),
		`{"data":[{"Last_Name":{"a":1},"Owner":{"id":"4150868000000225013"},"No_of_Employees":-0.0}]}`,
		`{"data":[{"$append_values":[],"Email_Opt_Out":"x"}],"trigger":null,"apply_feature_execution":[{"name":"x"}]}`,
		`{"data":[{"Annual_Revenue":1e99}],"duplicate_check_fields":["Email","Email"]}`, `[`, "{\"data\":[\"\xff\"]}",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		d := rig.NewDirect(t, emulator.Options{})
		for _, c := range [][2]string{
			{"POST", "v8/Leads"}, {"POST", "v2/Leads/upsert"}, {"PUT", "v8/Leads"},
			{"PUT", "v8/Contacts/" + rig.Contact1}, {"POST", "v8/settings/recycle_bin/actions/restore"},
			{"POST", "bulk/v8/read"},
		} {
			status, got, err := d.Call(c[0], c[1], body)
			if err != nil || !json.Valid([]byte(got)) || status >= 500 {
				t.Errorf("%s %s %q: %d %q %v", c[0], c[1], body, status, got, err)
			}
		}
		if _, got, _ := d.Call("GET", "v2/Leads", ""); got != "" && !json.Valid([]byte(got)) {
			t.Errorf("%q: %s", body, got)
		}
	})
}

// Every criteria are answered with rows, 204, or a refusal.
func FuzzCriteria(f *testing.F) {
	for _, criteria := range []string{
		`((Last_Name:equals:Burns\,B)and(First_Name:starts_with:M))`, `(Email:in:aa,bb)or(Owner.id:equals:5)`,
		`(Created_Time:between:2020-01-01T00:00:00Z,2030-01-01T00:00:00Z)`, `((((`, `(a:b:c\`, `(:equals:)`,
	} {
		f.Add(criteria)
	}
	e, err := emulator.New(emulator.Options{Contacts: 20})
	if err != nil {
		f.Fatal(err)
	}
	token := strings.TrimPrefix(rig.TokenOf(f, e), "Zoho-oauthtoken ")
	f.Fuzz(func(t *testing.T, criteria string) {
		d := rig.Direct{T: t, E: e, Token: token}
		status, got, err := d.Call("GET", "v8/Contacts/search?criteria="+url.QueryEscape(criteria), "")
		if err != nil || status != 200 && status != 204 && status != 400 || got != "" && !json.Valid([]byte(got)) {
			t.Errorf("%q: %d %q %v", criteria, status, got, err)
		}
	})
}
