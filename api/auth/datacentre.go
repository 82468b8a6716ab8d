package auth

import (
	"fmt"
	"slices"
	"strings"
)

// DataCentre is one of Zoho's regions. An account belongs to one data centre.
// The others refuse its tokens.
type DataCentre struct {
	Name        string // "us", "eu", ...
	AccountsURL string // the accounts server, which gives tokens
	APIURL      string // the API of the CRM, if a token names no api_domain
	ConsoleURL  string // Zoho's API console, where clients are registered
}

// The environments of a data centre. A token is valid only in the environment
// that it was made in (Zoho CRM API v8, Environments).
const (
	Production = "production"
	Sandbox    = "sandbox"
	Developer  = "developer"
)

// DataCentres returns all data centres of Zoho's. The sources are: Zoho CRM API
// v8, Multi DC, for us to ca; Zoho's SDKs for sa; Zoho Accounts, OAuth multi-dc,
// for uk; Zoho WorkDrive's documents for ae. Canada's accounts server and
// console are at zohocloud.ca, its API is at zohoapis.ca.
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

// API returns the base URL of the CRM in an environment: [Production], [Sandbox]
// or [Developer]. "" is production. It returns an error that names the three for
// any other value. The hosts are those of Zoho's SDKs.
func (d DataCentre) API(environment string) (string, error) {
	switch environment {
	case "", Production:
		return d.APIURL, nil
	case Sandbox, Developer:
		return "https://" + environment + "." + d.apiDomain(), nil
	}
	return "", fmt.Errorf("unknown environment %q; want %s, %s or %s", environment, Production, Sandbox, Developer)
}

// VoiceURL returns the server of Zoho Voice. Zoho's pages show only that of us (Zoho Voice, Contacts API); the others
// follow its form.
func (d DataCentre) VoiceURL() string { return "https://voice." + d.domain() }

// domain returns the domain of the data centre's web pages and accounts server.
func (d DataCentre) domain() string { return strings.TrimPrefix(d.AccountsURL, "https://accounts.") }

// apiDomain returns the domain of the data centre's APIs.
func (d DataCentre) apiDomain() string { return strings.TrimPrefix(d.APIURL, "https://www.") }

// LookupDataCentre returns the data centre with a short name, in any case, or
// with an address of Zoho's from a browser, with or without https and path:
// "https://crm.zoho.eu/crm/org1/tab/Home", "accounts.zoho.in",
// "www.zohoapis.jp". Its error lists the names, and suggests one for the name of
// a country.
func LookupDataCentre(nameOrAddress string) (DataCentre, error) {
	wanted := strings.TrimSpace(nameOrAddress)
	if strings.ContainsAny(wanted, ".:/") {
		return lookupAddress(wanted)
	}
	if d, ok := named(wanted); ok {
		return d, nil
	}
	if short := shortName(wanted); short != "" {
		return DataCentre{}, fmt.Errorf("unknown data centre %q: did you mean %s? Want %s",
			nameOrAddress, short, choices())
	}
	return DataCentre{}, fmt.Errorf("unknown data centre %q; want %s", nameOrAddress, choices())
}

// shortName returns the short name of the data centre of a country or region,
// or "" if there is none.
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

// named returns the data centre with a short name. The bool reports whether
// there is one.
func named(name string) (DataCentre, bool) {
	all := DataCentres()
	i := slices.IndexFunc(all, func(d DataCentre) bool { return strings.EqualFold(d.Name, name) })
	if i < 0 {
		return DataCentre{}, false
	}
	return all[i], true
}

// choices returns the valid arguments of LookupDataCentre, for an error.
func choices() string {
	var names []string
	for _, d := range DataCentres() {
		names = append(names, d.Name)
	}
	return "one of " + strings.Join(names, ", ") + ", or the address that the browser shows in Zoho CRM"
}
