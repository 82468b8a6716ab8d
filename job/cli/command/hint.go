package command

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"rolecall/api/auth"
	"rolecall/api/auth/private"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/signin"
	"rolecall/job/rundir"
)

// SignInHint returns the usual cause of a refused sign-in and what to do about it, or "". The codes are Zoho's (Zoho
// CRM API v8, OAuth error codes; the throttle's shape is Zoho Accounts').
func (p *Process) SignInHint(err error) string {
	if hint := p.gatewayHint(err); hint != "" {
		return hint
	}
	if held, ok := errors.AsType[*auth.HeldError](err); ok {
		text := "give the same command again when no other rolecall process hangs or is suspended"
		if runtime.GOOS != "windows" {
			text += "; fuser " + rundir.ShellQuote(held.Path) + " shows which process holds it"
		}
		return text
	}
	if auth.IsCertificate(err) {
		return "check this machine's clock, its certificates and the server's address: rolecall doctor checks them"
	}
	if _, ok := errors.AsType[*auth.StoreError](err); ok || private.LacksLocks(err) {
		return profile.MendState(err)
	}
	refused, ok := errors.AsType[*auth.Error](err)
	if !ok {
		return p.scopeHint(err)
	}
	again := " (rolecall doctor checks them, rolecall auth login signs in again)"
	token := profile.EnvRefreshToken + " and " + profile.EnvDC + again
	client, secret := profile.EnvClientID+" and "+profile.EnvDC+again, profile.EnvClientSecret+again
	if name := p.Profiles().InUse; name != "" {
		again := " of profile " + name + " (" + p.Profiles().Login(name) + " signs in again)"
		token, client, secret = "the refresh token and dc"+again, "client_id and dc"+again, "the client secret"+again
	}
	switch {
	case refused.Throttled():
		return "Zoho gives 10 access tokens in 10 minutes: try again in ten minutes"
	case refused.Code == "invalid_code":
		return "the refresh token is wrong, was revoked, or belongs to another data centre: check " + token
	case refused.Code == "invalid_client":
		return "the client id is wrong, or belongs to another data centre: check " + client
	case refused.Code == "invalid_client_secret":
		return "the client secret is wrong: check " + secret
	}
	return ""
}

// scopeHint returns which scopes the command needs and how to sign in with them, if Zoho refused a call for lack of a
// scope. Otherwise it returns "".
func (p *Process) scopeHint(err error) string {
	if !signin.LacksScope(err) || p.needs == "" {
		return ""
	}
	needs, used := p.needs, p.Profiles().InUse
	if used != "" && used == p.ReadOnly {
		needs = scope.RolesList // roles copy only lists the roles of this org
	}
	text := fmt.Sprintf("%s needs the scopes %s; sign in with them: %s",
		needs, strings.Join(scope.Lacking(needs, nil), ","), p.Profiles().Login(used)+scope.LoginFlags(needs))
	if used == "" {
		text += ", and give --profile; or set " + profile.EnvRefreshToken + " to a token with them"
	}
	return text
}
