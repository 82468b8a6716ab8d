package cli

import (
	"context"
	"errors"

	"rolecall/job/cli/command"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/signin"
)

// authCmd is the sign-in commands.
type authCmd struct {
	Login  authLoginCmd  `cmd:"" help:"Sign in to Zoho, once for each org."`
	Status authStatusCmd `cmd:"" help:"Show which org and user a sign-in is for, and what it may do."`
	Logout authLogoutCmd `cmd:"" help:"Forget a sign-in on this machine; with --revoke end it at Zoho too."`
}

// signIn returns what the commands of auth use of a process.
func signIn(p *command.Process) *signin.Command {
	return &signin.Command{
		Profiles: p.Profiles(), Stdin: p.Stdin, Stdout: p.Stdout, Stderr: p.Stderr, Patience: p.Patience,
		Forward: p.Forward, VoiceURL: p.VoiceURL,
	}
}

// authLoginCmd signs in, and stores the sign-in in a profile.
type authLoginCmd struct {
	command.PinFlags
	signin.LoginFlags
}

// Help is the part of --help below the flags.
func (*authLoginCmd) Help() string {
	return `The command says where to click in Zoho's API console and which scopes to paste there. Then it asks for the
code. It stores the sign-in beside the config file, which it does not change. Later commands need no sign-in.

The client secret comes from the profile or from ` + profile.EnvClientSecret + `; otherwise the command asks for it.
On a pipe, the secret is the first line and the code the next line. The connection variables (` + profile.EnvDC + `,
` + profile.EnvClientID + `, ...) fill in values that the profile does not have yet.

Example:
  rolecall auth login --profile acme --dc eu`
}

// Run signs in.
func (c *authLoginCmd) Run(ctx context.Context, p *command.Process) error {
	return signIn(p).Login(ctx, c.LoginFlags, c.AllowOrgChange)
}

// authStatusCmd shows a sign-in.
type authStatusCmd struct {
	Profile string `placeholder:"NAME" help:"Profile to show (default: the ROLECALL_... connection variables, else the profile ${default_profile})."`
	JSON    bool   `help:"Write the status as one JSON object."`

	command.VoiceURLFlag
}

// Help is the part of --help below the flags.
func (*authStatusCmd) Help() string {
	return `The command asks Zoho for the org and the user of the sign-in, which costs two credits. It says which scopes
each command lacks. If the sign-in has the scopes of Zoho Voice, it asks Voice too, at no cost. The exit code is 0 if
the sign-in works, and 4 if it does not.
For a gateway it says what the gateway forwards, what rolecall does another way, and what rolecall cannot do.

Example:
  rolecall auth status --profile acme`
}

// MayBeDefault marks a command that uses the default profile if the user names none.
func (*authStatusCmd) MayBeDefault() {}

// Run shows the sign-in.
func (c *authStatusCmd) Run(ctx context.Context, p *command.Process) error {
	name, err := p.ProfileOr(c.Profile)
	if err != nil {
		return err
	}
	here, err := p.Locate(ctx, name)
	if err != nil {
		return err
	}
	if here.Emulated {
		if err := p.Emulate(&here); err != nil {
			return err
		}
	} else if name != "" {
		p.SayIgnored(name, here.Profile)
	}
	p.VoiceURL = c.VoiceURL
	ask := signIn(p).Status
	if here.Gateway != nil {
		p.Reconnect, ask = signin.Reconnect(here), signIn(p).GatewayStatus
	}
	s, failed := ask(ctx, name, here)
	write := func() error { return s.Write(p.Stdout) }
	if c.JSON {
		write = func() error { return p.WriteJSON(s) }
	}
	if err := write(); err != nil {
		return err
	}
	return failed
}

// authLogoutCmd ends a sign-in.
type authLogoutCmd struct {
	Profile string `default:"default" placeholder:"NAME" help:"Profile whose sign-in ends (default: ${default})."`
	Revoke  bool   `env:"-" help:"End the sign-in at Zoho too, for everybody who uses it."`
	Yes     bool   `env:"-" help:"With --revoke: do not ask."`
}

// Help is the part of --help below the flags.
func (*authLogoutCmd) Help() string {
	return `The command removes the refresh token, and the access tokens made from it, from this machine. The rest of
the profile stays, with the client secret, so that a new sign-in needs only a code.
With --revoke the tokens also end at Zoho. The command first says who else would lose them.

Example:
  rolecall auth logout --profile acme --revoke`
}

// Validate refuses --yes without --revoke.
func (c *authLogoutCmd) Validate() error {
	if c.Yes && !c.Revoke {
		return errors.New("--yes goes with --revoke: without --revoke the command asks nothing")
	}
	return nil
}

// Run ends the sign-in.
func (c *authLogoutCmd) Run(ctx context.Context, p *command.Process) error {
	return signIn(p).Logout(ctx, c.Profile, c.Revoke, c.Yes)
}
