package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wire records a request and answers it.
func wire(t *testing.T, version, answer string, call func(*Client)) (line, body string, header http.Header) {
	t.Helper()
	w := &world{answer: func(_ int, r *http.Request) (*http.Response, error) {
		line, header = r.Method+" "+r.URL.String(), r.Header
		if r.Body != nil {
			b, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			body = string(b)
		}
		return response(200, answer), nil
	}}
	v, err := ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	call(newClient(t, w, Config{Version: v}))
	return line, body, header
}

func TestWireAssign(t *testing.T) {
	t.Parallel()
	const asName, asID = `{"data":[{"Contact_Role":"Purchasing"}]}`, `{"data":[{"Contact_Role":{"id":"3"}}]}`
	for version, want := range map[string]string{
		"v2": asName, "v2.1": asName, "v3": asName, "v4": asID, "v5": asID, "v6": asID, "v7": asID, "v8": asID,
	} {
		line, body, header := wire(t, version, updated, func(c *Client) {
			if _, err := assignOne(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
		if got, want := line, "PUT https://www.zohoapis.test/crm/"+version+"/Deals/1/Contact_Roles/2"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if body != want {
			t.Errorf("%s: got %s, want %s", version, body, want)
		}
		if header.Get("Authorization") != "Zoho-oauthtoken 1000.token-0" ||
			header.Get("Content-Type") != "application/json" ||
			!strings.HasPrefix(header.Get("User-Agent"), "rolecall/") {
			t.Errorf("%s: %v", version, header)
		}
	}
}

func TestWireOthers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	const none = `{"data":[],"info":{"more_records":false}}`
	for _, c := range []struct {
		name, answer, line, body string
		call                     func(*Client) error
	}{
		{"assign by name", updated, "PUT /Deals/1/Contact_Roles/2", `{"data":[{"Contact_Role":{"name":"A \"b\""}}]}`,
			func(c *Client) error {
				_, err := c.AssignContactRole(ctx, "1", "2", RoleRef{Name: `A "b"`})
				return err
			}},
		{"assign many", updated, "PUT /Deals/1/Contact_Roles",
			`{"data":[{"id":"2","Contact_Role":{"id":"3"}},{"id":"4","Contact_Role":{"id":"5"}}]}`, func(c *Client) error {
				_, err := c.AssignContactRoles(ctx, "1", []Assignment{
					{"2", RoleRef{ID: "3", Name: "x"}}, {"4", RoleRef{ID: "5"}},
				})
				return err
			}},
		{"remove", updated, "DELETE /Deals/1/Contact_Roles/2", "", func(c *Client) error {
			_, err := c.RemoveContactRole(ctx, "1", "2")
			return err
		}},
		{"remove many", updated, "DELETE /Deals/1/Contact_Roles?ids=2,3", "", func(c *Client) error {
			_, err := c.RemoveContactRoles(ctx, "1", []string{"2", "3"})
			return err
		}},
		{"read", none, "GET /Deals/1/Contact_Roles?fields=Full_Name", "", func(c *Client) error {
			_, err := c.DealContactRoles(ctx, "1")
			return err
		}},
		{"read fields", none, "GET /Deals/1/Contact_Roles?fields=Email,a%26b", "", func(c *Client) error {
			_, err := c.DealContactRoles(ctx, "1", "Email", "a&b")
			return err
		}},
		{"read by ids", none, "GET /Deals/1/Contact_Roles?ids=2,3&fields=Email", "", func(c *Client) error {
			_, err := c.DealContactRolesByIDs(ctx, "1", []string{"2", "3"}, "Email")
			return err
		}},
		{"read one", none, "GET /Deals/1/Contact_Roles/2?fields=Full_Name", "", func(c *Client) error {
			_, _, err := c.DealContactRole(ctx, "1", "2")
			return err
		}},
		{"escaped", strings.Replace(updated, `"2"`, `"2?x=#"`, 1), "DELETE /Deals/1%2F..%2F2/Contact_Roles/2%3Fx=%23",
			"", func(c *Client) error {
				_, err := c.RemoveContactRole(ctx, "1/../2", "2?x=#")
				return err
			}},
		{"roles", `{"contact_roles":[]}`, "GET /Contacts/roles", "", func(c *Client) error {
			_, err := c.Roles(ctx)
			return err
		}},
		{"org", `{"org":[{"zgid":"1"}]}`, "GET /org", "", func(c *Client) error {
			_, err := c.Org(ctx)
			return err
		}},
	} {
		line, body, _ := wire(t, "v8", c.answer, func(client *Client) {
			if err := c.call(client); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		})
		if got := strings.Replace(line, "https://www.zohoapis.test/crm/v8", "", 1); got != c.line || body != c.body {
			t.Errorf("%s: got %s %s, want %s %s", c.name, got, body, c.line, c.body)
		}
	}
}

// Invalid calls are refused here: nothing is sent.
func TestInvalidCalls(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	hundredAndOne := make([]string, 101)
	many := make([]Assignment, 101)
	for i := range hundredAndOne {
		hundredAndOne[i] = fmt.Sprint(i)
		many[i] = Assignment{Contact: fmt.Sprint(i), Role: RoleRef{ID: "3"}}
	}
	w := &world{}
	c, old := newClient(t, w, Config{}), newClient(t, w, Config{Version: v3})
	for name, call := range map[string]func() error{
		"no deal": func() error {
			_, err := c.AssignContactRole(ctx, "", "2", RoleRef{ID: "3"})
			return err
		},
		"a step up":  func() error { _, err := c.RemoveContactRole(ctx, "1", ".."); return err },
		"no contact": func() error { _, err := c.RemoveContactRole(ctx, "1", ""); return err },
		"no role":    func() error { _, err := c.AssignContactRole(ctx, "1", "2", RoleRef{}); return err },
		"no role name in v3": func() error {
			_, err := old.AssignContactRole(ctx, "1", "2", RoleRef{ID: "3"})
			return err
		},
		"no contacts":  func() error { _, err := c.RemoveContactRoles(ctx, "1", nil); return err },
		"two in one":   func() error { _, err := c.RemoveContactRoles(ctx, "1", []string{"2,3"}); return err },
		"an empty one": func() error { _, err := c.RemoveContactRoles(ctx, "1", []string{"2", ""}); return err },
		"twice": func() error {
			_, err := c.RemoveContactRoles(ctx, "1", []string{"2", "2"})
			return err
		},
		"101":           func() error { _, err := c.RemoveContactRoles(ctx, "1", hundredAndOne); return err },
		"101 assigned":  func() error { _, err := c.AssignContactRoles(ctx, "1", many); return err },
		"none assigned": func() error { _, err := c.AssignContactRoles(ctx, "1", nil); return err },
		"a role missing": func() error {
			_, err := c.AssignContactRoles(ctx, "1", []Assignment{{Contact: "2"}})
			return err
		},
		"an empty one, read":  func() error { _, err := c.DealContactRolesByIDs(ctx, "1", []string{""}); return err },
		"no deal, read":       func() error { _, err := c.DealContactRoles(ctx, "."); return err },
		"no contact, read":    func() error { _, _, err := c.DealContactRole(ctx, "1", ""); return err },
		"assigned to nothing": func() error { _, err := c.AssignContactRoles(ctx, "", many[:1]); return err },
	} {
		if e := failure(t, call()); e.Temporary() || e.Ends != EndNone || e.Uncertain {
			t.Errorf("%s: %#v", name, e)
		}
	}
	if w.count() != 0 {
		t.Errorf("%d sent", w.count())
	}
}

func TestDecodeRole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw  string
		want RoleRef
		ok   bool
	}{
		{`{"name":"Purchasing","id":"3652397000000006881"}`, RoleRef{"3652397000000006881", "Purchasing"}, true},
		{`{"id":3652397000000006881}`, RoleRef{ID: "3652397000000006881"}, true},
		{`{"name":null,"id":null}`, RoleRef{}, true},
		{`{}`, RoleRef{}, true},
		{`"Purchasing"`, RoleRef{Name: "Purchasing"}, true},
		{`"3652397000000006881"`, RoleRef{ID: "3652397000000006881"}, true},
		{`"554023000000310"`, RoleRef{ID: "554023000000310"}, true},
		{`"2024"`, RoleRef{Name: "2024"}, true},
		{`3652397000000006881`, RoleRef{ID: "3652397000000006881"}, true},
		{`null`, RoleRef{}, true},
		{`""`, RoleRef{}, true},
		{``, RoleRef{}, true},
		{`true`, RoleRef{}, false},
		{`["Purchasing"]`, RoleRef{}, false},
		{`{"id":true}`, RoleRef{}, false},
	} {
		got, err := decodeRole(json.RawMessage(c.raw))
		if (err == nil) != c.ok || c.ok && got != c.want {
			t.Errorf("%s: %+v, %v", c.raw, got, err)
		}
	}
}

// pages is a world that answers a read page by page.
func pages(queries *[]string, bodies ...string) *world {
	return &world{answer: func(n int, r *http.Request) (*http.Response, error) {
		*queries = append(*queries, r.URL.RawQuery)
		return response(200, bodies[min(n, len(bodies))-1]), nil
	}}
}

func contactsPage(from, to int, info string) string {
	var records []string
	for i := from; i < to; i++ {
		records = append(records, fmt.Sprintf(`{"id":"%d","Contact_Role":{"name":"r","id":"9"},"Email":null}`, i))
	}
	return `{"data":[` + strings.Join(records, ",") + `],"info":` + info + `}`
}

// The client reads pages as long as more_records is true, whatever their size.
func TestPaging(t *testing.T) {
	t.Parallel()
	const more, last = `{"more_records":true,"per_page":100,"next_page_token":"tok&en"}`, `{"more_records":false,"next_page_token":null}`
	var queries []string
	w := pages(
		&queries, contactsPage(0, 100, more), contactsPage(90, 190, more), contactsPage(190, 2001, more),
		contactsPage(2001, 2002, last),
	)
	got, err := newClient(t, w, Config{}).DealContactRoles(t.Context(), "1", "Email")
	if err != nil || len(got) != 2002 {
		t.Fatalf("%d contacts, %v", len(got), err)
	}
	for i, d := range got {
		if d.ID != fmt.Sprint(i) || d.Role != (RoleRef{"9", "r"}) || len(d.Fields) != 1 ||
			string(d.Fields["Email"]) != "null" {
			t.Fatalf("contact %d: %+v", i, d)
		}
	}
	want := []string{"fields=Email", "fields=Email&page=2", "fields=Email&page=3", "fields=Email&page_token=tok%26en"}
	if diff := cmp.Diff(want, queries); diff != "" {
		t.Errorf("queries (-want +got):\n%s", diff)
	}
}

func TestPagingThatDoesNotAdvance(t *testing.T) {
	t.Parallel()
	var queries []string
	w := pages(&queries, contactsPage(0, 5, `{"more_records":true}`))
	_, err := newClient(t, w, Config{}).DealContactRoles(t.Context(), "1")
	if e := failure(t, err); len(queries) != 2 || e.Ends != EndNone {
		t.Errorf("%d pages, %v", len(queries), e)
	}
}

func TestReadsOfOddAnswers(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	client := func(status int, body string) *Client { return newClient(t, script(says(status, body)), Config{}) }
	if got, err := client(204, "").DealContactRoles(ctx, "1"); err != nil || len(got) != 0 {
		t.Errorf("204: %v, %v", got, err)
	}
	if got, err := client(204, "").Roles(ctx); err != nil || len(got) != 0 {
		t.Errorf("204: %v, %v", got, err)
	}
	if _, on, err := client(204, "").DealContactRole(ctx, "1", "2"); err != nil || on {
		t.Errorf("204: %v, %v", on, err)
	}
	bare := client(200, `{"data":[{"id":4876876000000333191,"Contact_Role":null}]}`)
	if got, err := bare.DealContactRoles(ctx, "1"); err != nil || got[0].ID != "4876876000000333191" ||
		got[0].Role != (RoleRef{}) {
		t.Errorf("a number for an id, no info: %+v, %v", got, err)
	}
	for _, body := range []string{
		`{"data":[{}]}`, `{"data":[{"id":null}]}`, `{"data":[7]}`, `{"data":[{"id":{}}]}`,
		`{"data":[{"id":"2","Contact_Role":false}]}`,
	} {
		if _, err := client(200, body).DealContactRoles(ctx, "1"); failure(t, err).HTTP != 200 {
			t.Errorf("%s: %v", body, err)
		}
	}
	another := client(200, `{"data":[{"id":"3","Contact_Role":null}]}`)
	if _, on, err := another.DealContactRole(ctx, "1", "2"); err == nil || on {
		t.Error("another contact's answer was taken")
	}
	roles, err := client(
		200,
		`{"contact_roles":[{"sequence_number":2,"name":"Purchasing","id":"41"},{"id":42,"name":"B","sequence_number":null}]}`,
	).Roles(ctx)
	if diff := cmp.Diff([]Role{{"41", "Purchasing", 2}, {"42", "B", 0}}, roles); err != nil || diff != "" {
		t.Errorf("roles: %v (-want +got):\n%s", err, diff)
	}
	for _, body := range []string{
		`{"contact_roles":[{"name":"A"}]}`, `{"contact_roles":[{"id":"1"}]}`, `{"contact_roles":[1]}`,
	} {
		if _, err := client(200, body).Roles(ctx); err == nil {
			t.Errorf("%s is a success", body)
		}
	}
}

func TestOrg(t *testing.T) {
	t.Parallel()
	body := `{"org":[{"id":"4150868000000225013","zgid":"60007589","company_name":"Zylker","license_details":{"paid":true,"paid_type":"enterprise"}}]}`
	for in, want := range map[string]Org{
		body: {ID: "60007589", Name: "Zylker", Edition: "enterprise"},
		strings.Replace(body, `"60007589"`, `60007589`, 1): {ID: "60007589", Name: "Zylker", Edition: "enterprise"},
		// Zoho's Deluge help, Get Organization Information, has a number.
		strings.Replace(body, `"paid":true`, `"users_license_purchased":10`, 1): {
			ID: "60007589", Name: "Zylker", Edition: "enterprise", Users: 10,
		},
		strings.Replace(body, `"paid":true`, `"users_license_purchased":"10"`, 1): {
			ID: "60007589", Name: "Zylker", Edition: "enterprise", Users: 10,
		},
		strings.Replace(body, `"paid":true`, `"users_license_purchased":null`, 1): {
			ID: "60007589", Name: "Zylker", Edition: "enterprise",
		},
		strings.Replace(body, `"paid":true`, `"users_license_purchased":-3`, 1): {
			ID: "60007589", Name: "Zylker", Edition: "enterprise",
		},
		`{"org":[{"id":"7","zgid":null,"company_name":null}]}`: {ID: "7"},
	} {
		got, err := newClient(t, script(says(200, in)), Config{}).Org(t.Context())
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{`{"org":[]}`, `{"org":[{}]}`, `{"org":[1]}`} {
		if _, err := newClient(t, script(says(200, in)), Config{}).Org(t.Context()); err == nil {
			t.Errorf("%s is a success", in)
		}
	}
	// Zoho CRM API v8, API Limits.
	for edition, want := range map[string]int{
		"free": 5, "Standard": 10, "starter": 10, "professional": 15, "Enterprise": 20, "Zoho One": 20, "zohoone": 20,
		"ultimate": 25, "CRM Plus": 25, "crmplus": 25, "": 0, "bigin": 0,
	} {
		if got := (Org{Edition: edition}).InFlight(); got != want {
			t.Errorf("%q: %d, want %d", edition, got, want)
		}
	}
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for _, name := range versionNames() {
		if v, err := ParseVersion(" " + strings.ToUpper(name)); err != nil || v.String() != name {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
	for _, name := range []string{"", "8", "v1", "v9", "v2.2"} {
		if _, err := ParseVersion(name); err == nil || !strings.Contains(err.Error(), "v2.1") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func BenchmarkAssign(b *testing.B) {
	w := &instant{body: []byte(updated)}
	c, err := New(Config{BaseURL: "https://www.zohoapis.test", Tokens: &tokens{}, Transport: w})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := assignOne(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
}

type instant struct{ body []byte }

func (i *instant) RoundTrip(*http.Request) (*http.Response, error) {
	return response(200, string(i.body)), nil
}
