package accounts_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// Every token request gets an error or a token, in JSON.
func FuzzTokenRequests(f *testing.F) {
	refresh := rig.RefreshForm().Encode()
	f.Add("", "application/x-www-form-urlencoded", refresh)
	f.Add(refresh, "", "")
	f.Add(refresh, "multipart/form-data", "--")
	f.Add("grant_type=refresh_token", "multipart/form-data; boundary=b",
		"--b\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\nx\r\n--b--\r\n")
	f.Add("code=%zz&grant_type=device_token&&=;", "text/plain", "{}")
	f.Fuzz(func(t *testing.T, query, contentType, body string) {
		e := rig.Open(t, emulator.Options{})
		for _, path := range []string{"/oauth/v2/token", "/oauth/v2/token/revoke", "/oauth/v3/device/code",
			"/oauth/v3/device/token"} {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.URL.RawQuery = query
			r.Header.Set("Content-Type", contentType)
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			var got struct {
				Access string `json:"access_token"`
				Device string `json:"device_code"`
				Status string `json:"status"`
				Error  string `json:"error"`
			}
			err := json.Unmarshal(w.Body.Bytes(), &got)
			good := got.Access != "" || got.Device != "" || got.Status == "success"
			if err != nil || w.Code != 200 && w.Code != 400 || good == (got.Error != "") {
				t.Errorf("%s?%q %q %q: %d %s %v", path, query, contentType, body, w.Code, w.Body, err)
			}
		}
	})
}

// A granted scope list, asked for as it was granted, gives the same list.
func FuzzScopes(f *testing.F) {
	for _, scope := range []string{rig.AllScopes, "a.b.c a.b.C,,d.e.f", "ZohoCRM.modules.custom.ALL", "ZohoCRM.modules",
		"x..y", ".", "Ünïcode.a.b", "a.b.c\td.e.f"} {
		f.Add(scope)
	}
	f.Fuzz(func(t *testing.T, scope string) {
		e := rig.Open(t, emulator.Options{})
		granted, fine := grantedScope(t, e, scope)
		if !fine {
			return
		}
		if second, fine := grantedScope(t, e, granted); !fine || second != granted {
			t.Errorf("%q gives %q, which gives %q", scope, granted, second)
		}
	})
}

// grantedScope signs in with scopes and returns those of the answer.
func grantedScope(t *testing.T, e *emulator.Emulator, scope string) (string, bool) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"scope": scope})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/__emulator/grant", bytes.NewReader(body)))
	if w.Code == http.StatusBadRequest {
		return "", false
	}
	var got struct {
		Code  string `json:"code"`
		Scope string `json:"scope"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	w = httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodPost,
		"/oauth/v2/token?"+rig.Params("grant_type", "authorization_code", "code", got.Code).Encode(), nil))
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Scope == "" {
		t.Fatalf("%v %s", err, w.Body)
	}
	return got.Scope, true
}
