package cli

import (
	"path/filepath"

	"rolecall/api/auth"
)

// earlierToken is the refresh token that this sign-in takes the place of, "" where it cannot be had. A command is not run for it: it may ask a person.
func (s *signIn) earlierToken() string {
	old := s.before.refresh
	if !old.set() || len(old.command) > 0 {
		return ""
	}
	token, err := s.p.secret(s.p.ctx, old)
	if err != nil {
		return ""
	}
	return token
}

// endEarlier drops what is left of the sign-in that this one takes the place of, and says what is left of it at Zoho.
func (s *signIn) endEarlier(grant auth.Grant) {
	if !s.before.refresh.set() || s.earlier == grant.RefreshToken {
		return
	}
	here, err := s.before.place()
	if err != nil {
		return // it was nowhere to sign in to
	}
	here.credentials.RefreshToken = s.earlier
	if state, err := s.p.stateFolder(); err == nil && s.earlier != "" {
		if err := auth.Forget(here.credentials, filepath.Join(state, tokensFolder)); err != nil {
			s.p.say("rolecall: warning: the access token of the earlier sign-in is still on this machine: %v", err)
		}
	}
	if s.flags.RevokeOld {
		s.revokeEarlier(here)
		return
	}
	s.sayEarlierLives(here)
}

func (s *signIn) sayEarlierLives(here place) {
	s.p.say("The refresh token of the earlier sign-in lives on at Zoho until it is revoked: %s, Sessions, Connected Apps, Revoke Access does that for all sign-ins of this client, this one too; "+
		"auth login with --revoke-old does it for the earlier one alone", here.credentials.AccountsURL)
}

// revokeEarlier ends the earlier sign-in at Zoho, unless another profile has it too. That it could not be ended changes nothing of the new one.
func (s *signIn) revokeEarlier(here place) {
	if s.earlier == "" {
		s.p.say("rolecall: warning: the earlier sign-in is not revoked: its refresh token could not be read (%s)", s.before.refresh)
		s.sayEarlierLives(here)
		return
	}
	if others := s.p.sharers(s.config, s.before, s.earlier); len(others) > 0 {
		s.p.say("rolecall: warning: the earlier sign-in is not revoked: it is also that of profile %s", joined(others))
		return
	}
	client := auth.Client{AccountsURL: here.credentials.AccountsURL, ID: s.before.clientID}
	if err := client.Revoke(s.p.ctx, s.earlier); err != nil {
		s.p.say("rolecall: warning: the earlier sign-in is not revoked: %v", err)
		s.sayEarlierLives(here)
		return
	}
	s.p.say("The earlier sign-in is revoked at Zoho")
}
