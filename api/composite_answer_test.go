package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// answered is a sub-request's answer as Zoho's sample has it.
func answered(status int, body string) string {
	return fmt.Sprintf(`{"code":"SUCCESS","details":{"response":{"headers":{},"status_code":%d,"body":%s}},`+
		`"message":"composite sub request executed successfully","status":"success"}`, status, body)
}

// onDeal is a read's answer: one contact, and the page size that was asked for.
func onDeal(contact, size string) string {
	return `{"data":[{"id":"` + contact + `","Contact_Role":{"id":"3"}}],"info":{"more_records":false,"per_page":` + size + `}}`
}

func composite(subs ...string) string {
	return `{"__composite_requests":[` + strings.Join(subs, ",") + `]}`
}

func readTwo(t *testing.T, status int, body string) ([]DealReading, error) {
	t.Helper()
	return newClient(t, script(says(status, body)), Config{}).DealsContactRoles(t.Context(), []string{"1", "2"})
}

// Answers that do not name their sub-requests, or that contradict each other, do not count.
func TestSubAnswersAreChecked(t *testing.T) {
	t.Parallel()
	one, other := answered(200, onDeal("11", "24")), answered(200, onDeal("22", "23"))
	withID := func(id, sub string) string { return `{"sub_request_id":"` + id + `",` + sub[1:] }
	failedAt := func(i int) string {
		return flat("INVALID_DATA", fmt.Sprintf(`{"json_path":"$.__composite_requests[%d].uri"}`, i))
	}
	for name, c := range map[string]struct {
		body string
		ok   bool
	}{
		"in order":        {composite(one, other), true},
		"sizes exchanged": {composite(other, one), true},
		"sizes not repeated": {
			composite(answered(200, onDeal("11", "25")), answered(200, onDeal("22", "25"))), false,
		},
		"sizes left out": {
			composite(answered(200, onDeal("11", "null")), answered(200, onDeal("22", `"200"`))), false,
		},
		"a path that was not sent": {composite(one, failedAt(2)), false},
		"an id that was not sent":  {composite(one, withID("x", other)), false},
		"ids":                      {composite(withID("1", one), withID("2", other)), true},
		"an error in place":        {composite(one, failedAt(1)), true},
		"one of another size":      {composite(one, one), false},
		"ids exchanged":            {composite(withID("2", one), withID("1", other)), false},
		"an error out of place":    {composite(one, failedAt(0)), false},
		"one too few":              {composite(one), false},
		"one too many":             {composite(one, other, one), false},
		"none":                     {composite(), false},
		"no code":                  {composite(one, `{"status":"success"}`), false},
		"no response":              {composite(one, `{"code":"SUCCESS","status":"success","details":{}}`), false},
		"no object":                {composite(one, `5`), false},
		"details no object":        {composite(one, `{"code":"SUCCESS","status":"success","details":5}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readTwo(t, 200, c.body)
			if c.ok {
				if err != nil || len(got) != 2 || got[0].Contacts[0].ID != "11" {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			e := failure(t, err)
			if got != nil || !NotOffered(e) || e.Ends != EndNone || e.Uncertain || e.Attempts != 1 {
				t.Errorf("%+v, %#v", got, e)
			}
		})
	}
}

// A failure of one deal does not affect the other deals.
func TestSubAnswersOfADeal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sub       string
		http      int
		code      string
		temporary bool
	}{
		"unknown deal": {
			answered(400, flat("INVALID_DATA", `{"resource_path_index":1}`)), 400, "INVALID_DATA", false,
		},
		"no permission":   {answered(403, flat("NO_PERMISSION", `{}`)), 403, "NO_PERMISSION", false},
		"throttled":       {answered(429, tooMany), 429, "TOO_MANY_REQUESTS", true},
		"server fault":    {answered(500, broken), 500, "INTERNAL_ERROR", true},
		"gateway":         {answered(502, "null"), 502, "", true},
		"scope":           {answered(401, flat("OAUTH_SCOPE_MISMATCH", `{}`)), 401, "OAUTH_SCOPE_MISMATCH", false},
		"not triggered":   {flat("INVALID_DATA", `{"api_name":"uri"}`), 207, "INVALID_DATA", false},
		"timed out":       {flat("REQUEST_TIMEOUT", `{}`), 207, "REQUEST_TIMEOUT", false},
		"no data":         {answered(200, `{}`), 200, "", true},
		"null":            {answered(200, `null`), 200, "", true},
		"contact no id":   {answered(200, `{"data":[{}]}`), 200, "", true},
		"array, not data": {answered(200, `[]`), 200, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, whole := range []struct {
				status int
				body   string
			}{
				{207, composite(c.sub, answered(200, onDeal("22", "23")))},
				{207, composite(c.sub, answered(204, "null"))},
				{
					200,
					composite(
						c.sub, `{"code":"SUCCESS","status":"success","details":{"response":{"status_code":204}}}`,
					),
				},
			} {
				got, err := readTwo(t, whole.status, whole.body)
				if err != nil {
					t.Fatal(err)
				}
				e := got[0].Err
				want := c.http
				if want == 207 {
					want = whole.status
				}
				if !strings.Contains(whole.body, `"22"`) { // which of the two was refused is not known
					if e == nil || e.Code != "" || e.Uncertain || got[0].Contacts != nil {
						t.Errorf("%+v, %#v", got[0], e)
					}
				} else if e == nil || e.HTTP != want || e.Code != c.code || e.Temporary() != c.temporary ||
					e.Ends != EndNone || e.Uncertain || e.Attempts != 1 || got[0].Contacts != nil {
					t.Errorf("%+v, %#v", got[0], e)
				}
				// An answer that does not name its deal may be about either, unless it is the only one.
				if marked := strings.Contains(whole.body, `"22"`); (got[1].Err == nil) != marked || got[1].Deal != "2" {
					t.Errorf("the other deal: %+v", got[1])
				}
			}
		})
	}
}

// Whatever order the answers come in, a deal gets its own contacts or none. Answers without a mark count only if they
// are alike.
func TestSubAnswersInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(draw *rapid.T) {
		kind := rapid.SampledFrom([]string{"contacts", "empty", "refused"})
		kinds := rapid.SliceOfN(kind, 1, MostDeals).Draw(draw, "deals")
		deals, subs := make([]string, len(kinds)), make([]string, len(kinds))
		silent := map[string]int{}
		for i, kind := range kinds {
			deals[i] = strconv.Itoa(i + 1)
			switch kind {
			case "contacts":
				subs[i] = answered(200, onDeal("7"+deals[i], pageMark(i)))
				continue
			case "empty":
				subs[i] = answered(204, "null")
			case "refused":
				subs[i] = answered(400, flat("INVALID_DATA", `{"resource_path_index":1}`))
			}
			silent[kind]++
		}
		body := composite(rapid.Permutation(subs).Draw(draw, "answers")...)
		client := newClient(t, script(says(200, body)), Config{})
		got, err := client.DealsContactRoles(t.Context(), deals)
		if err != nil {
			draw.Fatal(err)
		}
		for i, kind := range kinds {
			mixed := silent["empty"] > 0 && silent["refused"] > 0
			switch d := got[i]; {
			case kind == "contacts":
				if d.Err != nil || len(d.Contacts) != 1 || d.Contacts[0].ID != "7"+deals[i] {
					draw.Fatalf("%+v", d)
				}
			case kind == "refused", mixed:
				if d.Err == nil || len(d.Contacts) > 0 {
					draw.Fatalf("%+v", d)
				}
			case d.Err != nil || len(d.Contacts) > 0:
				draw.Fatalf("%+v", d)
			}
		}
	})
}

// If no read is executed, composite requests do not work here. A refusal of a deal, or a temporary failure, does not
// show that.
func TestSubAnswersAllRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		sub    string
		misfit bool
	}{
		"not allowed in it":   {400, flat("NOT_SUPPORTED", `{"allowed_services":[]}`), true},
		"uri refused":         {400, flat("INVALID_DATA", `{"api_name":"uri"}`), true},
		"limit":               {200, answered(400, flat("LIMIT_EXCEEDED", `{"by":"per_page","limit":10}`)), true},
		"not supported":       {200, answered(400, flat("NOT_SUPPORTED", `{}`)), true},
		"scope of the read":   {200, answered(401, flat("OAUTH_SCOPE_MISMATCH", `{}`)), true},
		"another shape":       {200, answered(200, `{"deals":[]}`), true},
		"wrong relation":      {200, answered(400, flat("INVALID_DATA", `{"resource_path_index":2}`)), true},
		"unknown deals":       {200, answered(400, flat("INVALID_DATA", `{"resource_path_index":1}`)), false},
		"throttled":           {200, answered(429, tooMany), false},
		"server fault":        {200, answered(500, broken), false},
		"server fault inside": {400, flat("INTERNAL_ERROR", `{}`), false},
		"timed out":           {400, flat("REQUEST_TIMEOUT", `{}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readTwo(t, c.status, composite(c.sub, c.sub))
			if !c.misfit {
				if err != nil || got[0].Err == nil || got[1].Err == nil {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if e := failure(t, err); !NotOffered(e) || e.Ends != EndNone || e.Uncertain {
				t.Errorf("%#v", e)
			}
		})
	}
}

// Refusals of a whole composite request, and whether each means that Zoho has no composite requests.
func TestCompositeRefusedWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		body       string
		notOffered bool
		ends       End
		sent       int // 8 stands for as often as a failure that may pass is sent
	}{
		"unknown path":   {404, flat("INVALID_URL_PATTERN", `{}`), true, EndRefused, 1},
		"wrong method":   {400, flat("INVALID_REQUEST_METHOD", `{}`), true, EndRefused, 1},
		"version":        {400, flat("API_NOT_SUPPORTED", `{}`), true, EndRefused, 1},
		"module":         {400, flat("INVALID_MODULE", `{}`), true, EndRefused, 1},
		"scope":          {401, flat("OAUTH_SCOPE_MISMATCH", `{}`), true, EndSignIn, 1},
		"not supported":  {400, flat("NOT_SUPPORTED", `{}`), true, EndNone, 1},
		"no method":      {405, "", true, EndRefused, 1},
		"page not found": {404, "<html>", true, EndNone, 8},
		"another answer": {200, `{"data":[]}`, true, EndNone, 1},
		"not a list":     {400, `{"__composite_requests":{}}`, true, EndNone, 1},
		"sign-in":        {401, flat("AUTHENTICATION_FAILURE", `{}`), false, EndSignIn, 1},
		"token":          {401, expired, false, EndSignIn, 2},
		"ambiguous":      {400, flat("AMBIGUITY_DURING_PROCESSING", `{}`), false, EndNone, 1},
		"no JSON":        {200, "<html>", true, EndNone, 8},
		"no content":     {204, "", true, EndNone, 8},
		"server fault":   {500, broken, false, EndNone, 8},
		"in its shape":   {500, composite(broken), false, EndNone, 8},
		"gateway":        {502, "<html>", false, EndNone, 8},
		"timed out":      {408, "", false, EndNone, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &world{}
				sent := 0
				w.answer = func(_ int, r *http.Request) (*http.Response, error) {
					if r.URL.Path == "/crm/v8/org" { // somebody is there
						return response(200, orgAnswer), nil
					}
					sent++
					return response(c.status, c.body), nil
				}
				client := newClient(t, w, Config{})
				_, err := client.DealsContactRoles(t.Context(), []string{"1", "2"})
				if e := failure(t, err); NotOffered(e) != c.notOffered || e.Ends != c.ends || sent < c.sent ||
					c.sent < 8 && sent > c.sent || e.Uncertain {
					t.Errorf("%d sent: not offered %v: %#v", sent, NotOffered(e), e)
				}
				// The pacer still lets calls start, whatever the refusal was.
				w.answer = func(int, *http.Request) (*http.Response, error) { return response(200, updated), nil }
				if _, err := assignOne(t.Context(), client); err != nil {
					t.Errorf("the next call: %v", err)
				}
			})
		})
	}
}

func TestNotOfferedOfOtherErrors(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		nil, errors.New("another"), &Error{Ends: EndDraining}, &Error{Ends: EndOutage, Message: "not sent"},
		&Error{HTTP: 404, Ends: EndOutage}, &Error{HTTP: 429, Code: codeTooMany, Ends: EndCredits},
		&Error{HTTP: 400, Code: "INVALID_DATA"}, notSent(errNoRole),
	} {
		if NotOffered(err) {
			t.Errorf("%#v", err)
		}
	}
	if !NotOffered(fmt.Errorf("deal 1: %w", &Error{HTTP: 404, Code: "INVALID_URL_PATTERN"})) {
		t.Error("wrapped")
	}
}

// The exact request: Zoho CRM API v8, Composite API, Sample Input.
func TestCompositeOnTheWire(t *testing.T) {
	t.Parallel()
	w := &world{answer: func(_ int, r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		want := composite(
			`{"sub_request_id":"1","method":"GET","uri":"/crm/v8/Deals/1/Contact_Roles","params":{"fields":"Email,Full_Name","per_page":"24"}}`,
			`{"sub_request_id":"2","method":"GET","uri":"/crm/v8/Deals/a%2Fb/Contact_Roles","params":{"fields":"Email,Full_Name","per_page":"23"}}`)
		if err != nil || string(body) != want || r.Method != http.MethodPost ||
			r.URL.RequestURI() != "/crm/v8/__composite_requests" ||
			r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%v %s %s\n got %s\nwant %s", err, r.Method, r.URL, body, want)
		}
		return response(200, composite(answered(204, "null"), answered(204, "null"))), nil
	}}
	got, err := newClient(t, w, Config{}).DealsContactRoles(t.Context(), []string{"1", "a/b"}, "Email", "Full_Name")
	if err != nil || len(got) != 2 || got[0].Contacts != nil || got[1].Err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}
