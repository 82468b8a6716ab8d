package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	lead    = RoleWrite{Name: "Sales Lead", Sequence: 1}
	quality = RoleWrite{Name: "Quality Control"}

	added = inRoles(ok(`{"id":"71"}`), ok(`{"id":"72"}`))
)

func createTwo(ctx context.Context, c *Client) ([]Outcome, error) {
	return c.CreateRoles(ctx, []RoleWrite{lead, quality})
}

// The seven calls are as on Zoho's pages, in every version. Empty fields are not sent.
func TestWireRoles(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	done := func(id string) string { return inRoles(ok(`{"id":"` + id + `"}`)) }
	for _, c := range []struct {
		name, answer, line, body string
		call                     func(*Client) error
	}{
		{"list", inRoles(), "GET /Contacts/roles", "", func(c *Client) error { _, err := c.Roles(ctx); return err }},
		{"get", inRoles(`{"sequence_number":2,"name":"Purchasing","id":"71"}`), "GET /Contacts/roles/71", "",
			func(c *Client) error { _, _, err := c.Role(ctx, "71"); return err }},
		{"create", added, "POST /Contacts/roles",
			inRoles(`{"name":"Sales Lead","sequence_number":1}`, `{"name":"Quality Control"}`),
			func(c *Client) error { _, err := createTwo(ctx, c); return err }},
		{"update many", added, "PUT /Contacts/roles",
			inRoles(
				`{"id":"71","name":"A \"b\"","sequence_number":5}`, `{"id":"72","sequence_number":1}`,
			), func(c *Client) error {
				_, err := c.UpdateRoles(ctx, []RoleWrite{
					{ID: "71", Name: `A "b"`, Sequence: 5}, {ID: "72", Sequence: 1},
				})
				return err
			}},
		{"update one's name", done("71"), "PUT /Contacts/roles/71", inRoles(`{"name":"Käufer"}`),
			func(c *Client) error { _, err := c.UpdateRole(ctx, RoleWrite{ID: "71", Name: "Käufer"}); return err }},
		{"update one's position", done("71"), "PUT /Contacts/roles/71", inRoles(`{"sequence_number":1}`),
			func(c *Client) error { _, err := c.UpdateRole(ctx, RoleWrite{ID: "71", Sequence: 1}); return err }},
		{"delete many", added, "DELETE /Contacts/roles?ids=71,72", "",
			func(c *Client) error { _, err := c.DeleteRoles(ctx, []string{"71", "72"}); return err }},
		{"delete one", done("71"), "DELETE /Contacts/roles/71", "",
			func(c *Client) error { _, err := c.DeleteRole(ctx, "71"); return err }},
		{"escaped", done("../7?x#"), "DELETE /Contacts/roles/..%2F7%3Fx%23", "",
			func(c *Client) error { _, err := c.DeleteRole(ctx, "../7?x#"); return err }},
		{"escaped in the query", inRoles(ok(`{"id":"7&x"}`)), "DELETE /Contacts/roles?ids=7%26x", "",
			func(c *Client) error { _, err := c.DeleteRoles(ctx, []string{"7&x"}); return err }},
	} {
		for _, version := range versionNames() {
			line, body, header := wire(t, version, c.answer, func(client *Client) {
				if err := c.call(client); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			})
			if got := strings.Replace(line, "https://www.zohoapis.test/crm/"+version, "", 1); got != c.line ||
				body != c.body {
				t.Errorf("%s, %s: got %s %s, want %s %s", c.name, version, got, body, c.line, c.body)
			}
			if want := map[bool]string{true: "application/json"}[c.body != ""]; header.Get("Content-Type") != want {
				t.Errorf("%s: Content-Type %q", c.name, header.Get("Content-Type"))
			}
		}
	}
}

// Invalid calls are refused here. A call takes 1 to 100 roles.
func TestInvalidRoleCalls(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	ids, roles := make([]string, 101), make([]RoleWrite, 101)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
		roles[i] = RoleWrite{ID: ids[i], Name: "x"}
	}
	named := func(n int) []RoleWrite { return make([]RoleWrite, n) } // a name is Zoho's to ask for
	w := script(says(400, flat("SOMETHING", "{}")))
	c := newClient(t, w, Config{})
	create := func(roles []RoleWrite) func() error {
		return func() error { _, err := c.CreateRoles(ctx, roles); return err }
	}
	update := func(roles []RoleWrite) func() error {
		return func() error { _, err := c.UpdateRoles(ctx, roles); return err }
	}
	remove := func(ids []string) func() error {
		return func() error { _, err := c.DeleteRoles(ctx, ids); return err }
	}
	for name, call := range map[string]func() error{
		"none created": create(nil), "101 created": create(named(101)),
		"created with an id": create([]RoleWrite{{ID: "1", Name: "x"}}),
		"none changed":       update(nil), "101 changed": update(roles), "changed without an id": update(named(1)),
		"changed twice": update([]RoleWrite{roles[1], roles[1]}),
		"none deleted":  remove(nil), "101 deleted": remove(ids), "deleted without an id": remove([]string{"1", ""}),
		"deleted twice":              remove([]string{"1", "1"}),
		"two in one":                 remove([]string{"1,2"}),
		"one changed without an id":  func() error { _, err := c.UpdateRole(ctx, lead); return err },
		"one changed, a step":        func() error { _, err := c.UpdateRole(ctx, RoleWrite{ID: ".."}); return err },
		"one deleted without an id":  func() error { _, err := c.DeleteRole(ctx, ""); return err },
		"one read without an id":     func() error { _, _, err := c.Role(ctx, ""); return err },
		"one read, of the same path": func() error { _, _, err := c.Role(ctx, "."); return err },
	} {
		if e := failure(t, call()); e.Temporary() || e.Ends != EndNone || e.Uncertain ||
			!errors.Is(e, errInvalidCall) || strings.Contains(e.Error(), "contact ") {
			t.Errorf("%s: %#v", name, e)
		}
	}
	if w.count() != 0 {
		t.Errorf("%d sent", w.count())
	}
	for i, call := range []func() error{
		create(named(1)), create(named(100)), update(roles[:1]), update(roles[:100]), remove(ids[:1]),
		remove(ids[:100]),
	} {
		if e := failure(t, call()); e.Code != "SOMETHING" || w.count() != i+1 {
			t.Errorf("%d: %v", i, e)
		}
	}
}

// lost are the failures after which nobody knows whether a call was applied.
func lost() map[string]func() (*http.Response, error) {
	all := unusable()
	all["server fault"] = says(500, broken)
	all["server fault, all items"] = says(400, inRoles(flat("INTERNAL_ERROR", `{}`), flat("INTERNAL_ERROR", `{}`)))
	all["gateway, in JSON"] = says(503, flat("SERVICE_UNAVAILABLE", `{}`))
	all["time out"] = says(408, "")
	all["cut in the middle of a result"] = says(200, added[:60])
	all["not JSON"] = says(200, "OK")
	all["no content"] = says(204, "")
	all["results under another name"] = says(200, strings.Replace(added, "contact_roles", "data", 1))
	all["and some of them refused"] = says(207, `{"data":[`+flat("DUPLICATE_DATA", `{}`)+","+ok(`{"id":"71"}`)+`]}`)
	all["a success inside a refusal"] = says(400, inRoles(flat("DUPLICATE_DATA", at(0)), ok(`{"id":"71"}`)))
	all["a success inside a 429"] = says(429, inRoles(flat("TOO_MANY_REQUESTS", `{}`), ok(`{"id":"71"}`)))
	all["successes inside a 429"] = says(429, added)
	all["a success inside a refused token"] = says(401, inRoles(flat("INVALID_TOKEN", `{}`), ok(`{"id":"71"}`)))
	all["a success inside a size limit"] = says(413, added)
	return all
}

// A creation that may have been applied is never sent again. It ends at once, and its error is Uncertain.
func TestCreateIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, first := range lost() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := &tokens{}
				w := script(first, says(200, added))
				began := time.Now()
				out, err := createTwo(t.Context(), newClient(t, w, Config{Tokens: source}))
				e := failure(t, err)
				if out != nil || w.count() != 1 || !e.Uncertain || e.Ends != EndNone || e.Attempts > 1 {
					t.Errorf("%d sent: %v, %#v", w.count(), out, e)
				}
				if took := time.Since(began); took > 0 {
					t.Errorf("waited %v to say so", took)
				}
			})
		})
	}
}

// After the same failures an update or a deletion is sent again: twice has the same effect as once.
func TestOtherRoleWritesAreSentAgain(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *Client) ([]Outcome, error){
		"update": func(ctx context.Context, c *Client) ([]Outcome, error) {
			return c.UpdateRoles(ctx, []RoleWrite{{ID: "71", Name: "x"}, {ID: "72", Sequence: 1}})
		},
		"delete": func(ctx context.Context, c *Client) ([]Outcome, error) {
			return c.DeleteRoles(ctx, []string{"71", "72"})
		},
	}
	for name, first := range unusable() {
		for what, call := range calls {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := script(first, first, says(200, added))
					out, err := call(t.Context(), newClient(t, w, Config{}))
					if err != nil || w.count() != 3 {
						t.Fatalf("%d sent, %v", w.count(), err)
					}
					for _, o := range out {
						if !o.Known || o.Err != nil || !o.Answer.Uncertain || o.Answer.Attempts != 3 {
							t.Errorf("%+v", o)
						}
					}
				})
			})
		}
	}
}

// A creation that certainly was not applied is sent again like every call: after a 429, a refused token, or a failure
// to connect.
func TestCreateIsSentAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first    func() (*http.Response, error)
		attempts int
	}{
		"429":             {says(429, tooMany), 1},
		"429, a page":     {says(429, "<html>"), 1},
		"429, all items":  {says(400, inRoles(flat("TOO_MANY_REQUESTS", `{}`), flat("TOO_MANY_REQUESTS", `{}`))), 1},
		"token":           {says(401, expired), 1},
		"token, a page":   {says(401, "<html>"), 1},
		"not connected":   {fails(errDial), 2},
		"and not for now": {fails(fmt.Errorf("x: %w", errDial)), 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := script(c.first, says(200, added))
				source := &tokens{}
				out, err := createTwo(t.Context(), newClient(t, w, Config{Tokens: source}))
				if err != nil || w.count() != 2 {
					t.Fatalf("%d sent, %v", w.count(), err)
				}
				if diff := cmp.Diff([]string{"71 SUCCESS", "72 SUCCESS"}, told(out)); diff != "" {
					t.Error(diff)
				}
				for _, o := range out {
					if o.Answer.Uncertain || o.Answer.Attempts != c.attempts {
						t.Errorf("%+v", o)
					}
				}
				if refused := strings.HasPrefix(name, "token"); (source.invalidated == 1) != refused {
					t.Errorf("%d tokens dropped", source.invalidated)
				}
			})
		})
	}
}

// If Zoho refuses two tokens, the sign-in fails, and nothing was created.
func TestCreateWithoutAToken(t *testing.T) {
	t.Parallel()
	w := script(says(401, expired))
	_, err := createTwo(t.Context(), newClient(t, w, Config{}))
	if e := failure(t, err); e.Ends != EndSignIn || e.Uncertain || w.count() != 2 {
		t.Errorf("%d sent: %#v", w.count(), e)
	}
}

// After failures to connect, a creation is sent again until the first attempt that may have arrived. If nothing at all
// is answered, that is an outage.
func TestCreateAmongFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, sent := split(nil, says(200, orgAnswer))
		steps := []func() (*http.Response, error){
			fails(errDial), says(429, tooMany), fails(errDial), fails(syscall.ECONNRESET), says(200, added),
		}
		n := 0
		answer := w.answer
		w.answer = func(i int, r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				n++
				return steps[n-1]()
			}
			return answer(i, r)
		}
		_, err := createTwo(t.Context(), newClient(t, w, Config{}))
		if e := failure(t, err); n != 4 || sent() != 0 || !e.Uncertain || e.Ends != EndNone ||
			!errors.Is(e, syscall.ECONNRESET) {
			t.Errorf("%d sent: %#v", n, e)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := script(fails(errDial))
		_, err := createTwo(t.Context(), newClient(t, w, Config{}))
		if e := failure(t, err); e.Ends != EndOutage || e.Uncertain {
			t.Errorf("never sent: %#v", e)
		}
	})
}

// The answer to a creation is lost in an outage that has lasted two minutes for other calls. The run ends, and the
// creation is Uncertain.
func TestCreateInAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := script(fails(syscall.ECONNRESET))
		c := newClient(t, w, Config{})
		c.jitter = whole
		seen := make(chan error)
		go func() { _, err := c.Roles(t.Context()); seen <- err }()
		_ = wait(t.Context(), 119*time.Second)
		w.mu.Lock()
		w.latency = 4 * time.Second // the last attempts take the two minutes to their end
		w.mu.Unlock()
		before := w.count()
		_, err := createTwo(t.Context(), c)
		e := failure(t, err)
		if e.Ends != EndOutage || !e.Uncertain {
			t.Errorf("%d sent: %#v", w.count()-before, e)
		}
		if err := <-seen; failure(t, err).Ends != EndOutage {
			t.Error(err)
		}
	})
}

// A creation that is cancelled in flight may have been applied. One that is cancelled before was not.
func TestCreateGivenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		w         *world
		uncertain bool
	}{
		"in flight":   {&world{latency: time.Hour}, true},
		"at the gate": {script(says(429, tooMany, "Retry-After: 60")), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := createTwo(ctx, newClient(t, c.w, Config{}))
			if e := failure(t, err); e.Ends != EndDraining || e.Uncertain != c.uncertain || c.w.count() != 1 {
				t.Errorf("%s: %d sent, %#v", name, c.w.count(), e)
			}
		})
	}
}

// 200 and 201 are successes, 207 is mixed, 400 is each role's own refusal, and a refusal of the whole is an *Error:
// Zoho's shapes, by the pages on contact roles.
func TestRoleAnswers(t *testing.T) {
	t.Parallel()
	dup := flat("DUPLICATE_DATA", `{"api_name":"name","json_path":"$.contact_roles[0].name"}`)
	noName := flat("MANDATORY_NOT_FOUND", `{"api_name":"name","json_path":"$.contact_roles[1].name"}`)
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   []string
	}{
		{"200", 200, added, []string{"71 SUCCESS", "72 SUCCESS"}},
		{"201", 201, added, []string{"71 SUCCESS", "72 SUCCESS"}},
		{"207", 207, inRoles(dup, ok(`{"id":"71"}`)), []string{"DUPLICATE_DATA", "71 SUCCESS"}},
		{"207 in 200", 200, inRoles(ok(`{"id":"71"}`), noName), []string{"71 SUCCESS", "MANDATORY_NOT_FOUND"}},
		{"400", 400, inRoles(dup, noName), []string{"DUPLICATE_DATA", "MANDATORY_NOT_FOUND"}},
		{
			"100 roles are there", 400, inRoles(flat("LIMIT_EXCEEDED", `{}`), flat("LIMIT_EXCEEDED", `{}`)),
			[]string{"LIMIT_EXCEEDED", "LIMIT_EXCEEDED"},
		},
		{"no more fit", 207, inRoles(ok(`{"id":"71"}`), flat("LIMIT_EXCEEDED", `{}`)), []string{"? 71", "?"}},
		{"fewer", 200, inRoles(ok(`{"id":"71"}`)), []string{"?", "?"}},
		{
			"a server's fault in one", 207, inRoles(ok(`{"id":"71"}`), flat("INTERNAL_ERROR", at(1))),
			[]string{"71 SUCCESS", "INTERNAL_ERROR"},
		},
	} {
		w := script(says(c.status, c.body))
		out, err := createTwo(t.Context(), newClient(t, w, Config{}))
		if err != nil || w.count() != 1 {
			t.Errorf("%s: %d sent, %v", c.name, w.count(), err)
			continue
		}
		if diff := cmp.Diff(c.want, told(out)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
		for _, o := range out {
			if o.Answer.HTTP != c.status || o.Err != nil &&
				(o.Err.HTTP != c.status || o.Err.Uncertain != (!o.Known || o.Err.Code == "INTERNAL_ERROR")) {
				t.Errorf("%s: %+v", c.name, o)
			}
		}
	}
	for _, c := range []struct {
		name   string
		status int
		body   string
		ends   End
	}{
		{"limit, flat", 400, flat("LIMIT_EXCEEDED", `{}`), EndNone},
		{"no ids", 400, flat("REQUIRED_PARAM_MISSING", `{"param_name":"ids"}`), EndNone},
		{"rights", 403, flat("NO_PERMISSION", `{}`), EndNone},
		{"rights, older", 400, flat("AUTHORIZATION_FAILED", `{}`), EndNone},
		{"scope", 401, flat("OAUTH_SCOPE_MISMATCH", `{}`), EndSignIn},
		{"scope, in items", 401, inRoles(flat("OAUTH_SCOPE_MISMATCH", `{}`)), EndSignIn},
		{"url", 404, flat("INVALID_URL_PATTERN", `{}`), EndRefused},
		{"method", 400, flat("INVALID_REQUEST_METHOD", `{}`), EndRefused},
		{"under another name", 400, inData("DUPLICATE_DATA", `{}`), EndNone},
		{"unknown", 400, flat("SOMETHING_NEW", `null`), EndNone},
	} {
		for name, call := range map[string]func(*Client) error{
			"create": func(client *Client) error { _, err := createTwo(t.Context(), client); return err },
			"update": func(client *Client) error {
				_, err := client.UpdateRoles(t.Context(), []RoleWrite{{ID: "71"}})
				return err
			},
			"one": func(client *Client) error {
				_, err := client.UpdateRole(t.Context(), RoleWrite{ID: "71"})
				return err
			},
			"delete": func(client *Client) error {
				_, err := client.DeleteRoles(t.Context(), []string{"71"})
				return err
			},
			"gone": func(client *Client) error { _, err := client.DeleteRole(t.Context(), "71"); return err },
		} {
			w := script(says(c.status, c.body))
			e := failure(t, call(newClient(t, w, Config{})))
			if e.Ends != c.ends || e.HTTP != c.status || e.Code == "" || e.Message != "m" || e.Uncertain ||
				e.Temporary() || w.count() != 1 {
				t.Errorf("%s, %s: %d sent, %#v", c.name, name, w.count(), e)
			}
		}
	}
}

// A call for one role returns the result of that role. The success of another role does not count.
func TestOneRole(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(*Client) (Answer, error){
		"PUT":    func(c *Client) (Answer, error) { return c.UpdateRole(t.Context(), RoleWrite{ID: "71", Name: "x"}) },
		"DELETE": func(c *Client) (Answer, error) { return c.DeleteRole(t.Context(), "71") },
	} {
		a, err := call(newClient(t, script(says(200, inRoles(ok(`{"id":"71"}`)))), Config{}))
		want := Answer{HTTP: 200, Code: "SUCCESS", Message: "m", Details: []byte(`{"id":"71"}`), Attempts: 1}
		if err != nil || !cmp.Equal(want, a) {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		_, err = call(newClient(
			t, script(says(400, inRoles(flat("LOWER_LIMIT_REACHED", `{"limit":1,"id":"71"}`)))), Config{},
		))
		if e := failure(t, err); e.Code != "LOWER_LIMIT_REACHED" || e.Uncertain ||
			string(e.Details) != `{"limit":1,"id":"71"}` {
			t.Errorf("%s: %#v", name, e)
		}
		_, err = call(newClient(t, script(says(200, inRoles(ok(`{"id":"72"}`)))), Config{}))
		if e := failure(t, err); !e.Uncertain || e.Code != "" ||
			!strings.Contains(e.Error(), "what became of this role") {
			t.Errorf("%s: %#v", name, e)
		}
	}
}

func TestReadOneRole(t *testing.T) {
	t.Parallel()
	read := func(status int, body string) (Role, bool, error) {
		return newClient(t, script(says(status, body)), Config{}).Role(t.Context(), "71")
	}
	const purchasing = `{"sequence_number":2,"name":"Purchasing","id":"71"}`
	if r, found, err := read(200, inRoles(purchasing)); err != nil || !found || r != (Role{"71", "Purchasing", 2}) {
		t.Error(r, found, err)
	}
	if r, found, err := read(200, inRoles(`{"name":"A","id":71}`)); err != nil || !found || r != (Role{"71", "A", 0}) {
		t.Error(r, found, err)
	}
	for name, answer := range map[string]func() (Role, bool, error){
		"204":           func() (Role, bool, error) { return read(204, "") },
		"an empty list": func() (Role, bool, error) { return read(200, inRoles()) },
	} {
		if r, found, err := answer(); err != nil || found || r != (Role{}) {
			t.Error(name, r, found, err)
		}
	}
	for _, body := range []string{
		inRoles(strings.Replace(purchasing, "71", "72", 1)), inRoles(purchasing, purchasing), inRoles(`{"id":"71"}`),
		inRoles(`7`),
	} {
		_, found, err := read(200, body)
		if e := failure(t, err); found || e.HTTP != 200 || e.Uncertain {
			t.Errorf("%s: %v, %#v", body, found, e)
		}
	}
	if _, found, err := read(400, flat("INVALID_DATA", `{}`)); found || failure(t, err).Code != "INVALID_DATA" {
		t.Error(found, err)
	}
}
