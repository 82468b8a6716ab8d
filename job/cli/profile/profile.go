package profile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rolecall/api"
	"rolecall/api/auth"
)

// Emulator is the profile that always exists: the emulator inside this process.
const Emulator = "emulator"

// Default is the profile that auth login makes if the user names none. Other commands use it if the user names no
// profile and sets no connection variable.
const Default = "default"

// DefaultDC is the data centre if the user names none.
const DefaultDC = "us"

// Profile is one org: its addresses, and what to sign in with. An empty value is not set.
type Profile struct {
	Name        string
	DC          string // "us", "eu", ...
	Environment string // auth.Production, auth.Sandbox, auth.Developer
	APIURL      string
	AccountsURL string
	APIVersion  string
	Edition     string // used if the edition of the org cannot be read
	Concurrency string // calls in flight, used if the edition of the org cannot be read
	ClientID    string
	OrgID       string // the org that the profile was made for
	Secret      Source // of the client
	Refresh     Source // of the refresh token
	Gateway     string // the gateway that signs in: gateway.PinkConnect; "": none
	BaseURL     string // of the gateway: PC_BASE_URL
	Header      string // the header that the gateway wants
	HeaderValue Source // of that header
	Flags       map[string]FlagDefault

	From map[string]Origin // where each value comes from, by its key
}

// Origin is the place of a profile's value: a line of a file.
type Origin struct {
	Path string
	Line int
}

func (o Origin) String() string { return o.Path + ":" + strconv.Itoa(o.Line) }

// A profile's name becomes part of file names.
const longestName = 64

var profileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// CheckName refuses a name that no profile can have.
func CheckName(name string) error {
	switch {
	case strings.EqualFold(name, Emulator):
		return fmt.Errorf("the profile %s always exists and cannot be defined: choose another name", Emulator)
	case len(name) > longestName || !profileName.MatchString(name):
		return fmt.Errorf("%q cannot be a profile's name: it is letters, digits, ., _ and -, 64 at most, "+
			"and begins with a letter or digit", name)
	}
	return nil
}

// field is a key of a profile whose value is a text.
type field struct {
	key   string
	of    func(*Profile) *string
	check func(string) error
}

// fields returns the keys whose values are texts, in the order in which auth login writes them.
func fields() []field {
	return []field{
		{"dc", func(p *Profile) *string { return &p.DC }, checkDataCentre},
		{"environment", func(p *Profile) *string { return &p.Environment }, CheckEnvironment},
		{"api_url", func(p *Profile) *string { return &p.APIURL }, checkURL},
		{"accounts_url", func(p *Profile) *string { return &p.AccountsURL }, checkURL},
		{"api_version", func(p *Profile) *string { return &p.APIVersion }, checkVersion},
		{"edition", func(p *Profile) *string { return &p.Edition }, checkEdition},
		{"concurrency", func(p *Profile) *string { return &p.Concurrency }, checkConcurrency},
		{"client_id", func(p *Profile) *string { return &p.ClientID }, func(string) error { return nil }},
		{"org_id", func(p *Profile) *string { return &p.OrgID }, checkOrgID},
		{"gateway", func(p *Profile) *string { return &p.Gateway }, checkGateway},
		{"base_url", func(p *Profile) *string { return &p.BaseURL }, checkURL},
		{"header", func(p *Profile) *string { return &p.Header }, checkHeader},
	}
}

// sources returns the sources of the secrets, by the beginning of their keys.
func (p *Profile) sources() map[string]*Source {
	return map[string]*Source{"secret": &p.Secret, "refresh_token": &p.Refresh, "header": &p.HeaderValue}
}

// CheckEnvironment returns an error if v is not an environment of a data centre.
func CheckEnvironment(v string) error {
	all := []string{auth.Production, auth.Sandbox, auth.Developer}
	if !slices.Contains(all, v) {
		return fmt.Errorf("unknown environment %q: want one of %s", v, strings.Join(all, ", "))
	}
	return nil
}

func checkDataCentre(v string) error {
	_, err := auth.LookupDataCentre(v)
	return err
}

func checkVersion(v string) error {
	_, err := api.ParseVersion(v)
	return err
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

func checkConcurrency(v string) error {
	if n, err := strconv.Atoi(v); err != nil || n < 1 {
		return errors.New("it must be a number of calls in flight, at least 1")
	}
	return nil
}

// orgID matches the id of an org (Zoho CRM API v8, Get Organization Data: zgid).
var orgID = regexp.MustCompile(`^[0-9]+$`)

func checkOrgID(v string) error {
	if len(v) > 32 || !orgID.MatchString(v) {
		return fmt.Errorf("%q is not the id of an org: it is digits", v)
	}
	return nil
}

// InFlight returns how many calls the org allows at a time, or 0 if neither the org nor the profile says.
func (p Profile) InFlight(org api.Org) int {
	if n := org.InFlight(); n > 0 {
		return n
	}
	if n, err := strconv.Atoi(p.Concurrency); err == nil {
		return n
	}
	return (api.Org{Edition: p.Edition}).InFlight()
}
