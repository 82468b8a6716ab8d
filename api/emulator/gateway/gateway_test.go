package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/gateway"
)

// seed has the records that the samples of the gateway's page name.
const seed = `{"contact_roles": [{"id": "4150868000000006871", "name": "Purchasing"}],
	"accounts": [{"id": "987654321", "Account_Name": "Example Company"}],
	"contacts": [{"id": "123456789", "First_Name": "John", "Last_Name": "Doe", "Email": "john.doe@example.com",
			"Account_Name": {"id": "987654321", "name": "Example Company"}},
		{"id": "456789123", "First_Name": "Jane", "Last_Name": "Smith", "Email": "jane.smith@example.com",
			"Owner": {"id": "112233445", "name": "Sales Rep"}, "Created_Time": "2023-01-15T10:30:00-08:00",
			"Modified_Time": "2023-02-20T14:45:00-08:00"}],
	"leads": [{"id": "334455667", "Last_Name": "Johnson", "Company": "Prospect Inc", "Lead_Status": "Qualified",
		"Owner": {"id": "112233445", "name": "Sales Rep"}}],
	"deals": [{"id": "556677889", "Deal_Name": "First", "Stage": "Qualification", "Amount": 50000}]}`

// gate is a gateway to ask.
type gate struct {
	t   *testing.T
	url string
}

func newGate(t *testing.T, o gateway.Options) *gate {
	t.Helper()
	org, err := emulator.ReadOrg(strings.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	emu, err := emulator.New(emulator.Options{Org: org, Gateway: o})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emu)
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	return &gate{t, server.URL + gateway.Prefix + "crm/v2/"}
}

// ask sends a request with headers "Name: value".
func (g *gate) ask(method, path, body string, headers ...string) (int, string) {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// has reports what of a sample an answer lacks: a key, or a value of another JSON type. Texts in want are compared.
func has(got, want any, at string) (lacks []string) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{at}
		}
		for key, value := range w {
			lacks = append(lacks, has(g[key], value, at+"."+key)...)
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) == 0 {
			return []string{at}
		}
		return has(g[0], w[0], at+"[0]")
	default:
		if fmt.Sprintf("%T", got) != fmt.Sprintf("%T", want) || want != "" && fmt.Sprint(got) != fmt.Sprint(want) && !isNumber(want) {
			return []string{fmt.Sprintf("%s is %v", at, got)}
		}
	}
	return lacks
}

func isNumber(v any) bool { _, is := v.(float64); return is }

// The requests of the page, word for word, and the shape of its answers. An empty text in an answer stands for any.
func TestTheEmulatorAnswersAsThePage(t *testing.T) {
	t.Parallel()
	const info = `"info":{"per_page":200,"count":1,"page":1,"more_records":false}`
	const done = `{"output":{"data":[{"code":"SUCCESS","details":{"id":"","Created_Time":"","Modified_Time":"",` +
		`"Created_By":{"id":"","name":""},"Modified_By":{"id":"","name":""}},"message":"","status":"success"}]}}`
	const triggers = `"trigger":["approval","workflow","blueprint"]}`
	g := newGate(t, gateway.Options{})
	for _, c := range []struct{ request, body, want string }{
		{"GET contacts", "", `{"output":{"data":[{"id":"","First_Name":"","Last_Name":"","Email":"","Owner":{"id":"","name":""},` +
			`"Created_Time":"","Modified_Time":""}],` + info + `}}`},
		{"GET contacts/123456789", "", `{"output":{"data":[{"id":"123456789","First_Name":"John",` +
			`"Account_Name":{"id":"987654321","name":"Example Company"}}]}}`},
		{"GET leads", "", `{"output":{"data":[{"id":"334455667","Last_Name":"Johnson","Company":"Prospect Inc",` +
			`"Lead_Status":"Qualified","Owner":{"id":"","name":""}}],` + info + `}}`},
		{"GET users", "", `{"output":{"users":[{"id":"","first_name":"","last_name":"","email":"","role":{"name":"","id":""},` +
			`"profile":{"name":"","id":""},"status":"active","created_time":"","time_zone":""}],` + info + `}}`},
		{"GET contacts/search?criteria=(Email:equals:jane.smith@example.com)", "", `{"output":{"data":[{"id":"456789123"}]}}`},
		{"GET contacts/search?criteria=((First_Name:equals:John)and(Last_Name:equals:Doe))", "",
			`{"output":{"data":[{"id":"123456789"}]}}`},
		{"GET deals/search?criteria=(Created_Time:between:2001-01-01T00:00:00-08:00,2099-12-31T23:59:59-08:00)", "",
			`{"output":{"data":[{"id":"556677889"}]}}`},
		{"GET contacts/search?criteria=(Last_Name:contains:mit)", "", `{"output":{"data":[{"id":"456789123"}]}}`},
		{"GET contacts/search?criteria=(Last_Name:starts_with:Do)", "", `{"output":{"data":[{"id":"123456789"}]}}`},
		{"GET deals/search?criteria=((Amount:greater_than:49999)and(Amount:less_than:50001))", "",
			`{"output":{"data":[{"id":"556677889"}]}}`},
		{"GET deals/search?criteria=(Amount:less_than:50000)", "", `{"status":204}`},
		{"POST contacts", `{"data":[{"First_Name":"John","Last_Name":"Doe","Email":"john.doe@example.com"}]}`, done},
		{"POST contacts", `{"data":[{"First_Name":"Jane","Last_Name":"Smith","Email":"jane.smith@example.com",` +
			`"Phone":"+1 555-987-6543","Mailing_Street":"456 Oak Ave","Mailing_City":"New York","Mailing_State":"NY",` +
			`"Mailing_Zip":"10001","Title":"CTO"}],` + triggers, done},
		{"PUT contacts/456789123", `{"data":[{"Phone":"+1 555-111-2222","Title":"VP of Engineering",` +
			`"Mailing_City":"San Francisco"}],` + triggers, done},
		{"POST deals", `{"data":[{"Deal_Name":"New Enterprise License","Account_Name":{"id":"987654321"},` +
			`"Stage":"Qualification","Amount":50000,"Closing_Date":"2023-06-30","Contact_Name":{"id":"456789123"},` +
			`"Pipeline":"Standard","Expected_Revenue":45000,"Description":"Enterprise license deal with Example Company"}],` +
			triggers, done},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		status, text := g.ask(method, path, c.body)
		var got, want any
		if json.Unmarshal([]byte(text), &got) != nil || json.Unmarshal([]byte(c.want), &want) != nil || status > 201 {
			t.Errorf("%s: %d %s", c.request, status, text)
			continue
		}
		if lacks := has(got, want, ""); len(lacks) > 0 {
			t.Errorf("%s: %v in %s", c.request, lacks, text)
		}
	}
}

// What the gateway itself refuses: no key, a token of Zoho's, a path that it does not forward, a module in upper case.
func TestTheGatewayRefuses(t *testing.T) {
	t.Parallel()
	const key = "X-Api-Key: k3y"
	g := newGate(t, gateway.Options{Key: "k3y", Forward: []string{gateway.Org}})
	for _, c := range []struct {
		method, path string
		header       string
		want         int
	}{
		{"GET", "contacts", key, 200}, {"GET", "contacts", "Auth-Token: Bearer k3y", 200},
		{"GET", "contacts", "Authorization: Bearer k3y", 200}, {"GET", "contacts", "Authorization: Zoho-oauthtoken k3y", 401},
		{"GET", "contacts", "X-Api-Key: wrong", 401}, {"GET", "contacts", "X: y", 401},
		{"GET", "Contacts", key, 404}, {"GET", "org", key, 200}, {"GET", "settings/fields?module=Contacts", key, 404},
		{"GET", "settings/modules", key, 404}, {"POST", "coql", key, 404}, {"GET", "Contacts/roles", key, 404},
		{"GET", "deals/556677889/Contact_Roles", key, 404}, {"POST", "contacts/upsert", key, 404},
		{"PUT", "contacts", key, 404}, {"GET", "settings/related_lists?module=Deals", key, 404}, {"GET", "nothing", key, 404},
	} {
		status, text := g.ask(c.method, c.path, "", c.header)
		if status != c.want || status > 399 && !strings.Contains(text, `"error":`) {
			t.Errorf("%s %s with %s: %d %s", c.method, c.path, c.header, status, text)
		}
	}
	if _, err := emulator.New(emulator.Options{Gateway: gateway.Options{Forward: []string{"coqi"}}}); err == nil {
		t.Error("a gateway that forwards what there is not")
	}
}
