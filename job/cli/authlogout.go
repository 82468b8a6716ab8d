package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zalando/go-keyring"

	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/rundir"
)

// authLogoutCmd ends a sign-in.
type authLogoutCmd struct {
	Profile string `default:"default" placeholder:"NAME" help:"Profile whose sign-in is to end (default: ${default})."`
	Revoke  bool   `env:"-" help:"End it at Zoho as well, for everybody who uses it."`
	Yes     bool   `env:"-" help:"With --revoke: do not ask."`
}

// Help is the part of --help below the flags.
func (*authLogoutCmd) Help() string {
	return `The refresh token and the access tokens made from it are removed from this machine. The rest of the profile stays, with the client's secret, so that signing in again takes a code alone.
With --revoke they also end at Zoho, after it has been said who else would lose them.

Example:
  rolecall auth logout --profile acme --revoke`
}

// Validate refuses what has nothing to say yes to.
func (c *authLogoutCmd) Validate() error {
	if c.Yes && !c.Revoke {
		return errors.New("--yes goes with --revoke: without it nothing is asked")
	}
	return nil
}

// Run ends it.
func (c *authLogoutCmd) Run(p *process) error {
	if c.Profile == profileEmulator {
		return &errUsage{fmt.Errorf("the profile %s needs no sign-in: there is nothing to end", profileEmulator)}
	}
	config, err := p.config()
	if err != nil {
		return err
	}
	used, err := config.profile(c.Profile)
	if err != nil {
		return &errUsage{err}
	}
	if !used.refresh.set() {
		p.say("Profile %s is not signed in: nothing to do", c.Profile)
		return nil
	}
	here, err := used.place()
	if err != nil {
		return err
	}
	if _, err := p.stateFolder(); err != nil { // before anything is ended that could not be removed
		return err
	}
	token, unread := p.secret(p.ctx, used.refresh)
	if c.Revoke {
		if unread != nil {
			return unread
		}
		if err := p.revoke(config, used, here, token, c.Yes); err != nil {
			return err
		}
	}
	here.credentials.RefreshToken = token
	return p.removeSignIn(config, used, here)
}

// removeSignIn takes a sign-in off this machine.
func (p *process) removeSignIn(config *configFile, used profile, here place) error {
	source := used.refresh
	state, err := p.stateFolder()
	if err != nil {
		return err
	}
	err = errors.Join(auth.Forget(here.credentials, filepath.Join(state, tokensFolder)), p.forgetSignIn(used.name))
	removed, dropErr := p.dropSecret(p.ctx, source)
	if err = errors.Join(err, dropErr); err != nil {
		return &errUsage{fmt.Errorf("remove the sign-in of profile %s: %w; then run rolecall auth logout again", used.name, err)}
	}
	used.refresh = secretSource{}
	if err := config.save(used.name, used); err != nil {
		return err
	}
	p.say("Profile %s is signed out on this machine; rolecall auth login --profile %s%s signs in again", used.name, rundir.ShellQuote(used.name), p.configFlag())
	if !removed {
		p.say("rolecall: warning: the refresh token is still in %s, which is yours to remove", source)
	}
	if used.secret.set() {
		p.say("The client secret stays in %s", used.secret)
	}
	return nil
}

// dropSecret removes a secret that rolecall keeps for this profile; removed is false for one that somebody else does, or that a profile of the same name in another config file may use.
func (p *process) dropSecret(ctx context.Context, s secretSource) (removed bool, err error) {
	own, err := p.storedName(s.profile)
	if err != nil {
		return false, err
	}
	own += "-" + s.kind
	if s.keyring && s.account() != own {
		return false, nil
	}
	if s.keyring {
		_, err := inKeyring(ctx, s.account(), func() (string, error) {
			if err := keyring.Delete(keyringService, s.account()); !errors.Is(err, keyring.ErrNotFound) {
				return "", err
			}
			return "", nil
		})
		return true, err
	}
	state, err := p.stateFolder()
	if err != nil || s.file == "" {
		return false, err
	}
	if path, err := p.besideConfig(s.file); err != nil || path != filepath.Join(state, secretsFolder, own) {
		return false, err
	}
	if err := os.Remove(s.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, nil
}

// revoke ends a sign-in at Zoho, after saying who else has it.
func (p *process) revoke(config *configFile, used profile, here place, token string, yes bool) error {
	p.say("Revoking ends the refresh token of profile %s at %s, and all access tokens made from it, at once and for good:", used.name, here.credentials.AccountsURL)
	others := p.sharers(config, used, token)
	for _, name := range others {
		p.say("  - profile %s has the same sign-in, and loses it", name)
	}
	if len(others) == 0 {
		p.say("  - no other profile of %s has it", config.path)
	}
	p.say("  - every other machine, job or program with a copy of this refresh token loses it")
	p.say("  - runs of this profile that are under way stop")
	if err := p.answers().confirm("Revoke it?", "--yes", yes); err != nil {
		return err
	}
	client := auth.Client{AccountsURL: here.credentials.AccountsURL, ID: used.clientID}
	err := client.Revoke(p.ctx, token)
	refused, ok := errors.AsType[*auth.Error](err)
	switch {
	case err == nil:
		p.say("It is revoked at Zoho")
	case p.ctx.Err() != nil:
		return &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
	case ok && refused.Temporary():
		return &job.Stop{Reason: job.Outage, Err: fmt.Errorf("revoke: %w; nothing was removed; try again later, or leave --revoke out", err)}
	case ok && refused.HTTP != 0:
		p.say("rolecall: warning: Zoho does not know this refresh token: it was revoked before, or is of another data centre (%v)", err)
	default:
		return &errSignIn{fmt.Sprintf("revoke: %v; nothing was removed; leave --revoke out to remove it on this machine alone", err)}
	}
	return nil
}

// sharers are the other profiles with the same refresh token. A command is not run for that, but compared.
func (p *process) sharers(config *configFile, used profile, token string) (names []string) {
	for _, other := range config.profiles {
		if other.name == used.name || !other.refresh.set() {
			continue
		}
		same := len(other.refresh.command) > 0 && slices.Equal(other.refresh.command, used.refresh.command)
		if len(other.refresh.command) == 0 {
			value, err := p.secret(context.WithoutCancel(p.ctx), other.refresh)
			same = err == nil && strings.TrimSpace(value) == token
		}
		if same {
			names = append(names, other.name)
		}
	}
	return names
}
