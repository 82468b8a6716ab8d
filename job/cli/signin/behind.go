package signin

import (
	"context"

	"rolecall/api"
	"rolecall/api/gateway"
	"rolecall/job/cli/profile"
)

// Behind asks a gateway for the org and the user that it signs in for, and so whether it lets calls through. The org is
// zero if the gateway does not forward that call, and the user is "" where the org tells enough.
func Behind(ctx context.Context, client *api.Client, forward *gateway.Forward) (org api.Org, user api.User, err error) {
	if _, known := forward.Knows(gateway.Org); !known || !forward.Has(gateway.Org) {
		// The gateway's page names this call, so its answer tells whether there is a connection at all.
		if user, err = client.CurrentUser(ctx); err != nil {
			return org, user, err
		}
		if err := forward.Find(ctx, client, gateway.Org); err != nil {
			return org, user, err
		}
	}
	if !forward.Has(gateway.Org) {
		return org, user, nil
	}
	if org, err = client.Org(ctx); err != nil && MayGoOnWithout(err) && user.ID == "" {
		user, err = client.CurrentUser(ctx)
	}
	return org, user, err
}

// Reconnect returns what to do if a gateway lets no call through.
func Reconnect(here profile.Place) string {
	text := "look at the connection to Zoho CRM in PinkConnect, and connect it again there: rolecall has no part in it"
	if here.Gateway.Header != "" {
		text += "; or the value of the header " + here.Gateway.Header + " is wrong or over"
	}
	return text
}
