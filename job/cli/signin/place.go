package signin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/cli/ask"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
	"rolecall/job/rundir"
)

// newLogin returns a sign-in for the profile, the flags and the connection variables. On a terminal it asks for a
// missing data centre.
func (c *Command) newLogin(ctx context.Context, flags LoginFlags) (*login, error) {
	if err := profile.CheckName(flags.Profile); err != nil {
		return nil, &job.UsageError{Err: err}
	}
	file, err := c.Profiles.Read()
	if err != nil {
		return nil, err
	}
	s := &login{
		Command: c, flags: flags, file: file, prompt: ask.New(c.Stdin, c.Stderr),
		clock: &serverClock{}, newSecret: flags.NewSecret,
	}
	s.before, err = file.Profile(flags.Profile)
	if refused := refuseGateway(s.before); refused != nil {
		return nil, refused
	}
	if c.Profiles.Variable(profile.EnvGateway) != "" {
		c.say("%s names a gateway, which needs no sign-in; this signs in to Zoho itself", profile.EnvGateway)
	}
	s.used = s.before
	if _, unknown := errors.AsType[*profile.UnknownError](err); unknown {
		env := c.Profiles.Variable
		s.used = profile.Profile{
			Name: flags.Profile, DC: env(profile.EnvDC), ClientID: env(profile.EnvClientID),
			APIURL: env(profile.EnvAPIURL), APIVersion: env(profile.EnvAPIVersion),
			AccountsURL: env(profile.EnvAccountsURL),
		}
	}
	s.override()
	if s.used.DC == "" && s.used.APIURL == "" && s.used.AccountsURL == "" && s.prompt.Terminal {
		var names []string
		for _, dc := range auth.DataCentres() {
			names = append(names, dc.Name)
		}
		c.say("Data centre (%s), or the address that your browser shows in Zoho CRM; empty is %s",
			strings.Join(names, ", "), profile.DefaultDC)
		dc, err := s.prompt.Optional(ctx, "Data centre")
		if err != nil {
			return nil, err
		}
		s.used.DC = cmp.Or(dc, profile.DefaultDC)
	}
	return s, s.locate()
}

// override replaces values of the profile by those of the flags. Another client id needs a new secret.
func (s *login) override() {
	f := s.flags
	s.newSecret = s.newSecret || f.ClientID != "" && f.ClientID != s.used.ClientID
	if f.DC != "" && f.AccountsURL == "" {
		s.used.AccountsURL = "" // of another centre
	}
	if f.DC != "" && f.APIURL == "" {
		s.used.APIURL = ""
	}
	s.used.DC = cmp.Or(f.DC, s.used.DC)
	s.used.Environment = cmp.Or(f.Environment, s.used.Environment)
	s.used.ClientID = cmp.Or(f.ClientID, s.used.ClientID)
	s.used.APIURL = cmp.Or(f.APIURL, s.used.APIURL)
	s.used.AccountsURL = cmp.Or(f.AccountsURL, s.used.AccountsURL)
}

// locate sets the Place to sign in at.
func (s *login) locate() error {
	if s.used.Environment != "" && profile.CheckEnvironment(s.used.Environment) != nil {
		return &job.UsageError{Err: fmt.Errorf(
			"--environment: unknown %q: want production, sandbox or developer", s.used.Environment)}
	}
	if s.used.DC != "" {
		dc, err := auth.LookupDataCentre(s.used.DC)
		if err != nil {
			return &job.UsageError{Err: fmt.Errorf("--dc: %w", err)}
		}
		if found := auth.LookupEnvironment(s.used.DC); found != auth.Production {
			if asked := s.flags.Environment; asked != "" && asked != found {
				return &job.UsageError{Err: fmt.Errorf(
					"--dc is an address of environment %s, and --environment says %s: leave one of them out",
					found, asked)}
			}
			s.used.Environment = found
		}
		if s.used.DC != s.before.DC { // an address that a person wrote into the config file stays
			s.used.DC = dc.Name
		}
	} else if s.used.APIURL == "" && s.used.AccountsURL == "" {
		s.used.DC = profile.DefaultDC
	}
	for name, address := range map[string]string{"--api-url": s.used.APIURL, "--accounts-url": s.used.AccountsURL} {
		if _, err := auth.CheckURL(address); err != nil && address != "" {
			return &job.UsageError{Err: fmt.Errorf("%s: %w", name, err)}
		}
	}
	var err error
	if s.here, err = s.used.Place(); err != nil {
		return err
	}
	return s.Profiles.CheckProxy(s.here)
}

// centre returns the data centre of the sign-in. ok is false if the server is not one of Zoho's.
func (s *login) centre() (dc auth.DataCentre, ok bool) {
	for _, dc := range auth.DataCentres() {
		if dc.AccountsURL == s.here.Credentials.AccountsURL {
			return dc, true
		}
	}
	return auth.DataCentre{}, false
}

// moveTo moves the profile to the accounts server that gave the tokens, because the account is in that data centre,
// even if the sign-in began in another one.
func (s *login) moveTo(grant auth.Grant) error {
	if grant.AccountsURL == strings.TrimSuffix(s.here.Credentials.AccountsURL, "/") {
		return nil
	}
	if u, err := url.Parse(grant.AccountsURL); err == nil && isLoopback(u.Hostname()) {
		s.used.AccountsURL, s.used.APIURL = grant.AccountsURL, grant.APIDomain
	} else if dc, err := auth.LookupDataCentre(grant.AccountsURL); err == nil {
		s.used.DC, s.used.AccountsURL, s.used.APIURL = dc.Name, "", ""
		s.say("rolecall: the account is in data centre %s: the profile now uses it", dc.Name)
	}
	s.client.AccountsURL = grant.AccountsURL
	var err error
	s.here, err = s.used.Place()
	return err
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// again returns the command that repeats this sign-in with its flags. more is flags that replace them.
func (s *login) again(more ...string) string {
	words := []string{"rolecall auth login --profile", rundir.ShellQuote(s.used.Name)}
	for _, given := range []struct{ flag, value string }{
		{"--dc", s.flags.DC}, {"--environment", s.flags.Environment}, {"--client-id", s.flags.ClientID},
		{"--api-url", s.flags.APIURL}, {"--accounts-url", s.flags.AccountsURL}, {"--config", s.Profiles.Config},
	} {
		if given.value != "" && !slices.Contains(more, given.flag) {
			words = append(words, given.flag, rundir.ShellQuote(given.value))
		}
	}
	if s.flags.Scopes != scope.SetRoles {
		words = append(words, "--scopes", s.flags.Scopes)
	}
	if s.flags.Port != usualPort {
		words = append(words, "--port", strconv.Itoa(s.flags.Port))
	}
	if s.flags.Patience != usualPatience {
		words = append(words, "--patience", s.flags.Patience.String())
	}
	for _, given := range []struct {
		flag string
		on   bool
	}{
		{"--browser", s.flags.Browser}, {"--no-browser", s.flags.NoBrowser}, {"--device", s.flags.Device},
		{"--keyring", s.flags.Keyring}, {"--revoke-old", s.flags.RevokeOld},
	} {
		if given.on {
			words = append(words, given.flag)
		}
	}
	return strings.Join(append(words, more...), " ")
}
