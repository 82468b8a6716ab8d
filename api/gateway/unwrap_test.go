package gateway_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"rolecall/api"
	"rolecall/api/gateway"
)

// The shapes of answers: the page's, those of other pages of docs.pinkfish.ai, and Zoho's own.
func TestUnwrap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		want   int
		inner  string
	}{
		{200, `{"output":{"data":[]}}`, 200, `{"data":[]}`},
		{200, ` {"output": [1]}`, 200, `[1]`},
		{200, `{"status":207,"headers":{},"output":{"data":[1]}}`, 207, `{"data":[1]}`},
		{200, `{"status":"success","output":{"data":[1]}}`, 200, `{"data":[1]}`},
		{400, `{"output":{"code":"INVALID_DATA","status":"error"}}`, 400, `{"code":"INVALID_DATA","status":"error"}`},
		{200, `{"status":204,"message":"No Content"}`, 204, ``},
		{200, `{"status":204,"headers":{},"output":null}`, 204, ``},
		{204, ``, 204, ``},
		{200, `{"data":[{"id":"1"}]}`, 200, `{"data":[{"id":"1"}]}`},
		{400, `{"code":"INVALID_DATA","status":"error"}`, 400, `{"code":"INVALID_DATA","status":"error"}`},
		{200, `{"status":503,"message":"away"}`, 503, `{"status":503,"message":"away"}`},
		{200, `{"status":12345,"output":{}}`, 200, `{}`},
		{502, `<html>output</html>`, 502, `<html>output</html>`},
		{200, `["output"]`, 200, `["output"]`},
		{200, `{"output":{"data":`, 200, `{"output":{"data":`},
	} {
		if status, inner := gateway.Unwrap(c.status, []byte(c.body)); status != c.want || string(inner) != c.inner {
			t.Errorf("%d %s: %d %s", c.status, c.body, status, inner)
		}
	}
}

// An answer that is neither Zoho's nor wrapped is the gateway's own: its status and its first bytes are shown, without
// the key, and its status tells what it means.
func TestTheGatewaysOwnErrors(t *testing.T) {
	t.Parallel()
	const body = `{"error":"bad","message":"your key k3y-of-the-gateway is Bearer k3y-of-the-gateway"}`
	for _, c := range []struct {
		status                int
		body                  string
		ends                  api.End
		temporary, notOffered bool
		uncertain             bool // of a write
	}{
		{401, body, api.EndSignIn, false, false, false},
		{403, body, api.EndSignIn, false, false, false},
		{400, body, api.EndNone, false, false, false},
		{422, `no JSON at all: k3y-of-the-gateway`, api.EndNone, false, false, false},
		{404, body, api.EndRefused, false, true, false},
		{405, body, api.EndRefused, false, true, false},
		{501, body, api.EndRefused, false, true, false},
		{200, body, api.EndNone, false, true, true},
		{500, body, api.EndNone, true, false, true},
		{200, `<html>sign in to the network, k3y-of-the-gateway</html>`, api.EndNone, true, true, true},
		// A refusal of a token is about the gateway's own token: the client asks for no other token.
		{401, `{"output":{"code":"INVALID_TOKEN","message":"invalid oauth token","status":"error"}}`,
			api.EndSignIn, false, false, false},
		{400, `{"output":{"code":"INVALID_DATA","message":"the id given seems to be invalid","status":"error"}}`,
			api.EndNone, false, false, false},
	} {
		client, all := through(t, c.status, c.body)
		_, err := client.Records(t.Context(), "Contacts", api.RecordsQuery{})
		failed, ok := errors.AsType[*api.Error](err)
		if !ok || failed.Ends != c.ends || failed.Temporary() != c.temporary || api.NotOffered(err) != c.notOffered {
			t.Errorf("%d %s: %v, ends %v", c.status, c.body, err, failed.Ends)
			continue
		}
		only(t, all)
		if strings.Contains(err.Error(), "k3y") {
			t.Errorf("the key is shown: %v", err)
		}
		if failed.Code == "" && (failed.HTTP != c.status || failed.Body == "" ||
			!strings.Contains(err.Error(), strconv.Quote(failed.Body))) {
			t.Errorf("%d: %v", c.status, err)
		}
		_, err = client.InsertRecords(t.Context(), "Contacts", []api.RecordWrite{{"Last_Name": []byte(`"A"`)}},
			api.WriteOptions{})
		if failed, ok := errors.AsType[*api.Error](err); ok && failed.Uncertain != c.uncertain {
			t.Errorf("%d %s: an insert is uncertain: %v, %v", c.status, c.body, failed.Uncertain, err)
		}
	}
}

// PC_BASE_URL and crm/v2/ are joined by one slash. Only https is taken, except to this machine.
func TestAddress(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://proxy.pinkfish.ai/":     "https://proxy.pinkfish.ai",
		"https://proxy.pinkfish.ai":      "https://proxy.pinkfish.ai",
		"https://x.example/a/b//":        "https://x.example/a/b",
		"http://127.0.0.1:8765/pink/":    "http://127.0.0.1:8765/pink",
		"http://proxy.pinkfish.ai/":      "",
		"https://u:p@proxy.pinkfish.ai/": "",
		"https://x.example/?a=b":         "",
		"proxy.pinkfish.ai":              "",
	} {
		got, err := gateway.Address(raw)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v", raw, got, err)
		}
	}
}

// known is Findings in memory.
type known map[string]string

func (k known) Recall(what string) string     { return k[what] }
func (k known) Remember(what, finding string) { k[what] = finding }

// One call finds out that a gateway does not forward a path. After that no call is sent there. A probe changes nothing:
// it reads, or writes no record.
func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status   int
		body     string
		forwards bool
		fails    bool
	}{
		{200, `{"output":{"fields":[],"modules":[],"org":[{"id":"1"}],"contact_roles":[],"data":[]}}`, true, false},
		{204, ``, true, false},
		{400, `{"output":{"code":"MANDATORY_NOT_FOUND","details":{},"message":"m","status":"error"}}`, true, false},
		{400, `{"output":{"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"m","status":"error"}}`, true, false},
		{404, `{"output":{"code":"INVALID_URL_PATTERN","details":{},"message":"m","status":"error"}}`, false, false},
		{401, `{"output":{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"m","status":"error"}}`, false, false},
		{404, `{"error":"not found"}`, false, false},
		{403, `{"error":"forbidden"}`, false, false},
		{400, `{"message":"unknown endpoint"}`, false, false},
		{401, `{"error":"unauthorized"}`, false, true},
		{500, `{"error":"broken"}`, false, true},
	} {
		for _, p := range gateway.Paths() {
			client, all := through(t, c.status, c.body)
			findings := known{}
			f := gateway.NewForward(findings)
			for range 2 {
				err := f.Find(t.Context(), client, p)
				if (err != nil) != c.fails || f.Has(p) != c.forwards {
					t.Errorf("%d %s: %s: %v, %v", c.status, c.body, p, f.Has(p), err)
				}
			}
			if c.fails {
				continue
			}
			one := only(t, all)
			reads := one.Method == http.MethodGet || strings.Contains(one.Body, "select ")
			if !reads && one.Body != `{"data":[]}` {
				t.Errorf("%s: the probe sends %s", p, one.Body)
			}
			if again := gateway.NewForward(findings); again.Has(p) != c.forwards {
				t.Errorf("%s is found out again", p)
			}
		}
	}
}
