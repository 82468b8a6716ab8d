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
}

// dataCentres: Zoho CRM API v8, Multi DC, for us to ca; Zoho's SDKs for sa;
// Zoho Accounts, OAuth multi-dc, for uk; Zoho WorkDrive's documents for ae.
func dataCentres() []DataCentre {
	return []DataCentre{
		{"us", "https://accounts.zoho.com", "https://www.zohoapis.com"},
		{"eu", "https://accounts.zoho.eu", "https://www.zohoapis.eu"},
		{"in", "https://accounts.zoho.in", "https://www.zohoapis.in"},
		{"au", "https://accounts.zoho.com.au", "https://www.zohoapis.com.au"},
		{"jp", "https://accounts.zoho.jp", "https://www.zohoapis.jp"},
		{"cn", "https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"},
		{"ca", "https://accounts.zohocloud.ca", "https://www.zohoapis.ca"},
		{"sa", "https://accounts.zoho.sa", "https://www.zohoapis.sa"},
		{"uk", "https://accounts.zoho.uk", "https://www.zohoapis.uk"},
		{"ae", "https://accounts.zoho.ae", "https://www.zohoapis.ae"},
	}
}

// LookupDataCentre finds a data centre by its short name, in any case. The
// error of an unknown name lists those that exist.
func LookupDataCentre(name string) (DataCentre, error) {
	all := dataCentres()
	i := slices.IndexFunc(all, func(d DataCentre) bool {
		return strings.EqualFold(d.Name, strings.TrimSpace(name))
	})
	if i >= 0 {
		return all[i], nil
	}
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.Name
	}
	return DataCentre{}, fmt.Errorf("unknown data centre %q; want one of %s", name, strings.Join(names, ", "))
}

// isZohoAPI reports whether host serves Zoho's API: a zohoapis domain of a data
// centre, or a host under it (www, sandbox, developer).
func isZohoAPI(host string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(dataCentres(), func(d DataCentre) bool {
		domain := strings.TrimPrefix(d.APIURL, "https://www.")
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}
