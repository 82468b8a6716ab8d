package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/pace"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/signin"
)

// fallbackInFlight is how many calls are in flight where the edition is not known: what the smallest edition allows
// (Zoho CRM API v8, API Limits).
const fallbackInFlight = 5

// connect signs in to the org that a run's settings name.
func (p *process) connect(ctx context.Context, set job.Settings, h job.Hooks) (*job.Org, error) {
	here, err := p.locate(set.Profile)
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	if set.Profile != "" {
		p.sayIgnored(set.Profile, here.Profile)
	}
	if here.Emulated {
		if err := p.emulate(&here); errors.Is(err, errEmulatorBusy) {
			return nil, err
		} else if err != nil {
			return nil, signin.ConnectError(err)
		}
	}
	pacer := pace.New(pace.Config{
		InFlight: fallbackInFlight, Rate: set.Rate, MaxCredits: set.MaxCredits, OnEpisode: h.Episode, OnWait: p.waits(h),
	})
	source, err := p.tokens(here)
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	client, err := newClient(ctx, here, source, pacer, h)
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	// Also the first call takes its place among those of other processes: one of the few that every edition has.
	if err := p.share(pacer, here, fallbackInFlight); err != nil {
		return nil, signin.ConnectError(err)
	}
	org, err := client.Org(ctx)
	if err != nil && !signin.MayGoOnWithout(err) {
		return nil, signin.ConnectError(err)
	}
	if err := p.checkPin(here, org, err); err != nil {
		return nil, signin.ConnectError(err)
	}
	p.sayUnpinned(here, org)
	if err := source.Warning(); err != nil {
		p.note(err.Error())
	}
	signedIn, err := p.within(here, org, set, pacer)
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	signedIn.Zoho, signedIn.Pacer = client, pacer
	return signedIn, nil
}

// within sets the limits of the calls to an org: the calls in flight, shared with other processes, and the credits. It
// returns the org as a run knows it, without its client and pacer.
func (p *process) within(here profile.Place, org api.Org, set job.Settings, pacer *pace.Pacer) (*job.Org, error) {
	identity := job.Identity{
		APIURL:      here.APIURL,
		ClientID:    here.Credentials.ClientID,
		Fingerprint: here.Credentials.Fingerprint(),
		OrgID:       org.ID,
	}
	if here.Emulated {
		identity.APIURL = "profile " + profile.Emulator // its port is another one each time
	}
	edition := here.Profile.InFlight(org)
	ceiling := inFlight(set.Concurrency, edition)
	pacer.SetCeiling(ceiling)
	if org.InFlight() == 0 {
		org.Edition = here.Profile.Edition
	}
	if err := p.share(pacer, here, max(ceiling, edition)); err != nil {
		return nil, err
	}
	known, err := p.findings(here, org.ID)
	if err != nil {
		return nil, err
	}
	reserve, err := p.account(pacer, here, org, set)
	if err != nil {
		return nil, err
	}
	return &job.Org{
		Identity: identity, InFlight: ceiling, Version: here.Version, Reserve: reserve,
		Batches: here.Version.HasCollection(), Composes: here.Version.HasComposite(), Findings: known,
	}, nil
}

// waits tells the log and people that nothing starts until credits come back.
func (p *process) waits(h job.Hooks) func(time.Time, string) {
	return func(until time.Time, why string) {
		h.Wait(until, why)
		p.note(fmt.Sprintf("%s: waiting until %s, then it goes on", why, until.Local().Format(time.DateTime)))
	}
}

// tokens makes the source of access tokens. A folder keeps them between commands, so that ten runs in a minute ask Zoho
// for one. The emulator's tokens end with the process.
func (p *process) tokens(here profile.Place) (*auth.Source, error) {
	if here.Emulated {
		return auth.NewSource(here.Credentials, auth.Options{})
	}
	folder, err := p.profiles().TokenFolder()
	if err != nil {
		return nil, err
	}
	return auth.NewSource(here.Credentials, auth.Options{
		CacheDir: folder,
		Patience: p.patience,
		OnThrottle: func(until time.Time) {
			p.note(
				fmt.Sprintf(
					"Zoho gives no more access tokens for now (10 in 10 minutes): waiting until %s at the longest, then it goes on",
					until.Local().Format(time.DateTime),
				),
			)
		},
		OnHeld: func(until time.Time) {
			p.note(
				fmt.Sprintf(
					"another rolecall process holds the store of access tokens: waiting until %s at the longest",
					until.Local().Format(time.DateTime),
				),
			)
		},
	})
}

// newClient makes the client of a place.
func newClient(
	ctx context.Context,
	here profile.Place,
	source *auth.Source,
	pacer *pace.Pacer,
	h job.Hooks,
) (*api.Client, error) {
	base, err := here.Base(ctx, source)
	if err != nil {
		return nil, err
	}
	return api.New(api.Config{BaseURL: base, Version: here.Version, Tokens: source, Pacer: pacer, Trace: h.Attempt})
}

// share makes a pacer share n calls in flight with all rolecall processes of this machine. No other process can use the
// emulator in this one.
func (p *process) share(pacer *pace.Pacer, here profile.Place, n int) error {
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
	pacer.Share(places)
	return nil
}

// inFlight is the ceiling of calls in flight: what was asked for, capped at the edition's limit where that is known.
func inFlight(asked, edition int) int {
	switch {
	case asked == 0 && edition == 0:
		return fallbackInFlight
	case asked == 0:
		return edition
	case edition == 0:
		return asked
	}
	return min(asked, edition)
}

// sayIgnored says which profile is used where none is named, and that the connection variables do not count beside one.
func (p *process) sayIgnored(name string, used profile.Profile) {
	if p.profiles().Unnamed {
		p.note(fmt.Sprintf("no profile is named: %s is used", name))
	} else if variable := p.profiles().Ignored(used); variable != "" {
		p.note(fmt.Sprintf("profile %s is used: the connection variables (%s, ...) are ignored", name, variable))
	}
}
