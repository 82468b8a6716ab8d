package signin

import (
	"cmp"
	"context"
	"time"

	"rolecall/api/auth"
	"rolecall/job/cli/scope"
	"rolecall/job/report"
)

// byDevice signs in on Zoho's page in a browser of another machine.
func (s *login) byDevice(ctx context.Context) (auth.Grant, error) {
	s.sayWhere()
	if console := s.console(); console != "" {
		s.say("  1. Open %s, choose Add Client and Non-browser Applications: it has a client id and a client secret",
			console)
	}
	if err := s.knowClient(ctx); err != nil {
		return auth.Grant{}, err
	}
	device, err := s.client.StartDevice(ctx, scope.Names(s.flags.Scopes))
	if err != nil {
		return auth.Grant{}, err
	}
	s.say("  Open this address in any browser before %s, put in the code %s, and accept:",
		device.Expires.Local().Format(time.TimeOnly), device.UserCode)
	if err := report.Printf(s.Stdout, "%s\n", cmp.Or(device.CompleteURL, device.VerificationURL)); err != nil {
		return auth.Grant{}, err
	}
	s.say("  rolecall waits for that; Zoho answers within half a minute")
	return s.client.PollDevice(ctx, device)
}
