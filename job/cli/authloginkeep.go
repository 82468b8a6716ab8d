package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
)

// checkStore looks whether what a sign-in gives can be kept: a code is good once.
func (s *signIn) checkStore() error {
	state, err := s.p.stateFolder()
	folders := []string{filepath.Dir(s.config.path)}
	if !s.flags.Keyring {
		folders = append(folders, filepath.Join(state, secretsFolder))
	}
	for _, folder := range folders {
		if err == nil {
			err = writable(folder)
		}
	}
	if err == nil && !s.flags.Keyring {
		var info os.FileInfo
		if info, err = os.Stat(folders[1]); err == nil {
			err = refuseMode(folders[1], info, othersRead, "read", "700")
		}
	}
	if err == nil {
		err = s.config.free()
	}
	if err != nil {
		return &errSignIn{fmt.Sprintf("a sign-in could not be kept: %v; mend that, then %s", err, s.command())}
	}
	return nil
}

// writable makes a folder if need be, and tries to write there.
func writable(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".rolecall-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// oneToken is the access token of a sign-in that was just made.
type oneToken string

// Token implements api.TokenSource.
func (t oneToken) Token(context.Context) (string, error) { return string(t), nil }

// Invalidate implements api.TokenSource: there is no other.
func (oneToken) Invalidate(string) {}

// finish looks whose tokens these are, and keeps them. Tokens that are not kept are ended, so that nobody has to; those that are stay good, also where the profile could not be written: they may
// have taken the place of others.
func (s *signIn) finish(grant auth.Grant) error {
	seen, err := s.look(grant)
	if err == nil {
		err = s.keep(grant, seen)
	}
	if err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.p.ctx), readHeaderTimeout)
		defer cancel()
		if !s.stored {
			_ = s.client.Revoke(ctx, grant.RefreshToken) // it is of no more use to anybody
		}
		return s.explain(err)
	}
	s.sayKept(seen)
	s.endEarlier(grant)
	s.p.say("Next: rolecall assign FILE.csv --dry-run --profile %s%s", shellWord(s.used.name), s.p.configFlag())
	return nil
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

// keep writes secrets and profile.
func (s *signIn) keep(grant auth.Grant, seen signedIn) error {
	p, name := s.p, s.used.name
	keyring := s.flags.Keyring || s.before.refresh.keyring
	var err error
	if s.newSecret {
		if s.used.secret, err = p.storeSecret(name, kindClientSecret, s.client.Secret, keyring); err != nil {
			return &errSignIn{err.Error()}
		}
	}
	if s.used.refresh, err = p.storeSecret(name, kindRefreshToken, grant.RefreshToken, keyring); err != nil {
		return &errSignIn{err.Error()}
	}
	s.stored = true
	if seen.OrgID != "" {
		s.used.orgID = seen.OrgID
	}
	if err := s.config.save(name, s.used); err != nil {
		return &errSignIn{err.Error()}
	}
	if err := p.rememberSignIn(name, seen); err != nil {
		p.note(fmt.Sprintf("rolecall auth status will not know the scopes: %v", err))
	}
	return nil
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
	if seen.Scopes != nil {
		for _, command := range commandsWithScopes() {
			if lacking := scopesLacking(command, seen.Scopes); len(lacking) > 0 {
				p.say("rolecall: warning: %s lacks the scope %s", command, strings.Join(lacking, ","))
			}
		}
	}
}

// place is where a secret is, in words.
func (s secretSource) place() string {
	if s.keyring {
		return "the system's keyring"
	}
	return filepath.Dir(s.file)
}
