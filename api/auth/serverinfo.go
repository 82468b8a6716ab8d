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

func (a *accountsServer) locations(ctx context.Context) (map[string]string, error) {
	info, err := ask[serverInfo](ctx, a, http.MethodGet, a.url("oauth/serverinfo"), nil)
	return info.Locations, err
}

// elsewhere is the accounts server of another location. Zoho's own list is
// asked where ours does not know it, and by an emulator: its secrets are not
// for Zoho.
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
			Description: "the user's data centre is not known here (" + a.secrets.clean(location) + "); start the sign-in again with its accounts URL"}
	}
	return checkAccounts(known[location], a.isLoopback())
}
