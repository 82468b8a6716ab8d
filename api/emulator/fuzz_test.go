package emulator_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// No body brings a write down: it is answered with JSON and a status that
// Zoho documents.
func FuzzWrites(f *testing.F) {
	for _, body := range []string{
		byID(purchasing), data(upsert(contact1, purchasing), upsert(contact1, "x")), `{"data":[{"Contact_Role":"Purchasing"}]}`,
		roleItems(`{"name":"x","sequence_number":1}`, `{"id":"5"}`, `null`), `{"data":{"data":[]}}`, `[`, "{\"data\":[\"\xff\"]}",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		d := newDirect(t, emulator.Options{})
		for _, c := range [][2]string{
			{"PUT", rolesOf(deal1)}, {"PUT", rolesOf(deal1) + "/" + contact1}, {"PUT", "v2/Deals/" + deal1 + "/Contact_Roles/" + contact1},
			{"POST", roles}, {"PUT", roles}, {"PUT", roles + "/" + purchasing},
		} {
			status, got, err := d.call(c[0], c[1], body)
			if err != nil || !json.Valid([]byte(got)) || status != 200 && status != 207 && status != 400 {
				t.Errorf("%s %s %q: %d %q %v", c[0], c[1], body, status, got, err)
			}
		}
	})
}

// A token request of whatever form gets an error or a token, in JSON.
func FuzzTokenRequests(f *testing.F) {
	refresh := refreshForm().Encode()
	f.Add("", "application/x-www-form-urlencoded", refresh)
	f.Add(refresh, "", "")
	f.Add(refresh, "multipart/form-data", "--")
	f.Add("grant_type=refresh_token", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\nx\r\n--b--\r\n")
	f.Add("code=%zz&grant_type=device_token&&=;", "text/plain", "{}")
	f.Fuzz(func(t *testing.T, query, contentType, body string) {
		e := open(t, emulator.Options{})
		for _, path := range []string{"/oauth/v2/token", "/oauth/v2/token/revoke", "/oauth/v3/device/code", "/oauth/v3/device/token"} {
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

// Scopes that are taken are those that are granted: asked for once more as the
// answer has them, they are the same.
func FuzzScopes(f *testing.F) {
	for _, scope := range []string{allScopes, "a.b.c a.b.C,,d.e.f", "ZohoCRM.modules.custom.ALL", "ZohoCRM.modules", "x..y", ".", "Ünïcode.a.b", "a.b.c\td.e.f"} {
		f.Add(scope)
	}
	f.Fuzz(func(t *testing.T, scope string) {
		e := open(t, emulator.Options{})
		granted, fine := grantedScope(t, e, scope)
		if !fine {
			return
		}
		if again, fine := grantedScope(t, e, granted); !fine || again != granted {
			t.Errorf("%q gives %q, which gives %q", scope, granted, again)
		}
	})
}

// grantedScope signs in with scopes and gives those of the answer.
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
	e.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/oauth/v2/token?"+params("grant_type", "authorization_code", "code", got.Code).Encode(), nil))
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Scope == "" {
		t.Fatalf("%v %s", err, w.Body)
	}
	return got.Scope, true
}
