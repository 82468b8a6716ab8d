package signin

import (
	"context"
	"errors"
	"fmt"

	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/cli/ask"
	"rolecall/job/cli/profile"
)

// Logout removes the sign-in of a profile from this machine. With revoke, it also revokes the sign-in at Zoho: it asks
// before, unless yes is set.
func (c *Command) Logout(ctx context.Context, name string, revoke, yes bool) error {
	if name == profile.Emulator {
		return &job.UsageError{Err: fmt.Errorf(
			"the profile %s needs no sign-in: there is nothing to end", profile.Emulator)}
	}
	file, err := c.Profiles.Read()
	if err != nil {
		return err
	}
	used, err := file.Profile(name)
	if err != nil {
		return &job.UsageError{Err: err}
	}
	if err := refuseGateway(used); err != nil {
		return err
	}
	if !used.Refresh.Set() {
		c.say("Profile %s is not signed in: nothing to do", name)
		return nil
	}
	here, err := used.Place()
	if err != nil {
		return err
	}
	if _, err := c.Profiles.StateFolder(); err != nil { // before revoke, because the sign-in could not be removed then
		return err
	}
	token, unread := c.Profiles.Secret(ctx, used.Refresh)
	if revoke {
		if unread != nil {
			return unread
		}
		if err := c.revoke(ctx, file, used, here, token, yes); err != nil {
			return err
		}
	}
	here.Credentials.RefreshToken = token
	return c.removeSignIn(ctx, file, used, here)
}

// removeSignIn removes a sign-in from this machine.
func (c *Command) removeSignIn(
	ctx context.Context, file *profile.File, used profile.Profile, here profile.Place,
) error {
	source := used.Refresh
	folder, err := c.Profiles.TokenFolder()
	if err != nil {
		return err
	}
	err = errors.Join(auth.Forget(here.Credentials, folder), c.forget(used.Name))
	removed, dropErr := c.Profiles.Drop(ctx, source)
	if err = errors.Join(err, dropErr); err != nil {
		return &job.UsageError{Err: fmt.Errorf(
			"remove the sign-in of profile %s: %w; then run rolecall auth logout again", used.Name, err)}
	}
	own, line := file.OwnRefresh(used)
	if own {
		used.Refresh = profile.Source{}
		if err := file.Save(used); err != nil {
			return err
		}
	}
	c.say("Profile %s is signed out on this machine; %s signs in again", used.Name, c.Profiles.Login(used.Name))
	if !own {
		c.say("rolecall: warning: %s still says where the refresh token is: take that line out", line)
	}
	if !removed {
		c.say("rolecall: warning: the refresh token is still in %s, which is yours to remove", source)
	}
	if used.Secret.Set() {
		c.say("The client secret stays in %s", used.Secret)
	}
	return nil
}

// revoke shows who else uses a sign-in, asks, and revokes it at Zoho.
func (c *Command) revoke(
	ctx context.Context, file *profile.File, used profile.Profile, here profile.Place, token string, yes bool,
) error {
	c.say("Revoking ends the refresh token of profile %s at %s, and all access tokens made from it, "+
		"at once and for good:", used.Name, here.Credentials.AccountsURL)
	others := c.sharers(ctx, file, used, token)
	for _, name := range others {
		c.say("  - profile %s has the same sign-in, and loses it", name)
	}
	if len(others) == 0 {
		c.say("  - no other profile of %s has it", file.Path)
	}
	c.say("  - every other machine, job or program with a copy of this refresh token loses it")
	c.say("  - runs of this profile that are under way stop")
	if err := ask.New(c.Stdin, c.Stderr).Confirm(ctx, "Revoke it?", "--yes", yes); err != nil {
		return err
	}
	client := auth.Client{AccountsURL: here.Credentials.AccountsURL, ID: used.ClientID}
	err := client.Revoke(ctx, token)
	refused, ok := errors.AsType[*auth.Error](err)
	switch {
	case err == nil:
		c.say("It is revoked at Zoho")
	case ctx.Err() != nil:
		return job.EndOf(ctx)
	case ok && refused.Temporary():
		return &job.Stop{Reason: job.Outage, Err: fmt.Errorf(
			"revoke: %w; nothing was removed; try again later, or leave --revoke out", err)}
	case ok && refused.HTTP != 0:
		c.say("rolecall: warning: Zoho does not know this refresh token: it was revoked before, "+
			"or is of another data centre (%v)", err)
	default:
		return &profile.SignInError{Message: fmt.Sprintf(
			"revoke: %v; nothing was removed; leave --revoke out to remove it on this machine alone", err)}
	}
	return nil
}
