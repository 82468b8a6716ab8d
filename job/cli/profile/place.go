package profile

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job"
)

// The connection variables. A command uses them if it uses no profile. Secrets come from the environment, never from
// the command line.
const (
	EnvAPIURL       = "ROLECALL_API_URL"
	EnvAccountsURL  = "ROLECALL_ACCOUNTS_URL"
	EnvClientID     = "ROLECALL_CLIENT_ID"
	EnvClientSecret = "ROLECALL_CLIENT_SECRET" // #nosec G101 -- the name of a variable
	EnvRefreshToken = "ROLECALL_REFRESH_TOKEN" // #nosec G101 -- the name of a variable
	EnvDC           = "ROLECALL_DC"
	EnvAPIVersion   = "ROLECALL_API_VERSION"
	EnvGateway      = "PC_BASE_URL" // PinkConnect's own name for its address
)

// Variables returns the names of the connection variables.
func Variables() []string {
	return []string{EnvAPIURL, EnvAccountsURL, EnvClientID, EnvClientSecret, EnvRefreshToken, EnvDC, EnvAPIVersion, EnvGateway}
}

// Place is a server to connect to, with the credentials.
type Place struct {
	Emulated    bool // the emulator in this process; its address is known once it listens
	APIURL      string
	APIGiven    bool // the user named the API, which wins over the api_domain in the token answer
	Credentials auth.Credentials
	Version     api.Version
	Gateway     *Gateway // the gateway that signs in; nil: the Credentials are used
	Profile     Profile  // zero if there is none
}

// Base returns the address of the API: the one that the user named, or else the one in the token answer, or else that
// of the data centre.
func (here Place) Base(ctx context.Context, source *auth.Source) (string, error) {
	if here.APIGiven || here.Emulated {
		return here.APIURL, nil
	}
	domain, err := source.APIDomain(ctx)
	return cmp.Or(domain, here.APIURL), err
}

// Place returns the Place that a profile connects to, without its secrets.
func (p Profile) Place() (Place, error) {
	if err := p.checkGateway(); err != nil {
		return Place{}, &job.UsageError{Err: err}
	}
	if p.Gateway != "" {
		return gatewayPlace(p.BaseURL, p.Header, p)
	}
	here := Place{Profile: p, APIURL: p.APIURL, APIGiven: p.APIURL != ""}
	here.Credentials = auth.Credentials{AccountsURL: p.AccountsURL, ClientID: p.ClientID}
	if p.APIVersion != "" {
		var err error
		if here.Version, err = api.ParseVersion(p.APIVersion); err != nil {
			return Place{}, &job.UsageError{Err: fmt.Errorf("api_version of profile %s: %w", p.Name, err)}
		}
	}
	if err := here.fillDataCentre(p.DC); err != nil {
		return Place{}, &job.UsageError{Err: fmt.Errorf("dc of profile %s: %w", p.Name, err)}
	}
	if p.APIURL != "" || p.Environment == "" || p.Environment == auth.Production {
		return here, nil
	}
	// The user named the environment. It wins over the api_domain of the token answer, which Zoho's pages show for
	// production only.
	dc, err := auth.LookupDataCentre(cmp.Or(p.DC, DefaultDC))
	if err == nil {
		here.APIURL, err = dc.API(p.Environment)
	}
	if err != nil {
		return Place{}, &job.UsageError{Err: fmt.Errorf("environment of profile %s: %w", p.Name, err)}
	}
	here.APIGiven = true
	return here, nil
}

// VoiceURL returns the address of Zoho Voice: the one that the user gave, else that of the data centre. For an
// emulator, it is the address of the API, so that no token of an emulator goes to Zoho.
func (here Place) VoiceURL(given string) string {
	switch {
	case here.Emulated:
		return here.APIURL
	case given != "":
		return given
	case strings.HasPrefix(here.APIURL, "http://"):
		return here.APIURL
	}
	dc, err := auth.LookupDataCentre(cmp.Or(here.Credentials.AccountsURL, DefaultDC))
	if err != nil { // an accounts server that is not Zoho's
		return ""
	}
	return dc.VoiceURL()
}

// fillDataCentre completes the addresses from the data centre. An emulator's accounts server is at the API's address,
// so that no secret of an emulator goes to Zoho.
func (here *Place) fillDataCentre(name string) error {
	dc, err := auth.LookupDataCentre(cmp.Or(name, DefaultDC))
	if err != nil {
		return err
	}
	if here.APIURL == "" {
		here.APIURL = dc.APIURL
	}
	if here.Credentials.AccountsURL != "" {
		return nil
	}
	here.Credentials.AccountsURL = dc.AccountsURL
	if u, err := url.Parse(here.APIURL); err == nil && here.APIGiven && name == "" && u.Scheme == "http" {
		here.Credentials.AccountsURL = u.Scheme + "://" + u.Host
	}
	return nil
}
