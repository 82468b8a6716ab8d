package api

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/pace"
)

// What Zoho's page "Get Records through a COQL Query" (v7) shows: two records, a lookup, the field of another module,
// the end.
const queried = `{"data":[
	{"Account_Name.Account_Name":"Zylker","Account_Name":{"name":"Zylker","id":"554023000000238121"},"Last_Name":"Boyle","id":"554023000000310003"},
	{"Account_Name.Account_Name":null,"Account_Name":null,"Last_Name":"Patricia","id":554023000000310012}],
	"info":{"count":2,"more_records":false}}`

func TestQuery(t *testing.T) {
	t.Parallel()
	w := &world{answer: func(_ int, r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		if got := r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Content-Type"); err != nil ||
			got != "POST /crm/v8/coql application/json" {
			t.Errorf("%v %s", err, got)
		}
		if want := `{"select_query":"select Last_Name from Contacts where Last_Name = 'O''Brien \"x\"' limit 0, 200"}`; string(body) != want {
			t.Errorf("got %s, want %s", body, want)
		}
		return response(200, queried), nil
	}}
	c := newClient(t, w, Config{})
	got, err := c.Query(
		t.Context(), `select Last_Name from Contacts where Last_Name = 'O''Brien "x"' limit 0, 200`, 200,
	)
	if err != nil || got.More || got.Token != "" || len(got.Records) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if diff := cmp.Diff(map[string]string{
		"Account_Name.Account_Name": `"Zylker"`, "Account_Name": `{"name":"Zylker","id":"554023000000238121"}`,
		"Last_Name": `"Boyle"`,
	}, texts(got.Records[0])); diff != "" || got.Records[0].ID != "554023000000310003" {
		t.Errorf("%s (-want +got)\n%s", got.Records[0].ID, diff)
	}
	// An id as a number, as old versions may send it, keeps all its digits.
	if r := got.Records[1]; r.ID != "554023000000310012" || string(r.Fields["Account_Name"]) != "null" ||
		len(r.Fields) != 3 {
		t.Errorf("%+v", r)
	}
	if s := c.pacer.Stats(); s.Credits != 1 || s.MaxInFlight != 1 || c.pacer.CallStats().Kinds["POST /coql"] != 1 {
		t.Errorf("%+v", s)
	}
}

func texts(r Record) map[string]string {
	all := map[string]string{}
	for name, value := range r.Fields {
		all[name] = string(value)
	}
	return all
}

// One answer may have 2,000 records. Each is returned as it was sent.
func TestQueryOfManyRows(t *testing.T) {
	t.Parallel()
	rows := make([]string, MostRows)
	for i := range rows {
		rows[i] = fmt.Sprintf(
			`{"id":"%d","Amount":%d.10,"Description":%q}`, 9007199254740993+i, i, strings.Repeat("é", 3000),
		)
	}
	body := `{"data":[` + strings.Join(rows, ",") + `],"info":{"count":2000,"more_records":true,"next_page_token":"x"}}`
	got, err := newClient(t, script(says(200, body)), Config{}).Query(t.Context(), "q", MostRows)
	if err != nil || !got.More || got.Token != "" || len(got.Records) != MostRows {
		t.Fatal(len(got.Records), err)
	}
	for i, r := range got.Records {
		if r.ID != fmt.Sprint(9007199254740993+i) || string(r.Fields["Amount"]) != fmt.Sprintf("%d.10", i) {
			t.Fatalf("%d: %s, %s", i, r.ID, r.Fields["Amount"])
		}
	}
}

func TestQueryAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		ok     bool
	}{
		"none":                  {204, "", true},
		"an empty list":         {200, `{"data":[],"info":{"more_records":false}}`, true},
		"an empty list, more":   {200, `{"data":[],"info":{"more_records":true}}`, false},
		"no id":                 {200, `{"data":[{"Last_Name":"x"}],"info":{"more_records":false}}`, false},
		"an id of nothing":      {200, `{"data":[{"id":""}]}`, false},
		"null for an id":        {200, `{"data":[{"id":null}]}`, false},
		"an id that is none":    {200, `{"data":[{"id":{"id":"1"}}]}`, false},
		"a record that is none": {200, `{"data":["1"]}`, false},
		"null for a record":     {200, `{"data":[null]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := newClient(t, script(says(c.status, c.body)), Config{}).Query(t.Context(), "q", 10)
			if c.ok {
				if err != nil || len(got.Records) != 0 || got.More {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if e := failure(t, err); e.HTTP != 200 || e.Uncertain || e.Ends != EndNone || !NotOffered(e) ||
				QueryLimited(e) {
				t.Errorf("%#v", e)
			}
		})
	}
}

// For every refusal on Zoho's COQL pages, the error says what the caller does: end the run, read in another way, ask
// for fewer rows, or none of these.
func TestQueryRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		body       string
		rows       int
		notOffered bool
		limited    bool
		ends       End
	}{
		"syntax": {400, flat("SYNTAX_ERROR", `{"clause":"where"}`), 2000, false, false, EndNone},
		"syntax, by its place": {
			400, flat("SYNTAX_ERROR", `{"line":1,"column":7,"near":"limit"}`), 2000, false, false, EndNone,
		},
		"column": {
			400, flat("INVALID_QUERY", `{"column_name":"Testing"}`), 2000, false, false, EndNone,
		},
		"operator": {
			400, flat("INVALID_QUERY", `{"operator":">=","column_name":"Last_Name"}`), 2000, false, false, EndNone,
		},
		"alias":                  {400, flat("INVALID_ALIAS", `{}`), 2000, false, false, EndNone},
		"alias twice":            {400, flat("DUPLICATE_ALIAS", `{}`), 2000, false, false, EndNone},
		"column twice":           {401, flat("DUPLICATE_DATA", `{}`), 2000, false, false, EndNone},
		"rows":                   {400, flat("LIMIT_EXCEEDED", `{}`), 2000, false, true, EndNone},
		"rows, with their limit": {400, flat("LIMIT_EXCEEDED", `{"limit":200}`), 2000, false, true, EndNone},
		"rows, no details": {
			400, `{"code":"LIMIT_EXCEEDED","message":"m","status":"error"}`, 201, false, true, EndNone,
		},
		"rows, few asked for": {400, flat("LIMIT_EXCEEDED", `{"limit":200}`), 200, false, false, EndNone},
		"offset":              {400, flat("LIMIT_EXCEEDED", `{"limit":10000}`), 2000, false, false, EndNone},
		"rows, as invalid":    {400, flat("INVALID_QUERY", `{"limit":200}`), 2000, false, true, EndNone},
		"rows, as text":       {400, flat("INVALID_QUERY", `{"limit":"200"}`), 1000, false, true, EndNone},
		"rows, by the clause": {400, flat("SYNTAX_ERROR", `{"clause":"LIMIT"}`), 2000, false, true, EndNone},
		"rows, by the column": {
			400, flat("INVALID_QUERY", `{"column_name":"limit"}`), 2000, false, true, EndNone,
		},
		"rows, invalid, few":        {400, flat("INVALID_QUERY", `{"limit":200}`), 10, false, false, EndNone},
		"scope":                     {401, flat("OAUTH_SCOPE_MISMATCH", `{}`), 2000, true, false, EndSignIn},
		"scope, as a bad request":   {400, flat("OAUTH_SCOPE_MISMATCH", `{}`), 200, true, false, EndSignIn},
		"not supported":             {403, flat("NOT_SUPPORTED", `{}`), 2000, true, false, EndNone},
		"version":                   {400, flat("API_NOT_SUPPORTED", `{}`), 2000, true, false, EndRefused},
		"rights":                    {403, flat("NO_PERMISSION", `{}`), 2000, true, false, EndNone},
		"rights, the other code":    {400, flat("AUTHORIZATION_FAILED", `{}`), 2000, true, false, EndNone},
		"no such path":              {404, flat("INVALID_URL_PATTERN", `{}`), 2000, true, false, EndRefused},
		"sign-in":                   {401, flat("AUTHENTICATION_FAILURE", `{}`), 2000, false, false, EndSignIn},
		"a refusal in place of one": {400, inData("SYNTAX_ERROR", `{"clause":"where"}`), 2000, false, false, EndNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := script(says(c.status, c.body))
			client := newClient(t, w, Config{})
			_, err := client.Query(t.Context(), "q", c.rows)
			e := failure(t, err)
			if NotOffered(err) != c.notOffered || QueryLimited(err) != c.limited || e.Ends != c.ends || e.Uncertain ||
				w.count() != 1 {
				t.Errorf("%d sent: not offered %v, limited %v: %#v", w.count(), NotOffered(err), QueryLimited(err), e)
			}
			if QueryLimited(fmt.Errorf("deals: %w", err)) != c.limited {
				t.Error("not seen when wrapped")
			}
			// A refusal is an answer, so the credits are spent.
			if got := client.pacer.Stats().Credits; got != QueryCredits(c.rows) {
				t.Errorf("%d credits", got)
			}
		})
	}
	if QueryLimited(nil) || QueryLimited(&Error{Code: "LIMIT_EXCEEDED"}) {
		t.Error("limited without having asked for many rows")
	}
}

// An answer that is too large may be smaller with fewer rows.
func TestQueryTooLarge(t *testing.T) {
	t.Parallel()
	large := strings.Repeat(" ", largestBody+1)
	for rows, limited := range map[int]bool{2000: true, 200: false} {
		_, err := newClient(t, script(says(200, large)), Config{Once: true}).Query(t.Context(), "q", rows)
		if failure(t, err).Uncertain || QueryLimited(err) != limited {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

// A query is a POST that changes nothing. So it is sent again after any lost answer, and is never Uncertain.
func TestQueryIsRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails func() (*http.Response, error)
		left  int // credits that the failure leaves spent
	}{
		"429":   {says(429, tooMany), 0},
		"500":   {says(500, broken), 3},
		"html":  {says(502, "<html>"), 3},
		"reset": {fails(io.ErrUnexpectedEOF), 3},
		"dial":  {fails(errDial), 0},
		"token": {says(401, expired), 3},
		"cut":   {says(200, `{"data":[{"id":"1"`), 3},
		"empty": {says(200, ``), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newClient(t, script(c.fails, says(200, queried)), Config{})
				_ = client.pacer.Account(nil, pace.Budget{Credits: 1000})
				got, err := client.Query(t.Context(), "q", 1500)
				if err != nil || len(got.Records) != 2 {
					t.Errorf("%+v, %v", got, err)
				}
				s := client.pacer.Stats()
				if s.Credits != 3+c.left || s.Remaining != 1000-s.Credits || s.Calls != 2 || s.InFlight != 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, script(says(500, broken)), Config{Once: true})
		_, err := client.Query(t.Context(), "q", 1)
		if e := failure(t, err); e.Uncertain || !e.Temporary() || NotOffered(e) {
			t.Errorf("%#v", e)
		}
	})
}

// The bodies of Zoho's page, and every shape that a count may come in.
func TestQueryCount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   int64
		ok     bool
	}{
		"as selected": {
			200, `{"data":[{"COUNT(id)":57000}],"info":{"count":1,"more_records":false}}`, 57000, true,
		},
		"an alias":     {200, `{"data":[{"deals":3}]}`, 3, true},
		"as text":      {200, `{"data":[{"COUNT(id)":"57000"}]}`, 57000, true},
		"beside an id": {200, `{"data":[{"COUNT(id)":2,"id":"554023000000310003"}]}`, 2, true},
		"beside a name": {
			200, `{"data":[{"COUNT(id)":2,"Lead_Source":"Partner","x":null,"y":{"id":"1"}}]}`, 2, true,
		},
		"zero":                {200, `{"data":[{"COUNT(id)":0}]}`, 0, true},
		"nothing":             {204, ``, 0, true},
		"no row":              {200, `{"data":[]}`, 0, true},
		"larger than a float": {200, `{"data":[{"n":9007199254740993}]}`, 9007199254740993, true},
		"groups": {
			200,
			`{"data":[{"COUNT(Annual_Revenue)":3,"Lead_Source":"a"},{"COUNT(Annual_Revenue)":1,"Lead_Source":"b"}]}`, 0,
			false,
		},
		"two numbers": {200, `{"data":[{"COUNT(id)":3,"SUM(Amount)":4}]}`, 0, false},
		"no number":   {200, `{"data":[{"COUNT(id)":null}]}`, 0, false},
		"below zero":  {200, `{"data":[{"COUNT(id)":-1}]}`, 0, false},
		"a fraction":  {200, `{"data":[{"COUNT(id)":1.5}]}`, 0, false},
		"no object":   {200, `{"data":[3]}`, 0, false},
		"too large":   {200, `{"data":[{"COUNT(id)":99999999999999999999}]}`, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, script(says(c.status, c.body)), Config{})
			got, err := client.QueryCount(t.Context(), "select COUNT(id) from Deals where id is not null")
			if (err == nil) != c.ok || got != c.want || client.pacer.Stats().Credits != 1 {
				t.Errorf("%d, %v", got, err)
			}
			if err != nil && (failure(t, err).Uncertain || !NotOffered(err)) {
				t.Errorf("%#v", err)
			}
		})
	}
	_, err := newClient(t, script(says(401, flat("OAUTH_SCOPE_MISMATCH", `{}`))), Config{}).QueryCount(t.Context(), "q")
	if !NotOffered(err) {
		t.Error(err)
	}
}

// Zoho CRM API v8, API Limits.
func TestQueryCredits(t *testing.T) {
	t.Parallel()
	for rows, want := range map[int]int{1: 1, 200: 1, 201: 2, 1000: 2, 1001: 3, 2000: 3} {
		if got := QueryCredits(rows); got != want {
			t.Errorf("%d rows: %d credits, want %d", rows, got, want)
		}
	}
}
