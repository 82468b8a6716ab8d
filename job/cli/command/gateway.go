package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"rolecall/api"
	"rolecall/api/gateway"
	"rolecall/api/pace"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/signin"
)

// connectGateway connects to the org behind a gateway. It finds out which of the paths that the command needs the
// gateway forwards. It shows what the command does another way, and returns an error if the command cannot work.
func (p *Process) connectGateway(
	ctx context.Context, here profile.Place, set job.Settings, h job.Hooks, pacer *pace.Pacer,
) (*job.Org, error) {
	if scope.IsVoice(p.needs) {
		return nil, &job.UsageError{Err: fmt.Errorf("the gateway serves only Zoho CRM, and %s is about Zoho Voice: "+
			"nothing was sent; use a profile that signs in to Zoho itself", p.needs)}
	}
	p.Reconnect = signin.Reconnect(here)
	forward, err := p.Forward(here)
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	client, err := api.New(api.Config{
		BaseURL: here.APIURL, Version: here.Version, Pacer: pacer, Trace: h.Attempt,
		Gateway: gateway.Before(here.Gateway.Header, here.Gateway.Value, forward),
	})
	if err == nil {
		err = p.Share(pacer, here, FallbackInFlight)
	}
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	org, user, err := signin.Behind(ctx, client, forward)
	if err == nil {
		err = p.checkPin(here, org, nil)
	}
	if err == nil {
		err = forward.Find(ctx, client, scope.Paths(p.needs)...)
	}
	if err == nil {
		err = p.sayForward(forward)
	}
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	if org.ID == "" {
		here.Credentials.ClientID = user.ID // who stands for the org, whatever key lets the call in
	}
	signedIn, err := p.within(here, org, set, pacer)
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	signedIn.Client, signedIn.Pacer, signedIn.Gateway = client, pacer, forward
	return signedIn, nil
}

// Forward returns what earlier commands found out about the paths that a gateway forwards.
func (p *Process) Forward(here profile.Place) (*gateway.Forward, error) {
	shared, err := p.machine()
	if err != nil {
		return nil, err
	}
	key := strings.Join([]string{"gateway", here.Profile.Name, here.APIURL}, " ")
	return gateway.NewForward(shared.Findings(key, here.Version.String())), nil
}

// sayForward shows what the command does another way, because the gateway does not forward a path. It returns an error
// if the command cannot do without a path.
func (p *Process) sayForward(forward *gateway.Forward) error {
	for _, path := range scope.Paths(p.needs) {
		if forward.Has(path) {
			continue
		}
		if scope.CannotDoWithout(p.needs, path) {
			return &job.UsageError{Err: fmt.Errorf("the gateway does not forward %s, and %s cannot do without it: "+
				"nothing was sent; ask the people who run the gateway, or use a profile that signs in to "+
				"Zoho itself", path, p.needs)}
		}
		p.Note(fmt.Sprintf("the gateway does not forward %s: %s", path, scope.Instead(path)))
	}
	return nil
}

// gatewayHint returns what to do about a gateway that lets no call through, or "".
func (p *Process) gatewayHint(err error) string {
	failed, ok := errors.AsType[*api.Error](err)
	if !ok || failed.Ends != api.EndSignIn {
		return ""
	}
	return p.Reconnect
}
