package cli

import "strings"

// sayScopes says which scopes a sign-in lacks, and what for, with all of them in one text to paste. nil is that nobody knows.
func (s *signIn) sayScopes(granted []string) {
	missing := scopesMissing(granted)
	if granted == nil || len(missing) == 0 {
		return
	}
	var names, reasons []string
	for _, one := range missing {
		names, reasons = append(names, one.name), append(reasons, one.reason())
	}
	s.p.say("rolecall: warning: the sign-in lacks %s", joined(reasons))
	s.p.say("  -> sign in again, with the scopes it has and %s", strings.Join(names, ","))
}
