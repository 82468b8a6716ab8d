package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job/rundir"
)

// profileEmulator is the profile that always exists: the emulator inside this process.
const profileEmulator = "emulator"

// defaultDC is the data centre where none is named.
const defaultDC = "us"

// The connection variables, which serve where no profile is named. Secrets come from the environment and never from the command line.
const (
	envAPIURL       = "ROLECALL_API_URL"
	envAccountsURL  = "ROLECALL_ACCOUNTS_URL"
	envClientID     = "ROLECALL_CLIENT_ID"
	envClientSecret = "ROLECALL_CLIENT_SECRET" // #nosec G101 -- the name of a variable
	envRefreshToken = "ROLECALL_REFRESH_TOKEN" // #nosec G101 -- the name of a variable
	envDC           = "ROLECALL_DC"
	envAPIVersion   = "ROLECALL_API_VERSION"
)

// place is where to connect, and as whom.
type place struct {
	emulated    bool // the emulator in this process: the rest is only known once it listens
	apiURL      string
	apiGiven    bool // the user named it: it wins over the api_domain of the token answer
	credentials auth.Credentials
	version     api.Version
	profile     profile // of the config file; zero where there is none
}

// locate finds out where a profile connects to, without connecting. Its errors are usage errors, or that there is nothing to sign in with.
func (p *process) locate(name string) (place, error) {
	switch name {
	case "":
		return p.locateByEnvironment()
	case profileEmulator:
		return place{emulated: true}, nil
	}
	return p.locateByProfile(name)
}

// apiVersion reads the API version. The zero version is the newest.
func (p *process) apiVersion() (api.Version, error) {
	name := p.getenv(envAPIVersion)
	if name == "" {
		return 0, nil
	}
	v, err := api.ParseVersion(name)
	if err != nil {
		return 0, &errUsage{fmt.Errorf("%s: %w", envAPIVersion, err)}
	}
	return v, nil
}

// locateByEnvironment reads the connection variables.
func (p *process) locateByEnvironment() (place, error) {
	version, err := p.apiVersion()
	if err != nil {
		return place{}, err
	}
	here := place{version: version, apiURL: p.getenv(envAPIURL), apiGiven: p.getenv(envAPIURL) != ""}
	here.credentials = auth.Credentials{
		AccountsURL: p.getenv(envAccountsURL), ClientID: p.getenv(envClientID), ClientSecret: p.getenv(envClientSecret), RefreshToken: p.getenv(envRefreshToken),
	}
	if err := here.fillDataCentre(p.getenv(envDC)); err != nil {
		return place{}, &errUsage{fmt.Errorf("%s: %w", envDC, err)}
	}
	for name, address := range map[string]string{envAPIURL: here.apiURL, envAccountsURL: here.credentials.AccountsURL} {
		if _, err := auth.CheckURL(address); err != nil {
			return place{}, &errUsage{fmt.Errorf("%s: %w", name, err)}
		}
	}
	return here, p.missing()
}

// fillDataCentre takes what the user did not name from the data centre. A loopback API has its accounts server at the same address: a secret of the emulator's is not for Zoho.
func (here *place) fillDataCentre(name string) error {
	dc, err := auth.LookupDataCentre(cmp.Or(name, defaultDC))
	if err != nil {
		return err
	}
	if here.apiURL == "" {
		here.apiURL = dc.APIURL
	}
	if here.credentials.AccountsURL != "" {
		return nil
	}
	here.credentials.AccountsURL = dc.AccountsURL
	if u, err := url.Parse(here.apiURL); err == nil && here.apiGiven && name == "" && u.Scheme == "http" {
		here.credentials.AccountsURL = u.Scheme + "://" + u.Host
	}
	return nil
}

// missing says what there is to sign in with, when something is lacking.
func (p *process) missing() error {
	var lacking []string
	for _, name := range []string{envClientID, envClientSecret, envRefreshToken} {
		if p.getenv(name) == "" {
			lacking = append(lacking, name)
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	return &errSignIn{fmt.Sprintf("nothing to sign in with (%s not set): sign in by rolecall auth login%s and give --profile, or set them, or rehearse with no Zoho account by --profile %s%s",
		strings.Join(lacking, ", "), p.configFlag(), profileEmulator, p.defaultHint())}
}

// signInHint says what the usual cause of a refused sign-in is. The codes are Zoho's (Zoho CRM API v8, OAuth error codes; the throttle's shape is Zoho Accounts').
func (p *process) signInHint(err error) string {
	if held, ok := errors.AsType[*auth.HeldError](err); ok {
		return "give the same command again once no other rolecall process hangs or is stopped; fuser " + rundir.ShellQuote(held.Path) + " tells which holds it"
	}
	if aboutTLS(err) {
		return "look at this machine's clock, its certificates and the server's address: rolecall doctor does"
	}
	if _, ok := errors.AsType[*auth.StoreError](err); ok {
		return mendState
	}
	refused, ok := errors.AsType[*auth.Error](err)
	if !ok {
		return p.scopeHint(err)
	}
	again := " (rolecall doctor looks at all of it, rolecall auth login signs in again)"
	token, client, secret := envRefreshToken+" and "+envDC+again, envClientID+" and "+envDC+again, envClientSecret+again
	if name := p.conf.inUse; name != "" {
		again := " of profile " + name + " (rolecall auth login --profile " + name + p.configFlag() + " signs in again)"
		token, client, secret = "the refresh token and dc"+again, "client_id and dc"+again, "the client secret"+again
	}
	switch {
	case refused.Throttled():
		return "Zoho gives 10 access tokens in 10 minutes: go on in ten minutes"
	case refused.Code == "invalid_code":
		return "the refresh token is wrong, was revoked, or belongs to another data centre: look at " + token
	case refused.Code == "invalid_client":
		return "the client id is wrong, or belongs to another data centre: look at " + client
	case refused.Code == "invalid_client_secret":
		return "the client secret is wrong: look at " + secret
	}
	return ""
}
