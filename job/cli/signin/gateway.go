package signin

import (
	"context"
	"fmt"

	"rolecall/api"
	"rolecall/api/gateway"
	"rolecall/api/pace"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
)

// Gateway is a connection through a gateway: the client, and the org and user that the gateway signs in to Zoho for.
type Gateway struct {
	Client  *api.Client
	Forward *gateway.Forward
	Org     api.Org  // zero if the gateway does not forward that call
	User    api.User // zero if Org has the org
}

// AskGateway connects through a gateway, and finds out what the gateway forwards. It does not retry. The errors are
// those of package api.
func (c *Command) AskGateway(ctx context.Context, here profile.Place, pacer *pace.Pacer) (g Gateway, err error) {
	if g.Forward, err = c.Forward(here); err != nil {
		return g, err
	}
	g.Client, err = api.New(api.Config{
		BaseURL: here.APIURL, Version: here.Version, Pacer: pacer, Once: true,
		Gateway: gateway.Before(here.Gateway.Header, here.Gateway.Value, g.Forward),
	})
	if err == nil {
		g.Org, g.User, err = Behind(ctx, g.Client, g.Forward)
	}
	if err == nil {
		err = g.Forward.Find(ctx, g.Client, gateway.Paths()...)
	}
	return g, err
}

// refuseGateway returns an error for a command that signs in or out, if a gateway does that for the profile.
func refuseGateway(used profile.Profile) error {
	if used.Gateway == "" {
		return nil
	}
	return &job.UsageError{Err: fmt.Errorf("profile %s goes through the gateway %s, which signs in to Zoho itself: "+
		"connect Zoho CRM there, or end the connection there; rolecall keeps no sign-in of it", used.Name, used.Gateway)}
}

// pathStatus is a path that a gateway may not forward.
type pathStatus struct {
	Path      string `json:"path"`
	Forwarded bool   `json:"forwarded"`
	Instead   string `json:"instead,omitempty"` // what rolecall does in its place
}

// GatewayStatus asks a gateway for its org and user, and finds out what the gateway forwards. The error is why the
// gateway does not work. The Status has that reason too.
func (c *Command) GatewayStatus(ctx context.Context, name string, here profile.Place) (*Status, error) {
	s := &Status{
		Profile: name, Gateway: gateway.PinkConnect, APIURL: here.APIURL, PinnedOrgID: here.Profile.OrgID,
		Header: here.Gateway.Header, Scopes: nil, Commands: []commandStatus{},
	}
	g, err := c.AskGateway(ctx, here, nil)
	if err == nil && g.User.ID == "" {
		g.User, err = g.Client.CurrentUser(ctx)
	}
	if err != nil {
		s.Problem = err.Error()
		return s, statusError(ctx, err)
	}
	s.Works = true
	s.OrgID, s.OrgName, s.Edition, s.User, s.Email = g.Org.ID, g.Org.Name, g.Org.Edition, g.User.Name, g.User.Email
	for _, p := range gateway.Paths() {
		one := pathStatus{Path: string(p), Forwarded: g.Forward.Has(p)}
		if !one.Forwarded {
			one.Instead = scope.Instead(p)
		}
		s.Forwards = append(s.Forwards, one)
	}
	for _, command := range scope.Commands(scope.SetRecords) {
		one := commandStatus{Command: command, Lacks: Cannot(command, g.Forward)}
		s.Commands = append(s.Commands, one)
	}
	if s.PinnedOrgID != "" && s.PinnedOrgID != s.OrgID {
		return s, &profile.SignInError{Message: fmt.Sprintf("profile %s was made for org %s, but the gateway signs in to %s",
			name, s.PinnedOrgID, orgOrUnknown(g.Org))}
	}
	return s, nil
}

func orgOrUnknown(org api.Org) string {
	if org.ID == "" {
		return "an org that it does not name"
	}
	return fmt.Sprintf("org %s (%s)", org.ID, org.Name)
}

// Cannot returns the paths that a command cannot do without and that a gateway does not forward.
func Cannot(command string, forward *gateway.Forward) []string {
	lacks := []string{}
	for _, p := range scope.Paths(command) {
		if scope.CannotDoWithout(command, p) && !forward.Has(p) {
			lacks = append(lacks, string(p))
		}
	}
	return lacks
}

// Behind asks a gateway for the org and the user that it signs in for. This also shows whether the gateway lets calls
// through. org is zero if the gateway does not forward that call. user may be zero if org is not.
func Behind(ctx context.Context, client *api.Client, forward *gateway.Forward) (org api.Org, user api.User, err error) {
	if _, known := forward.Knows(gateway.Org); !known || !forward.Has(gateway.Org) {
		// The gateway's page names this call, so its answer shows whether there is a connection at all.
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
