package auth

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func names(found []FoundCentre) string {
	var names []string
	for _, d := range found {
		names = append(names, d.Name)
	}
	return strings.Join(names, " ")
}

func TestFindDataCentre(t *testing.T) {
	t.Parallel()
	const unknown, revoked = `{"error":"invalid_client"}`, `{"error":"invalid_code"}`
	for name, c := range map[string]struct {
		says   map[string]string // by host; the others do not know the client
		want   string
		failed string
	}{
		"nowhere": {nil, "", ""},
		"one":     {map[string]string{"accounts.zoho.in": granted}, "in", ""},
		"the token's is first": {map[string]string{
			"accounts.zoho.com": revoked, "accounts.zohocloud.ca": granted, "accounts.zoho.in": revoked,
		}, "ca us in", ""},
		"wrong secret": {map[string]string{"accounts.zoho.jp": `{"error":"invalid_client_secret"}`}, "jp", ""},
		"throttled":    {map[string]string{"accounts.zoho.jp": throttledBody}, "jp", ""},
		"one is away": {map[string]string{
			"accounts.zoho.com.cn": "<html>" + allCanaries, "accounts.zoho.in": revoked,
		}, "in", "data centre cn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &zoho{t: t, serve: func(w http.ResponseWriter, r request) {
				want := url.Values{
					"grant_type": {"refresh_token"}, "client_id": {"1000.CLIENT"}, "client_secret": {canarySecret},
					"refresh_token": {canaryRefresh},
				}
				if diff := cmp.Diff(want, r.form); diff != "" {
					t.Error(diff)
				}
				body := unknown
				for host, says := range c.says {
					if r.line == "POST https://"+host+"/oauth/v2/token" {
						body = says
					}
				}
				reply(w, 200, body)
			}}
			found, err := FindDataCentre(t.Context(), z.client(), canaryRefresh)
			if names(found) != c.want || z.count() != 9 || strings.Contains(z.lines(), "zoho.eu/") {
				t.Errorf("found %q, asked %s", names(found), z.lines())
			}
			for i, one := range found {
				if one.TakesToken != (i == 0 && slices.Contains(slices.Collect(maps.Values(c.says)), granted)) {
					t.Errorf("%s takes the token: %v", one.Name, one.TakesToken)
				}
			}
			noCanary(t, err)
			if (err == nil) != (c.failed == "") || err != nil && !strings.Contains(err.Error(), c.failed) {
				t.Error(err)
			}
		})
	}
}

func TestFindDataCentreWithoutToken(t *testing.T) {
	t.Parallel()
	z := answers(t, 200, `{"error":"invalid_client"}`)
	if found, err := FindDataCentre(t.Context(), z.client(), ""); err != nil || len(found) != 0 || z.count() != 9 {
		t.Error(found, err, z.count())
	}
	c := z.client()
	c.Secret = ""
	if _, err := FindDataCentre(t.Context(), c, canaryRefresh); err == nil {
		t.Error("asked without a secret")
	}
}

// OtherDataCentres returns who would get the secrets, and sends nothing.
func TestOtherDataCentres(t *testing.T) {
	t.Parallel()
	z := answers(t, 200, granted)
	if others, err := OtherDataCentres(t.Context(), z.client()); err != nil || len(others) != 9 || z.count() != 0 {
		t.Error(others, err, z.count())
	}
}

// An emulator's secrets go only to other emulators.
func TestFindDataCentreOfAnEmulator(t *testing.T) {
	t.Parallel()
	z := &zoho{t: t, serve: func(w http.ResponseWriter, r request) {
		switch r.line {
		case "GET http://127.0.0.1:1/oauth/serverinfo":
			reply(
				w, 200,
				`{"locations":{"us":"http://127.0.0.1:1","eu":"http://127.0.0.1:2","in":"http://127.0.0.1:3","jp":"https://accounts.zoho.jp","x":"https://evil.test"}}`,
			)
		case "POST http://127.0.0.1:2/oauth/v2/token":
			reply(w, 200, `{"error":"invalid_client"}`)
		default:
			reply(w, 200, granted)
		}
	}}
	c := z.client()
	c.AccountsURL = "http://127.0.0.1:1"
	others, err := OtherDataCentres(t.Context(), c)
	if err != nil || len(others) != 2 || others[0].Name != "eu" || others[1].Name != "in" || z.count() != 1 {
		t.Error(others, err, z.lines())
	}
	found, err := FindDataCentre(t.Context(), c, canaryRefresh)
	if err != nil || names(found) != "in" || found[0].AccountsURL != "http://127.0.0.1:3" || z.count() != 4 {
		t.Error(found, err, z.lines())
	}
	z.serve = func(w http.ResponseWriter, _ request) { reply(w, 500, allCanaries) }
	_, err = FindDataCentre(t.Context(), c, canaryRefresh)
	noCanary(t, err)
	if _, ok := errors.AsType[*Error](err); !ok {
		t.Error(err)
	}
}
