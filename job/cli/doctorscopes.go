package cli

import (
	"errors"
	"strings"

	"rolecall/api"
)

// knownScopes is what is known of the scopes of a sign-in.
type knownScopes struct {
	lacks   []scope
	untried []string // those to read with, of which no answer says whether they are there
	unknown []string // those that are not tried
}

// scopes tells which of those that the commands need the sign-in lacks. tried is what a call that needs a scope was answered; of the others is known what was granted at the sign-in, if that
// was rolecall's.
func (d *doctor) scopes(here place, tried map[string]error) {
	granted := d.recallSignIn(d.name, here.credentials.Fingerprint()).Scopes
	if here.emulated {
		granted = scopeNames() // its refresh token may do everything
	}
	f := findScopes(granted, tried)
	switch {
	case len(f.lacks) > 0:
		d.lackingScopes(here, f.lacks)
	case len(f.untried) > 0:
		d.warn("scopes", "no answer says whether the sign-in has "+joined(f.untried), "try again later")
	case len(f.unknown) > 0:
		d.ok("scopes", "all that are needed to read; whether it has those to write, %s, only writing tells", joined(f.unknown))
	default:
		d.ok("scopes", "all that the commands need")
	}
}

// findScopes goes through the scopes of all commands. A refusal for another reason, such as that there is no such deal, comes after the scopes.
func findScopes(granted []string, tried map[string]error) (f knownScopes) {
	for _, s := range scopes() {
		err, wasTried := tried[s.name]
		failed, isCall := errors.AsType[*api.Error](err)
		switch {
		case lacksScope(err):
			f.lacks = append(f.lacks, s)
		case wasTried && err != nil && (!isCall || failed.Code == "" || failed.Temporary()):
			f.untried = append(f.untried, s.name)
		case wasTried:
		case granted == nil:
			f.unknown = append(f.unknown, s.name)
		case !grants(granted, s.name):
			f.lacks = append(f.lacks, s)
		}
	}
	return f
}

// lackingScopes tells what is lacking, and what for. It is an error where no run can do its work.
func (d *doctor) lackingScopes(here place, lacks []scope) {
	var names, reasons []string
	stopped := map[string]bool{}
	for _, s := range lacks {
		for _, c := range s.commands {
			stopped[c] = stopped[c] || s.without == ""
		}
		if s.name == scopeOrg && here.profile.orgID != "" {
			stopped[needsAssign], stopped[needsRemove], stopped[needsExport] = true, true, true
		}
		names, reasons = append(names, s.name), append(reasons, s.reason())
	}
	message := "the sign-in lacks " + joined(reasons)
	next := d.login() + ", with the scopes it has and " + strings.Join(names, ",")
	if stopped[needsAssign] && stopped[needsRemove] && stopped[needsExport] {
		d.fail(exitSignIn, "scopes", message, next)
		return
	}
	d.warn("scopes", message, next)
}
