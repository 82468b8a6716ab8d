package command

import (
	"fmt"

	"rolecall/api"
	"rolecall/api/pace"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/machine"
)

// Account makes a pacer share the record of the org's credits with other processes, and limits the credits that the
// pacer may spend. It returns the credits that the run must leave.
func (p *Process) Account(
	pacer *pace.Pacer, here profile.Place, org api.Org, set job.Settings,
) (reserve int64, err error) {
	budget := org.Credits(org.Users)
	if set.Reserve.Relative() && budget == 0 {
		return 0, &job.UsageError{Err: fmt.Errorf("--reserve %s: rolecall does not know how many credits a day the "+
			"org's edition has: give a number of credits", set.Reserve)}
	}
	if set.Reserve.Set {
		reserve = set.Reserve.Of(int64(budget))
	}
	limited := set.Reserve.Set || set.Wait
	b := pace.Budget{Credits: budget, Reserve: int(reserve), Limited: limited, Wait: set.Wait}
	if here.Emulated { // no other process can use this emulator
		return reserve, pacer.Account(nil, b)
	}
	shared, err := p.machine()
	if err != nil {
		return 0, err
	}
	if err := pacer.Account(shared.Credits(orgKey(here, org.ID)), b); err != nil {
		return 0, err
	}
	p.AtEnd = append(p.AtEnd, func() {
		for _, warning := range []error{pacer.Close(), shared.Warning()} {
			if warning != nil {
				p.Note(warning.Error())
			}
		}
	})
	return reserve, nil
}

// Share makes a pacer share n calls in flight, and the heavy ones among them, with all rolecall processes of this
// machine. It does nothing for the emulator inside this process, which no other process can use.
func (p *Process) Share(pacer *pace.Pacer, here profile.Place, n int) error {
	if here.Emulated {
		return nil
	}
	shared, err := p.machine()
	if err != nil {
		return err
	}
	places, err := shared.Places(accountKey(here), n)
	if err != nil {
		return err
	}
	heavy, err := shared.Places(accountKey(here)+" heavy", pace.MostHeavy)
	if err != nil {
		return err
	}
	pacer.Share(places)
	pacer.ShareHeavy(heavy)
	return nil
}

// shareVoice makes the pacer of Zoho Voice share its calls in flight with all rolecall processes of this machine.
func (p *Process) shareVoice(pacer *pace.Pacer, here profile.Place) error {
	if here.Emulated {
		return nil
	}
	shared, err := p.machine()
	if err != nil {
		return err
	}
	places, err := shared.Places(accountKey(here)+" voice", api.VoiceInFlight)
	if err == nil {
		pacer.Share(places)
	}
	return err
}

// machine returns what this process shares with other rolecall processes of this machine.
func (p *Process) machine() (*machine.Machine, error) {
	if p.shared == nil {
		folder, err := p.StateFolder()
		if err != nil {
			return nil, err
		}
		p.shared = machine.In(folder)
	}
	return p.shared, nil
}

// seal returns this machine's seal of what a run records.
func (p *Process) seal(record []byte) (string, error) {
	shared, err := p.machine()
	if err != nil {
		return "", err
	}
	return shared.Seal(record)
}

// findings returns what earlier runs found out about an org.
func (p *Process) findings(here profile.Place, orgID string) (*machine.Findings, error) {
	shared, err := p.machine()
	if err != nil {
		return nil, err
	}
	return shared.Findings(orgKey(here, orgID), here.Version.String()), nil
}

// orgKey returns the name of an org in the files of the machine: the API's address and the org's id, or the client id
// if the org's id is not known.
func orgKey(here profile.Place, orgID string) string {
	switch {
	case here.Emulated: // its port changes each time
		return profile.Emulator + " " + orgID
	case orgID == "":
		return accountKey(here)
	}
	return here.APIURL + " " + orgID
}

// accountKey returns the name under which processes share their calls in flight. Zoho counts them by org and client
// (Zoho CRM API v8, API Limits). One client with two orgs shares more than it must, which is safe.
func accountKey(here profile.Place) string { return here.APIURL + " " + here.Credentials.ClientID }
