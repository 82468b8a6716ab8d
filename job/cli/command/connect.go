package command

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

// FallbackInFlight is the most calls in flight if the edition is not known: the limit of the smallest edition
// (Zoho CRM API v8, API Limits).
const FallbackInFlight = 5

// connect signs in to the org that a run's settings name.
func (p *Process) connect(ctx context.Context, set job.Settings, h job.Hooks) (*job.Org, error) {
	here, err := p.Profiles().Locate(ctx, set.Profile)
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	if set.Profile != "" {
		p.SayIgnored(set.Profile, here.Profile)
	}
	if here.Emulated {
		if err := p.Emulate(&here); errors.Is(err, errEmulatorBusy) {
			return nil, err
		} else if err != nil {
			return nil, signin.ConnectError(err)
		}
	}
	pacer := pace.New(pace.Config{
		InFlight: FallbackInFlight, Rate: set.Rate, MaxCredits: set.MaxCredits,
		OnEpisode: h.Episode, OnWait: p.waits(h),
	})
	if here.Gateway != nil {
		return p.connectGateway(ctx, here, set, h, pacer)
	}
	source, err := p.tokens(here)
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	voice := api.NewVoicePacer(pace.Config{
		InFlight: set.Concurrency, Rate: set.Rate, OnEpisode: h.Episode, OnWait: p.waits(h),
	})
	client, err := newClient(ctx, here, source, pacer, h, api.Config{
		VoiceURL: here.VoiceURL(set.VoiceURL), VoicePacer: voice,
	})
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	// The first call counts among the calls in flight of all processes too. The edition is not known yet, so the
	// limit is the limit of the smallest edition.
	if err := p.Share(pacer, here, FallbackInFlight); err != nil {
		return nil, signin.ConnectError(err)
	}
	if err := p.shareVoice(voice, here); err != nil {
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
		p.Note(err.Error())
	}
	signedIn, err := p.within(here, org, set, pacer)
	if err != nil {
		return nil, signin.ConnectError(err)
	}
	signedIn.Client, signedIn.Pacer, signedIn.Voice = client, pacer, voice
	return signedIn, nil
}

// within limits the calls to an org: the calls in flight, which it shares with other processes, and the credits. It
// returns the org without its client and pacer.
func (p *Process) within(here profile.Place, org api.Org, set job.Settings, pacer *pace.Pacer) (*job.Org, error) {
	identity := job.Identity{
		APIURL:      here.APIURL,
		ClientID:    here.Credentials.ClientID,
		Fingerprint: here.Credentials.Fingerprint(),
		OrgID:       org.ID,
	}
	if here.Emulated {
		identity.APIURL = "profile " + profile.Emulator // its port changes each time
	}
	edition := here.Profile.InFlight(org)
	ceiling := inFlight(set.Concurrency, edition)
	pacer.SetCeiling(ceiling)
	if org.InFlight() == 0 {
		org.Edition = here.Profile.Edition
	}
	if err := p.Share(pacer, here, max(ceiling, edition)); err != nil {
		return nil, err
	}
	known, err := p.findings(here, org.ID)
	if err != nil {
		return nil, err
	}
	reserve, err := p.Account(pacer, here, org, set)
	if err != nil {
		return nil, err
	}
	return &job.Org{
		Identity: identity, InFlight: ceiling, Version: here.Version, Reserve: reserve,
		Batches: here.Version.HasCollection(), Composes: here.Version.HasComposite(), Findings: known,
	}, nil
}

// waits returns a function that logs and shows that no call starts until credits come back.
func (p *Process) waits(h job.Hooks) func(time.Time, string) {
	return func(until time.Time, why string) {
		h.Wait(until, why)
		p.Note(fmt.Sprintf("%s: waiting until %s, then rolecall continues", why, until.Local().Format(time.DateTime)))
	}
}

// tokens returns the source of access tokens. A folder stores the tokens between commands, so that ten runs in a
// minute ask Zoho for one token. The emulator's tokens end with the process.
func (p *Process) tokens(here profile.Place) (*auth.Source, error) {
	if here.Emulated {
		return auth.NewSource(here.Credentials, auth.Options{})
	}
	folder, err := p.Profiles().TokenFolder()
	if err != nil {
		return nil, err
	}
	return auth.NewSource(here.Credentials, auth.Options{
		CacheDir: folder,
		Patience: p.Patience,
		OnThrottle: func(until time.Time) {
			p.Note(fmt.Sprintf("Zoho gives no more access tokens for now (10 in 10 minutes): "+
				"waiting until %s at the longest, then rolecall continues", until.Local().Format(time.DateTime)))
		},
		OnHeld: func(until time.Time) {
			p.Note(fmt.Sprintf("another rolecall process holds the store of access tokens: "+
				"waiting until %s at the longest", until.Local().Format(time.DateTime)))
		},
	})
}

// newClient returns the API client for a place. c has what only the caller knows.
func newClient(
	ctx context.Context, here profile.Place, source *auth.Source, pacer *pace.Pacer, h job.Hooks, c api.Config,
) (client *api.Client, err error) {
	if c.BaseURL, err = here.Base(ctx, source); err != nil {
		return nil, err
	}
	c.Version, c.Tokens, c.Pacer, c.Trace = here.Version, source, pacer, h.Attempt
	return api.New(c)
}

// inFlight returns the most calls in flight: what the user asked for, but no more than the edition's limit. 0 means
// that the user did not ask, or that the edition's limit is not known.
func inFlight(asked, edition int) int {
	switch {
	case asked == 0 && edition == 0:
		return FallbackInFlight
	case asked == 0:
		return edition
	case edition == 0:
		return asked
	}
	return min(asked, edition)
}

// SayIgnored shows which profile is used if the user named none, and that the connection variables are ignored with a
// profile.
func (p *Process) SayIgnored(name string, used profile.Profile) {
	if p.Profiles().Unnamed {
		p.Note(fmt.Sprintf("no profile is named: %s is used", name))
	} else if variable := p.Profiles().Ignored(used); variable != "" {
		p.Note(fmt.Sprintf("profile %s is used: the connection variables (%s, ...) are ignored", name, variable))
	}
}
