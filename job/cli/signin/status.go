package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
)

// Status is what auth status shows. New versions only add fields.
type Status struct {
	Profile      string          `json:"profile,omitempty"`
	Environment  string          `json:"environment,omitempty"`
	Gateway      string          `json:"gateway,omitempty"`  // the gateway that signs in
	Header       string          `json:"header,omitempty"`   // the header that the gateway wants
	Forwards     []pathStatus    `json:"forwards,omitempty"` // of a gateway
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
	Voice        *voiceStatus    `json:"voice,omitempty"`  // of a sign-in with its scopes

	unread []error // errors of reads that the scopes do not allow
}

// commandStatus is a command with the scopes that it lacks.
type commandStatus struct {
	Command string   `json:"command"`
	Lacks   []string `json:"lacks"` // the scopes that the command must have; null: not known
}

// wantedScope is a scope that the sign-in lacks, and what rolecall cannot do or know without it.
type wantedScope struct {
	Scope   string `json:"scope"`
	Without string `json:"without"`
}

// Status asks Zoho for the org and user of a sign-in. The error is why the sign-in does not work. The Status has that
// reason too.
func (c *Command) Status(ctx context.Context, name string, here profile.Place) (*Status, error) {
	known := c.recall(name, here.Credentials.Fingerprint())
	s := &Status{
		Profile: name, Environment: here.Profile.Environment, APIURL: here.APIURL,
		AccountsURL: here.Credentials.AccountsURL, ClientID: here.Credentials.ClientID,
		PinnedOrgID: here.Profile.OrgID, Scopes: known.Scopes,
	}
	if !known.At.IsZero() {
		s.SignedIn = &known.At
	}
	if here.Emulated {
		s.Scopes = scope.Names(scope.SetAll) // its refresh token may do everything
	}
	err := c.askStatus(ctx, s, here)
	s.Works = err == nil
	if err != nil {
		s.Problem = err.Error()
	}
	s.findLacking()
	return s, err
}

// Scopes returns the scopes of a profile's sign-in, or nil if they are not known.
func (c *Command) Scopes(name string, here profile.Place) []string {
	if here.Emulated {
		return scope.Names(scope.SetAll)
	}
	return c.recall(name, here.Credentials.Fingerprint()).Scopes
}

// findLacking compares the scopes with those that the commands need. It skips a sign-in that does not work, because its
// scopes are not known.
func (s *Status) findLacking() {
	known := s.Works && s.Scopes != nil
	for _, command := range scope.Commands(scope.SetOf(s.Scopes)) {
		one := commandStatus{Command: command}
		if known {
			one.Lacks = scope.Lacking(command, s.Scopes)
			if s.PinnedOrgID != "" && command != scope.Doctor && command != scope.AuthStatus &&
				!scope.Grants(s.Scopes, scope.Org) {
				one.Lacks = append(one.Lacks, scope.Org) // a run checks that the org is the pinned one
			}
		}
		s.Commands = append(s.Commands, one)
	}
	for _, missing := range scope.Missing(s.Scopes, scope.SetOf(s.Scopes)) {
		if known && missing.Without != "" {
			s.Wanted = append(s.Wanted, wantedScope{missing.Name, missing.Without})
		}
	}
}

// askStatus fills a Status from Zoho's answers. It does not wait if Zoho throttles access tokens.
func (c *Command) askStatus(ctx context.Context, s *Status, here profile.Place) error {
	source, err := c.Tokens(here)
	if err != nil {
		return err
	}
	base, err := here.Base(ctx, source)
	if err != nil {
		return statusError(ctx, err)
	}
	client, err := api.New(api.Config{BaseURL: base, Version: here.Version, Tokens: source})
	if err != nil {
		return statusError(ctx, err)
	}
	seen, err := identify(ctx, client)
	if err != nil {
		return statusError(ctx, err)
	}
	if at := source.Expires(); !at.IsZero() {
		s.TokenExpires = &at
	}
	s.OrgID, s.OrgName, s.Edition, s.User, s.Email = seen.OrgID, seen.OrgName, seen.Edition, seen.User, seen.Email
	for _, unread := range []error{seen.orgUnread, seen.userUnread} {
		if isOutage(unread) {
			return statusError(ctx, unread)
		}
		if unread != nil {
			s.unread = append(s.unread, unread)
		}
	}
	if server := c.VoiceServer(here, s.Scopes); server != "" {
		s.Voice = c.askVoice(ctx, server, base, source)
	}
	if s.PinnedOrgID != "" && s.OrgID != "" && s.PinnedOrgID != s.OrgID {
		return &profile.SignInError{Message: fmt.Sprintf(
			"profile %s was made for org %s, but its sign-in is for org %s (%s): sign in to the right one: %s",
			s.Profile, s.PinnedOrgID, s.OrgID, s.OrgName, c.Profiles.Login(s.Profile))}
	}
	return nil
}

// askVoice asks Zoho Voice for the statuses of contacts, without retries. This costs no credits.
func (c *Command) askVoice(ctx context.Context, server, base string, source *auth.Source) *voiceStatus {
	v := &voiceStatus{URL: server}
	client, err := api.New(api.Config{BaseURL: base, VoiceURL: server, Tokens: source, Once: true})
	if err == nil {
		var all []api.VoiceStatus
		all, err = client.VoiceStatuses(ctx)
		v.Statuses = StatusNames(all)
	}
	if v.Works = err == nil; !v.Works {
		v.Problem = err.Error()
	}
	return v
}

// Tokens returns the source of access tokens of a place. The source does not wait if Zoho throttles access tokens.
func (c *Command) Tokens(here profile.Place) (*auth.Source, error) {
	options := auth.Options{NoWait: true, Patience: c.Patience}
	if !here.Emulated {
		var err error
		if options.CacheDir, err = c.Profiles.TokenFolder(); err != nil {
			return nil, err
		}
	}
	source, err := auth.NewSource(here.Credentials, options)
	if err != nil {
		return nil, ConnectError(err)
	}
	return source, nil
}

// statusError returns an error of a call as an error with the right exit code: 4, or 5 if waiting helps.
func statusError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return job.EndOf(ctx)
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
	return ConnectError(err)
}
