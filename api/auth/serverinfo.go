package auth

import (
	"context"
	"net/http"
	"net/url"
)

// serverInfo is the public list of accounts servers by location (Zoho Accounts,
// OAuth multi-dc, serverinfo).
type serverInfo struct {
	Locations map[string]string `json:"locations"`
}

// locations returns the accounts servers by location, as the server lists them.
func (a *accountsServer) locations(ctx context.Context) (map[string]string, error) {
	info, err := ask[serverInfo](ctx, a, http.MethodGet, a.url("oauth/serverinfo"), nil)
	return info.Locations, err
}

// elsewhere returns the accounts server of another location. It uses our list of
// data centres, or the server's list for an unknown location. For an emulator it
// uses only the emulator's list, so that no emulator's secret goes to Zoho.
func (a *accountsServer) elsewhere(ctx context.Context, location string) (*url.URL, error) {
	if d, ok := named(location); ok && !a.isLoopback() {
		return url.Parse(d.AccountsURL)
	}
	known, err := a.locations(ctx)
	if err != nil {
		return nil, err
	}
	if known[location] == "" {
		return nil, &Error{Code: codeOtherDC, HTTP: http.StatusOK,
			Description: "the user's data centre is not known here (" + a.secrets.clean(location) + "); " +
				"start the sign-in again with its accounts URL"}
	}
	return checkAccounts(known[location], a.isLoopback())
}
