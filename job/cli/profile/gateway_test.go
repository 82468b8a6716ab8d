package profile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A profile of a gateway needs no sign-in. Its key comes from the same sources as other secrets, and may have a scheme
// before it.
func TestAProfileOfAGateway(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		keys, address string
		want          Gateway
	}{
		{`base_url: "https://proxy.pinkfish.ai/"`, "https://proxy.pinkfish.ai", Gateway{}},
		{`base_url: "https://x.example/a", header: X-Api-Key, header_env: KEY`, "https://x.example/a",
			Gateway{"X-Api-Key", "k3y"}},
		{`base_url: "http://127.0.0.1:1/p/", header: Auth-Token, header_env: BEARER`, "http://127.0.0.1:1/p",
			Gateway{"Auth-Token", "Bearer k3y"}},
		{`base_url: "https://x.example", api_version: v2, header: Authorization, header_command: [echo, "Bearer abc"]`,
			"https://x.example", Gateway{"Authorization", "Bearer abc"}},
	} {
		p := newProfiles(t, "profiles: {pink: {gateway: pinkconnect, "+c.keys+"}}",
			map[string]string{"KEY": " k3y\n", "BEARER": "Bearer  k3y"})
		here, err := p.Locate(t.Context(), "pink")
		if err != nil {
			t.Errorf("%s: %v", c.keys, err)
			continue
		}
		if diff := cmp.Diff(c.want, *here.Gateway); diff != "" || here.APIURL != c.address || here.Version.String() != "v2" {
			t.Errorf("%s: %s, %s\n%s", c.keys, here.APIURL, here.Version, diff)
		}
	}
}

// The error for keys that do not go together names the key, and shows no secret.
func TestAWrongProfileOfAGateway(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		`gateway: pinkfish, base_url: "https://x.example"`:                                               `unknown gateway "pinkfish": there is pinkconnect`,
		`gateway: pinkconnect`:                                                                           "add  base_url: https://...",
		`base_url: "https://x.example"`:                                                                  "add  gateway: pinkconnect",
		`header: X-Api-Key, client_id: x`:                                                                "add  gateway: pinkconnect",
		`gateway: pinkconnect, base_url: "http://x.example"`:                                             "plain http",
		`gateway: pinkconnect, base_url: "https://x.example", dc: eu`:                                    "so that dc (",
		`gateway: pinkconnect, base_url: "https://x.example", secret_env: A`:                             "so that secret_env (",
		`gateway: pinkconnect, base_url: "https://x.example", header: X-Api-Key`:                         "where is the value of the header X-Api-Key?",
		`gateway: pinkconnect, base_url: "https://x.example", header_env: KEY`:                           "add its name, such as  header: X-Api-Key",
		`gateway: pinkconnect, base_url: "https://x.example", api_version: v8`:                           "the gateway serves version v2",
		`gateway: pinkconnect, base_url: "https://x.example", header: "X-Api-Key: k3y", header_env: KEY`: "the name of a header alone",
		`gateway: pinkconnect, base_url: "https://x.example", header: host, header_env: KEY`:             "rolecall sets Host itself",
		`gateway: pinkconnect, base_url: "https://x.example", header: X-Api-Key, header_env: TWO`:        "more than one word",
		`gateway: pinkconnect, base_url: "https://x.example", header: X-Api-Key, header_env: NONE`: "header value of profile pink " +
			"(env NONE): that variable is not set; set NONE to it, alone",
		`gateway: pinkconnect, base_url: "https://x.example", header: X-Api-Key, header_file: none`: "have header_file name",
	} {
		p := newProfiles(t, "profiles: {pink: {"+keys+"}}",
			map[string]string{"KEY": "k3y-canary", "TWO": "Bearer k3y-canary and more"})
		_, err := p.Locate(t.Context(), "pink")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "k3y-canary") {
			t.Errorf("%s: %v", keys, err)
		}
	}
}

// PC_BASE_URL alone is enough to connect. It wins over a default profile, as the connection variables do.
func TestPCBaseURL(t *testing.T) {
	t.Parallel()
	p := newProfiles(t, "profiles: {default: {client_id: x, secret_env: A, refresh_token_env: B}}",
		map[string]string{EnvGateway: " https://x.example/p/ "})
	name, err := p.Or("")
	here, placeErr := p.Locate(t.Context(), name)
	if name != "" || err != nil || placeErr != nil || here.APIURL != "https://x.example/p" || here.Gateway == nil {
		t.Errorf("%q, %v, %+v, %v", name, err, here, placeErr)
	}
	for _, variable := range []string{EnvClientID, EnvDC, EnvRefreshToken, EnvAPIURL} {
		p := newProfiles(t, "", map[string]string{EnvGateway: "https://x.example", variable: "x"})
		if _, err := p.Locate(t.Context(), ""); err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("%s: %v", variable, err)
		}
	}
}
