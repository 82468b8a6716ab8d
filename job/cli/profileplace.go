package cli

import (
	"cmp"
	"fmt"
	"strings"

	"rolecall/api"
	"rolecall/api/auth"
)

// locateByProfile finds out where a profile of the config file connects to, and gets its secrets, once.
func (p *process) locateByProfile(name string) (place, error) {
	if here, ok := p.conf.places[name]; ok {
		p.conf.inUse = name // of two profiles, the one that is now connected to
		return here, nil
	}
	c, err := p.config()
	if err != nil {
		return place{}, err
	}
	used, err := c.profile(name)
	if err != nil {
		return place{}, &errUsage{err}
	}
	here, err := used.place()
	if err != nil {
		return place{}, err
	}
	if err := p.missingOf(used); err != nil {
		return place{}, err
	}
	if here.credentials.ClientSecret, err = p.secret(p.ctx, used.secret); err != nil {
		return place{}, err
	}
	if here.credentials.RefreshToken, err = p.secret(p.ctx, used.refresh); err != nil {
		return place{}, err
	}
	if p.conf.places == nil {
		p.conf.places = map[string]place{}
	}
	p.conf.places[name], p.conf.inUse = here, name
	return here, nil
}

// place is where a profile connects to, without its secrets.
func (p profile) place() (place, error) {
	here := place{profile: p, apiURL: p.apiURL, apiGiven: p.apiURL != ""}
	here.credentials = auth.Credentials{AccountsURL: p.accountsURL, ClientID: p.clientID}
	if p.apiVersion != "" {
		var err error
		if here.version, err = api.ParseVersion(p.apiVersion); err != nil {
			return place{}, &errUsage{fmt.Errorf("api_version of profile %s: %w", p.name, err)}
		}
	}
	if err := here.fillDataCentre(p.dc); err != nil {
		return place{}, &errUsage{fmt.Errorf("dc of profile %s: %w", p.name, err)}
	}
	if p.apiURL != "" || p.environment == "" || p.environment == production {
		return here, nil
	}
	// Named by the user, it wins over the api_domain of the token answer, which Zoho's pages show for production only.
	dc, err := auth.LookupDataCentre(cmp.Or(p.dc, defaultDC))
	if err == nil {
		here.apiURL, err = dc.API(p.environment)
	}
	if err != nil {
		return place{}, &errUsage{fmt.Errorf("environment of profile %s: %w", p.name, err)}
	}
	here.apiGiven = true
	return here, nil
}

// missingOf says what a profile does not say.
func (p *process) missingOf(used profile) error {
	var lacking []string
	if used.clientID == "" {
		lacking = append(lacking, "client_id")
	}
	if !used.secret.set() {
		lacking = append(lacking, "secret_env (or _file, _command, _keyring)")
	}
	if !used.refresh.set() {
		lacking = append(lacking, "refresh_token_env (or _file, _command, _keyring)")
	}
	if len(lacking) == 0 {
		return nil
	}
	return &errSignIn{fmt.Sprintf("nothing to sign in with: profile %s has no %s; rolecall auth login --profile %[1]s%[3]s completes it", used.name, strings.Join(lacking, ", nor "), p.configFlag())}
}

// inFlight is how many calls the org allows at a time, 0 where neither it nor the profile says.
func (p profile) inFlight(org api.Org) int {
	switch n := org.InFlight(); {
	case n > 0:
		return n
	case p.concurrency > 0:
		return p.concurrency
	}
	return (api.Org{Edition: p.edition}).InFlight()
}
