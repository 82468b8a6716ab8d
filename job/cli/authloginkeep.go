package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
)

// oneToken is the access token of a sign-in that was just made.
type oneToken string

// Token implements api.TokenSource.
func (t oneToken) Token(context.Context) (string, error) { return string(t), nil }

// Invalidate implements api.TokenSource: there is no other.
func (oneToken) Invalidate(string) {}

// finish looks whose tokens these are, and keeps them. Tokens that are not kept are ended, so that nobody has to.
func (s *signIn) finish(grant auth.Grant) error {
	seen, err := s.look(grant)
	if err == nil {
		err = s.keep(grant, seen)
	}
	if err != nil {
		return fmt.Errorf("%w; %s", s.explain(err), s.giveBack(grant))
	}
	s.sayKept(seen)
	s.endEarlier(grant)
	s.p.say("Next: %s", s.next(seen.Scopes))
	return nil
}

// giveBack ends a sign-in that is not kept, and says whether it did.
func (s *signIn) giveBack(grant auth.Grant) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.p.ctx), readHeaderTimeout)
	defer cancel()
	if err := s.client.Revoke(ctx, grant.RefreshToken); err != nil {
		return fmt.Sprintf("what Zoho gave for this sign-in lives on there (%v): %s, Sessions, Connected Apps, Revoke Access ends it, with all other sign-ins of this client", err, s.client.AccountsURL)
	}
	return "what Zoho gave for this sign-in was revoked there"
}

// look asks which org and user the tokens are for, and holds the org to the one that the profile was made for.
func (s *signIn) look(grant auth.Grant) (seen signedIn, err error) {
	if err := s.moveTo(grant); err != nil {
		return seen, err
	}
	if err := grant.CheckAPIDomain(); err != nil {
		return seen, err
	}
	base := s.here.apiURL
	if !s.here.apiGiven && grant.APIDomain != "" {
		base = grant.APIDomain
	}
	client, err := api.New(api.Config{BaseURL: base, Version: s.here.version, Tokens: oneToken(grant.AccessToken)})
	if err != nil {
		return seen, err
	}
	over := s.p.awaits("an answer of " + base + ", which says which org this is: two minutes at the longest, as the sign-in is kept without it")
	seen, err = identify(s.p.ctx, client)
	over()
	if err != nil {
		return seen, fmt.Errorf("the tokens that Zoho gave are refused at %s: %w; they may be of another environment (--environment)", base, err)
	}
	seen.Scopes = grant.Scopes
	if seen.Scopes == nil && (s.flags.Browser || s.flags.Device) { // consent is given to all that was asked for, or to nothing
		seen.Scopes = scopeNames()
	}
	seen.At = time.Now().UTC()
	seen.Fingerprint = auth.Credentials{RefreshToken: grant.RefreshToken}.Fingerprint()
	pinned := s.before.orgID
	if pinned != "" && seen.OrgID != "" && pinned != seen.OrgID && !s.flags.AllowOrgChange {
		return seen, &errUsage{fmt.Errorf("profile %s was made for org %s, but this sign-in is for org %s (%s): nothing was kept; sign in to the right org (%s), under another name (--profile), or, if the change is meant, with --allow-org-change",
			s.used.name, pinned, seen.OrgID, seen.OrgName, s.command())}
	}
	return seen, nil
}

// identify asks whose a sign-in is. What its scopes do not allow is left out; what nobody answers is too.
func identify(ctx context.Context, client *api.Client) (signedIn, error) {
	var seen signedIn
	org, err := client.Org(ctx)
	if err != nil && !mayGoOnWithout(err) && !isOutage(err) {
		return seen, err
	}
	seen.OrgID, seen.OrgName, seen.Edition, seen.orgUnread = org.ID, org.Name, org.Edition, err
	if isOutage(err) {
		return seen, nil
	}
	user, err := client.CurrentUser(ctx)
	if err != nil && !mayGoOnWithout(err) && !isOutage(err) {
		return seen, err
	}
	seen.User, seen.Email, seen.userUnread = user.Name, user.Email, err
	return seen, nil
}

func isOutage(err error) bool {
	e, ok := errors.AsType[*api.Error](err)
	return ok && e.Ends == api.EndOutage
}

// keep writes secrets and profile, both or neither.
func (s *signIn) keep(grant auth.Grant, seen signedIn) error {
	if seen.OrgID != "" {
		s.used.orgID = seen.OrgID
	}
	err := s.keepSecrets(grant)
	if err == nil {
		err = s.config.save(s.used.name, s.used)
	}
	if err != nil {
		for _, back := range slices.Backward(s.undo) {
			back()
		}
		return &errSignIn{err.Error()}
	}
	if err := s.p.rememberSignIn(s.used.name, seen); err != nil {
		s.p.note(fmt.Sprintf("rolecall auth status will not know the scopes: %v", err))
	}
	return nil
}

func (s *signIn) keepSecrets(grant auth.Grant) (err error) {
	if s.newSecret {
		if s.used.secret, err = s.keepSecret(kindClientSecret, s.client.Secret); err != nil {
			return err
		}
	}
	s.used.refresh, err = s.keepSecret(kindRefreshToken, grant.RefreshToken)
	return err
}

// keepSecret keeps a secret, and how to put back what was there before.
func (s *signIn) keepSecret(kind, value string) (secretSource, error) {
	p, name := s.p, s.used.name
	ctx := context.WithoutCancel(p.ctx)
	there, err := p.secretPlace(name, kind, s.inKeyring())
	if err != nil {
		return secretSource{}, err
	}
	old, err := p.fetchSecret(ctx, there)
	had := err == nil
	s.undo = append(s.undo, func() {
		if had {
			_, err = p.storeSecret(name, kind, old, there.keyring)
		} else {
			_, err = p.dropSecret(ctx, there)
		}
		if err != nil {
			p.say("rolecall: warning: a %s is left in %s, which is yours to remove: %v", there.what(), there.place(), err)
		}
	})
	return p.storeSecret(name, kind, value, there.keyring)
}

// sayKept says what was signed in.
func (s *signIn) sayKept(seen signedIn) {
	p := s.p
	p.say("Signed in: %s", seen)
	p.say("Profile %s is in %s, its secrets are in %s", s.used.name, s.config.path, s.used.refresh.place())
	if seen.orgUnread != nil {
		p.say("rolecall: warning: which org this is cannot be read, so that runs are not held to it: %v", seen.orgUnread)
	}
	if old := s.before.refresh; old.set() && old.String() != s.used.refresh.String() {
		p.say("rolecall: warning: the refresh token is no longer taken from %s", old)
	}
	if wrong := s.clock.wrong(); wrong != "" {
		p.say("rolecall: warning: %s", wrong)
	}
	s.sayScopes(seen.Scopes)
}

// place is where a secret is, in words.
func (s secretSource) place() string {
	if s.keyring {
		return "the system's keyring"
	}
	return filepath.Dir(s.file)
}
