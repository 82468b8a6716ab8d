package profile

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"rolecall/api/auth"
)

// Listed is a profile as the command profiles lists it, without its secrets. New versions only add fields.
type Listed struct {
	Name        string            `json:"name"`
	DC          string            `json:"dc,omitempty"`
	Environment string            `json:"environment,omitempty"`
	OrgID       string            `json:"org_id,omitempty"`
	ClientID    string            `json:"client_id,omitempty"`
	APIURL      string            `json:"api_url,omitempty"`
	AccountsURL string            `json:"accounts_url,omitempty"`
	APIVersion  string            `json:"api_version,omitempty"`
	Gateway     string            `json:"gateway,omitempty"`
	BaseURL     string            `json:"base_url,omitempty"`
	Header      string            `json:"header,omitempty"`
	HeaderValue *ListedSecret     `json:"header_value,omitempty"`
	Secret      *ListedSecret     `json:"secret,omitempty"`
	Refresh     *ListedSecret     `json:"refresh_token,omitempty"`
	Values      map[string]string `json:"values,omitempty"` // the place of each value, by its key: "file:line"
}

// ListedSecret is where a secret is.
type ListedSecret struct {
	From string `json:"from"`           // "env", "file", "command", "keyring"
	Name string `json:"name,omitempty"` // the variable, the path, or the program
}

// List returns a profile for a list.
func (p Profile) List() Listed {
	l := Listed{
		Name: p.Name, DC: p.DC, Environment: cmp.Or(p.Environment, auth.Production), OrgID: p.OrgID,
		ClientID: p.ClientID, APIURL: p.APIURL, AccountsURL: p.AccountsURL, APIVersion: p.APIVersion,
		Secret: p.Secret.list(), Refresh: p.Refresh.list(),
	}
	if p.Gateway != "" {
		l.Environment, l.Gateway, l.BaseURL, l.Header = "", p.Gateway, p.BaseURL, p.Header
		l.HeaderValue = p.HeaderValue.list()
	} else if l.DC == "" && l.APIURL == "" {
		l.DC = DefaultDC
	}
	for key, from := range p.From {
		if key != nameKey {
			if l.Values == nil {
				l.Values = map[string]string{}
			}
			l.Values[key] = from.String()
		}
	}
	return l
}

func (s Source) list() *ListedSecret {
	if !s.Set() {
		return nil
	}
	from, name, _ := strings.Cut(s.String(), " ")
	return &ListedSecret{From: from, Name: name}
}

// String returns where a secret is, for a table.
func (s *ListedSecret) String() string {
	if s == nil {
		return "not set"
	}
	return strings.TrimSpace(s.From + " " + s.Name)
}

// Sources returns, in words, where the values of a profile are: in the config file, or in the file of auth login. If
// both have values, it lists the keys in each.
func (f *File) Sources(p Profile) string {
	config := filepath.Base(f.Path)
	by := map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(p.From)) {
		if key == nameKey {
			continue
		}
		source := config
		if p.From[key].Path != f.Path {
			source = "auth login"
		}
		by[source] = append(by[source], key)
	}
	switch {
	case len(by["auth login"]) == 0:
		return config
	case len(by[config]) == 0:
		return "auth login"
	}
	return fmt.Sprintf("%s: %s; auth login: %s",
		config, strings.Join(by[config], ", "), strings.Join(by["auth login"], ", "))
}
