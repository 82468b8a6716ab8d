package auth

import (
	"fmt"
	"slices"
	"strings"
)

// DataCentre is one of Zoho's regions. An account lives in one, and a token of
// one is refused by all others.
type DataCentre struct {
	Name        string // "us", "eu", ...
	AccountsURL string // where tokens come from
	APIURL      string // where the CRM is; the token's api_domain wins over it
	ConsoleURL  string // where clients are registered: Zoho's API console
}

// The environments of a data centre. A token is good in the one that it was
// made in (Zoho CRM API v8, Environments).
const (
	Production = "production"
	Sandbox    = "sandbox"
	Developer  = "developer"
)

// DataCentres are all that Zoho has: Zoho CRM API v8, Multi DC, for us to ca;
// Zoho's SDKs for sa; Zoho Accounts, OAuth multi-dc, for uk; Zoho WorkDrive's
// documents for ae. Canada's accounts server and console are at zohocloud.ca,
// its API is at zohoapis.ca.
func DataCentres() []DataCentre {
	return []DataCentre{
		centre("us", "zoho.com", "zohoapis.com"),
		centre("eu", "zoho.eu", "zohoapis.eu"),
		centre("in", "zoho.in", "zohoapis.in"),
		centre("au", "zoho.com.au", "zohoapis.com.au"),
		centre("jp", "zoho.jp", "zohoapis.jp"),
		centre("cn", "zoho.com.cn", "zohoapis.com.cn"),
		centre("ca", "zohocloud.ca", "zohoapis.ca"),
		centre("sa", "zoho.sa", "zohoapis.sa"),
		centre("uk", "zoho.uk", "zohoapis.uk"),
		centre("ae", "zoho.ae", "zohoapis.ae"),
	}
}

func centre(name, domain, apis string) DataCentre {
	return DataCentre{
		Name:        name,
		AccountsURL: "https://accounts." + domain,
		APIURL:      "https://www." + apis,
		ConsoleURL:  "https://api-console." + domain,
	}
}

// API gives the base URL of the CRM of an environment: [Production], [Sandbox]
// or [Developer]; "" is production. Any other is an error that names the three.
// The hosts are those of Zoho's SDKs.
func (d DataCentre) API(environment string) (string, error) {
	switch environment {
	case "", Production:
		return d.APIURL, nil
	case Sandbox, Developer:
		return "https://" + environment + "." + d.apiDomain(), nil
	}
	return "", fmt.Errorf("unknown environment %q; want %s, %s or %s", environment, Production, Sandbox, Developer)
}

// domain is where the centre's web pages and accounts server are.
func (d DataCentre) domain() string { return strings.TrimPrefix(d.AccountsURL, "https://accounts.") }

// apiDomain is where its APIs are.
func (d DataCentre) apiDomain() string { return strings.TrimPrefix(d.APIURL, "https://www.") }

// LookupDataCentre finds a data centre by its short name, in any case, or by an
// address of Zoho's as a browser shows it, with or without https and path:
// "https://crm.zoho.eu/crm/org1/tab/Home", "accounts.zoho.in",
// "www.zohoapis.jp". The error of an unknown one lists the names, and says which
// is meant by a country's.
func LookupDataCentre(nameOrAddress string) (DataCentre, error) {
	wanted := strings.TrimSpace(nameOrAddress)
	if strings.ContainsAny(wanted, ".:/") {
		return lookupAddress(wanted)
	}
	if d, ok := named(wanted); ok {
		return d, nil
	}
	if short := shortName(wanted); short != "" {
		return DataCentre{}, fmt.Errorf("unknown data centre %q: did you mean %s? Want %s", nameOrAddress, short, choices())
	}
	return DataCentre{}, fmt.Errorf("unknown data centre %q; want %s", nameOrAddress, choices())
}

// shortName is that of a data centre which somebody spelled out; "" where it is
// none.
func shortName(spelled string) string {
	switch strings.ToLower(spelled) {
	case "usa", "united states", "america":
		return "us"
	case "europe", "european union":
		return "eu"
	case "india":
		return "in"
	case "australia":
		return "au"
	case "japan":
		return "jp"
	case "china":
		return "cn"
	case "canada":
		return "ca"
	case "saudi", "saudi arabia", "saudiarabia", "ksa":
		return "sa"
	case "gb", "britain", "england", "united kingdom":
		return "uk"
	case "uae", "emirates", "united arab emirates":
		return "ae"
	}
	return ""
}

func named(name string) (DataCentre, bool) {
	all := DataCentres()
	i := slices.IndexFunc(all, func(d DataCentre) bool { return strings.EqualFold(d.Name, name) })
	if i < 0 {
		return DataCentre{}, false
	}
	return all[i], true
}

func choices() string {
	var names []string
	for _, d := range DataCentres() {
		names = append(names, d.Name)
	}
	return "one of " + strings.Join(names, ", ") + ", or the address that the browser shows in Zoho CRM"
}
