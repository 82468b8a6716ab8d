package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api"
	"rolecall/api/criteria"
	"rolecall/api/gateway"
)

// The samples of docs.pinkfish.ai/slash-commands/zoho ("Zoho CRM API"), word for word but for the white space.
const (
	contactList = `{"output":{"data":[{"id":"123456789","First_Name":"John","Last_Name":"Doe",` +
		`"Email":"john.doe@example.com","Phone":"+1 555-123-4567",` +
		`"Account_Name":{"id":"987654321","name":"Example Company"},"Owner":{"id":"112233445","name":"Sales Rep"},` +
		`"Created_Time":"2023-01-15T10:30:00-08:00","Modified_Time":"2023-02-20T14:45:00-08:00"}],` +
		`"info":{"per_page":200,"count":15,"page":1,"more_records":false}}}`
	written = `{"output":{"data":[{"code":"SUCCESS","details":{"id":"456789123",` +
		`"Created_Time":"2023-03-10T09:15:00-08:00","Modified_Time":"2023-03-10T09:15:00-08:00",` +
		`"Created_By":{"id":"112233445","name":"Sales Rep"},"Modified_By":{"id":"112233445","name":"Sales Rep"}},` +
		`"message":"record added","status":"success"}]}}`
	leadList = `{"output":{"data":[{"id":"334455667","First_Name":"Michael","Last_Name":"Johnson",` +
		`"Email":"michael.johnson@example.com","Phone":"+1 555-222-3333","Company":"Prospect Inc",` +
		`"Lead_Status":"Qualified","Lead_Source":"Website","Owner":{"id":"112233445","name":"Sales Rep"},` +
		`"Created_Time":"2023-02-05T13:20:00-08:00","Modified_Time":"2023-02-10T09:45:00-08:00"}],` +
		`"info":{"per_page":200,"count":10,"page":1,"more_records":false}}}`
	userList = `{"output":{"users":[{"id":"6421284000000479001","first_name":"John","last_name":"Doe",` +
		`"email":"john@example.com","role":{"name":"Sales Manager","id":"6421284000000026005"},` +
		`"profile":{"name":"Administrator","id":"6421284000000026011"},"status":"active",` +
		`"created_time":"2024-09-07T05:27:36-07:00","time_zone":"America/Los_Angeles"}],` +
		`"info":{"per_page":200,"count":1,"page":1,"more_records":false}}}`
)

// The bodies of the page's writes.
const (
	newContact = `{"data":[{"First_Name":"Jane","Last_Name":"Smith","Email":"jane.smith@example.com",` +
		`"Phone":"+1 555-987-6543","Mailing_Street":"456 Oak Ave","Mailing_City":"New York","Mailing_State":"NY",` +
		`"Mailing_Zip":"10001","Title":"CTO"}],"trigger":["approval","workflow","blueprint"]}`
	changedContact = `{"data":[{"Phone":"+1 555-111-2222","Title":"VP of Engineering",` +
		`"Mailing_City":"San Francisco"}],"trigger":["approval","workflow","blueprint"]}`
	newDeal = `{"data":[{"Deal_Name":"New Enterprise License","Account_Name":{"id":"987654321"},` +
		`"Stage":"Qualification","Amount":50000,"Closing_Date":"2023-06-30","Contact_Name":{"id":"456789123"},` +
		`"Pipeline":"Standard","Expected_Revenue":45000,` +
		`"Description":"Enterprise license deal with Example Company"}],` +
		`"trigger":["approval","workflow","blueprint"]}`
	basicContact = `{"data":[{"First_Name":"John","Last_Name":"Doe","Email":"john.doe@example.com"}]}`
)

// asked is a request as the gateway gets it.
type asked struct {
	Method, Path string
	Query        map[string][]string
	Body         string
	Header       http.Header
}

// through returns a client of a gateway that gives one answer to every request, and the requests that the gateway got.
func through(t *testing.T, status int, answer string) (*api.Client, *[]asked) {
	t.Helper()
	var all []asked
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		all = append(all, asked{r.Method, r.URL.Path, r.URL.Query(), string(body), r.Header})
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	base, err := gateway.Address(server.URL + "/proxy/")
	if err != nil {
		t.Fatal(err)
	}
	v2, _ := api.ParseVersion(gateway.Version)
	client, err := api.New(api.Config{
		BaseURL: base, Version: v2, Once: true, Gateway: gateway.Before("X-Api-Key", "Bearer k3y-of-the-gateway", nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client, &all
}

// only returns the only request, and checks what each request must have.
func only(t *testing.T, all *[]asked) asked {
	t.Helper()
	if len(*all) != 1 {
		t.Fatalf("%d requests", len(*all))
	}
	one := (*all)[0]
	if one.Header.Get("Authorization") != "" || one.Header.Get("X-Api-Key") != "Bearer k3y-of-the-gateway" {
		t.Errorf("headers: %v", one.Header)
	}
	return one
}

// sameJSON compares JSON texts.
func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// GET: contacts, leads, users and their answers.
func TestTheListsOfThePage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, answer, list string
		read               func(*api.Client) (api.Page, error)
	}{
		{"contacts", contactList, "data", func(c *api.Client) (api.Page, error) {
			return c.Records(t.Context(), "Contacts", api.RecordsQuery{AllFields: true})
		}},
		{"leads", leadList, "data", func(c *api.Client) (api.Page, error) {
			return c.Records(t.Context(), "Leads", api.RecordsQuery{AllFields: true})
		}},
		{"users", userList, "users", func(c *api.Client) (api.Page, error) { return c.Users(t.Context(), "", 1) }},
	} {
		client, all := through(t, http.StatusOK, c.answer)
		page, err := c.read(client)
		if err != nil || page.More || len(page.Records) != 1 {
			t.Fatalf("%s: %+v, %v", c.path, page, err)
		}
		if got := only(t, all); got.Method != http.MethodGet || got.Path != "/proxy/crm/v2/"+c.path {
			t.Errorf("%s: %s %s", c.path, got.Method, got.Path)
		}
		var sample struct {
			Output map[string]json.RawMessage `json:"output"`
		}
		var records []map[string]json.RawMessage
		if err := json.Unmarshal([]byte(c.answer), &sample); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(sample.Output[c.list], &records); err != nil {
			t.Fatal(err)
		}
		id := string(records[0]["id"])
		delete(records[0], "id")
		if diff := cmp.Diff(records[0], page.Records[0].Fields); diff != "" || `"`+page.Records[0].ID+`"` != id {
			t.Errorf("%s: id %s (-want +got)\n%s", c.path, page.Records[0].ID, diff)
		}
	}
}

// GET: contacts/{contactId}.
func TestTheRecordOfThePage(t *testing.T) {
	t.Parallel()
	client, all := through(t, http.StatusOK, contactList)
	r, found, err := client.Record(t.Context(), "Contacts", "123456789")
	if err != nil || !found || string(r.Fields["Account_Name"]) != `{"id":"987654321","name":"Example Company"}` {
		t.Errorf("%+v, %v, %v", r, found, err)
	}
	if got := only(t, all); got.Path != "/proxy/crm/v2/contacts/123456789" || len(got.Query) > 0 {
		t.Errorf("%+v", got)
	}
}

// POST: contacts and deals, PUT: contacts/{contactId}, with the page's triggers and without, and the answer to both.
func TestTheWritesOfThePage(t *testing.T) {
	t.Parallel()
	triggers := []string{"approval", "workflow", "blueprint"}
	for _, c := range []struct {
		method, path, body, id string
	}{
		{http.MethodPost, "contacts", basicContact, ""},
		{http.MethodPost, "contacts", newContact, ""},
		{http.MethodPost, "deals", newDeal, ""},
		{http.MethodPut, "contacts/456789123", changedContact, "456789123"},
	} {
		client, all := through(t, http.StatusOK, written)
		var body struct {
			Data    []api.RecordWrite `json:"data"`
			Trigger []string          `json:"trigger"`
		}
		if err := json.Unmarshal([]byte(c.body), &body); err != nil {
			t.Fatal(err)
		}
		o := api.WriteOptions{}
		if body.Trigger != nil {
			o.Trigger = triggers
		}
		module := map[string]string{"contacts": "Contacts", "deals": "Deals"}[strings.Split(c.path, "/")[0]]
		write := client.InsertRecords
		if c.id != "" {
			body.Data[0]["id"] = json.RawMessage(`"` + c.id + `"`)
			write, o.ByID = client.UpdateRecords, true
		}
		outcomes, err := write(t.Context(), module, body.Data, o)
		if err != nil || len(outcomes) != 1 || outcomes[0].ID != "456789123" || outcomes[0].Err != nil {
			t.Errorf("%s %s: %+v, %v", c.method, c.path, outcomes, err)
		}
		got := only(t, all)
		if got.Method != c.method || got.Path != "/proxy/crm/v2/"+c.path {
			t.Errorf("%s %s", got.Method, got.Path)
		}
		sameJSON(t, got.Body, c.body)
	}
}

// The searches of the page, and its operators.
func TestTheSearchesOfThePage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ module, criteria string }{
		{"contacts", "(Email:equals:jane.smith@example.com)"},
		{"contacts", "(Email:equals:john@example.com)"},
		{"contacts", "((First_Name:equals:John)and(Last_Name:equals:Doe))"},
		{"deals", "(Created_Time:between:2023-01-01T00:00:00-08:00,2023-12-31T23:59:59-08:00)"},
		{"contacts", "(Last_Name:contains:oe)"},
		{"contacts", "(Last_Name:starts_with:D)"},
		{"deals", "(Amount:greater_than:1000)"},
		{"deals", "((Amount:less_than:1000)and(Stage:equals:Qualification)and(Deal_Name:contains:New))"},
	} {
		parsed, err := criteria.Parse(c.criteria)
		if err != nil {
			t.Fatal(err)
		}
		client, all := through(t, http.StatusOK, contactList)
		module := map[string]string{"contacts": "Contacts", "deals": "Deals"}[c.module]
		page, err := client.Search(t.Context(), module, api.SearchQuery{Criteria: parsed.String()})
		if err != nil || len(page.Records) != 1 {
			t.Errorf("%s: %+v, %v", c.criteria, page, err)
		}
		got := only(t, all)
		if got.Path != "/proxy/crm/v2/"+c.module+"/search" || got.Query["criteria"][0] != c.criteria {
			t.Errorf("%s: %s %v", c.criteria, got.Path, got.Query)
		}
	}
}
