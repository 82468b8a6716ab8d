package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job"
)

// fallbackInFlight is how many calls are in flight where the edition is not known: what the smallest edition allows (Zoho CRM API v8, API Limits).
const fallbackInFlight = 5

// tokensFolder keeps the access tokens, below the state folder.
const tokensFolder = "tokens"

// connect signs in to the org that a run's settings name.
func (p *process) connect(ctx context.Context, set job.Settings, h job.Hooks) (*job.Org, error) {
	here, err := p.locate(set.Profile)
	if err != nil {
		return nil, connectError(err)
	}
	if set.Profile != "" {
		p.sayIgnored(set.Profile, here.profile)
	}
	if here.emulated {
		if err := p.emulate(&here); errors.Is(err, errEmulatorBusy) {
			return nil, err
		} else if err != nil {
			return nil, connectError(err)
		}
	}
	pacer := api.NewPacer(api.PacerConfig{InFlight: fallbackInFlight, Rate: set.Rate, MaxCredits: set.MaxCredits, OnEpisode: h.Episode, OnWait: p.waits(h)})
	source, err := p.tokens(here)
	if err != nil {
		return nil, connectError(err)
	}
	client, err := newClient(ctx, here, source, pacer, h)
	if err != nil {
		return nil, connectError(err)
	}
	// Also the first call takes its place among those of other processes: one of the few that every edition has.
	if err := p.share(pacer, here, fallbackInFlight); err != nil {
		return nil, connectError(err)
	}
	org, err := client.Org(ctx)
	if err != nil && !mayGoOnWithout(err) {
		return nil, connectError(err)
	}
	if err := p.checkPin(here, org, err); err != nil {
		return nil, connectError(err)
	}
	p.sayUnpinned(here, org)
	if err := source.Warning(); err != nil {
		p.note(err.Error())
	}
	signedIn, err := p.within(here, org, set, pacer)
	if err != nil {
		return nil, connectError(err)
	}
	signedIn.Zoho, signedIn.Pacer = client, pacer
	return signedIn, nil
}

// within sets what the calls to an org must keep to: the calls in flight, shared with other processes, and the credits. It returns the org as a run knows it, but for who calls it.
func (p *process) within(here place, org api.Org, set job.Settings, pacer *api.Pacer) (*job.Org, error) {
	identity := job.Identity{APIURL: here.apiURL, ClientID: here.credentials.ClientID, Fingerprint: here.credentials.Fingerprint(), OrgID: org.ID}
	if here.emulated {
		identity.APIURL = "profile " + profileEmulator // its port is another one each time
	}
	edition := here.profile.inFlight(org)
	ceiling := inFlight(set.Concurrency, edition)
	pacer.SetCeiling(ceiling)
	if org.InFlight() == 0 {
		org.Edition = here.profile.edition
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
		Identity: identity, InFlight: ceiling, Version: here.version, Reserve: reserve,
		Batches: here.version.HasCollection(), Composes: here.version.HasComposite(), Findings: known,
	}, nil
}

// waits tells the log and people that nothing starts until credits come back.
func (p *process) waits(h job.Hooks) func(time.Time, string) {
	return func(until time.Time, why string) {
		h.Wait(until, why)
		p.note(fmt.Sprintf("%s: waiting until %s, then it goes on", why, until.Local().Format(time.DateTime)))
	}
}

// tokens makes the source of access tokens. They are kept between commands, so that ten runs in a minute ask Zoho for one; the emulator's end with the process.
func (p *process) tokens(here place) (*auth.Source, error) {
	if here.emulated {
		return auth.NewSource(here.credentials, auth.Options{})
	}
	folder, err := p.tokenStore()
	if err != nil {
		return nil, err
	}
	return auth.NewSource(here.credentials, auth.Options{
		CacheDir: folder,
		Patience: p.patience,
		OnThrottle: func(until time.Time) {
			p.note(fmt.Sprintf("Zoho gives no more access tokens for now (10 in 10 minutes): waiting until %s at the longest, then it goes on", until.Local().Format(time.DateTime)))
		},
		OnHeld: func(until time.Time) {
			p.note(fmt.Sprintf("another rolecall process holds the store of access tokens: waiting until %s at the longest", until.Local().Format(time.DateTime)))
		},
	})
}

// tokenStore is the folder of the access tokens. That there can be none is an error of signing in.
func (p *process) tokenStore() (string, error) {
	folder, err := p.stateFolder()
	if _, open := errors.AsType[*auth.PermissionError](err); open {
		return "", err
	}
	if err != nil {
		return "", &errSignIn{"access tokens have nowhere to be kept: " + err.Error()}
	}
	return filepath.Join(folder, tokensFolder), nil
}

// apiBase is the API's address: where the user did not name it, what came with the token, else the data centre's.
func apiBase(ctx context.Context, here place, source *auth.Source) (string, error) {
	if here.apiGiven || here.emulated {
		return here.apiURL, nil
	}
	domain, err := source.APIDomain(ctx)
	return cmp.Or(domain, here.apiURL), err
}

// newClient makes the client of a place.
func newClient(ctx context.Context, here place, source *auth.Source, pacer *api.Pacer, h job.Hooks) (*api.Client, error) {
	base, err := apiBase(ctx, here, source)
	if err != nil {
		return nil, err
	}
	return api.New(api.Config{BaseURL: base, Version: here.version, Tokens: source, Pacer: pacer, Trace: h.Attempt})
}

// share makes the n calls in flight those of all rolecall processes of this machine that sign in with the same client. Zoho counts by org and client (Zoho CRM API v8, API Limits);
// one client on two orgs shares more than it must, which errs on the safe side. No other process can use the emulator in this one.
func (p *process) share(pacer *api.Pacer, here place, n int) error {
	if here.emulated {
		return nil
	}
	folder, err := p.stateFolder()
	if err != nil {
		return err
	}
	name := sha256.Sum256([]byte(here.apiURL + " " + here.credentials.ClientID))
	slots, err := api.OpenSlots(filepath.Join(folder, "slots", hex.EncodeToString(name[:8])), n)
	if err != nil {
		return err
	}
	pacer.Share(slots)
	return nil
}

// mayGoOnWithout says whether a run can do without what GET /org would have told: the org's id and edition. The scope for it is not needed otherwise.
func mayGoOnWithout(err error) bool {
	var e *api.Error
	return errors.As(err, &e) && (e.Ends == api.EndNone || e.HTTP == http.StatusUnauthorized && e.Code == "OAUTH_SCOPE_MISMATCH")
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

// connectError marks what is a mistake in the configuration, and what is missing to sign in, so that the job passes it on as such.
func connectError(err error) error {
	if stop, ok := errors.AsType[*job.Stop](err); ok {
		return stop
	}
	if _, ok := errors.AsType[*auth.PermissionError](err); ok {
		return &job.UsageError{Err: err}
	}
	if _, ok := errors.AsType[*api.Error](err); ok {
		return err // it says itself how it ends a run
	}
	refused, ok := errors.AsType[*auth.Error](err)
	switch {
	case ok && refused.Temporary():
		return &job.Stop{Reason: job.Outage, Err: err}
	case ok:
		return &job.Stop{Reason: job.SignIn, Err: err}
	}
	_, lacks := errors.AsType[*errSignIn](err)
	_, held := errors.AsType[*auth.HeldError](err)
	_, closed := errors.AsType[*auth.StoreError](err)
	if lacks || held || closed {
		return &job.Stop{Reason: job.SignIn, Err: err}
	}
	return &job.UsageError{Err: err}
}

// sayIgnored tells which profile is used where none is named, and that the connection variables do not count beside one.
func (p *process) sayIgnored(name string, used profile) {
	if p.conf.unnamed {
		p.note(fmt.Sprintf("no profile is named: %s is used", name))
		return
	}
	for _, variable := range connectionVariables() {
		if p.getenv(variable) != "" && variable != used.secret.env && variable != used.refresh.env {
			p.note(fmt.Sprintf("profile %s is used: the connection variables (%s, ...) are ignored", name, variable))
			return
		}
	}
}
