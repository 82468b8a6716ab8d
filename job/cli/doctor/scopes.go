package doctor

import (
	"errors"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/signin"
)

// knownScopes is what doctor found out about the scopes of a sign-in.
type knownScopes struct {
	lacks   []scope.Scope
	untried []string // the error of the call that tried them says nothing about the scope
	unknown []string // no call tried them
}

// scopes reports which scopes the sign-in lacks. tried has the errors of the calls that tried a scope, by the scope.
// The other scopes are only known if rolecall made the sign-in.
func (d *Doctor) scopes(here profile.Place, tried map[string]error) {
	granted := d.Scopes(d.Name, here)
	f := findScopes(granted, tried)
	switch {
	case len(f.lacks) > 0:
		d.lackingScopes(here, f.lacks)
	case len(f.untried) > 0:
		d.warn("scopes", "no answer says whether the sign-in has "+join(f.untried), "try again later")
	case len(f.unknown) > 0:
		d.ok("scopes", "all that are needed to read; only a write shows whether it has those to write: %s",
			join(f.unknown))
	default:
		d.ok("scopes", "all that the commands need")
	}
}

// findScopes sorts the scopes of all commands into those lacking, untried and unknown. A call that fails for another
// reason, such as a missing deal, had the scope: Zoho checks scopes first.
func findScopes(granted []string, tried map[string]error) (f knownScopes) {
	for _, s := range scope.Set(scope.SetOf(granted)) {
		err, wasTried := tried[s.Name]
		failed, isCall := errors.AsType[*api.Error](err)
		switch {
		case signin.LacksScope(err):
			f.lacks = append(f.lacks, s)
		case wasTried && err != nil && (!isCall || failed.Code == "" || failed.Temporary()):
			f.untried = append(f.untried, s.Name)
		case wasTried:
		case granted == nil:
			f.unknown = append(f.unknown, s.Name)
		case !scope.Grants(granted, s.Name):
			f.lacks = append(f.lacks, s)
		}
	}
	return f
}

// lackingScopes reports the lacking scopes and the commands that need them: an error if no run can work, else a
// warning.
func (d *Doctor) lackingScopes(here profile.Place, lacks []scope.Scope) {
	var names, reasons []string
	stopped := map[string]bool{}
	for _, s := range lacks {
		for _, c := range s.Commands {
			stopped[c] = stopped[c] || s.Without == ""
		}
		if s.Name == scope.Org && here.Profile.OrgID != "" {
			stopped[scope.Assign], stopped[scope.Remove], stopped[scope.Export] = true, true, true
		}
		reasons = append(reasons, s.Reason())
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	message := "the sign-in lacks " + join(reasons)
	next := d.login() + ", with the scopes it has and " + strings.Join(names, ",")
	if stopped[scope.Assign] && stopped[scope.Remove] && stopped[scope.Export] {
		d.fail(SignIn, "scopes", message, next)
		return
	}
	d.warn("scopes", message, next)
}
