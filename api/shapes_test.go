package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/pace"
)

// itemsOf makes an answer of items for the contacts 1, 2, ...; each is "CODE" and, after a space, its details, or the
// contact's id in their place.
func itemsOf(items ...string) string {
	all := make([]string, len(items))
	for i, it := range items {
		code, details, ok := strings.Cut(it, " ")
		if !ok {
			details = fmt.Sprintf(`{"id":"%d"}`, i+1)
		}
		all[i] = flat(code, details)
		if code == codeSuccess {
			all[i] = strings.Replace(all[i], `"error"`, `"success"`, 1)
		}
	}
	return `{"data":[` + strings.Join(all, ",") + `]}`
}

// repeated gives the same item n times.
func repeated(it string, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = it
	}
	return itemsOf(all...)
}

// A refusal that all items repeat, and that is not about a record, is a refusal of the whole call: a wrong scope must
// not become the failure of 100 rows.
func TestRefusalsOfAllItemsAreTheCalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		item   string
		ends   End
	}{
		{"scope", 403, "OAUTH_SCOPE_MISMATCH", EndSignIn},
		{"scope, as a bad request", 400, "OAUTH_SCOPE_MISMATCH", EndSignIn},
		{"scope, unauthorised", 401, "OAUTH_SCOPE_MISMATCH", EndSignIn},
		{"authentication", 400, "AUTHENTICATION_FAILURE", EndSignIn},
		{"relation name", 400, `INVALID_DATA {"resource_path_index":2}`, EndRefused},
		{"relation name, multi-status", 207, `INVALID_DATA {"resource_path_index":2}`, EndRefused},
		{"module", 400, `INVALID_DATA {"resource_path_index":0}`, EndRefused},
		{"module, by its code", 400, "INVALID_MODULE", EndRefused},
		{"url", 404, "INVALID_URL_PATTERN", EndRefused},
	} {
		for _, n := range []int{1, 2, 100} {
			w := script(says(c.status, repeated(c.item, n)))
			contacts := make([]string, n)
			for i := range contacts {
				contacts[i] = fmt.Sprint(i + 1)
			}
			_, err := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", contacts)
			e := failure(t, err)
			code, _, _ := strings.Cut(c.item, " ")
			if e.Ends != c.ends || e.Code != code || e.Message != "m" || e.HTTP != c.status || w.count() != 1 ||
				e.Uncertain {
				t.Errorf("%s, %d items: %d sent, %+v", c.name, n, w.count(), e)
			}
		}
		w := script(says(c.status, repeated(c.item, 1)))
		_, err := assignOne(t.Context(), newClient(t, w, Config{}))
		if e := failure(t, err); e.Ends != c.ends || w.count() != 1 {
			t.Errorf("%s, one PUT: %d sent, %+v", c.name, w.count(), e)
		}
	}
}

// If every item has a server's fault, the call is sent again, whatever the status. The answer does not say what the
// server did.
func TestServerFaultInItemsIsRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 207, 400, 500, 503} {
		synctest.Test(t, func(t *testing.T) {
			w := script(
				says(status, repeated("INTERNAL_ERROR", 2)), says(status, repeated("INTERNAL_ERROR", 2)),
				says(200, repeated("SUCCESS", 2)),
			)
			out, err := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", []string{"1", "2"})
			if err != nil || w.count() != 3 || len(out) != 2 {
				t.Fatalf("HTTP %d: %d sent, %v", status, w.count(), err)
			}
			for _, o := range out {
				if o.Err != nil || o.Answer.Attempts != 3 || !o.Answer.Uncertain {
					t.Errorf("HTTP %d: %+v", status, o)
				}
			}
		})
	}
}

// A 429 inside an answer closes the gate for all calls. It is never the outcome of a row, and costs no attempt and no
// credit.
func TestThrottleInItemsClosesTheGate(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED"} {
		for _, status := range []int{200, 207, 400, 429} {
			synctest.Test(t, func(t *testing.T) {
				w := script(says(status, repeated(code, 2)), says(200, repeated("SUCCESS", 2)))
				pacer := pace.New(pace.Config{InFlight: 4})
				began := time.Now()
				out, err := newClient(t, w, Config{Pacer: pacer}).RemoveContactRoles(t.Context(), "1", []string{
					"1", "2",
				})
				if err != nil || out[0].Err != nil || out[1].Err != nil {
					t.Fatalf("%s, HTTP %d: %+v, %v", code, status, out, err)
				}
				got := pacer.Stats()
				if got.TooManyRequests != 1 || got.Episodes != 1 || got.Credits != 1 || got.Limit >= 4 ||
					out[0].Answer.Attempts != 1 || out[0].Answer.Uncertain {
					t.Errorf("%s, HTTP %d: %+v, %+v", code, status, got, out[0])
				}
				if took := time.Since(began); took != firstWait {
					t.Errorf("%s, HTTP %d: sent again after %v", code, status, took)
				}
			})
		}
	}
}

// If items differ, each is the result of its own record.
func TestMixedItemsAreEachTheirOwn(t *testing.T) {
	t.Parallel()
	for name, items := range map[string][]string{
		"a success among refusals":  {"SUCCESS", "INVALID_DATA", "RECORD_LOCKED"},
		"two refusals":              {"INVALID_DATA", "RECORD_LOCKED"},
		"one of the call's kind":    {"SUCCESS", "OAUTH_SCOPE_MISMATCH"},
		"and beside a refusal":      {"INVALID_DATA", "OAUTH_SCOPE_MISMATCH"},
		"and before one":            {"OAUTH_SCOPE_MISMATCH", "INVALID_DATA"},
		"a relation beside another": {"RECORD_LOCKED", `INVALID_DATA {"id":"2","resource_path_index":2}`},
		"alike, and each its own":   {"INVALID_DATA", "INVALID_DATA"},
		"not on the deal":           {"MANDATORY_NOT_FOUND", "MANDATORY_NOT_FOUND", "SUCCESS"},
	} {
		w := script(says(http.StatusMultiStatus, itemsOf(items...)))
		contacts := make([]string, len(items))
		for i := range contacts {
			contacts[i] = fmt.Sprint(i + 1)
		}
		out, err := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", contacts)
		if err != nil || w.count() != 1 {
			t.Errorf("%s: %d sent, %v", name, w.count(), err)
			continue
		}
		for i, o := range out {
			code, _, _ := strings.Cut(items[i], " ")
			if !o.Known || o.ID != contacts[i] || o.Answer.Code != code || (o.Err == nil) != (code == codeSuccess) {
				t.Errorf("%s: item %d: %+v", name, i+1, o)
			}
			if o.Err != nil && (o.Err.Code != code || o.Err.Ends != EndNone || o.Err.Uncertain) {
				t.Errorf("%s: item %d: %#v", name, i+1, o.Err)
			}
		}
	}
}

// The trace has refusals inside data[] as well as flat ones.
func TestTraceOfItems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   Attempt
	}{
		{"all well", 200, repeated("SUCCESS", 3), Attempt{HTTP: 200}},
		{
			"one of three", 207, itemsOf("SUCCESS", "RECORD_LOCKED", "SUCCESS"),
			Attempt{HTTP: 207, Code: "RECORD_LOCKED", Message: "m", Refused: 1},
		},
		{
			"the first one's", 207, itemsOf("SUCCESS", "RECORD_LOCKED", "INVALID_DATA"),
			Attempt{HTTP: 207, Code: "RECORD_LOCKED", Message: "m", Refused: 2},
		},
		{"all", 400, repeated("INVALID_DATA", 3), Attempt{HTTP: 400, Code: "INVALID_DATA", Message: "m", Refused: 3}},
		{
			"the whole call", 403, repeated("OAUTH_SCOPE_MISMATCH", 3),
			Attempt{HTTP: 403, Code: "OAUTH_SCOPE_MISMATCH", Message: "m"},
		},
		{"flat", 400, flat("INVALID_DATA", "{}"), Attempt{HTTP: 400, Code: "INVALID_DATA", Message: "m"}},
	} {
		var told []Attempt
		client := newClient(t, script(says(c.status, c.body)), Config{Trace: func(a Attempt) {
			a.Took = 0
			told = append(told, a)
		}})
		_, err := client.RemoveContactRoles(t.Context(), "1", []string{"1", "2", "3"})
		if err != nil {
			failure(t, err)
		}
		c.want.Method, c.want.Path, c.want.Number, c.want.Final = http.MethodDelete, "/Deals/1/Contact_Roles", 1, true
		if d := cmp.Diff([]Attempt{c.want}, told); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// A success that names another record than the requested one does not count: the outcome is not known. A refusal counts
// for the requested record, whatever it names, because the id may be the role's.
func TestSingleWriteAnsweredForAnother(t *testing.T) {
	t.Parallel()
	calls := map[string]func(*Client) error{
		"PUT":    func(c *Client) error { _, err := assignOne(t.Context(), c); return err },
		"DELETE": func(c *Client) error { _, err := c.RemoveContactRole(t.Context(), "1", "2"); return err },
	}
	for name, call := range calls {
		w := script(says(200, itemsOf(`SUCCESS {"id":"9"}`)))
		e := failure(t, call(newClient(t, w, Config{})))
		if !e.Uncertain || e.Ends != EndNone || e.Code != "" || e.HTTP != 200 || w.count() != 1 {
			t.Errorf("%s, a success of another: %d sent, %#v", name, w.count(), e)
		}
		e = failure(t, call(newClient(t, script(says(400, itemsOf(`INVALID_DATA {"id":"9"}`))), Config{})))
		if e.Code != "INVALID_DATA" || e.Message != "m" || e.Uncertain || e.Ends != EndNone ||
			string(e.Details) != `{"id":"9"}` {
			t.Errorf("%s, a refusal that names another: %#v", name, e)
		}
		for _, details := range []string{`{"id":"2"}`, `{"id":2}`, `{}`, `null`} {
			if err := call(newClient(t, script(says(200, itemsOf("SUCCESS "+details))), Config{})); err != nil {
				t.Errorf("%s, a success with details %s: %v", name, details, err)
			}
		}
	}
}

// A lone write that hangs (never answered, each attempt cut after a minute) while GET /org is answered.
func TestLoneCallThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		orgs := 0
		w.answer = func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/crm/v8/org" {
				orgs++
				return response(200, orgAnswer), nil
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		began := time.Now()
		_, err := assignOne(t.Context(), newClient(t, w, Config{}))
		if e := failure(t, err); e.Ends != EndNone {
			t.Errorf("ends %v after %v, %d attempts, %d probes: %v", e.Ends, time.Since(began), e.Attempts, orgs, e)
		}
	})
}

// INVALID_DATA of two kinds: the order of the items decides nothing.
func TestAlikeByCodeOnly(t *testing.T) {
	t.Parallel()
	w := script(says(207, itemsOf(`INVALID_DATA {"id":"1","resource_path_index":2}`, `INVALID_DATA {"id":"2"}`)))
	_, err := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", []string{"1", "2"})
	w = script(says(207, itemsOf(`INVALID_DATA {"id":"1"}`, `INVALID_DATA {"id":"2","resource_path_index":2}`)))
	_, err2 := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", []string{"1", "2"})
	if (err == nil) != (err2 == nil) {
		t.Error("order decides")
	}
}

// A server fault or a 429 in one item of several is not that row's certain failure.
func TestServerFaultInOneItem(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"INTERNAL_ERROR", "TOO_MANY_REQUESTS"} {
		w := script(says(207, itemsOf("SUCCESS", code)))
		out, err := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", []string{"1", "2"})
		if err != nil {
			t.Fatal(err)
		}
		if e := out[1].Err; !e.Uncertain {
			t.Errorf("%s: certain: %#v", code, e)
		}
	}
}

// A 500 whose first item is a success is no error with the code of a success.
func TestTraceOfSuccessIn500(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := script(says(500, itemsOf("SUCCESS", "INTERNAL_ERROR")))
		_, err := newClient(t, w, Config{}).RemoveContactRoles(t.Context(), "1", []string{"1", "2"})
		if e := failure(t, err); e.Code == codeSuccess {
			t.Errorf("an error with the code SUCCESS: %v", e)
		}
	})
}

// A success that names another record is nobody's, whatever its path says.
func TestSuccessOfAnotherWithPath(t *testing.T) {
	t.Parallel()
	_, err := assignOne(
		t.Context(),
		newClient(t, script(says(200, itemsOf(`SUCCESS {"id":"9","json_path":"$.data[0].id"}`))), Config{}),
	)
	if err == nil {
		t.Error("a success that names contact 9 is taken for contact 2's")
	}
}
