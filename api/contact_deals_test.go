package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The two samples of Zoho's page "Get Related Records Using External ID" (v7), and the shapes that Contact_Role has
// elsewhere.
func TestContactDeals(t *testing.T) {
	t.Parallel()
	const body = `{"data":[
		{"Contact_Role":11112748204747392,"Stage":"Closed Won","id":"4876876000002095001","Closing_Date":"2022-08-09"},
		{"Contact_Role":"111111000000026002","External_Deal_ID":"externaldeal3","id":111111000000094028},
		{"Contact_Role":{"name":"Purchasing","id":"3652397000000006881"},"id":"3"},
		{"Contact_Role":"Purchasing","id":"4"},
		{"Contact_Role":null,"id":"5"},
		{"id":"6"}],
		"info":{"per_page":200,"next_page_token":null,"count":6,"page":1,"previous_page_token":null,"page_token_expiry":null,"more_records":false}}`
	line, _, _ := wire(t, "v7", body, func(c *Client) {
		got, err := c.ContactDeals(t.Context(), "583472934", "Closing_Date", "Stage")
		want := []ContactDeal{
			{
				"4876876000002095001", RoleRef{ID: "11112748204747392"},
				map[string]json.RawMessage{
					"Stage": json.RawMessage(`"Closed Won"`), "Closing_Date": json.RawMessage(`"2022-08-09"`),
				},
			},
			{
				"111111000000094028", RoleRef{ID: "111111000000026002"},
				map[string]json.RawMessage{"External_Deal_ID": json.RawMessage(`"externaldeal3"`)},
			},
			{"3", RoleRef{ID: "3652397000000006881", Name: "Purchasing"}, map[string]json.RawMessage{}},
			{"4", RoleRef{Name: "Purchasing"}, map[string]json.RawMessage{}},
			{"5", RoleRef{}, map[string]json.RawMessage{}},
			{"6", RoleRef{}, map[string]json.RawMessage{}},
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
		if kinds := c.pacer.CallStats().Kinds; kinds["GET /Contacts/{id}/Deals"] != 1 {
			t.Errorf("%v", kinds)
		}
	})
	if want := "GET https://www.zohoapis.test/crm/v7/Contacts/583472934/Deals?fields=Closing_Date,Stage"; line != want {
		t.Errorf("got %s, want %s", line, want)
	}
}

// ContactDeals reads all deals of a contact, also more than 2,000.
func TestContactDealsPages(t *testing.T) {
	t.Parallel()
	const more, last = `{"more_records":true,"next_page_token":"tok&en"}`, `{"more_records":false}`
	var queries []string
	w := pages(&queries, contactsPage(0, 1500, more), contactsPage(1490, 2000, more), contactsPage(2000, 2010, last))
	got, err := newClient(t, w, Config{}).ContactDeals(t.Context(), "1")
	if err != nil || len(got) != 2010 || got[2009].Deal != "2009" || got[2009].Role != (RoleRef{"9", "r"}) {
		t.Fatal(len(got), err)
	}
	want := []string{"fields=Deal_Name", "fields=Deal_Name&page=2", "fields=Deal_Name&page_token=tok%26en"}
	if diff := cmp.Diff(want, queries); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	queries = nil
	_, err = newClient(t, pages(&queries, contactsPage(0, 5, more)), Config{}).ContactDeals(t.Context(), "1")
	if e := failure(t, err); len(queries) != 2 || e.Ends != EndNone {
		t.Errorf("%d pages, %v", len(queries), e)
	}
}

func TestContactDealsOddAnswers(t *testing.T) {
	t.Parallel()
	if got, err := newClient(t, script(says(204, "")), Config{}).ContactDeals(t.Context(), "1"); err != nil ||
		got != nil {
		t.Errorf("204: %v, %v", got, err)
	}
	for _, body := range []string{
		`{"data":[{}]}`, `{"data":[7]}`, `{"data":[{"id":"1","Contact_Role":true}]}`,
		`{"data":[{"id":"1","Contact_Role":[]}]}`,
	} {
		_, err := newClient(t, script(says(200, body)), Config{}).ContactDeals(t.Context(), "1")
		if failure(t, err).HTTP != 200 {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Deals are read with the contacts' fields in one call, as an export wants them.
func TestDealContactFields(t *testing.T) {
	t.Parallel()
	const body = `{"data":[{"Full_Name":"A B","Email":"a@b.example","Phone":null,"id":"11","Contact_Role":{"id":"3","name":"P"}}],"info":{"more_records":false}}`
	want := map[string]json.RawMessage{
		"Full_Name": json.RawMessage(`"A B"`), "Email": json.RawMessage(`"a@b.example"`),
		"Phone": json.RawMessage("null"),
	}
	fields := []string{"Full_Name", "Email", "Phone"}
	line, _, _ := wire(t, "v8", body, func(c *Client) {
		got, err := c.DealContactRoles(t.Context(), "1", fields...)
		if diff := cmp.Diff([]DealContact{{"11", RoleRef{"3", "P"}, want}}, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	})
	if want := "GET https://www.zohoapis.test/crm/v8/Deals/1/Contact_Roles?fields=Full_Name,Email,Phone"; line != want {
		t.Errorf("got %s, want %s", line, want)
	}
	marked := strings.Replace(body, `"info":{`, `"info":{"per_page":`+pageMark(0)+`,`, 1)
	got, err := newClient(t, script(says(200, composite(answered(200, marked)))), Config{}).DealsContactRoles(
		t.Context(), []string{"1"}, fields...,
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]DealContact{{"11", RoleRef{"3", "P"}, want}}, got[0].Contacts); diff != "" {
		t.Errorf("composite (-want +got)\n%s", diff)
	}
}

// DealGone is true only for a deal that does not exist, not for other refusals.
func TestDealGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		gone   bool
	}{
		"the deal":          {400, flat("INVALID_DATA", `{"resource_path_index":1}`), true},
		"index as text":     {400, flat("INVALID_DATA", `{"resource_path_index":"1"}`), true},
		"the relation":      {400, flat("INVALID_DATA", `{"resource_path_index":2}`), false},
		"the module":        {400, flat("INVALID_MODULE", `{"resource_path_index":0}`), false},
		"nothing blamed":    {400, flat("INVALID_DATA", `{}`), false},
		"another code":      {403, flat("NO_PERMISSION", `{"resource_path_index":1}`), false},
		"not there, a page": {404, `<html>`, false},
		"server":            {500, broken, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newClient(t, script(says(c.status, c.body)), Config{Once: true}).DealContactRoles(
				t.Context(), "1",
			)
			if DealGone(err) != c.gone || DealGone(fmt.Errorf("x: %w", err)) != c.gone {
				t.Errorf("%#v", err)
			}
			composed, err := readTwo(
				t, 207, composite(answered(c.status, quotedUnlessJSON(c.body)), answered(200, onDeal("22", "23"))),
			)
			if err != nil || DealGone(composed[0].Err) != c.gone {
				t.Errorf("composite: %+v, %v", composed, err)
			}
		})
	}
	if DealGone(nil) || DealGone(errors.New("x")) {
		t.Error("of no error of Zoho's")
	}
}

func quotedUnlessJSON(body string) string {
	if json.Valid([]byte(body)) {
		return body
	}
	return "null"
}
