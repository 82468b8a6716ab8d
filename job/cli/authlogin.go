package cli

import (
	"errors"
	"time"

	"rolecall/api/auth"
)

// What --port and --patience are where they are not given: the tags below say so too.
const (
	usualPort     = 8976
	usualPatience = 10 * time.Minute
)

// authLoginCmd signs in, and keeps that in a profile.
type authLoginCmd struct {
	pinFlags

	Profile     string        `default:"default" placeholder:"NAME" help:"Profile to make, or to sign in again (default: ${default})."`
	DC          string        `name:"dc" env:"-" placeholder:"DC" help:"Data centre: us, eu, in, au, jp, cn, ca, sa, uk, ae, or the address that the browser shows in Zoho CRM."`
	Environment string        `env:"-" placeholder:"NAME" help:"production, sandbox or developer (default: production)."`
	ClientID    string        `name:"client-id" env:"-" placeholder:"ID" help:"Client id, as Zoho's API console shows it."`
	NewSecret   bool          `env:"-" help:"Ask for the client secret again: it was renewed, or kept wrongly."`
	CodeFile    string        `env:"-" placeholder:"FILE" help:"Read the self client's code from a file of yours alone; - is stdin."`
	Browser     bool          `env:"-" help:"Sign in on Zoho's page in the browser of this machine."`
	NoBrowser   bool          `env:"-" help:"With --browser: print the page's address, and open nothing."`
	Port        int           `env:"-" default:"8976" help:"With --browser: port of this machine that the browser comes back to; 0 is any that is free."`
	Device      bool          `env:"-" help:"Sign in on Zoho's page in a browser of another machine."`
	Patience    time.Duration `env:"-" default:"10m" help:"With --browser: how long to wait for it."`
	RevokeOld   bool          `env:"-" help:"Signing in again: end the earlier sign-in at Zoho, once this one is kept."`
	Keyring     bool          `env:"-" help:"Keep the secrets in the system's keyring, not in files."`
	APIURL      string        `name:"api-url" env:"-" placeholder:"URL" help:"API to call instead of the data centre's, such as an emulator's."`
	AccountsURL string        `name:"accounts-url" env:"-" placeholder:"URL" help:"Accounts server to sign in at instead of the data centre's."`
}

// Help is the part of --help below the flags.
func (*authLoginCmd) Help() string {
	return `It says where to click in Zoho's API console and which scopes to paste, asks for the code, and keeps the sign-in in a profile of the config file: no later command signs in again.
The client secret comes from ` + envClientSecret + `, from where the profile has it, or is asked for; from a pipe, the secret is the first line and the code the next.
Where a profile does not say it yet, the connection variables (` + envDC + `, ` + envClientID + `, ...) serve.

Example:
  rolecall auth login --profile acme --dc eu`
}

// Validate refuses what contradicts itself.
func (c *authLoginCmd) Validate() error {
	switch {
	case c.Browser && c.Device:
		return errors.New("--browser and --device are two ways: give one of them")
	case (c.Browser || c.Device) && c.CodeFile != "":
		return errors.New("--code-file is for a self client: leave --browser and --device out")
	case c.NoBrowser && !c.Browser:
		return errors.New("--no-browser goes with --browser")
	case c.Port < 0 || c.Port > 65535:
		return errors.New("--port must be 0 to 65535")
	case c.Patience <= 0:
		return errors.New("--patience must be more than 0")
	}
	return nil
}

// Run signs in.
func (c *authLoginCmd) Run(p *process) error {
	s, err := p.newSignIn(c)
	if err != nil {
		return err
	}
	if err := s.checkStore(); err != nil {
		return err
	}
	way := s.bySelfClient
	switch {
	case c.Browser:
		way = s.byBrowser
	case c.Device:
		way = s.byDevice
	}
	s.earlier = s.earlierToken()
	grant, err := way()
	if err != nil {
		return s.explain(err)
	}
	return s.finish(grant)
}

// knowClient asks for the client id and secret as far as they are not known.
func (s *signIn) knowClient() error {
	if s.used.clientID == "" {
		id, err := s.answers.ask("Client ID", "client id", false)
		if err != nil {
			return err
		}
		s.used.clientID = id
	}
	secret, err := s.clientSecret()
	s.client = auth.Client{AccountsURL: s.here.credentials.AccountsURL, ID: s.used.clientID, Secret: secret, Transport: s.clock}
	return err
}

// clientSecret gets the client's secret from where the profile has it, from the environment, or asks for it.
func (s *signIn) clientSecret() (string, error) {
	if s.used.secret.set() && !s.newSecret {
		return s.p.secret(s.p.ctx, s.used.secret)
	}
	s.newSecret = true
	if v := s.p.getenv(envClientSecret); v != "" {
		value, err := oneLine(v)
		if err != nil {
			return "", &errSignIn{envClientSecret + ": " + err.Error()}
		}
		return value, nil
	}
	return s.answers.ask("Client Secret", "client secret", true)
}
