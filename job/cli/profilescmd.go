package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
)

// profilesCmd lists the profiles.
type profilesCmd struct {
	JSON bool `help:"Write the list as one JSON object."`
}

// Help is the part of --help below the flags.
func (*profilesCmd) Help() string {
	return `It lists the profiles of the config file, with where their secrets are and never the secrets; it signs in nowhere.
The file is --config, else rolecall/config.yaml in $XDG_CONFIG_HOME or the system's own place for such files.

Example:
  rolecall profiles`
}

// listedProfile is a profile in the list. Fields are only ever added.
type listedProfile struct {
	Name        string        `json:"name"`
	DC          string        `json:"dc,omitempty"`
	Environment string        `json:"environment,omitempty"`
	OrgID       string        `json:"org_id,omitempty"`
	ClientID    string        `json:"client_id,omitempty"`
	APIURL      string        `json:"api_url,omitempty"`
	AccountsURL string        `json:"accounts_url,omitempty"`
	APIVersion  string        `json:"api_version,omitempty"`
	Secret      *listedSecret `json:"secret,omitempty"`
	Refresh     *listedSecret `json:"refresh_token,omitempty"`
}

// listedSecret is where a secret is.
type listedSecret struct {
	From string `json:"from"`           // "env", "file", "command", "keyring"
	Name string `json:"name,omitempty"` // the variable, the path, or the program
}

// Run writes the list.
func (c *profilesCmd) Run(p *process) error {
	file, err := p.config()
	if err != nil {
		return err
	}
	var list []listedProfile
	for _, one := range file.profiles {
		list = append(list, one.listed())
	}
	list = append(list, listedProfile{Name: profileEmulator})
	if !file.there {
		p.note(fmt.Sprintf("there is no file %s: rolecall auth login --profile NAME makes it", file.path))
	}
	if c.JSON {
		e := json.NewEncoder(p.stdout)
		e.SetEscapeHTML(false)
		return e.Encode(struct {
			Config   string          `json:"config"`
			Profiles []listedProfile `json:"profiles"`
		}{file.path, list})
	}
	return p.tabulate(list)
}

// listed is a profile as the list shows it.
func (p profile) listed() listedProfile {
	l := listedProfile{
		Name: p.name, DC: p.dc, Environment: cmp.Or(p.environment, production), OrgID: p.orgID, ClientID: p.clientID,
		APIURL: p.apiURL, AccountsURL: p.accountsURL, APIVersion: p.apiVersion, Secret: p.secret.listed(), Refresh: p.refresh.listed(),
	}
	if l.DC == "" && l.APIURL == "" {
		l.DC = defaultDC
	}
	return l
}

func (s secretSource) listed() *listedSecret {
	if !s.set() {
		return nil
	}
	from, name, _ := strings.Cut(s.String(), " ")
	return &listedSecret{From: from, Name: name}
}

// tabulate writes the list for people.
func (p *process) tabulate(list []listedProfile) error {
	t := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	cell := func(s string) string { return cmp.Or(s, "-") }
	_, _ = fmt.Fprintln(t, "PROFILE\tDC\tENVIRONMENT\tORG\tCLIENT SECRET\tREFRESH TOKEN")
	for _, l := range list {
		if l.Name == profileEmulator {
			_, _ = fmt.Fprintf(t, "%s\t-\tinside rolecall, needs no account\t-\t-\t-\n", l.Name)
			continue
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", l.Name, cell(cmp.Or(l.DC, l.APIURL)), l.Environment, cell(l.OrgID), l.Secret, l.Refresh)
	}
	return t.Flush() // what was not written above is its error
}

// String is where a secret is, for a table.
func (s *listedSecret) String() string {
	if s == nil {
		return "not set"
	}
	return strings.TrimSpace(s.From + " " + s.Name)
}
