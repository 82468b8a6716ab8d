package cli

import (
	"fmt"

	"rolecall/api"
	"rolecall/job"
)

// pinFlags are those of a command that writes to an org.
type pinFlags struct {
	AllowOrgChange bool `name:"allow-org-change" env:"-" help:"Go on although the profile was made for another org, and make it one for this org."`
}

// pinning is how a process holds its profile to the org that it was made for.
type pinning struct {
	allow bool
	move  func() error // what is left to do when the org has changed with leave; nil: nothing
}

// checkPin compares the org of a sign-in with that of its profile, before anything is written to it. unread is why the org could not be read.
func (p *process) checkPin(here place, org api.Org, unread error) error {
	pinned := here.profile.orgID
	switch {
	case pinned == "" || pinned == org.ID:
		return nil
	case unread != nil:
		return &job.Stop{Reason: job.SignIn, Err: fmt.Errorf(
			"profile %s was made for org %s, and which org its sign-in is for cannot be read: %w; nothing was sent; sign in with the scope ZohoCRM.org.READ (rolecall auth login --profile %[1]s%[4]s), or take org_id out of the profile",
			here.profile.name, pinned, unread, p.configFlag())}
	case !p.conf.pin.allow || here.profile.name == p.conf.readOnly:
		meant := "give --allow-org-change"
		if here.profile.name == p.conf.readOnly { // that leave is for the org that is written to
			meant = "put it into the profile (org_id)"
		}
		return &errUsage{fmt.Errorf("profile %s was made for org %s, but its sign-in is for org %s (%s): nothing was sent; sign in to the right org (rolecall auth login --profile %[1]s%[5]s), or, if the change is meant, %[6]s",
			here.profile.name, pinned, org.ID, org.Name, p.configFlag(), meant)}
	}
	p.conf.pin.move = func() error { return p.movePin(here.profile.name, org.ID) }
	return nil
}

// sayUnpinned says that nothing holds a run to an org where the profile names none.
func (p *process) sayUnpinned(here place, org api.Org) {
	switch {
	case here.profile.name == "" || here.profile.orgID != "":
	case org.ID == "":
		p.note(fmt.Sprintf("profile %s names no org, and which org its sign-in is for cannot be read (scope %s): nothing holds this run to one", here.profile.name, scopeOrg))
	default:
		p.note(fmt.Sprintf("profile %s names no org, so that nothing holds this run to org %s (%s): org_id: \"%[2]s\" in the profile does", here.profile.name, org.ID, org.Name))
	}
}

// movePin makes a profile one for another org.
func (p *process) movePin(name, orgID string) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	changed, err := c.profile(name)
	if err != nil {
		return err
	}
	from := changed.orgID
	changed.orgID = orgID
	if err := c.save(name, changed); err != nil {
		return err
	}
	p.note(fmt.Sprintf("profile %s is now for org %s (it was %s)", name, orgID, from))
	return nil
}

// settlePin moves the pin once a run is about to write: a dry run leaves it. That it cannot be moved stops no run: the next one asks again.
func (p *process) settlePin() {
	if p.conf.pin.move == nil {
		return
	}
	if err := p.conf.pin.move(); err != nil {
		p.say("rolecall: warning: the profile still names the org that it was made for: %v", err)
	}
	p.conf.pin.move = nil
}
