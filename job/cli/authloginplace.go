package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rolecall/api/auth"
	"rolecall/job/rundir"
)

// signIn is a sign-in under way.
type signIn struct {
	p         *process
	flags     *authLoginCmd
	answers   *answers
	config    *configFile
	before    profile // as it is in the config file; zero where it is not
	used      profile // as it is to be kept
	here      place   // where used is
	client    auth.Client
	clock     *serverClock
	earlier   string       // the refresh token that this takes the place of, as far as it can be had
	unopened  <-chan error // tells that no browser could be opened; nil: none was to be
	newSecret bool         // the client's secret is to be kept
	undo      []func()     // puts back what keeping the secrets changed, the last first
}

// newSignIn finds out what to sign in to, as far as it is known.
func (p *process) newSignIn(flags *authLoginCmd) (*signIn, error) {
	if err := checkProfileName(flags.Profile); err != nil {
		return nil, &errUsage{err}
	}
	config, err := p.config()
	if err != nil {
		return nil, err
	}
	s := &signIn{p: p, flags: flags, config: config, answers: p.answers(), clock: &serverClock{}, newSecret: flags.NewSecret}
	s.before, err = config.profile(flags.Profile)
	s.used = s.before
	if _, unknown := errors.AsType[*unknownProfileError](err); unknown {
		s.used = profile{
			name: flags.Profile, dc: p.getenv(envDC), apiURL: p.getenv(envAPIURL), accountsURL: p.getenv(envAccountsURL),
			apiVersion: p.getenv(envAPIVersion), clientID: p.getenv(envClientID),
		}
	}
	s.override()
	if s.used.dc == "" && s.used.apiURL == "" && s.used.accountsURL == "" && s.answers.terminal {
		p.say("Data centre (%s), or the address that your browser shows in Zoho CRM; empty is %s", strings.Join(centreNames(), ", "), defaultDC)
		dc, err := s.answers.askOrNothing("Data centre")
		if err != nil {
			return nil, err
		}
		s.used.dc = cmp.Or(dc, defaultDC)
	}
	return s, s.locate()
}

// override puts the flags over what the profile says. Another client has another secret.
func (s *signIn) override() {
	f := s.flags
	s.newSecret = s.newSecret || f.ClientID != "" && f.ClientID != s.used.clientID
	if f.DC != "" && f.AccountsURL == "" {
		s.used.accountsURL = "" // of another centre
	}
	if f.DC != "" && f.APIURL == "" {
		s.used.apiURL = ""
	}
	s.used.dc = cmp.Or(f.DC, s.used.dc)
	s.used.environment = cmp.Or(f.Environment, s.used.environment)
	s.used.clientID = cmp.Or(f.ClientID, s.used.clientID)
	s.used.apiURL = cmp.Or(f.APIURL, s.used.apiURL)
	s.used.accountsURL = cmp.Or(f.AccountsURL, s.used.accountsURL)
}

// locate finds out where to sign in.
func (s *signIn) locate() error {
	if err := oneOf("environment", "", production, sandbox, developer)(s.used.environment); err != nil {
		return &errUsage{fmt.Errorf("--environment: unknown %q: want production, sandbox or developer", s.used.environment)}
	}
	if s.used.dc != "" {
		dc, err := auth.LookupDataCentre(s.used.dc)
		if err != nil {
			return &errUsage{fmt.Errorf("--dc: %w", err)}
		}
		if found := auth.LookupEnvironment(s.used.dc); found != production {
			if asked := s.flags.Environment; asked != "" && asked != found {
				return &errUsage{fmt.Errorf("--dc is an address of environment %s, and --environment says %s: leave one of them out", found, asked)}
			}
			s.used.environment = found
		}
		s.used.dc = dc.Name
	} else if s.used.apiURL == "" && s.used.accountsURL == "" {
		s.used.dc = defaultDC
	}
	for name, address := range map[string]string{"--api-url": s.used.apiURL, "--accounts-url": s.used.accountsURL} {
		if _, err := auth.CheckURL(address); err != nil && address != "" {
			return &errUsage{fmt.Errorf("%s: %w", name, err)}
		}
	}
	var err error
	s.here, err = s.used.place()
	return err
}

// centre is the data centre that is signed in to; ok is false where it is none of Zoho's.
func (s *signIn) centre() (dc auth.DataCentre, ok bool) {
	for _, dc := range auth.DataCentres() {
		if dc.AccountsURL == s.here.credentials.AccountsURL {
			return dc, true
		}
	}
	return auth.DataCentre{}, false
}

func centreNames() []string {
	var names []string
	for _, dc := range auth.DataCentres() {
		names = append(names, dc.Name)
	}
	return names
}

// moveTo takes the accounts server that gave the tokens for that of the profile: the account lives there, wherever its sign-in began.
func (s *signIn) moveTo(grant auth.Grant) error {
	if grant.AccountsURL == strings.TrimSuffix(s.here.credentials.AccountsURL, "/") {
		return nil
	}
	if u, err := url.Parse(grant.AccountsURL); err == nil && isLoopback(u.Hostname()) {
		s.used.accountsURL, s.used.apiURL = grant.AccountsURL, grant.APIDomain
	} else if dc, err := auth.LookupDataCentre(grant.AccountsURL); err == nil {
		s.used.dc, s.used.accountsURL, s.used.apiURL = dc.Name, "", ""
		s.p.note("the account lives in data centre " + dc.Name + ": the profile is for it")
	}
	s.client.AccountsURL = grant.AccountsURL
	var err error
	s.here, err = s.used.place()
	return err
}

// command is the command that signs in again to what this one does, with what was given to it; a flag that is given here stands for the one that was.
func (s *signIn) command(more ...string) string {
	words := []string{"rolecall auth login --profile", rundir.ShellQuote(s.used.name)}
	for _, given := range []struct{ flag, value string }{
		{"--dc", s.flags.DC}, {"--environment", s.flags.Environment}, {"--client-id", s.flags.ClientID},
		{"--api-url", s.flags.APIURL}, {"--accounts-url", s.flags.AccountsURL}, {"--config", s.p.conf.file},
	} {
		if given.value != "" && !slices.Contains(more, given.flag) {
			words = append(words, given.flag, rundir.ShellQuote(given.value))
		}
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
		{"--browser", s.flags.Browser}, {"--no-browser", s.flags.NoBrowser}, {"--device", s.flags.Device}, {"--keyring", s.flags.Keyring},
		{"--revoke-old", s.flags.RevokeOld},
	} {
		if given.on {
			words = append(words, given.flag)
		}
	}
	return strings.Join(append(words, more...), " ")
}
