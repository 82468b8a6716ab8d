package auth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The hosts as Zoho's documents and SDKs name them, written out.
func TestDataCentres(t *testing.T) {
	t.Parallel()
	want := []DataCentre{
		{"us", "https://accounts.zoho.com", "https://www.zohoapis.com", "https://api-console.zoho.com"},
		{"eu", "https://accounts.zoho.eu", "https://www.zohoapis.eu", "https://api-console.zoho.eu"},
		{"in", "https://accounts.zoho.in", "https://www.zohoapis.in", "https://api-console.zoho.in"},
		{"au", "https://accounts.zoho.com.au", "https://www.zohoapis.com.au", "https://api-console.zoho.com.au"},
		{"jp", "https://accounts.zoho.jp", "https://www.zohoapis.jp", "https://api-console.zoho.jp"},
		{"cn", "https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn", "https://api-console.zoho.com.cn"},
		{"ca", "https://accounts.zohocloud.ca", "https://www.zohoapis.ca", "https://api-console.zohocloud.ca"},
		{"sa", "https://accounts.zoho.sa", "https://www.zohoapis.sa", "https://api-console.zoho.sa"},
		{"uk", "https://accounts.zoho.uk", "https://www.zohoapis.uk", "https://api-console.zoho.uk"},
		{"ae", "https://accounts.zoho.ae", "https://www.zohoapis.ae", "https://api-console.zoho.ae"},
	}
	if diff := cmp.Diff(want, DataCentres()); diff != "" {
		t.Error(diff)
	}
	for _, d := range DataCentres() {
		for _, raw := range []string{d.AccountsURL, d.APIURL, d.ConsoleURL} {
			if _, err := CheckURL(raw); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestLookupDataCentre(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"us": "us", " EU ": "eu", "ca": "ca", "Cn": "cn",
		"https://crm.zoho.eu/crm/org123/tab/Home/begin?x=1#y": "eu",
		"accounts.zoho.in":                       "in",
		"crm.zohocloud.ca":                       "ca",
		"www.zohoapis.ca":                        "ca",
		"www.zohoapis.jp":                        "jp",
		"crmsandbox.zoho.com":                    "us",
		"https://crmsandbox.zoho.com.au/crm/x":   "au",
		"CRM.ZOHO.COM.CN/crm":                    "cn",
		"zoho.sa":                                "sa",
		"https://accounts.zoho.uk:443/":          "uk",
		"api-console.zoho.ae":                    "ae",
		"developer.zohoapis.com.au":              "au",
		" https://crm.zoho.com/crm/ShowHomePage": "us",
	} {
		if got, err := LookupDataCentre(text); err != nil || got.Name != want {
			t.Errorf("%q: %q, %v", text, got.Name, err)
		}
	}
	for _, text := range []string{
		"mars", "", "zoho", "crm.zoho.eu.evil.test", "https://crm.zoho.eu@evil.test/", "evilzoho.eu", "zoho.test",
		"https://evil.test/crm.zoho.eu", "https://", "://", ".", "https://evil.test?crm.zoho.eu", "crm.zoho.ru",
	} {
		got, err := LookupDataCentre(text)
		if err == nil || !strings.Contains(err.Error(), "us, eu, in, au, jp, cn, ca, sa, uk, ae") {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for spelled, want := range map[string]string{
		"Canada": "ca", "europe": "eu", "UAE": "ae", "United Kingdom": "uk", "Saudi Arabia": "sa", "USA": "us",
		"india": "in", "Australia": "au", "japan": "jp", "China": "cn",
	} {
		if _, err := LookupDataCentre(spelled); err == nil || !strings.Contains(err.Error(), "did you mean "+want+"?") {
			t.Errorf("%q: %v, want a hint at %s", spelled, err, want)
		}
	}
	// An address from a browser's history may carry a secret.
	for _, text := range []string{
		"https://user:hunter2@evil.test/", "https://evil.test/?code=hunter2", "https://hunter2:x y@z",
	} {
		if _, err := LookupDataCentre(text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEnvironments(t *testing.T) {
	t.Parallel()
	us, ca := DataCentres()[0], DataCentres()[6]
	for _, c := range []struct {
		centre      DataCentre
		environment string
		want        string
	}{
		{us, "", "https://www.zohoapis.com"},
		{us, "production", "https://www.zohoapis.com"},
		{us, "sandbox", "https://sandbox.zohoapis.com"},
		{us, "developer", "https://developer.zohoapis.com"},
		{ca, "sandbox", "https://sandbox.zohoapis.ca"},
		{ca, "developer", "https://developer.zohoapis.ca"},
	} {
		if got, err := c.centre.API(c.environment); err != nil || got != c.want {
			t.Errorf("%s %q: %q, %v", c.centre.Name, c.environment, got, err)
		}
	}
	if got, err := us.API("staging"); got != "" || err == nil ||
		!strings.Contains(err.Error(), "production, sandbox or developer") {
		t.Errorf("%q, %v", got, err)
	}
	for address, want := range map[string]string{
		"https://crmsandbox.zoho.eu/crm/acme/tab/Home": Sandbox, "sandbox.zohoapis.ca": Sandbox,
		"developer.zohoapis.com": Developer,
		"crm.zoho.com":           Production, "https://crm.zoho.com/crm/sandbox": Production, "us": Production,
		"": Production,
	} {
		if got := LookupEnvironment(address); got != want {
			t.Errorf("%q: %q", address, got)
		}
	}
}
