package crm_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// getSince reads with If-Modified-Since.
func getSince(r *rig.Rig, path, since string) (int, string) {
	r.T.Helper()
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodGet, "http://zoho/crm/"+path, nil)
	req.Header.Set("Authorization", "Zoho-oauthtoken "+r.Token)
	req.Header.Set("If-Modified-Since", since)
	r.E.ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

// records is the answer to Get Records with one page. Keys of "info": Zoho CRM API v7, Get Records, Sample Response.
func records(perPage int, sortBy, order string, rows ...string) string {
	return fmt.Sprintf(`{"data":[%s],"info":{"call":false,"per_page":%d,"next_page_token":null,"count":%d,
		"sort_by":%q,"page":1,
		"previous_page_token":null,"page_token_expiry":null,"sort_order":%q,"email":false,"more_records":false}}`,
		strings.Join(rows, ","), perPage, len(rows), sortBy, order)
}

func TestGetRecords(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales)})
	name := func(deal, name string) string { return `{"Deal_Name":` + rig.Quote(name) + `,"id":"` + deal + `"}` }
	d3, d4, d5 := name("903", `O'Neill's, "big" deal`), name("904", "Müller"), name("905", "Zylker 100")
	badParam := func(name string) string {
		return rig.Failed("INVALID_DATA", `{"param_name":"`+name+`"}`, "invalid data")
	}
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprint("f", i))
	}
	const all = "v8/Deals?fields=Deal_Name"
	r.Run([]rig.Step{
		{"GET", all, "", 200, records(200, "id", "desc", d5, d4, d3)},
		{"GET", all + "&sort_order=asc&", "", 200, records(200, "id", "asc", d3, d4, d5)},
		{"GET", all + "&sort_by=Created_Time", "", 200, records(200, "Created_Time", "desc", d4, d3, d5)},
		{"GET", all + "&sort_by=Modified_Time&sort_order=asc", "", 200,
			records(200, "Modified_Time", "asc", d3, d5, d4)},
		{"GET", all + "&ids=904,77,x,903,904", "", 200, records(200, "id", "desc", d4, d3)},
		{"GET", all + "&ids=77", "", 204, ""},
		{"GET", all + "&page=2", "", 204, ""},
		{"GET", "v8/Deals", "", 400, rig.NoFields},
		{"GET", "v3/Contacts?page=1", "", 400, rig.NoFields},
		{"GET", "v8/Deals?fields=" + strings.Join(many[:50], ","), "", 200,
			records(200, "id", "desc", `{"id":"905"}`, `{"id":"904"}`, `{"id":"903"}`)},
		{"GET", "v8/Deals?fields=" + strings.Join(many, ","), "", 400,
			rig.Failed("LIMIT_EXCEEDED", `{"param_name":"fields","limit":50}`, "Fields limit exceeded")},
		{"GET", all + "&sort_by=Deal_Name", "", 400, badParam("sort_by")},
		{"GET", all + "&sort_order=up", "", 400, badParam("sort_order")},
		{"GET", all + "&per_page=201", "", 400, rig.Failed("LIMIT_EXCEEDED", `{"param_name":"per_page","limit":"200"}`,
			"limit exceeded")},
		{"GET", all + "&cvid=1", "", 400, rig.Failed("NOT_SUPPORTED", `{"param_name":"cvid"}`,
			"this emulator has no custom views and no territories")},
		{"GET", all + "&cvid=1&sort_by=id", "", 400,
			rig.Failed("AMBIGUITY_DURING_PROCESSING",
				`{"ambiguity_due_to":[{"param_name":"cvid"},{"param_name":"sort_by"}]}`,
				"You cannot use both cvid and sort_by")},
		// Empty fields are null, custom fields are known, other names are ignored.
		{"GET", "v8/Deals?ids=903&fields=Region__c,Owner,Contact_Name,Nonsense,Amount,id,Amount", "", 200,
			records(200, "id", "desc",
				`{"Region__c":null,"Owner":`+rig.TheUser+`,"Contact_Name":null,"Amount":1500,"id":"903"}`)},
		{"GET", "v8/Contacts?fields=Full_Name,Email,Email_Opt_Out&per_page=7", "", 200, records(7, "id", "desc",
			`{"Full_Name":"O'Brien","Email":null,"Email_Opt_Out":false,"id":"502"}`,
			`{"Full_Name":"Kate Burns","Email":"burns@example.com","Email_Opt_Out":true,"id":"501"}`)},
		// Before v3 fields are optional, and info is shorter: the page of v2.
		{"GET", "v2/Deals?ids=904", "", 200, `{"data":[{"id":"904","Deal_Name":"Müller","Stage":"Negotiation",
			"Amount":null,"Contact_Name":{"name":"Gone","id":"599"},
			"Created_Time":"2024-05-03T10:00:00+00:00","Modified_Time":"2024-05-04T10:00:00+00:00"}],
				"info":{"per_page":200,"count":1,"page":1,"more_records":false}}`},
	})
}

func TestGetOneRecord(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales)})
	r.Run([]rig.Step{
		{"GET", "v8/Deals/905?fields=Stage,Account_Name", "", 200,
			rig.Data(`{"Stage":"Negotiation","Account_Name":{"name":"Zylker","id":"71"},"id":"905"}`)},
		{"GET", "v8/Contacts/502", "", 200, rig.Data(`{"id":"502","Last_Name":"O'Brien","Department":null,` +
			`"Modified_Time":"2024-06-01T00:00:00+05:30"}`)},
		{"GET", "v8/Deals/501", "", 204, ""},
		{"GET", "v8/Deals/abc", "", 400, rig.Failed("INVALID_DATA", `{"resource_path_index":1}`,
			"the id given seems to be invalid")},
	})
	if status, got := getSince(r, "v8/Deals/905", "2024-05-03T11:59:59+02:00"); status != 200 {
		t.Errorf("newer: %d %s", status, got)
	}
	if status, got := getSince(r, "v8/Deals/905", "2024-05-03T12:00:00+02:00"); status != 304 || got != "" {
		t.Errorf("not newer: %d %s", status, got)
	}
	made := rig.New(t, emulator.Options{Deals: 5})
	_, got := made.Call("GET", "v8/Deals/"+rig.Deal1, "")
	row := rig.Decode(t, got).(map[string]any)["data"].([]any)[0].(map[string]any)
	if len(row) != 15 || row["id"] != rig.Deal1 || row["Deal_Name"] == nil {
		t.Errorf("all fields of a generated deal: %v", row)
	}
}

// 304 when nothing is newer, else only what is newer.
func TestIfModifiedSince(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales)})
	for _, c := range []struct {
		path, since string
		status      int
		ids         []string
	}{
		{"v8/Deals?fields=Stage", "2024-05-02T10:00:00+00:00", 200, []string{"905", "904"}},
		{"v8/Deals?fields=Stage&sort_order=asc", "2024-05-02T09:59:59+00:00", 200, []string{"903", "904", "905"}},
		{"v8/Deals?fields=Stage&sort_by=Modified_Time", "2024-05-03T09:59:59+00:00", 200, []string{"904", "905"}},
		{"v8/Deals?fields=Stage&page=2", "2024-05-02T10:00:00+00:00", 204, nil},
		{"v8/Deals?fields=Stage", "2024-05-04T10:00:00+00:00", 304, nil},
		{"v2/Deals", "2024-05-04T10:00:00+00:00", 304, nil},
		{"v8/Deals?fields=Stage&ids=903", "2024-05-03T10:00:00+00:00", 304, nil},
		{"v8/Contacts/501/Deals?fields=Stage", "2024-05-03T10:00:00+00:00", 200, []string{"904"}},
		{"v8/Contacts/501/Deals?fields=Stage", "2024-05-05T10:00:00+00:00", 304, nil},
		{"v8/Contacts/502/Deals?fields=Stage", "yesterday", 400, nil},
		{"v8/Deals?fields=Stage", "Fri, 03 May 2024 10:00:00 GMT", 400, nil},
		{"v8/Deals/deleted", "1", 400, nil},
	} {
		status, got := getSince(r, c.path, c.since)
		if status != c.status || status == 304 && got != "" {
			t.Errorf("%s since %s: %d %s", c.path, c.since, status, got)
		}
		if status != 200 {
			continue
		}
		if diff := cmp.Diff(c.ids, rig.IDsOf(t, got)); diff != "" {
			t.Errorf("%s since %s (-want +got)\n%s", c.path, c.since, diff)
		}
	}
	// The change of a role does not modify the deal.
	r.Want("PUT", rig.RolesOf("903")+"/502", rig.ByID("11"), 200, rig.Data(rig.Relation("502", "updated")))
	if status, got := getSince(r, "v8/Deals?fields=Stage", "2024-05-04T10:00:00+00:00"); status != 304 {
		t.Errorf("after a role was written: %d %s", status, got)
	}
}

type tokenInfo struct {
	Info struct {
		Page, Count int
		MoreRecords bool    `json:"more_records"`
		Next        *string `json:"next_page_token"`
		Expiry      *string `json:"page_token_expiry"`
	}
}

// next returns the page token of an answer, or "".
func next(t *testing.T, answer string) string {
	t.Helper()
	var parsed tokenInfo
	if err := json.Unmarshal([]byte(answer), &parsed); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	if (parsed.Info.Next != nil) != parsed.Info.MoreRecords ||
		(parsed.Info.Next == nil) != (parsed.Info.Expiry == nil) {
		t.Fatalf("info %+v", parsed.Info)
	}
	if parsed.Info.Next == nil {
		return ""
	}
	return *parsed.Info.Next
}

// Zoho CRM API v7, Get Records, Possible Errors.
func TestPageTokens(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Deals: 2500, Now: c.Now, TokenTTL: 100 * time.Hour})
	const all = "v8/Deals?fields=Stage&per_page=200"
	status, got := r.Call("GET", all+"&page=10", "")
	token := next(t, got)
	if status != 200 || token == "" || !strings.Contains(got, `"page_token_expiry":"2026-03-02T12:00:00+00:00"`) {
		t.Fatalf("page 10: %d %s", status, token)
	}
	mismatch := rig.Failed("TOKEN_BOUND_DATA_MISMATCH", `{"param_name":"page_token"}`,
		"The page_token given seems to be invalid or input param is added or altered or deleted")
	discrete := rig.Failed("DISCRETE_PAGINATION_LIMIT_EXCEEDED", `{"limit":2000}`,
		"You can only get the first 2000 records without using page_token param")
	wrong := rig.Failed("INVALID_DATA", `{"param_name":"page_token"}`, "The token given seems to be invalid")
	both := rig.Failed("AMBIGUITY_DURING_PROCESSING",
		`{"ambiguity_due_to":[{"param_name":"page"},{"param_name":"page_token"}]}`,
		"You cannot use both page and page_token")
	r.Run([]rig.Step{
		{"GET", all + "&page=11", "", 400, discrete},
		{"GET", "v8/Deals?fields=Stage&per_page=150&page=14", "", 400, discrete},
		{"GET", "v8/Contacts?fields=Email&page=9223372036854775807", "", 400, discrete},
		{"GET", all + "&page=1&page_token=" + token, "", 400, both},
		{"GET", all + "&page_token=" + token + "0", "", 400, wrong},
		{"GET", all + "&page_token=" + strings.Repeat("0", len(token)), "", 400, wrong},
		{"GET", all + "&page_token=x", "", 400, wrong},
		{"GET", all + "&sort_order=asc&page_token=" + token, "", 400, mismatch},
		{"GET", "v8/Deals?fields=Stage&per_page=199&page_token=" + token, "", 400, mismatch},
		{"GET", "v8/Deals?fields=Stage&page_token=" + token, "", 400, mismatch},
		{"GET", "v8/Contacts?fields=Stage&per_page=200&page_token=" + token, "", 400, mismatch},
	})
	if status, got := getSince(r, all+"&page_token="+token, "2020-01-01T00:00:00+00:00"); status != 400 {
		t.Errorf("with If-Modified-Since: %d %s", status, got)
	}
	_, got = r.Call("GET", all+"&page_token="+token, "")
	if ids := rig.IDsOf(t, got); len(ids) != 200 || ids[0] != rig.DealID(500) || ids[199] != rig.DealID(301) ||
		!strings.Contains(got, `"page":1,`) {
		t.Errorf("rows 2,001 to 2,200: %v", ids)
	}
	c.Pass(24*time.Hour - time.Second)
	if status, got := r.Call("GET", all+"&page_token="+token, ""); status != 200 {
		t.Errorf("after almost a day: %d %s", status, got)
	}
	c.Pass(time.Second)
	r.Want("GET", all+"&page_token="+token, "", 400,
		rig.Failed("EXPIRED_VALUE", `{"param_name":"page_token"}`, "The token given has expired"))
	// Pages go on in v2, which has no tokens.
	if _, got := r.Call("GET", "v2/Deals?fields=Stage&page=13", ""); len(rig.IDsOf(t, got)) != 100 ||
		strings.Contains(got, "token") {
		t.Errorf("page 13 in v2: %s", got)
	}
}

// Page tokens return 100,000 rows, and not one more.
func TestPageTokenLimit(t *testing.T) {
	t.Parallel()
	d := rig.NewDirect(t, emulator.Options{Deals: 100_001, Contacts: 1})
	token, rows := "", 0
	for range 500 {
		path := "v8/Deals?fields=x"
		if token != "" {
			path += "&page_token=" + url.QueryEscape(token)
		}
		status, got, err := d.Call("GET", path, "")
		if err != nil || status != 200 {
			t.Fatalf("after %d rows: %d %v %s", rows, status, err, got)
		}
		rows += strings.Count(got, `{"id"`)
		token = next(t, got)
	}
	status, got, _ := d.Call("GET", "v8/Deals?fields=x&page_token="+token, "")
	want := rig.Failed("PAGINATION_LIMIT_EXCEEDED", `{"limit":100000}`,
		"You can only get up to first 100000 records using page_token param")
	if diff := cmp.Diff(rig.Decode(t, want), rig.Decode(t, got)); rows != 100_000 || status != 400 || diff != "" {
		t.Errorf("after %d rows: %d (-want +got)\n%s", rows, status, diff)
	}
}

// Zoho CRM API v7, Record Count in a Module.
func TestRecordCount(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Deals: 321, Contacts: 7})
	r.Run([]rig.Step{
		{"GET", "v8/Deals/actions/count", "", 200, `{"count":321}`},
		{"GET", "v2.1/Contacts/actions/count", "", 200, `{"count":7}`},
		{"DELETE", "v8/Deals/" + rig.Deal1, "", 200, rig.Data(rig.Deleted(rig.Deal1))},
		{"GET", "v8/Deals/actions/count", "", 200, `{"count":320}`},
		{"GET", "v2/Deals/actions/count", "", 400, rig.Failed("API_NOT_SUPPORTED", `{}`,
			"api not supported in this version")},
		{"GET", "v8/Deals/actions/count?criteria=(Stage:equals:Qualification)", "", 200, `{"count":35}`},
		{"GET", "v8/Deals/actions/count?cvid=5", "", 400,
			rig.Failed("NOT_SUPPORTED", `{"param_name":"cvid"}`, "this emulator has no custom views")},
		{"GET", "v8/Deals/actions/count?cvid=5&word=fin", "", 400,
			rig.Failed("AMBIGUITY_DURING_PROCESSING",
				`{"ambiguity_due_to":[{"param_name":"cvid"},{"param_name":"word"}]}`,
				"Please use either Cvid or Search Params. Combination of both the params is not allowed")},
		{"POST", "v8/Deals/actions/count", "", 400, rig.BadMethod},
	})
	if got := r.E.Stats().Calls["GET /Deals/actions/count"]; got != 6 {
		t.Errorf("%d counts in the statistics", got)
	}
}
