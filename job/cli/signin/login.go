package signin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"rolecall/api/auth"
	"rolecall/job/cli/ask"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
)

// The defaults of --port and --patience. The tags below repeat them.
const (
	usualPort     = 8976
	usualPatience = 10 * time.Minute
)

// LoginFlags are the flags of auth login.
type LoginFlags struct {
	Profile     string        `default:"default" placeholder:"NAME" help:"Profile to make, or to sign in again (default: ${default})."`
	DC          string        `name:"dc" env:"-" placeholder:"DC" help:"Data centre: us, eu, in, au, jp, cn, ca, sa, uk, ae, or the address that the browser shows in Zoho CRM."`
	Environment string        `env:"-" placeholder:"NAME" help:"production, sandbox or developer (default: production)."`
	ClientID    string        `name:"client-id" env:"-" placeholder:"ID" help:"Client id, as Zoho's API console shows it."`
	Scopes      string        `aliases:"for" env:"-" enum:"roles,records,voice,all" default:"roles" help:"What the sign-in is for: the commands for roles, or also those for records and users, for contacts of Zoho Voice, or for all (${enum}). --for is the same flag."`
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

// Validate refuses flags that contradict each other.
func (f *LoginFlags) Validate() error {
	switch {
	case f.Browser && f.Device:
		return errors.New("--browser and --device are two ways: give one of them")
	case (f.Browser || f.Device) && f.CodeFile != "":
		return errors.New("--code-file is for a self client: leave --browser and --device out")
	case f.NoBrowser && !f.Browser:
		return errors.New("--no-browser goes with --browser")
	case f.Port < 0 || f.Port > 65535:
		return errors.New("--port must be 0 to 65535")
	case f.Patience <= 0:
		return errors.New("--patience must be more than 0")
	}
	return nil
}

// login is a sign-in under way.
type login struct {
	*Command

	flags          LoginFlags
	allowOrgChange bool
	prompt         *ask.Prompt
	file           *profile.File
	before         profile.Profile // as stored; zero for a new profile
	used           profile.Profile // as to be stored
	here           profile.Place   // the Place of used
	client         auth.Client
	clock          *serverClock
	earlier        string       // the refresh token that this one replaces; "": none, or not readable
	unopened       <-chan error // gets the error of opening the browser; nil: --no-browser
	newSecret      bool         // the client's secret must be stored
	undo           []func()     // puts the earlier secrets back, the last first
}

// Login signs in, and stores the sign-in in a profile. allowOrgChange permits another org than the profile's.
func (c *Command) Login(ctx context.Context, flags LoginFlags, allowOrgChange bool) error {
	s, err := c.newLogin(ctx, flags)
	if err != nil {
		return err
	}
	s.allowOrgChange = allowOrgChange
	if err := s.checkStore(ctx); err != nil {
		return err
	}
	way := s.bySelfClient
	switch {
	case flags.Browser:
		way = s.byBrowser
	case flags.Device:
		way = s.byDevice
	}
	if s.before.Refresh.Set() {
		s.earlier, _ = c.Profiles.Secret(ctx, s.before.Refresh) // without it the earlier sign-in lives on
	}
	grant, err := way(ctx)
	if err != nil {
		return s.explain(ctx, err)
	}
	return s.finish(ctx, grant)
}

// knowClient asks for the client id and secret if they are not known.
func (s *login) knowClient(ctx context.Context) error {
	if s.used.ClientID == "" {
		id, err := s.ask(ctx, "Client ID", "client id", false)
		if err != nil {
			return err
		}
		s.used.ClientID = id
	}
	secret, err := s.clientSecret(ctx)
	s.client = auth.Client{
		AccountsURL: s.here.Credentials.AccountsURL, ID: s.used.ClientID, Secret: secret, Transport: s.clock,
	}
	return err
}

// clientSecret gets the client's secret from the profile, or else from the environment, or else from the user.
func (s *login) clientSecret(ctx context.Context) (string, error) {
	if s.used.Secret.Set() && !s.newSecret {
		return s.Profiles.Secret(ctx, s.used.Secret)
	}
	s.newSecret = true
	if v := s.Profiles.Getenv(profile.EnvClientSecret); v != "" {
		value, err := profile.OneLine(v)
		if err != nil {
			return "", &profile.SignInError{Message: profile.EnvClientSecret + ": " + err.Error()}
		}
		return value, nil
	}
	return s.ask(ctx, "Client Secret", "client secret", true)
}

// sayScopes shows which scopes a sign-in lacks and which commands need them, and then all of them in one text to paste.
// granted is nil if the scopes are not known.
func (s *login) sayScopes(granted []string) {
	missing := scope.Missing(granted, s.flags.Scopes)
	if granted == nil || len(missing) == 0 {
		return
	}
	var names, reasons []string
	for _, one := range missing {
		reasons = append(reasons, one.Reason())
		if !slices.Contains(names, one.Name) {
			names = append(names, one.Name)
		}
	}
	s.say("rolecall: warning: the sign-in lacks %s", strings.Join(reasons, ", "))
	s.say("  -> sign in again, with the scopes it has and %s", strings.Join(names, ","))
}
