package emulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

// A clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// post sends a token request in any form and gives status and answer.
func (r *rig) post(url, contentType, body string) (int, map[string]any) {
	r.t.Helper()
	resp, err := http.Post(url, contentType, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "application/json" {
		r.t.Errorf("Content-Type %q", got)
	}
	var got map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, got
}

func TestTokenRequestForms(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{TokenTTL: 90 * time.Second})
	form := refreshForm()
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	for key := range form {
		if err := w.WriteField(key, form.Get(key)); err != nil {
			t.Fatal(err)
		}
	}
	_ = w.Close()
	url := r.url + "/oauth/v2/token"
	for name, send := range map[string]func() (int, map[string]any){
		"form":      func() (int, map[string]any) { return r.post(url, "application/x-www-form-urlencoded", form.Encode()) },
		"multipart": func() (int, map[string]any) { return r.post(url, w.FormDataContentType(), parts.String()) },
		"query":     func() (int, map[string]any) { return r.post(url+"?"+form.Encode(), "", "") },
	} {
		status, got := send()
		token, _ := got["access_token"].(string)
		delete(got, "access_token")
		want := map[string]any{"api_domain": r.url, "token_type": "Bearer", "expires_in": 90.0}
		if diff := cmp.Diff(want, got); status != 200 || diff != "" {
			t.Errorf("%s: status %d (-want +got)\n%s", name, status, diff)
		}
		r.token = token
		if status, got := r.call("GET", roles, ""); status != 200 {
			t.Errorf("%s: the token does not work: %d %s", name, status, got)
		}
	}
	if got := r.e.Stats().TokensIssued; got != 4 {
		t.Errorf("tokens_issued is %d, want 4", got)
	}
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	for _, c := range []struct{ key, value, want string }{
		{"refresh_token", "other", "invalid_code"},
		{"refresh_token", "", "invalid_code"},
		{"grant_type", "authorization_code", "invalid_code"},
		{"client_id", "", "invalid_client"},
		{"client_secret", "", "invalid_client_secret"},
		{"grant_type", "password", "unsupported_grant_type"},
	} {
		form := refreshForm()
		form.Set(c.key, c.value)
		status, got := r.post(r.url+"/oauth/v2/token", "application/x-www-form-urlencoded", form.Encode())
		// Zoho refuses with HTTP 200: whoever looks at the status alone is caught.
		if diff := cmp.Diff(map[string]any{"error": c.want}, got); status != 200 || diff != "" {
			t.Errorf("%s=%q: status %d (-want +got)\n%s", c.key, c.value, status, diff)
		}
	}
	resp, err := http.Get(r.url + "/oauth/v2/token?" + refreshForm().Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("a token by GET: %s", resp.Status)
	}
}

func TestTokenThrottle(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := newRig(t, emulator.Options{Now: c.Now}) // one token
	for range 9 {
		c.pass(time.Minute / 2)
		r.newToken()
	}
	status, got := r.post(r.url+"/oauth/v2/token", "application/x-www-form-urlencoded", refreshForm().Encode())
	want := map[string]any{
		"error_description": "You have made too many requests continuously. Please try again after some time.",
		"error":             "Access Denied", "status": "failure",
	}
	if diff := cmp.Diff(want, got); status != 400 || diff != "" {
		t.Errorf("the eleventh: status %d (-want +got)\n%s", status, diff)
	}
	c.pass(10*time.Minute - 9*time.Minute/2) // the first is ten minutes old now
	r.newToken()
	if got := r.e.Stats().TokensIssued; got != 11 {
		t.Errorf("tokens_issued is %d, want 11", got)
	}
	free := newRig(t, emulator.Options{Now: c.Now, TokenRequests: -1})
	for range 50 {
		free.newToken()
	}
	free.want("GET", roles+"/"+purchasing, "", 200, `{"contact_roles":[{"sequence_number":2,"name":"Purchasing","id":"`+purchasing+`"}]}`)
}

// Fifteen access tokens live at a time; the sixteenth ends the oldest.
func TestActiveTokens(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := newRig(t, emulator.Options{Now: c.Now, TokenRequests: 100})
	tokens := []string{r.token}
	for range 15 {
		tokens = append(tokens, r.newToken())
	}
	for i, token := range tokens {
		r.token = token
		want := 200
		if i == 0 {
			want = 401
		}
		if status, _ := r.call("GET", roles, ""); status != want {
			t.Errorf("token %d: %d, want %d", i+1, status, want)
		}
	}
}

func TestAuthorisation(t *testing.T) {
	t.Parallel()
	c := newClock()
	r := newRig(t, emulator.Options{Now: c.Now, TokenTTL: time.Minute})
	const (
		noHeader = `{"code":"AUTHENTICATION_FAILURE","details":{},"message":"Authentication failed","status":"error"}`
		badToken = `{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}`
	)
	for header, want := range map[string]string{
		"":                          noHeader,
		"Zoho-oauthtoken ":          noHeader,
		"Bearer " + r.token:         noHeader,
		"Zoho-oauthtoken x":         badToken,
		"Zoho-oauthtoken 1000.aa.b": badToken,
	} {
		if status, got := r.withHeader(header); status != 401 || got != want {
			t.Errorf("Authorization %q: %d %s", header, status, got)
		}
	}
	c.pass(time.Minute - time.Nanosecond)
	if status, got := r.call("GET", roles, ""); status != 200 {
		t.Errorf("just before its end: %d %s", status, got)
	}
	c.pass(time.Nanosecond)
	r.want("GET", roles, "", 401, badToken)
	r.want("GET", "v8/nowhere", "", 401, badToken)
	other := newRig(t, emulator.Options{Now: c.Now})
	other.token = r.newToken()
	other.want("GET", roles, "", 401, badToken)
}

func (r *rig) withHeader(authorization string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, r.url+"/crm/"+roles, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(resp.Body)
	return resp.StatusCode, b.String()
}

// What SDKs ask around contact roles.
func TestWhatSDKsNeed(t *testing.T) {
	t.Parallel()
	for _, edition := range []string{"", "free", "ultimate"} {
		r := newRig(t, emulator.Options{Edition: edition})
		want := edition
		if want == "" {
			want = "enterprise"
		}
		status, got := r.call("GET", "v8/org", "")
		if status != 200 || !strings.Contains(got, fmt.Sprintf(`"paid_type":%q`, want)) || !strings.Contains(got, `"zgid":"4150868000000000001"`) {
			t.Errorf("org: %d %s", status, got)
		}
	}
	r := newRig(t, emulator.Options{Org: readOrg(t, seed)})
	for path, want := range map[string]string{
		"v8/org":                             `"zgid":"4876876000000000001"`,
		"v2/org?":                            `"paid_type":"standard"`,
		"v8/users?type=CurrentUser&":         `"id":"4150868000000225013"`,
		"v8/settings/fields?module=Contacts": `"api_name":"Last_Name","field_label":"Last Name","data_type":"text"`,
		"v8/settings/fields?module=Deals&type=all":     `"api_name":"Deal_Name"`,
		"v8/settings/related_lists?module=Deals&":      `"api_name":"Contact_Roles"`,
		"v8/Deals/901/Contact_Roles?fields=Last_Name&": `"Last_Name":"Burns"`,
	} {
		if status, got := r.call("GET", path, ""); status != 200 || !strings.Contains(got, want) {
			t.Errorf("%s: %d %s", path, status, got)
		}
	}
	r.want("GET", "v8/settings/related_lists?module=Leads", "", 204, "")
	r.want("GET", "v8/settings/fields", "", 400, failed("REQUIRED_PARAM_MISSING", `{"param_name":"module"}`, "One of the expected parameter is missing"))
	r.want("GET", "v8/settings/fields?module=Dealz", "", 400, failed("INVALID_MODULE", `{"param_name":"module"}`, "the module name given seems to be invalid"))
	// Commas as they are, and as %2C.
	r.want("DELETE", "v8/Deals/901/Contact_Roles?ids=501,502&", "", 200, data(relation("501", "removed"), relation("502", "removed")))
	r.want("DELETE", "v8/Deals/901/Contact_Roles?ids=501%2C502", "", 400,
		data(failed("INVALID_DATA", `{"id":"501"}`, "relation not found"), failed("INVALID_DATA", `{"id":"502"}`, "relation not found")))
}
