package signin

import (
	"context"
	"slices"
	"strings"

	"rolecall/api/auth"
	"rolecall/job/cli/profile"
)

// endEarlier removes the access token of the replaced sign-in from this machine. With --revoke-old it revokes that
// sign-in at Zoho, else it shows how to.
func (s *login) endEarlier(ctx context.Context, grant auth.Grant) {
	if !s.before.Refresh.Set() || s.earlier == grant.RefreshToken {
		return
	}
	here, err := s.before.Place()
	if err != nil {
		return // the profile had no server to sign in to
	}
	here.Credentials.RefreshToken = s.earlier
	if folder, err := s.Profiles.TokenFolder(); err == nil && s.earlier != "" {
		if err := auth.Forget(here.Credentials, folder); err != nil {
			s.say("rolecall: warning: the access token of the earlier sign-in is still on this machine: %v", err)
		}
	}
	if s.flags.RevokeOld {
		s.revokeEarlier(ctx, here)
		return
	}
	s.sayEarlierLives(here)
}

func (s *login) sayEarlierLives(here profile.Place) {
	s.say("The refresh token of the earlier sign-in lives on at Zoho until it is revoked: %s, Sessions, "+
		"Connected Apps, Revoke Access does that for all sign-ins of this client, this one too; "+
		"auth login with --revoke-old does it for the earlier one alone", here.Credentials.AccountsURL)
}

// revokeEarlier revokes the earlier sign-in at Zoho, unless another profile uses it too. If that fails, the new sign-in
// stays.
func (s *login) revokeEarlier(ctx context.Context, here profile.Place) {
	if s.earlier == "" {
		s.say("rolecall: warning: the earlier sign-in is not revoked: its refresh token could not be read (%s)",
			s.before.Refresh)
		s.sayEarlierLives(here)
		return
	}
	if others := s.sharers(ctx, s.file, s.before, s.earlier); len(others) > 0 {
		s.say("rolecall: warning: the earlier sign-in is not revoked: it is also that of profile %s",
			strings.Join(others, ", "))
		return
	}
	client := auth.Client{AccountsURL: here.Credentials.AccountsURL, ID: s.before.ClientID}
	if err := client.Revoke(ctx, s.earlier); err != nil {
		s.say("rolecall: warning: the earlier sign-in is not revoked: %v", err)
		s.sayEarlierLives(here)
		return
	}
	s.say("The earlier sign-in is revoked at Zoho")
}

// sharers returns the names of other profiles with the same refresh token. It compares commands without running them.
func (c *Command) sharers(
	ctx context.Context, file *profile.File, used profile.Profile, token string,
) (names []string) {
	for _, other := range file.Profiles {
		if other.Name == used.Name || !other.Refresh.Set() {
			continue
		}
		same := len(other.Refresh.Command) > 0 && slices.Equal(other.Refresh.Command, used.Refresh.Command)
		if len(other.Refresh.Command) == 0 {
			value, err := c.Profiles.Secret(context.WithoutCancel(ctx), other.Refresh)
			same = err == nil && value == token
		}
		if same {
			names = append(names, other.Name)
		}
	}
	return names
}
