// Package doctor checks everything that a run needs, and shows what to correct.
package doctor

import (
	"context"
	"errors"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/pace"
	"rolecall/csvio"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/signin"
	"rolecall/job/picklist"
	"rolecall/job/rolemap"
	"rolecall/job/rundir"
)

// checkPatience is the longest time of one check, with the wait for calls of other processes.
const checkPatience = 30 * time.Second

// Doctor makes the checks, one after the other.
type Doctor struct {
	*signin.Command

	Name  string // of the profile; "": the connection variables
	Quiet bool   // show no checks

	Emulate func(*profile.Place) error                      // starts the emulator of the profile emulator
	Share   func(*pace.Pacer, profile.Place) error          // counts the calls among those of other processes
	Account func(*pace.Pacer, profile.Place, api.Org) error // opens the record of the credits
	Hint    func(error) string                              // returns what to do about a refused sign-in
	Trouble func(error) Trouble                             // returns the kind of an error, by its exit code
	Usual   int                                             // calls in flight if the edition is not known

	Findings Checkup

	orgRoles picklist.List // nil: not known
	session  *session      // nil: not signed in
	version  api.Version   // of the session
}

// File is the table to check.
type File struct {
	Path    string // "": none; "-" is stdin
	Options csvio.Options

	RoleMap     rolemap.Map    // translates its roles
	External    csvio.External // which of its ids are keys of another system
	Deep        bool           // look up all rows in the org, not only a sample
	SaveRoleMap string         // the table for the roles that the org does not have; "": none
}

// command returns the command that would run the file.
func (f *File) command() string {
	return "rolecall assign " + rundir.InputArgument(f.Path)
}

// Examine makes all checks.
func (d *Doctor) Examine(ctx context.Context, file File) {
	if !d.fileThere(file.Path) {
		return
	}
	d.examine(ctx)
	if file.Path != "" {
		d.examineFile(ctx, file)
	}
}

// orgChecks returns the names of the checks from the sign-in on.
func orgChecks() []string {
	return []string{"org", "scopes", "limits", "credits", "contact-roles", "roles"}
}

// examine makes the checks of everything but the file.
func (d *Doctor) examine(ctx context.Context) {
	here, ok := d.examineConfig(ctx)
	if ok && here.Emulated {
		if err := d.Emulate(&here); err != nil {
			d.fail(d.Trouble(err), "api", err.Error(), "end the other rolecall, or look at the message")
			ok = false
		}
	}
	if !ok {
		d.skip("accounts", "api", "clock", "token", "data-centre")
		d.skip(orgChecks()...)
		return
	}
	if here.Gateway != nil {
		d.examineGateway(ctx, here)
		return
	}
	accounts, crm := d.examineReach(ctx, here)
	if !accounts {
		d.skip("token", "data-centre")
		d.skip(orgChecks()...)
		return
	}
	signedIn := d.signIn(ctx, here, crm)
	if signedIn == nil || !crm {
		d.skip(orgChecks()...)
		return
	}
	d.session, d.version = signedIn, here.Version
	d.examineOrg(ctx, here, signedIn)
}

// session is a sign-in with the result of its first call.
type session struct {
	client *api.Client
	pacer  *pace.Pacer
	org    api.Org
	orgErr error
}

// within calls do with a context that ends after checkPatience.
func within(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	return do(ctx)
}

// signIn gets a token and makes the first call with it, because a token from an earlier run may have been revoked
// since. It returns nil if the sign-in does not work.
func (d *Doctor) signIn(ctx context.Context, here profile.Place, crm bool) *session {
	source, err := d.Tokens(here)
	if err != nil {
		d.tokenFailed(ctx, here, err)
		return nil
	}
	s := &session{pacer: pace.New(pace.Config{InFlight: d.Usual})}
	err = within(ctx, func(ctx context.Context) error {
		if _, err := source.Token(ctx); err != nil {
			return err
		}
		base, err := here.Base(ctx, source)
		if err != nil {
			return err
		}
		s.client, err = api.New(
			api.Config{
				BaseURL: base, Version: here.Version, Tokens: source, Pacer: s.pacer, Once: true,
				VoiceURL: d.VoiceServer(here, d.Scopes(d.Name, here)),
			},
		)
		return err
	})
	if err == nil {
		err = d.Share(s.pacer, here)
	}
	if err == nil && crm {
		s.org, s.orgErr = ask(ctx, s.client.Org)
		if refused(s.orgErr) {
			err = s.orgErr
		}
	}
	if err != nil {
		d.tokenFailed(ctx, here, err)
		return nil
	}
	if warning := source.Warning(); warning != nil {
		d.warn("token", "there is an access token, but it cannot be kept: "+warning.Error(),
			"fix that: each run takes one of the ten that Zoho gives in ten minutes")
	} else {
		d.ok("token", "the sign-in gives an access token")
	}
	d.ok("data-centre", "%s knows the sign-in", here.Credentials.AccountsURL)
	return s
}

// ask makes one call, within checkPatience.
func ask[T any](ctx context.Context, call func(context.Context) (T, error)) (answer T, err error) {
	err = within(ctx, func(ctx context.Context) error { answer, err = call(ctx); return err })
	return answer, err
}

// refused reports whether a call failed because of the sign-in, but not for lack of a scope.
func refused(err error) bool {
	if _, ok := errors.AsType[*auth.Error](err); ok {
		return true
	}
	failed, ok := errors.AsType[*api.Error](err)
	return ok && failed.Ends == api.EndSignIn && !signin.LacksScope(err)
}
