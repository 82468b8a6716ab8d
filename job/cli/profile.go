package cli

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"rolecall/api"
	"rolecall/api/auth"
)

// profile is one org of the config file: where it is, and what to sign in with. What is empty was not said.
type profile struct {
	name        string
	line        int    // where it stands in the file; 0: nowhere yet
	dc          string // "us", "eu", ...
	environment string // "production", "sandbox", "developer"
	apiURL      string
	accountsURL string
	apiVersion  string
	edition     string // where the org cannot tell its edition
	concurrency int    // calls in flight, where the org cannot tell its edition; 0: not said
	clientID    string
	secret      secretSource // of the client
	refresh     secretSource // of the refresh token
	orgID       string       // the org that the profile was made for
	flags       map[string]flagDefault
}

// The environments of a data centre (Zoho CRM API v8, Environments).
const (
	production = "production"
	sandbox    = "sandbox"
	developer  = "developer"
)

// profileName is what a profile can be called: its name becomes part of file names.
var profileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// checkProfileName refuses a name that no profile can have.
func checkProfileName(name string) error {
	switch {
	case strings.EqualFold(name, profileEmulator):
		return fmt.Errorf("the profile %s always exists and cannot be defined: choose another name", profileEmulator)
	case !profileName.MatchString(name):
		return fmt.Errorf("%q cannot be a profile's name: it is letters, digits, ., _ and -, 64 at most, and begins with a letter or digit", name)
	}
	return nil
}

// profileKey is a key that a profile can have: how it is read, and how it is written (nil: it is not there).
type profileKey struct {
	name  string
	read  func(*profile, *yaml.Node) error
	write func(profile) *yaml.Node
}

// profileKeys are the keys of a profile, in the order in which they are written. The defaults of flags are read with them but only people write those.
func profileKeys() []profileKey {
	keys := []profileKey{
		textKey("dc", func(p *profile) *string { return &p.dc }, func(v string) error { _, err := auth.LookupDataCentre(v); return err }),
		textKey("environment", func(p *profile) *string { return &p.environment }, oneOf("environment", production, sandbox, developer)),
		textKey("api_url", func(p *profile) *string { return &p.apiURL }, checkURL),
		textKey("accounts_url", func(p *profile) *string { return &p.accountsURL }, checkURL),
		textKey("api_version", func(p *profile) *string { return &p.apiVersion }, func(v string) error { _, err := api.ParseVersion(v); return err }),
		textKey("edition", func(p *profile) *string { return &p.edition }, checkEdition),
		{"concurrency", readConcurrency, func(p profile) *yaml.Node {
			if p.concurrency == 0 {
				return nil
			}
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(p.concurrency)}
		}},
		textKey("client_id", func(p *profile) *string { return &p.clientID }, nil),
	}
	keys = append(keys, secretKeys("secret", kindClientSecret, func(p *profile) *secretSource { return &p.secret })...)
	keys = append(keys, secretKeys("refresh_token", kindRefreshToken, func(p *profile) *secretSource { return &p.refresh })...)
	return append(keys, textKey("org_id", func(p *profile) *string { return &p.orgID }, checkOrgID))
}

// textKey is a key with a text, which check (nil: anything goes) may refuse.
func textKey(name string, field func(*profile) *string, check func(string) error) profileKey {
	read := func(p *profile, n *yaml.Node) error {
		v, err := text(n)
		if err == nil && check != nil {
			err = check(v)
		}
		*field(p) = v
		return err
	}
	return profileKey{name, read, func(p profile) *yaml.Node {
		if *field(&p) == "" {
			return nil
		}
		return textNode(*field(&p))
	}}
}

func readConcurrency(p *profile, n *yaml.Node) error {
	v, err := text(n)
	if err != nil {
		return err
	}
	if p.concurrency, err = strconv.Atoi(v); err != nil || p.concurrency < 1 {
		return errors.New("it must be a number of calls in flight, at least 1")
	}
	return nil
}

// oneOf refuses what is none of the choices.
func oneOf(what string, choices ...string) func(string) error {
	return func(v string) error {
		if slices.Contains(choices, v) {
			return nil
		}
		return fmt.Errorf("unknown %s %q: want one of %s", what, v, strings.Join(choices, ", "))
	}
}

func checkURL(v string) error {
	_, err := auth.CheckURL(v)
	return err
}

func checkEdition(v string) error {
	if (api.Org{Edition: v}).InFlight() == 0 {
		return fmt.Errorf("unknown edition %q: want one of free, standard, professional, enterprise, ultimate", v)
	}
	return nil
}

// orgID is how Zoho writes the id of an org (Zoho CRM API v8, Get Organization Data: zgid).
var orgID = regexp.MustCompile(`^[0-9]{1,32}$`)

func checkOrgID(v string) error {
	if !orgID.MatchString(v) {
		return fmt.Errorf("%q is not the id of an org: it is digits", v)
	}
	return nil
}
