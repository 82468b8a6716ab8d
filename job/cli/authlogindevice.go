package cli

import (
	"cmp"
	"fmt"
	"time"

	"rolecall/api/auth"
)

// byDevice signs in on Zoho's page in a browser of any other machine.
func (s *signIn) byDevice() (auth.Grant, error) {
	s.sayWhere()
	if console := s.console(); console != "" {
		s.p.say("  1. Open %s, choose Add Client and Non-browser Applications: it has a client id and a client secret", console)
	}
	if err := s.knowClient(); err != nil {
		return auth.Grant{}, err
	}
	device, err := s.client.StartDevice(s.p.ctx, scopeNames())
	if err != nil {
		return auth.Grant{}, err
	}
	s.p.say("  Open this address in any browser before %s, put in the code %s, and accept:", device.Expires.Local().Format(time.TimeOnly), device.UserCode)
	if _, err := fmt.Fprintln(s.p.stdout, cmp.Or(device.CompleteURL, device.VerificationURL)); err != nil {
		return auth.Grant{}, err
	}
	s.p.say("  rolecall waits for that; Zoho tells within half a minute")
	return s.client.PollDevice(s.p.ctx, device)
}
