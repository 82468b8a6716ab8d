package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/rundir"
)

// authStatusCmd shows a sign-in.
type authStatusCmd struct {
	Profile string `placeholder:"NAME" help:"Profile to show (default: the ROLECALL_... connection variables, else the profile ${default_profile})."`
	JSON    bool   `help:"Write it as one JSON object."`
}

// Help is the part of --help below the flags.
func (*authStatusCmd) Help() string {
	return `It asks Zoho which org and user the sign-in is for, for two credits, and says which scopes each command lacks. The exit code is 0 if the sign-in works and 4 if it does not.

Example:
  rolecall auth status --profile acme`
}

// status is what is known of a sign-in. Fields are only ever added.
type status struct {
	Profile      string          `json:"profile,omitempty"`
	Environment  string          `json:"environment,omitempty"`
	AccountsURL  string          `json:"accounts_url"`
	APIURL       string          `json:"api_url"`
	ClientID     string          `json:"client_id"`
	Works        bool            `json:"works"`
	Problem      string          `json:"problem,omitempty"` // why it does not work
	OrgID        string          `json:"org_id,omitempty"`
	OrgName      string          `json:"org_name,omitempty"`
	Edition      string          `json:"edition,omitempty"`
	PinnedOrgID  string          `json:"pinned_org_id,omitempty"` // the org that the profile was made for
	User         string          `json:"user,omitempty"`
	Email        string          `json:"email,omitempty"`
	SignedIn     *time.Time      `json:"signed_in,omitempty"`     // when the refresh token was made
	TokenExpires *time.Time      `json:"token_expires,omitempty"` // the access token, which is replaced by itself
	Scopes       []string        `json:"scopes"`                  // null: not known
	Commands     []commandStatus `json:"commands"`
	Wanted       []wantedScope   `json:"wanted,omitempty"` // scopes that the commands can do without

	unread []error // what the scopes do not allow to be read
}

// commandStatus is what a command lacks.
type commandStatus struct {
	Command string   `json:"command"`
	Lacks   []string `json:"lacks"` // the scopes that it cannot do without; null: not known
}

// wantedScope is a scope that is not there, and what is not known or done without it.
type wantedScope struct {
	Scope   string `json:"scope"`
	Without string `json:"without"`
}

// mayBeDefault says that the default profile serves where none is named.
func (*authStatusCmd) mayBeDefault() {}

// Run shows it.
func (c *authStatusCmd) Run(p *process) error {
	name, err := p.profileOr(c.Profile)
	if err != nil {
		return err
	}
	here, err := p.locate(name)
	if err != nil {
		return err
	}
	if here.emulated {
		if err := p.emulate(&here); err != nil {
			return err
		}
	} else if name != "" {
		p.sayIgnored(name, here.profile)
	}
	s, failed := p.status(name, here)
	if c.JSON {
		e := json.NewEncoder(p.stdout)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			return err
		}
	} else if err := s.write(p.stdout); err != nil {
		return err
	}
	return failed
}

// status asks whose a sign-in is. The error is why it does not work, which the status tells as well.
func (p *process) status(name string, here place) (*status, error) {
	known := p.recallSignIn(name, here.credentials.Fingerprint())
	s := &status{
		Profile: name, Environment: here.profile.environment, AccountsURL: here.credentials.AccountsURL, APIURL: here.apiURL, ClientID: here.credentials.ClientID,
		PinnedOrgID: here.profile.orgID, Scopes: known.Scopes,
	}
	if !known.At.IsZero() {
		s.SignedIn = &known.At
	}
	if here.emulated {
		s.Scopes = scopeNames() // its refresh token may do everything
	}
	err := p.askStatus(s, here)
	s.Works = err == nil
	if err != nil {
		s.Problem = err.Error()
	}
	s.tellLacking()
	return s, err
}

// tellLacking compares the scopes with those of the commands. Of a sign-in that does not work nobody knows what it may do.
func (s *status) tellLacking() {
	known := s.Works && s.Scopes != nil
	for _, command := range commandsWithScopes() {
		one := commandStatus{Command: command}
		if known {
			one.Lacks = scopesLacking(command, s.Scopes)
			if s.PinnedOrgID != "" && command != needsDoctor && command != needsStatus && !grants(s.Scopes, scopeOrg) {
				one.Lacks = append(one.Lacks, scopeOrg) // a run is held to the org
			}
		}
		s.Commands = append(s.Commands, one)
	}
	for _, missing := range scopesMissing(s.Scopes) {
		if known && missing.without != "" {
			s.Wanted = append(s.Wanted, wantedScope{missing.name, missing.without})
		}
	}
}

// askStatus asks Zoho. Where Zoho gives no token for having been asked too often, nobody waits for that here.
func (p *process) askStatus(s *status, here place) error {
	options := auth.Options{NoWait: true, Patience: p.patience}
	if !here.emulated {
		var err error
		if options.CacheDir, err = p.tokenStore(); err != nil {
			return err
		}
	}
	source, err := auth.NewSource(here.credentials, options)
	if err != nil {
		return connectError(err)
	}
	client, err := newClient(p.ctx, here, source, nil, job.Hooks{})
	if err != nil {
		return p.statusError(err)
	}
	seen, err := identify(p.ctx, client)
	if err != nil {
		return p.statusError(err)
	}
	if at := source.Expires(); !at.IsZero() {
		s.TokenExpires = &at
	}
	s.OrgID, s.OrgName, s.Edition, s.User, s.Email = seen.OrgID, seen.OrgName, seen.Edition, seen.User, seen.Email
	for _, unread := range []error{seen.orgUnread, seen.userUnread} {
		if isOutage(unread) {
			return p.statusError(unread)
		}
		if unread != nil {
			s.unread = append(s.unread, unread)
		}
	}
	if s.PinnedOrgID != "" && s.OrgID != "" && s.PinnedOrgID != s.OrgID {
		return &errSignIn{fmt.Sprintf("profile %s was made for org %s, but its sign-in is for org %s (%s): sign in to the right one: rolecall auth login --profile %s%s",
			s.Profile, s.PinnedOrgID, s.OrgID, s.OrgName, rundir.ShellQuote(s.Profile), p.configFlag())}
	}
	return nil
}

// statusError is why a sign-in does not work: exit code 4, unless waiting helps.
func (p *process) statusError(err error) error {
	if p.ctx.Err() != nil {
		return &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
	}
	e, ok := errors.AsType[*api.Error](err)
	switch {
	case isOutage(err):
		return &job.Stop{Reason: job.Outage, Err: err}
	case ok && e.Ends != api.EndSignIn && e.HTTP != http.StatusUnauthorized:
		return err
	case ok:
		return &job.Stop{Reason: job.SignIn, Err: err}
	}
	return connectError(err)
}
