package cli

import (
	"context"
	"errors"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
)

// checkPatience bounds what one check may take, waiting for other processes' calls included.
const checkPatience = 30 * time.Second

// orgChecks are those from the sign-in on.
func orgChecks() []string {
	return []string{"org", "scopes", "limits", "credits", "contact-roles", "roles"}
}

// examine makes the checks of everything but the file.
func (d *doctor) examine() {
	here, ok := d.examineConfig()
	if ok && here.emulated {
		if err := d.emulate(&here); err != nil {
			exit := exitUsage
			if errors.Is(err, errEmulatorBusy) { // other commands end with 11, which is none of doctor's: it is over when the other process is
				exit = exitTemporary
			}
			d.fail(exit, "api", err.Error(), "end the other rolecall, or look at the message")
			ok = false
		}
	}
	if !ok {
		d.skip("accounts", "api", "clock", "token", "data-centre")
		d.skip(orgChecks()...)
		return
	}
	accounts, crm := d.examineReach(here)
	if !accounts {
		d.skip("token", "data-centre")
		d.skip(orgChecks()...)
		return
	}
	signedIn := d.signIn(here, crm)
	if signedIn == nil || !crm {
		d.skip(orgChecks()...)
		return
	}
	d.examineOrg(here, signedIn)
}

// session is a sign-in with what its first call said.
type session struct {
	client *api.Client
	pacer  *api.Pacer
	org    api.Org
	orgErr error
}

// within runs a check that may take so long.
func (d *doctor) within(do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(d.ctx, checkPatience)
	defer cancel()
	return do(ctx)
}

// signIn gets a token, and makes the first call with it: a token from an earlier run may have been revoked since. nil: nobody is signed in.
func (d *doctor) signIn(here place, crm bool) *session {
	source, err := d.impatientTokens(here)
	if err != nil {
		d.tokenFailed(here, err)
		return nil
	}
	s := &session{pacer: api.NewPacer(api.PacerConfig{InFlight: fallbackInFlight})}
	err = d.within(func(ctx context.Context) error {
		if _, err := source.Token(ctx); err != nil {
			return err
		}
		s.client, err = newImpatientClient(ctx, here, source, s.pacer)
		return err
	})
	if err == nil {
		err = d.share(s.pacer, here, fallbackInFlight)
	}
	if err == nil && crm {
		s.org, s.orgErr = ask(d, s.client.Org)
		if refused(s.orgErr) {
			err = s.orgErr
		}
	}
	if err != nil {
		d.tokenFailed(here, err)
		return nil
	}
	if warning := source.Warning(); warning != nil {
		d.warn("token", "there is an access token, but it cannot be kept: "+warning.Error(), "mend that: each run takes one of the ten that Zoho gives in ten minutes")
	} else {
		d.ok("token", "the sign-in gives an access token")
	}
	d.ok("data-centre", "%s knows the sign-in", here.credentials.AccountsURL)
	return s
}

// refused says whether a call failed because of who signed in, its scopes left aside.
func refused(err error) bool {
	if _, ok := errors.AsType[*auth.Error](err); ok {
		return true
	}
	failed, ok := errors.AsType[*api.Error](err)
	return ok && failed.Ends == api.EndSignIn && !lacksScope(err)
}

// impatientTokens is the source of tokens, which does not wait.
func (d *doctor) impatientTokens(here place) (*auth.Source, error) {
	o := auth.Options{NoWait: true, Patience: d.patience}
	if !here.emulated {
		var err error
		if o.CacheDir, err = d.tokenStore(); err != nil {
			return nil, err
		}
	}
	return auth.NewSource(here.credentials, o)
}

// newImpatientClient makes a client that sends nothing again.
func newImpatientClient(ctx context.Context, here place, source *auth.Source, pacer *api.Pacer) (*api.Client, error) {
	base, err := apiBase(ctx, here, source)
	if err != nil {
		return nil, err
	}
	return api.New(api.Config{BaseURL: base, Version: here.version, Tokens: source, Pacer: pacer, Once: true})
}
