package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
)

// oneToken is the access token of a new sign-in, as an api.TokenSource.
type oneToken string

// Token implements api.TokenSource.
func (t oneToken) Token(context.Context) (string, error) { return string(t), nil }

// Invalidate implements api.TokenSource. It does nothing, because there is no other token.
func (oneToken) Invalidate(string) {}

// finish finds the org and user of new tokens, and stores the sign-in. If that fails, it revokes the tokens.
func (s *login) finish(ctx context.Context, grant auth.Grant) error {
	seen, err := s.look(ctx, grant)
	if err == nil {
		err = s.keep(ctx, grant, seen)
	}
	if err != nil {
		return fmt.Errorf("%w; %s", s.explain(ctx, err), s.giveBack(ctx, grant))
	}
	s.sayKept(seen)
	s.endEarlier(ctx, grant)
	s.say("Next: %s", s.next(seen.Scopes))
	return nil
}

// giveBack revokes a sign-in that was not stored, and returns the result in words.
func (s *login) giveBack(ctx context.Context, grant auth.Grant) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readHeaderTimeout)
	defer cancel()
	if err := s.client.Revoke(ctx, grant.RefreshToken); err != nil {
		return fmt.Sprintf("what Zoho gave for this sign-in lives on there (%v): %s, Sessions, Connected Apps, "+
			"Revoke Access ends it, with all other sign-ins of this client", err, s.client.AccountsURL)
	}
	return "what Zoho gave for this sign-in was revoked there"
}

// look asks Zoho for the org and user of new tokens. It refuses another org than the one that the profile was made for.
func (s *login) look(ctx context.Context, grant auth.Grant) (seen signedIn, err error) {
	if err := s.moveTo(grant); err != nil {
		return seen, err
	}
	if err := grant.CheckAPIDomain(); err != nil {
		return seen, err
	}
	base := s.here.APIURL
	if !s.here.APIGiven && grant.APIDomain != "" {
		base = grant.APIDomain
	}
	client, err := api.New(api.Config{BaseURL: base, Version: s.here.Version, Tokens: oneToken(grant.AccessToken)})
	if err != nil {
		return seen, err
	}
	over := s.awaits("an answer of " + base + ", which says which org this is: two minutes at the longest, " +
		"as the sign-in is kept without it")
	seen, err = identify(ctx, client)
	over()
	if err != nil {
		return seen, fmt.Errorf("the tokens that Zoho gave are refused at %s: %w; "+
			"they may be of another environment (--environment)", base, err)
	}
	seen.Scopes = grant.Scopes
	if seen.Scopes == nil && (s.flags.Browser || s.flags.Device) {
		seen.Scopes = scope.Names(s.flags.Scopes) // consent is given to all that was asked for, or to nothing
	}
	seen.At = time.Now().UTC()
	seen.Fingerprint = auth.Credentials{RefreshToken: grant.RefreshToken}.Fingerprint()
	pinned := s.before.OrgID
	if pinned != "" && seen.OrgID != "" && pinned != seen.OrgID && !s.allowOrgChange {
		return seen, &job.UsageError{Err: fmt.Errorf(
			"profile %s was made for org %s, but this sign-in is for org %s (%s): nothing was kept; "+
				"sign in to the right org (%s), under another name (--profile), "+
				"or, if the change is meant, with --allow-org-change",
			s.used.Name, pinned, seen.OrgID, seen.OrgName, s.again())}
	}
	return seen, nil
}

// identify asks Zoho for the org and user of a sign-in. It leaves out what the scopes do not allow, or what cannot be
// read during an outage.
func identify(ctx context.Context, client *api.Client) (signedIn, error) {
	var seen signedIn
	org, err := client.Org(ctx)
	if err != nil && !MayGoOnWithout(err) && !isOutage(err) {
		return seen, err
	}
	seen.OrgID, seen.OrgName, seen.Edition, seen.orgUnread = org.ID, org.Name, org.Edition, err
	if isOutage(err) {
		return seen, nil
	}
	user, err := client.CurrentUser(ctx)
	if err != nil && !MayGoOnWithout(err) && !isOutage(err) {
		return seen, err
	}
	seen.User, seen.Email, seen.userUnread = user.Name, user.Email, err
	return seen, nil
}

func isOutage(err error) bool {
	e, ok := errors.AsType[*api.Error](err)
	return ok && e.Ends == api.EndOutage
}

// keep stores the secrets and the profile, both or neither.
func (s *login) keep(ctx context.Context, grant auth.Grant, seen signedIn) error {
	if seen.OrgID != "" {
		s.used.OrgID = seen.OrgID
	}
	err := s.keepSecrets(ctx, grant)
	if err == nil {
		err = s.file.Save(s.used)
	}
	if err != nil {
		for _, back := range slices.Backward(s.undo) {
			back()
		}
		return &profile.SignInError{Message: err.Error()}
	}
	if err := s.remember(s.used.Name, seen); err != nil {
		s.say("rolecall: rolecall auth status will not know the scopes: %v", err)
	}
	return nil
}

func (s *login) keepSecrets(ctx context.Context, grant auth.Grant) (err error) {
	if s.newSecret {
		if s.used.Secret, err = s.keepSecret(ctx, profile.ClientSecret, s.client.Secret); err != nil {
			return err
		}
	}
	s.used.Refresh, err = s.keepSecret(ctx, profile.RefreshToken, grant.RefreshToken)
	return err
}

// keepSecret stores a secret, and adds a function to undo that puts the earlier secret back.
func (s *login) keepSecret(ctx context.Context, kind, value string) (profile.Source, error) {
	kept, restore, err := s.Profiles.Replace(context.WithoutCancel(ctx), s.used.Name, kind, value, s.inKeyring())
	if restore != nil {
		s.undo = append(s.undo, func() {
			if err := restore(); err != nil {
				s.say("rolecall: warning: a %s is left in %s, which is yours to remove: %v",
					kept.What(), kept.Folder(), err)
			}
		})
	}
	return kept, err
}

// sayReaders warns if others can read the files of the secrets. The keyring has no files.
func (s *login) sayReaders() {
	folder, err := s.Profiles.StateFolder()
	if s.inKeyring() || err != nil {
		return
	}
	if others, err := s.Profiles.OtherReaders(folder); err != nil || len(others) > 0 {
		who := strings.Join(others, ", ")
		if err != nil {
			who = "others (that cannot be checked here)"
		}
		s.say("rolecall: warning: the secrets may be read by %s: auth login --keyring keeps them in the system's own store",
			who)
	}
}

// sayKept shows the new sign-in and its warnings.
func (s *login) sayKept(seen signedIn) {
	s.say("Signed in: %s", seen)
	s.say("Profile %s is in %s, its secrets are in %s", s.used.Name, s.file.Logins(), s.used.Refresh.Folder())
	s.sayReaders()
	if seen.orgUnread != nil {
		s.say("rolecall: warning: the org of this sign-in cannot be read, so runs do not check the org: %v",
			seen.orgUnread)
	}
	if old := s.before.Refresh; old.Set() && old.String() != s.used.Refresh.String() {
		s.say("rolecall: warning: the refresh token is no longer taken from %s", old)
	}
	if wrong := s.clock.wrong(); wrong != "" {
		s.say("rolecall: warning: %s", wrong)
	}
	s.sayScopes(seen.Scopes)
}
