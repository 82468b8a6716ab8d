package command

import (
	"fmt"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
)

// PinFlags are the flags of a command that writes to an org.
type PinFlags struct {
	AllowOrgChange bool `name:"allow-org-change" env:"-" help:"Continue although the profile was made for another org, and store this org in the profile."`
}

// checkPin compares the org of a sign-in with the org of its profile, before anything is written to the org. unread is
// why the org could not be read; nil: it could.
func (p *Process) checkPin(here profile.Place, org api.Org, unread error) error {
	pinned, name := here.Profile.OrgID, here.Profile.Name
	switch {
	case pinned == "" || pinned == org.ID:
		return nil
	case here.Gateway != nil && !p.AllowOrgChange:
		return &job.UsageError{Err: fmt.Errorf("profile %s was made for org %s, and the gateway signs in to another org, "+
			"or does not say to which: nothing was sent; connect the right org in the gateway, or take "+
			"org_id out of the profile", name, pinned)}
	case unread != nil:
		return &job.Stop{Reason: job.SignIn, Err: fmt.Errorf(
			"profile %s was made for org %s, and rolecall cannot read which org its sign-in is for: %w; nothing was sent; "+
				"sign in with the scope ZohoCRM.org.READ (%s), or take org_id out of the profile",
			name, pinned, unread, p.Profiles().Login(name))}
	case !p.AllowOrgChange || name == p.ReadOnly:
		meant := "give --allow-org-change"
		if name == p.ReadOnly { // --allow-org-change is only for the org that the command writes to
			meant = "put it into the profile (org_id)"
		}
		return &job.UsageError{Err: fmt.Errorf("profile %s was made for org %s, but its sign-in is for org %s (%s): "+
			"nothing was sent; sign in to the right org (%s), or, if the change is meant, %s",
			name, pinned, org.ID, org.Name, p.Profiles().Login(name), meant)}
	}
	p.conf.move = func() error { return p.movePin(name, org.ID) }
	return nil
}

// sayUnpinned shows a note if the profile names no org, so that the run's org cannot be checked.
func (p *Process) sayUnpinned(here profile.Place, org api.Org) {
	name := here.Profile.Name
	switch {
	case name == "" || here.Profile.OrgID != "":
	case org.ID == "":
		p.Note(fmt.Sprintf("profile %s names no org, and rolecall cannot read which org its sign-in is for "+
			"(scope %s): nothing checks that this run writes to the right org", name, scope.Org))
	default:
		p.Note(fmt.Sprintf("profile %s names no org, so nothing checks that org %s (%s) is the right one: "+
			"put org_id: \"%[2]s\" into the profile", name, org.ID, org.Name))
	}
}

// movePin stores another org in a profile.
func (p *Process) movePin(name, orgID string) error {
	f, err := p.Profiles().Read()
	if err != nil {
		return err
	}
	changed, err := f.Profile(name)
	if err != nil {
		return err
	}
	from := changed.OrgID
	changed.OrgID = orgID
	if err := f.Save(changed); err != nil {
		return err
	}
	p.Note(fmt.Sprintf("profile %s is now for org %s (it was %s)", name, orgID, from))
	return nil
}

// settlePin stores the new org in the profile when a run is about to write. A dry run does not. An error, such as a
// pin in the config file, stops no run: the next run needs --allow-org-change again.
func (p *Process) settlePin() {
	if p.conf.move == nil {
		return
	}
	if err := p.conf.move(); err != nil {
		p.Say("rolecall: warning: the profile still names the org that it was made for: %v", err)
	}
	p.conf.move = nil
}
