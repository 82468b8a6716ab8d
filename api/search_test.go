package api

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The reads of records as Zoho's pages print them.
func TestWireRecordReads(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	search := func(q SearchQuery) func(*Client) error {
		return func(c *Client) error { _, err := c.Search(ctx, "Deals", q); return err }
	}
	for _, c := range []struct {
		line string
		call func(*Client) error
	}{
		// Zoho CRM API v7, Search Records: the sample, whose encoding leaves fewer letters alone than it must.
		{"/Deals/search?criteria=%28%28Last_Name%3Aequals%3ABurns%5C%2CB%29and%28First_Name%3Astarts_with%3AM%29%29",
			search(SearchQuery{Criteria: `((Last_Name:equals:Burns\,B)and(First_Name:starts_with:M))`})},
		{"/Deals/search?email=a%2Bb%40x.com&fields=id,a%26b&page=10&per_page=200", search(SearchQuery{
			Email: "a+b@x.com", Fields: []string{"id", "a&b"}, Page: 10, PerPage: 200,
		})},
		{"/Deals/search?phone=555", search(SearchQuery{Phone: "555"})},
		{"/Deals/search?word=two+words", search(SearchQuery{Word: "two words"})},
		{"/users?type=ActiveUsers&page=1&per_page=200", func(c *Client) error {
			_, err := c.Users(ctx, "ActiveUsers", 0)
			return err
		}},
		{"/users?page=3&per_page=200", func(c *Client) error { _, err := c.Users(ctx, "", 3); return err }},
		{"/Leads/7%2F8", func(c *Client) error { _, _, err := c.Record(ctx, "Leads", "7/8"); return err }},
		{"/Leads/7?fields=Email,Owner", func(c *Client) error {
			_, _, err := c.Record(ctx, "Leads", "7", "Email", "Owner")
			return err
		}},
	} {
		answer := `{"data":[],"users":[]}`
		line, body, _ := wire(t, "v8", answer, func(client *Client) {
			if err := c.call(client); err != nil {
				t.Errorf("%s: %v", c.line, err)
			}
			if got := client.pacer.Stats().Credits; got != 1 {
				t.Errorf("%s: %d credits", c.line, got)
			}
		})
		if got := strings.Replace(line, "GET https://www.zohoapis.test/crm/v8", "", 1); got != c.line || body != "" {
			t.Errorf("got %s, want %s", got, c.line)
		}
	}
}

func TestInvalidSearches(t *testing.T) {
	t.Parallel()
	w := &world{}
	c := newClient(t, w, Config{})
	for name, q := range map[string]SearchQuery{
		"nothing": {}, "two ways": {Email: "a@b", Word: "ab"}, "no page": {Word: "ab", Page: -1},
		"a page too long": {Word: "ab", PerPage: 201},
	} {
		_, err := c.Search(t.Context(), "Leads", q)
		if e := failure(t, err); e.Temporary() || e.Uncertain || e.Ends != EndNone {
			t.Errorf("%s: %#v", name, e)
		}
	}
	if w.count() != 0 {
		t.Errorf("%d sent", w.count())
	}
}

// Zoho CRM API v8, Search Records and Get Users: pages, nothing found, and the page beyond the last.
func TestSearchAnswers(t *testing.T) {
	t.Parallel()
	client := func(status int, body string) *Client {
		return newClient(t, script(says(status, body)), Config{Once: true})
	}
	q := SearchQuery{Word: "ab"}
	page, err := client(200, gotten).Search(t.Context(), "Leads", q)
	if err != nil || len(page.Records) != 2 || !page.More {
		t.Errorf("%+v, %v", page, err)
	}
	if page, err = client(204, "").Search(t.Context(), "Leads", q); err != nil || len(page.Records) != 0 || page.More {
		t.Errorf("%+v, %v", page, err)
	}
	_, err = client(400, flat("LIMIT_REACHED", `{"limit":"2000"}`)).Search(t.Context(), "Leads", q)
	if e := failure(t, err); e.Code != "LIMIT_REACHED" || e.Ends != EndNone {
		t.Errorf("%#v", e)
	}
	users := `{"users":[{"id":"1","Isonline":false,"full_name":"A B","role":{"name":"CEO","id":"2"},"Modified_By":null}],
		"info":{"per_page":200,"count":1,"page":1,"more_records":true}}`
	page, err = client(200, users).Users(t.Context(), "AllUsers", 1)
	if err != nil || !page.More || len(page.Records) != 1 || page.Records[0].ID != "1" {
		t.Fatalf("%+v, %v", page, err)
	}
	want := map[string]string{
		"Isonline": "false", "full_name": `"A B"`, "role": `{"name":"CEO","id":"2"}`, "Modified_By": "null",
	}
	if diff := cmp.Diff(want, texts(page.Records[0])); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	client := func(status int, body string) *Client {
		return newClient(t, script(says(status, body)), Config{Once: true})
	}
	r, ok, err := client(200, `{"data":[{"id":7,"Items":[{"id":"8"}]}]}`).Record(t.Context(), "Deals", "7")
	if err != nil || !ok || r.ID != "7" || string(r.Fields["Items"]) != `[{"id":"8"}]` {
		t.Errorf("%+v, %v, %v", r, ok, err)
	}
	if _, ok, err = client(204, "").Record(t.Context(), "Deals", "7"); ok || err != nil {
		t.Errorf("204: %v, %v", ok, err)
	}
	if _, ok, err = client(200, `{"data":[{"id":"8"}]}`).Record(t.Context(), "Deals", "7"); ok || err == nil {
		t.Error("another record's answer was taken")
	}
	gone := flat("INVALID_DATA", `{"resource_path_index":1}`)
	_, ok, err = client(400, gone).Record(t.Context(), "Deals", "7")
	if e := failure(t, err); ok || !DealGone(e) || e.Ends != EndNone {
		t.Errorf("%#v", e)
	}
	for _, id := range []string{"", ".."} {
		if _, _, err := client(204, "").Record(t.Context(), "Deals", id); failure(t, err).HTTP != 0 {
			t.Errorf("%q: %v", id, err)
		}
	}
}
