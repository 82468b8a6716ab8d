package auth

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// lookupAddress returns the data centre that an address belongs to.
func lookupAddress(address string) (DataCentre, error) {
	host := hostOf(address)
	for _, d := range DataCentres() {
		if within(host, d.domain()) || within(host, d.apiDomain()) {
			return d, nil
		}
	}
	// Only the host: an address copied from a browser may carry a secret.
	if host == "" {
		return DataCentre{}, fmt.Errorf("this is not an address; want %s", choices())
	}
	return DataCentre{}, fmt.Errorf("%q is not a host of Zoho's; want %s", host, choices())
}

// LookupEnvironment returns the environment of an address from a browser:
// [Sandbox] for crmsandbox.zoho.com and sandbox.zohoapis.com, [Developer] for
// developer.zohoapis.com, and [Production] for all others.
func LookupEnvironment(address string) string {
	first, _, _ := strings.Cut(hostOf(strings.TrimSpace(address)), ".")
	switch first {
	case "crmsandbox", Sandbox:
		return Sandbox
	case Developer:
		return Developer
	}
	return Production
}

// hostOf returns the host of an address in lower case, or "" if it has none.
func hostOf(address string) string {
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// within reports whether host is domain or one of its subdomains.
func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// isZohoAPI reports whether host serves Zoho's API: a zohoapis domain of a data
// centre, or a host under it (www, sandbox, developer).
func isZohoAPI(host string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(DataCentres(), func(d DataCentre) bool { return within(host, d.apiDomain()) })
}

// isZohoAccounts reports whether host is the accounts server of a data centre.
func isZohoAccounts(host string) bool {
	return slices.ContainsFunc(DataCentres(), func(d DataCentre) bool {
		return strings.EqualFold("https://"+host, d.AccountsURL)
	})
}
