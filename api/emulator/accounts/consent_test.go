package accounts_test

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

const callback = "http://localhost:8999/callback"

// authQuery is the query of a client's link to the consent page, changed pair by pair. An empty value removes the
// parameter.
func authQuery(pairs ...string) url.Values {
	v := url.Values{
		"client_id": {"app"}, "response_type": {"code"}, "redirect_uri": {callback}, "scope": {rig.AllScopes},
		"access_type": {"offline"}, "prompt": {"consent"}, "state": {"s & t"},
	}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			v.Del(pairs[i])
		}
	}
	return v
}

// browse is a browser that stops at redirects. It returns status, page and Location.
func browse(r *rig.Rig, method, path string, query, form url.Values) (int, string, *url.URL) {
	r.T.Helper()
	req, err := http.NewRequestWithContext(r.T.Context(), method, r.URL+path+"?"+query.Encode(),
		strings.NewReader(form.Encode()))
	if err != nil {
		r.T.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	browser := &http.Client{CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}
	resp, err := browser.Do(req)
	if err != nil {
		r.T.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.T.Fatal(err)
	}
	location, err := resp.Location()
	if err != nil {
		location = nil
	}
	return resp.StatusCode, string(body), location
}

// accept consents and returns the parameters of the redirect.
func accept(r *rig.Rig, query url.Values, form ...string) url.Values {
	r.T.Helper()
	decision := url.Values{"decision": {"accept"}}
	for i := 0; i < len(form); i += 2 {
		decision.Set(form[i], form[i+1])
	}
	status, page, location := browse(r, "POST", "/oauth/v2/auth", query, decision)
	if status != 303 || location == nil {
		r.T.Fatalf("consent: %d %s", status, page)
	}
	return location.Query()
}

func browserExchange(code string, pairs ...string) url.Values {
	return rig.Params(append([]string{"grant_type", "authorization_code", "code", code, "redirect_uri", callback},
		pairs...)...)
}

func TestBrowserFlow(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	query := authQuery("redirect_uri", callback+"?keep=1", "client_id", "<b>&app")
	status, page, _ := browse(r, "GET", "/oauth/v2/auth", query, nil)
	if status != 200 || !strings.Contains(page, "<code>ZohoCRM.modules.ALL</code>") ||
		!strings.Contains(page, "<code>ZohoCRM.settings.ALL</code>") ||
		!strings.Contains(page, "&lt;b&gt;&amp;app") || strings.Contains(page, "<select") ||
		!strings.Contains(page, `value="accept"`) || !strings.Contains(page, `value="deny"`) {
		t.Errorf("consent page: %d %s", status, page)
	}
	status, _, location := browse(r, "POST", "/oauth/v2/auth", query, url.Values{"decision": {"accept"}})
	if status != 303 || location == nil || !strings.HasPrefix(location.String(), callback+"?") {
		t.Fatalf("consent: %d %v", status, location)
	}
	back := location.Query()
	code := back.Get("code")
	back.Del("code")
	want := url.Values{"keep": {"1"}, "location": {"us"}, "accounts-server": {r.URL}, "state": {"s & t"}}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Errorf("redirect (-want +got)\n%s", diff)
	}
	exchange := browserExchange(code, "redirect_uri", callback+"?keep=1", "client_id", "<b>&app")
	status, got := r.OAuth("v2/token", exchange)
	if status != 200 || got["refresh_token"] == nil || got["scope"] != "ZohoCRM.modules.ALL ZohoCRM.settings.ALL" {
		t.Fatalf("exchange: %d %v", status, got)
	}
	r.Token, _ = got["access_token"].(string)
	if status, got := r.Call("GET", rig.Roles, ""); status != 200 {
		t.Errorf("the access token: %d %s", status, got)
	}
	r.Refused("v2/token", exchange, "invalid_code")
}

func TestConsentDenied(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	status, _, location := browse(r, "POST", "/oauth/v2/auth", authQuery(), url.Values{"decision": {"deny"}})
	if status != 303 || location == nil || location.String() != callback+"?error=access_denied&state=s+%26+t" {
		t.Errorf("denied: %d %v", status, location)
	}
}

// A browser with a wrong request is not redirected.
func TestConsentRefusals(t *testing.T) {
	t.Parallel()
	r := newClientRig(t, emulator.Options{ClientID: "app", ClientSecret: "secret"})
	for _, c := range []struct{ key, value, want string }{
		{"response_type", "", "invalid_response_type"},
		{"response_type", "token", "invalid_response_type"},
		{"client_id", "", "invalid_client"},
		{"client_id", "other", "invalid_client"},
		{"redirect_uri", "", "invalid_redirect_uri"},
		{"redirect_uri", "localhost:8999", "invalid_redirect_uri"},
		{"redirect_uri", "javascript:alert(1)", "invalid_redirect_uri"},
		{"redirect_uri", "http:///path", "invalid_redirect_uri"},
		{"redirect_uri", callback + "#part", "invalid_redirect_uri"},
		{"redirect_uri", "http://a@b/", "invalid_redirect_uri"},
		{"scope", "", "invalid_scope"},
		{"scope", "modules", "invalid_scope"},
		{"access_type", "forever", "invalid_access_type"},
		{"prompt", "none", "invalid_prompt"},
		{"code_challenge_method", "S256", "invalid_code_challenge"}, // without a challenge
		{"code_challenge_method", "MD5", "invalid_code_challenge"},
		{"decision", "perhaps", "invalid_decision"},
		{"decision", "", "invalid_decision"},
		{"location", "eu", "invalid_location"},
	} {
		for _, method := range []string{"GET", "POST"} {
			if method == "GET" && (c.key == "decision" || c.key == "location") {
				continue
			}
			decision := url.Values{"decision": {"accept"}}
			if c.key == "decision" {
				decision.Set("decision", c.value)
			}
			status, page, location := browse(r, method, "/oauth/v2/auth", authQuery(c.key, c.value), decision)
			if c.key == "decision" {
				status, page, location = browse(r, method, "/oauth/v2/auth", authQuery(), decision)
			}
			if status != 400 || location != nil || !strings.Contains(page, `<p id="error">`+c.want+`</p>`) {
				t.Errorf("%s with %s=%q: %d %v %s", method, c.key, c.value, status, location, page)
			}
		}
	}
	for _, method := range []string{"PUT", "DELETE"} {
		if status, _, _ := browse(r, method, "/oauth/v2/auth", authQuery(), nil); status != 404 {
			t.Errorf("%s: %d", method, status)
		}
	}
}

func TestBrowserCodeRefusals(t *testing.T) {
	t.Parallel()
	c := rig.NewClock()
	r := rig.New(t, emulator.Options{Now: c.Now})
	code := accept(r, authQuery()).Get("code")
	r.Refused("v2/token", browserExchange(code, "redirect_uri", callback+"/"), "invalid_redirect_uri")
	r.Refused("v2/token", browserExchange(code, "redirect_uri", ""), "invalid_redirect_uri")
	r.Refused("v2/token", browserExchange(code, "client_id", "another"), "invalid_code")
	c.Pass(2*time.Minute - time.Nanosecond)
	if _, got := r.OAuth("v2/token", browserExchange(code)); got["refresh_token"] == nil {
		t.Errorf("just before its end: %v", got)
	}
	code = accept(r, authQuery()).Get("code")
	c.Pass(2 * time.Minute)
	r.Refused("v2/token", browserExchange(code), "invalid_code")
}

func TestPKCE(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	// RFC 7636, Appendix B.
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	sum := sha256.Sum256([]byte("other"))
	for _, c := range []struct {
		challenge, method, verifier string
		fine                        bool
	}{
		{challenge, "S256", verifier, true},
		{challenge, "S256", challenge, false},
		{challenge, "S256", "other", false},
		{challenge, "S256", "", false},
		{base64.URLEncoding.EncodeToString(sum[:]), "S256", "other", false}, // padded
		{verifier, "plain", verifier, true},
		{verifier, "", verifier, true},
		{challenge, "plain", verifier, false},
		{verifier, "", "", false},
		{"", "", "", true},
		{"", "", verifier, true},
	} {
		code := accept(r, authQuery("code_challenge", c.challenge, "code_challenge_method", c.method)).Get("code")
		_, got := r.OAuth("v2/token", browserExchange(code, "code_verifier", c.verifier))
		if fine := got["access_token"] != nil; fine != c.fine || !fine && got["error"] != "invalid_code" {
			t.Errorf("challenge %q by %q, verifier %q: %v", c.challenge, c.method, c.verifier, got)
		}
	}
}

// Only offline access gives a refresh token, and only the first time, unless the client asks for consent each time.
func TestAccessTypes(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	for i, c := range []struct {
		access, prompt string
		refresh        bool
	}{
		{"online", "", false}, {"", "", false}, {"online", "consent", false},
		{"offline", "", true}, {"offline", "", false}, {"offline", "consent", true}, {"online", "", false},
	} {
		code := accept(r, authQuery("access_type", c.access, "prompt", c.prompt)).Get("code")
		_, got := r.OAuth("v2/token", browserExchange(code))
		if got["access_token"] == nil || (got["refresh_token"] != nil) != c.refresh {
			t.Errorf("%d: access_type=%q, prompt=%q: %v", i+1, c.access, c.prompt, got)
		}
		r.Token, _ = got["access_token"].(string)
		if status, _ := r.Call("GET", rig.Roles, ""); status != 200 {
			t.Errorf("%d: %d", i+1, status)
		}
	}
	// Access tokens without a refresh token have no throttle.
	for range 12 {
		code := accept(r, authQuery("access_type", "online")).Get("code")
		if _, got := r.OAuth("v2/token", browserExchange(code)); got["access_token"] == nil {
			t.Errorf("online: %v", got)
		}
	}
	// The user has consented. The page appears only for more scopes, or when the client asks for it.
	for _, c := range []struct {
		scope, prompt string
		status        int
	}{{rig.AllScopes, "", 303}, {"ZohoCRM.settings.all", "", 303}, {rig.AllScopes, "consent", 200},
		{rig.AllScopes + ",ZohoCRM.org.READ", "", 200}} {
		status, _, location := browse(r, "GET", "/oauth/v2/auth", authQuery("scope", c.scope, "prompt", c.prompt), nil)
		if status != c.status || (location != nil) != (status == 303) {
			t.Errorf("scope %s, prompt %q: %d %v", c.scope, c.prompt, status, location)
		}
	}
}
