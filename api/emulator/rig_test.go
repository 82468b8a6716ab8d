package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

// A rig is an emulator behind a real server, and a client with a token.
type rig struct {
	t     *testing.T
	e     *emulator.Emulator
	url   string
	token string
}

func newRig(t *testing.T, o emulator.Options) *rig {
	t.Helper()
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return serve(t, e)
}

func serve(t *testing.T, e *emulator.Emulator) *rig {
	t.Helper()
	r := &rig{t: t, e: e}
	r.start()
	r.token = r.newToken()
	return r
}

// start serves the emulator, without a token.
func (r *rig) start() {
	server := httptest.NewServer(r.e)
	r.t.Cleanup(server.Close)
	r.url = server.URL
}

func refreshForm() url.Values {
	return url.Values{
		"client_id": {"any"}, "client_secret": {"any"},
		"grant_type": {"refresh_token"}, "refresh_token": {emulator.RefreshToken},
	}
}

func (r *rig) newToken() string {
	r.t.Helper()
	got := r.postForm(refreshForm())
	token, _ := got["access_token"].(string)
	if token == "" {
		r.t.Fatalf("token request: %v", got)
	}
	return token
}

func (r *rig) postForm(form url.Values) map[string]any {
	r.t.Helper()
	resp, err := http.PostForm(r.url+"/oauth/v2/token", form)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		r.t.Fatal(err)
	}
	return got
}

// do sends a request below /crm/ and gives status, headers and body.
func (r *rig) do(method, path, body string) (int, http.Header, string, error) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+"/crm/"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Zoho-oauthtoken "+r.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(b), err
}

// call sends one that must be answered.
func (r *rig) call(method, path, body string) (int, string) {
	r.t.Helper()
	status, _, got, err := r.do(method, path, body)
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, got
}

// want checks a call against the status and JSON that Zoho documents.
func (r *rig) want(method, path, body string, status int, answer string) {
	r.t.Helper()
	gotStatus, got := r.call(method, path, body)
	if gotStatus != status {
		r.t.Errorf("%s %s: status %d, want %d (%s)", method, path, gotStatus, status, got)
	}
	if diff := cmp.Diff(decode(r.t, answer), decode(r.t, got)); diff != "" {
		r.t.Errorf("%s %s %s: answer (-want +got)\n%s", method, path, body, diff)
	}
}

// inspect reads one of the emulator's own pages.
func (r *rig) inspect(name string) string {
	r.t.Helper()
	resp, err := http.Get(r.url + "/__emulator/" + name)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.t.Fatalf("%s: %d %v %s", name, resp.StatusCode, err, b)
	}
	return string(b)
}

// decode keeps numbers and strings apart: an id that became a number is an
// error.
func decode(t *testing.T, s string) any {
	t.Helper()
	if s == "" {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}

// Ids of generated orgs, by the design's arithmetic.
const (
	deal1    = "4150868000010000001"
	deal2    = "4150868000010000002"
	contact1 = "4150868000020000001"
	contact2 = "4150868000020000002"
	contact3 = "4150868000020000003"
	nobody   = "4150868000020999999"

	decisionMaker = "4150868000000006871"
	purchasing    = "4150868000000006872"
	engineering   = "4150868000000006873"
)

// Bodies and answers of Zoho's pages.

func byID(role string) string { return `{"data":[{"Contact_Role":{"id":"` + role + `"}}]}` }

func relation(contact, message string) string {
	return `{"code":"SUCCESS","details":{"id":"` + contact + `"},"message":"relation ` + message + `","status":"success"}`
}

func data(items ...string) string { return `{"data":[` + strings.Join(items, ",") + `]}` }

func failed(code, details, message string) string {
	return `{"code":"` + code + `","details":` + details + `,"message":"` + message + `","status":"error"}`
}

const (
	badDeal           = `{"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the related id given seems to be invalid","status":"error"}`
	badContact        = `{"code":"INVALID_DATA","details":{},"message":"the id given seems to be invalid","status":"error"}`
	badRelation       = `{"code":"INVALID_DATA","details":{"resource_path_index":2},"message":"the relation name given seems to be invalid","status":"error"}`
	badModule         = `{"code":"INVALID_MODULE","details":{"resource_path_index":0},"message":"the module name given seems to be invalid","status":"error"}`
	unsupportedModule = `{"code":"INVALID_MODULE","details":{"resource_path_index":0},"message":"The given module is not supported in API","status":"error"}`
	badURL            = `{"code":"INVALID_URL_PATTERN","details":{},"message":"Please check if the URL trying to access is a correct one","status":"error"}`
	badMethod         = `{"code":"INVALID_REQUEST_METHOD","details":{},"message":"The http request method type is not a valid one","status":"error"}`
	noFields          = `{"code":"REQUIRED_PARAM_MISSING","details":{"param_name":"fields"},"message":"One of the expected parameter is missing","status":"error"}`
	unparsable        = `{"code":"UNABLE_TO_PARSE_DATA_TYPE","details":{},"message":"either the request body or parameters is in wrong format","status":"error"}`
)

// theUser owns everything that was made up.
const theUser = `{"name":"Rehearsal User","id":"4150868000000225013","email":"user@example.com"}`
