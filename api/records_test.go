package api

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What Zoho's page "Get Records" (v7) shows, cut down to two records.
const gotten = `{"data":[
	{"Email":null,"Last_Name":"test8000","id":"3652397000009851001","Converted__s":true},
	{"Email":null,"Last_Name":"test7000","id":"3652397000009850001","Converted__s":true}],
	"info":{"call":false,"per_page":5,"next_page_token":"c8582xx9e7c7","count":5,"sort_by":"id","page":1,"previous_page_token":null,
	"page_token_expiry":"2022-11-11T15:08:14+05:30","sort_order":"desc","email":false,"more_records":true}}`

func TestRecords(t *testing.T) {
	t.Parallel()
	client := newClient(t, script(says(200, gotten)), Config{})
	got, err := client.Records(t.Context(), "Leads", RecordsQuery{
		Fields: []string{"Email", "Last_Name", "Converted__s"},
	})
	if err != nil || !got.More || got.Token != "c8582xx9e7c7" || len(got.Records) != 2 ||
		got.Records[1].ID != "3652397000009850001" {
		t.Fatalf("%+v, %v", got, err)
	}
	want := map[string]string{"Email": "null", "Last_Name": `"test8000"`, "Converted__s": "true"}
	if diff := cmp.Diff(want, texts(got.Records[0])); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if s := client.pacer.Stats(); s.Credits != 1 || client.pacer.CallStats().Kinds["GET /Leads"] != 1 {
		t.Errorf("%+v", s)
	}
}

func TestRecordsOnTheWire(t *testing.T) {
	t.Parallel()
	since := time.Date(2019, 7, 25, 15, 26, 49, 999, time.FixedZone("", 5*3600+1800))
	for _, c := range []struct {
		query    RecordsQuery
		line     string
		modified string
	}{
		{RecordsQuery{}, "fields=id", ""},
		{
			RecordsQuery{Fields: []string{"Deal_Name", "a&b"}, Page: 10, PerPage: 200},
			"fields=Deal_Name,a%26b&page=10&per_page=200", "",
		},
		{
			RecordsQuery{Fields: []string{"id"}, Token: "c8&5", PerPage: 200},
			"fields=id&per_page=200&page_token=c8%265", "",
		},
		{
			RecordsQuery{IDs: []string{"1", "2"}, SortBy: "Modified_Time", SortOrder: "asc"},
			"fields=id&ids=1,2&sort_by=Modified_Time&sort_order=asc", "",
		},
		{RecordsQuery{ModifiedSince: since}, "fields=id", "2019-07-25T15:26:49+05:30"},
		{RecordsQuery{ModifiedSince: since.UTC()}, "fields=id", "2019-07-25T09:56:49+00:00"},
	} {
		line, body, header := wire(t, "v8", gotten, func(client *Client) {
			if _, err := client.Records(t.Context(), "Deals", c.query); err != nil {
				t.Errorf("%+v: %v", c.query, err)
			}
		})
		if want := "GET https://www.zohoapis.test/crm/v8/Deals?" + c.line; line != want || body != "" ||
			header.Get("If-Modified-Since") != c.modified {
			t.Errorf("got %s %q, want %s %q", line, header.Get("If-Modified-Since"), want, c.modified)
		}
	}
}

// 204 and 304 both mean no records. 304 to a call without If-Modified-Since is an error.
func TestRecordsNone(t *testing.T) {
	t.Parallel()
	since := RecordsQuery{ModifiedSince: time.Now()}
	for name, c := range map[string]struct {
		status int
		body   string
		query  RecordsQuery
		ok     bool
	}{
		"none":       {204, "", RecordsQuery{}, true},
		"none since": {204, "", since, true},
		"unchanged":  {304, "", since, true},
		"unasked":    {304, "", RecordsQuery{}, false},
		"a redirect": {302, "", since, false},
		"empty, more": {
			200, `{"data":[],"info":{"more_records":true,"next_page_token":"x"}}`, RecordsQuery{}, false,
		},
		"no id":           {200, `{"data":[{"Last_Name":"x"}]}`, RecordsQuery{}, false},
		"of another kind": {200, `{"data":{"id":"1"}}`, RecordsQuery{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, script(says(c.status, c.body)), Config{Once: true})
			got, err := client.Records(t.Context(), "Deals", c.query)
			if (err == nil) != c.ok || len(got.Records) != 0 || got.More {
				t.Errorf("%+v, %v", got, err)
			}
			if c.ok && client.pacer.Stats().Credits != 1 {
				t.Errorf("%+v", client.pacer.Stats())
			}
		})
	}
}

// refused is a refusal, and what follows from it.
type refused struct {
	status     int
	body       string
	notOffered bool
	ends       End
}

// checkRefused checks that a call is sent once, and that its error shows the refusal as sent.
func checkRefused(t *testing.T, refusals map[string]refused, call func(*testing.T, *Client) error) {
	t.Helper()
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := script(says(c.status, c.body))
			err := call(t, newClient(t, w, Config{}))
			e := failure(t, err)
			if NotOffered(err) != c.notOffered || e.Ends != c.ends || e.HTTP != c.status || e.Message != "m" ||
				e.Temporary() || w.count() != 1 || QueryLimited(err) {
				t.Errorf("%d sent: %#v", w.count(), e)
			}
		})
	}
}

// Every refusal of the page "Get Records" (v7) is the call's own failure, and shown as sent.
func TestRecordsRefused(t *testing.T) {
	t.Parallel()
	checkRefused(t, map[string]refused{
		"page beyond 2,000":   {400, flat("DISCRETE_PAGINATION_LIMIT_EXCEEDED", `{}`), false, EndNone},
		"page beyond 100,000": {400, flat("PAGINATION_LIMIT_EXCEEDED", `{}`), false, EndNone},
		"token of another":    {400, flat("TOKEN_BOUND_DATA_MISMATCH", `{"param_name":"page_token"}`), false, EndNone},
		"token, expired":      {400, flat("EXPIRED_VALUE", `{"param_name":"page_token"}`), false, EndNone},
		"token, invalid":      {400, flat("INVALID_DATA", `{"param_name":"page_token"}`), false, EndNone},
		"page and token":      {400, flat("AMBIGUITY_DURING_PROCESSING", `{}`), false, EndNone},
		"no fields":           {400, flat("REQUIRED_PARAM_MISSING", `{"param_name":"fields"}`), false, EndNone},
		"51 fields":           {400, flat("LIMIT_EXCEEDED", `{"limit":50}`), false, EndNone},
		"no rights":           {403, flat("NO_PERMISSION", `{}`), false, EndNone},
		"module":              {400, flat("INVALID_MODULE", `{"resource_path_index":0}`), true, EndRefused},
		"for admins":          {403, flat("NOT_SUPPORTED", `{}`), true, EndNone},
		"scope":               {401, flat("OAUTH_SCOPE_MISMATCH", `{}`), true, EndSignIn},
	}, func(t *testing.T, client *Client) error {
		_, err := client.Records(t.Context(), "Deals", RecordsQuery{Token: "t"})
		return err
	})
}

func TestRecordsAreRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got, err := newClient(
			t, script(says(500, broken), says(429, tooMany), says(200, gotten)), Config{},
		).Records(t.Context(), "Leads", RecordsQuery{})
		if err != nil || len(got.Records) != 2 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// A call that Zoho refuses for certain is not sent.
func TestInvalidReads(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	w := &world{}
	c := newClient(t, w, Config{})
	records := func(q RecordsQuery) func() error {
		return func() error { _, err := c.Records(ctx, "Deals", q); return err }
	}
	for want, call := range map[string]func() error{
		"never by both":              records(RecordsQuery{Page: 2, Token: "x"}),
		"there is no page -1":        records(RecordsQuery{Page: -1}),
		"201 records a page":         records(RecordsQuery{PerPage: 201}),
		"-5 records a page":          records(RecordsQuery{PerPage: -5}),
		"51 fields in one call":      records(RecordsQuery{Fields: many[:51]}),
		"101 records":                records(RecordsQuery{IDs: many}),
		`"1,2" is not an id`:         records(RecordsQuery{IDs: []string{"1,2"}}),
		`"" is not a module`:         func() error { _, err := c.Records(ctx, "", RecordsQuery{}); return err },
		`".." is not a module`:       func() error { _, err := c.CountRecords(ctx, "..", ""); return err },
		`"" is not an id`:            func() error { _, err := c.ContactDeals(ctx, ""); return err },
		"a query for 0 rows":         func() error { _, err := c.Query(ctx, "q", 0); return err },
		"a query for 2001 rows":      func() error { _, err := c.Query(ctx, "q", 2001); return err },
		"Zoho gives 1 to 2000":       func() error { _, err := c.Query(ctx, "q", -1); return err },
		"51 fields in one call; Zoh": records(RecordsQuery{Fields: many[:51], Page: 3}),
	} {
		err := call()
		if e := failure(t, err); !strings.Contains(e.Error(), want) || e.Temporary() || NotOffered(e) ||
			QueryLimited(e) || e.Ends != EndNone {
			t.Errorf("want %s, got %v", want, e)
		}
	}
	if w.count() != 0 {
		t.Errorf("%d sent", w.count())
	}
}

func TestVersionLimits(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		in            int
		names, tokens bool
	}{
		"v2": {50, false, false}, "v2.1": {50, false, false}, "v3": {50, false, true}, "v6": {50, false, true},
		"v7": {100, true, true}, "v8": {100, true, true},
	} {
		v, err := ParseVersion(name)
		if err != nil || v.MostInQuery() != want.in || v.NamesLookups() != want.names ||
			v.HasPageTokens() != want.tokens {
			t.Errorf("%s: %d, %v, %v", name, v.MostInQuery(), v.NamesLookups(), v.HasPageTokens())
		}
	}
	if v := Version(0); v.MostInQuery() != 100 || !v.NamesLookups() || !v.HasPageTokens() {
		t.Error("the zero value is not v8")
	}
}

func TestCountRecords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   int64
		ok     bool
	}{
		// Zoho CRM API v7, Record Count in a Module.
		"sample":         {200, `{"count":694}`, 694, true},
		"as text":        {200, `{"count":"3"}`, 3, true},
		"zero":           {200, `{"count":0}`, 0, true},
		"nothing":        {204, ``, 0, true},
		"beyond a float": {200, `{"count":9007199254740993}`, 9007199254740993, true},
		"null":           {200, `{"count":null}`, 0, false},
		"none":           {200, `{}`, 0, false},
		"a list":         {200, `{"count":[1]}`, 0, false},
		"data":           {200, `{"data":[{"count":1}]}`, 0, false},
		"below zero":     {200, `{"count":-1}`, 0, false},
		"a fraction":     {200, `{"count":6.94e2}`, 0, false},
		"a word":         {200, `{"count":"many"}`, 0, false},
		"an object":      {200, `{"count":{"n":1}}`, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, script(says(c.status, c.body)), Config{Once: true})
			got, err := client.CountRecords(t.Context(), "Deals", "")
			if (err == nil) != c.ok || got != c.want {
				t.Errorf("%d, %v", got, err)
			}
			if err != nil && (failure(t, err).Uncertain || !NotOffered(err)) {
				t.Errorf("%#v", err)
			}
			if kinds := client.pacer.CallStats().Kinds; kinds["GET /Deals/actions/count"] != 1 {
				t.Errorf("%v", kinds)
			}
		})
	}
}

func TestCountRecordsOnTheWire(t *testing.T) {
	t.Parallel()
	for criteria, want := range map[string]string{
		"":                          "",
		"(Stage:equals:Closed Won)": "?criteria=%28Stage%3Aequals%3AClosed+Won%29",
	} {
		line, _, _ := wire(t, "v6", `{"count":1}`, func(c *Client) {
			if _, err := c.CountRecords(t.Context(), "Deals", criteria); err != nil {
				t.Error(err)
			}
		})
		if want := "GET https://www.zohoapis.test/crm/v6/Deals/actions/count" + want; line != want {
			t.Errorf("got %s, want %s", line, want)
		}
	}
}

func TestCountRecordsRefused(t *testing.T) {
	t.Parallel()
	checkRefused(t, map[string]refused{
		"scope": {401, flat("OAUTH_SCOPE_MISMATCH", `{}`), true, EndSignIn},
		"two selections": {
			400, flat("AMBIGUITY_DURING_PROCESSING", `{"ambiguity_due_to":[{"param_name":"cvid"}]}`), false, EndNone,
		},
		"criteria":     {400, flat("INVALID_QUERY", `{"reason":"invalid query formed"}`), false, EndNone},
		"no such path": {404, flat("INVALID_URL_PATTERN", `{}`), true, EndRefused},
	}, func(t *testing.T, client *Client) error {
		_, err := client.CountRecords(t.Context(), "Deals", "x")
		return err
	})
}
