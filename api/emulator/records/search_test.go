package records_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

const searchSeed = `{
	"accounts": [{"id": "71", "Account_Name": "Zylker"}],
	"contacts": [
		{"id": "501", "Last_Name": "Burns, B", "First_Name": "Kate", "Email": "a-b@x.com", "Phone": "+1 555 123",
			"Account_Name": {"name": "Zylker", "id": "71"}, "Email_Opt_Out": true},
		{"id": "502", "Last_Name": "Burns (old)", "Email": "a_b@x.com"},
		{"id": "503", "Last_Name": "Ng\\x", "First_Name": "Kate"}],
	"deals": [
		{"id": "901", "Deal_Name": "One", "Stage": "Won", "Amount": 10.5, "Closing_Date": "2025-01-31",
			"Created_Time": "2024-05-01T10:00:00+00:00"},
		{"id": "902", "Deal_Name": "Two", "Stage": "Won late", "Amount": 20}]
}`

// Zoho CRM API v7, Search Records; operators by type and look-alikes: OpenAPI v8.0, Search Records.
func TestSearch(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, searchSeed)})
	for _, c := range []struct{ module, query, want string }{
		{"Contacts", `criteria=(Last_Name:equals:Burns)`, "502 501"}, // like contains
		{"Contacts", `criteria=(Last_Name:equals:Burns\,%20B)`, "501"},
		{"Contacts", `criteria=(Last_Name:equals:Burns \(old\))`, "502"},
		{"Contacts", `criteria=(Last_Name:equals:Ng\\x)`, "503"},
		{"Contacts", `criteria=((Last_Name:starts_with:bur)and(First_Name:equals:Kate))`, "501"},
		{"Contacts", `criteria=((Last_Name:starts_with:Ng)or((First_Name:equals:Kate)and(Email:equals:x.com)))`,
			"503 501"},
		{"Contacts", `criteria=(Last_Name:in:Burns,Ng)`, "503 502 501"},
		{"Contacts", `criteria=(Last_Name:not_equal:Burns)`, "503"},
		{"Contacts", `criteria=(Email:equals:a-b@x.com)`, "502 501"}, // look-alikes
		{"Contacts", `criteria=(Account_Name:equals:Zylker)`, "501"},
		{"Contacts", `criteria=(Account_Name.id:equals:71)`, "501"},
		{"Contacts", `criteria=(Email_Opt_Out:equals:true)`, "501"},
		{"Deals", `criteria=(Stage:equals:Won)`, "901"}, // a picklist is exact
		{"Deals", `criteria=(Amount:between:10,15)`, "901"},
		{"Deals", `criteria=(Amount:greater_than:10.5)`, "902"},
		{"Deals", `criteria=(Closing_Date:less_equal:2025-01-31)`, "901"},
		{"Deals", `criteria=(Created_Time:greater_than:2024-02-01T00:00:00%2B00:00)`, "901"},
		{"Contacts", `email=a_b@x.com`, "502 501"},
		{"Contacts", `phone=555%20123`, "501"},
		{"Contacts", `word=kate`, "503 501"},
		{"Contacts", `word=zz`, ""},
		{"Contacts", `criteria=(Last_Name:equals:Ng)&email=a-b@x.com&word=Burns`, "503"}, // the first parameter counts
		{"Contacts", `word=kate&sort_by=id&sort_order=asc`, "501 503"},
		{"Contacts", `word=kate&per_page=1&page=2`, "501"},
	} {
		status, got := r.Call("GET", "v8/"+c.module+"/search?"+strings.ReplaceAll(c.query, " ", "%20")+"&fields=id", "")
		if ids := strings.Join(rig.IDsOf(t, got), " "); ids != c.want || (status == 204) != (c.want == "") {
			t.Errorf("%s %s: %d %s, want %s", c.module, c.query, status, got, c.want)
		}
	}
	r.Want("GET", "v8/Contacts/search?word=Ng&fields=First_Name", "", 200, `{"data":[{"First_Name":"Kate","id":"503"}],
		"info":{"per_page":200,"count":1,"page":1,"more_records":false}}`)
	r.Want("GET", "v8/Contacts/actions/count?word=Kate", "", 200, `{"count":2}`)
}

// Codes and details: OpenAPI v8.0, Search Records, examples of errors.
func TestRefusedSearches(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	r.Want("GET", "v8/Contacts/search", "", 400, rig.Failed("EXPECTED_PARAM_MISSING",
		`{"param_names":["criteria","email","phone","word"]}`, "One of the expected parameter is missing"))
	for query, want := range map[string]string{
		`criteria=(Nonsense:equals:xx)`:        "INVALID_QUERY",
		`criteria=(Last_Name:contains:xx)`:     `"operator":"contains"`,
		`criteria=(Email_Opt_Out:in:true)`:     `"operator":"in"`,
		`criteria=Last_Name:equals:xx`:         "INVALID_QUERY",
		`criteria=(Last_Name:equals:x(y)`:      "INVALID_QUERY",
		`criteria=((Last_Name:equals:xx)`:      "INVALID_QUERY",
		`criteria=(Created_Time:equals:today)`: `"expected_data_type":"datetime"`,
		`criteria=(Last_Name:equals:x)`:        "INVALID_DATA",
		`word=x`:                               "INVALID_DATA",
		`phone=12`:                             "INVALID_DATA",
		`word=xx&page=11`:                      `"limit":"2000"`,
		`word=xx&page=10`:                      "",
		`word=xx&per_page=201`:                 "LIMIT_EXCEEDED",
		`criteria=` + strings.Repeat("(Last_Name:equals:xx)or", 10):                   "INVALID_QUERY",
		"criteria=" + strings.Repeat("(Title:equals:xx)or", 10) + "(Title:equals:xx)": "CRITERIA_LIMIT_EXCEEDED",
		`criteria=(Last_Name:equals:` + strings.Repeat("x", 3000) + `)`:               `"maximum_length":3000`,
		`criteria=(Last_Name:in:` + strings.Repeat("xx,", 100) + `xx)`:                "INVALID_QUERY",
	} {
		status, got := r.Call("GET", "v8/Contacts/search?"+query, "")
		if !strings.Contains(got, want) || want != "" && status != 400 || want == "" && status != 204 {
			t.Errorf("%s: %d %s, want %s", query, status, got, want)
		}
	}
}

// A late index does not find what was just written; COQL does.
func TestLateIndex(t *testing.T) {
	t.Parallel()
	r, clock := newRig(t, emulator.Options{SearchLag: time.Minute})
	r.Call("POST", "v8/Leads", rig.Data(`{"Last_Name":"Fresh"}`))
	r.Want("GET", "v8/Leads/search?word=Fresh", "", 204, "")
	clock.Pass(time.Minute)
	if status, got := r.Call("GET", "v8/Leads/search?word=Fresh", ""); status != 200 {
		t.Errorf("%d %s", status, got)
	}
}

// Escaped as the page says, every value finds its own record.
func TestEscapes(outer *testing.T) {
	outer.Parallel()
	escape := strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`, `,`, `\,`)
	rapid.Check(outer, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-zA(),\\:'" ]{2,12}`).Draw(t, "name")
		value, err := json.Marshal(name)
		if err != nil {
			t.Fatal(err)
		}
		org := emulator.Org{Contacts: []emulator.Record{{"id": []byte(`"501"`), "Last_Name": value}}}
		e, err := emulator.New(emulator.Options{Org: &org})
		if err != nil {
			t.Fatal(err)
		}
		token := rig.TokenOf(outer, e)
		criteria := url.QueryEscape("(Last_Name:equals:" + escape.Replace(name) + ")")
		if status := rig.Send(e, token, "GET", "v8/Contacts/search?criteria="+criteria, ""); status != 200 {
			t.Fatalf("%q: %d", name, status)
		}
	})
}

// The recycle bin. Zoho CRM API v8, Recycle Bin; the same ids, contact roles too: Kaizen 235.
func TestRecycleBin(t *testing.T) {
	t.Parallel()
	r, clock := newRig(t, emulator.Options{Deals: 5, Contacts: 5, RolesPerDeal: 3, State: t.TempDir() + "/state"})
	before := r.Inspect("state")
	_, deal := r.Call("GET", "v8/Deals/"+rig.Deal2, "")
	r.Call("DELETE", "v8/Deals/"+rig.Deal2, "")
	clock.Pass(time.Minute)
	r.Call("DELETE", "v8/Contacts/"+rig.Contact2, "")
	if r.Inspect("state") == before {
		t.Error("the roles of deleted records are still there")
	}
	_, listed := r.Call("GET", "v8/settings/recycle_bin", "")
	want := `"id":"` + rig.Deal2 + `","display_name":"\"Pilot\" line 2",` +
		`"module":{"api_name":"Deals","id":"4150868000000102000"},"owner":` + user + `,"deleted_by":` + user +
		`,"deleted_time":"2026-03-01T12:00:00+00:00"}`
	if ids := fmt.Sprint(binIDs(t, listed)); ids != fmt.Sprint([]string{rig.Contact2, rig.Deal2}) ||
		!strings.Contains(listed, want) {
		t.Errorf("%s\nwant %s", listed, want)
	}
	r.Run([]rig.Step{
		{"GET", "v8/settings/recycle_bin/actions/count", "", 200, `{"count":2}`},
		{"GET", "v7/settings/recycle_bin/actions/count", "", 404, rig.BadURL},
		{"POST", "v8/settings/recycle_bin/actions/restore", `{"ids":["` + rig.Deal2 + `","` + rig.Deal1 + `"]}`, 207,
			`{"recycle_bin":[` + rig.Done(rig.Deal2, "record restored") + `,` +
				rig.Failed("INVALID_DATA", `{"id":"`+rig.Deal1+`"}`, "record not restored") + `]}`},
		{"POST", "v8/settings/recycle_bin/" + rig.Contact2 + "/actions/restore", "", 200,
			`{"recycle_bin":[` + rig.Done(rig.Contact2, "record restored") + `]}`},
		{"GET", "v8/settings/recycle_bin", "", 204, ""},
		{"GET", "v8/Deals/" + rig.Deal2, "", 200, deal},
		{"POST", "v8/settings/recycle_bin/actions/restore", `{"ids":["1"],"restore_all_records":true}`, 400,
			rig.Failed("AMBIGUITY_DURING_PROCESSING", `{"ambiguity_due_to":[{"api_name":"ids","json_path":"$.ids"},`+
				`{"api_name":"restore_all_records","json_path":"$.restore_all_records"}]}`,
				"ambiguity while processing the request")},
	})
	if got := r.Inspect("state"); got != before {
		t.Errorf("state %s\nwant %s", got, before)
	}
	// After 60 days, or once purged, a record cannot come back.
	r.Call("DELETE", "v8/Deals?ids="+rig.Deal1+","+rig.Deal2, "")
	r.Want("DELETE", "v8/settings/recycle_bin/"+rig.Deal1, "", 200,
		`{"recycle_bin":[`+rig.Done(rig.Deal1, "record deleted")+`]}`)
	clock.Pass(60 * 24 * time.Hour)
	r.Token = r.NewToken()
	r.Want("GET", "v8/settings/recycle_bin", "", 204, "")
	all := `{"restore_all_records":true}`
	if status, got := r.Call("POST", "v8/settings/recycle_bin/actions/restore", all); status != 202 {
		t.Errorf("%d %s", status, got)
	}
	r.Want("GET", "v8/Deals/actions/count", "", 200, `{"count":3}`)
}

func binIDs(t *testing.T, answer string) []string {
	t.Helper()
	_, list, _ := strings.Cut(answer, `"recycle_bin":`)
	return rig.IDsOf(t, `{"data":`+list)
}
