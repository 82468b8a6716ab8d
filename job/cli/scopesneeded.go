package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/job/rundir"
)

// scopesNeeded are the scopes without which a command cannot do its work.
func scopesNeeded(command string) []string {
	var names []string
	for _, s := range scopes() {
		if s.without == "" && slices.Contains(s.commands, command) {
			names = append(names, s.name)
		}
	}
	return names
}

// scopeHint says which scopes the command needs where Zoho refused a call for lack of one, and how to sign in with them; "" where nothing is known of that.
func (p *process) scopeHint(err error) string {
	e, ok := errors.AsType[*api.Error](err)
	if !ok || e.Code != codeScopeMismatch || p.needs == "" {
		return ""
	}
	needs := p.needs
	if p.conf.inUse != "" && p.conf.inUse == p.conf.readOnly {
		needs = needsRoles // of the two commands that roles copy is, the first
	}
	text := fmt.Sprintf("%s needs the scopes %s; sign in with them: rolecall auth login", needs, strings.Join(scopesNeeded(needs), ","))
	if p.conf.inUse == "" {
		return text + p.configFlag() + ", and give --profile; or make " + envRefreshToken + " with them"
	}
	return text + " --profile " + rundir.ShellQuote(p.conf.inUse) + p.configFlag()
}

// codeScopeMismatch is the refusal of a call that the scopes of the token do not allow (Zoho CRM API v8, OAuth errors).
const codeScopeMismatch = "OAUTH_SCOPE_MISMATCH"

// next is what can be done with a sign-in of these scopes; nil is that nobody knows.
func (s *signIn) next(granted []string) string {
	at := " --profile " + rundir.ShellQuote(s.used.name) + s.p.configFlag()
	for _, command := range []string{needsAssign, needsRemove, needsExport} {
		if granted == nil || !slices.ContainsFunc(scopesNeeded(command), func(name string) bool { return !grants(granted, name) }) {
			if command != needsExport {
				command += " FILE.csv"
			}
			return "rolecall " + command + " --dry-run" + at
		}
	}
	return fmt.Sprintf("none of %s, %s and %s can do its work with these scopes: sign in again, with %s: %s", needsAssign, needsRemove, needsExport, strings.Join(scopeNames(), ","), s.command())
}
