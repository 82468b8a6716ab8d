package cli

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/alecthomas/kong"
)

// defaultProfile is what a sign-in is called that nobody named, and the profile that serves where neither a profile nor a connection variable says where to connect.
const defaultProfile = "default"

// connectionVariables are those that serve where no profile is named.
func connectionVariables() []string {
	return []string{envAPIURL, envAccountsURL, envClientID, envClientSecret, envRefreshToken, envDC, envAPIVersion}
}

// profileOr is the profile that a command is for: the named one, else the default one where the config file has it and no connection variable is set but those that it takes its own
// secrets from; "" is the variables.
func (p *process) profileOr(name string) (string, error) {
	if name != "" {
		return name, nil
	}
	var set []string
	for _, variable := range connectionVariables() {
		if p.getenv(variable) != "" {
			set = append(set, variable)
		}
	}
	if slices.ContainsFunc(set, func(v string) bool { return v != envClientSecret && v != envRefreshToken }) {
		return "", nil // not even the config file is looked at
	}
	c, err := p.config()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(c.profiles, func(p profile) bool { return p.name == defaultProfile })
	if i < 0 || slices.ContainsFunc(set, func(v string) bool { return v != c.profiles[i].secret.env && v != c.profiles[i].refresh.env }) {
		return "", nil
	}
	p.conf.unnamed = true
	return defaultProfile, nil
}

// mayBeDefault says whether a command takes the default profile where none is named.
func mayBeDefault(line *kong.Context) bool {
	node := line.Selected()
	if node == nil || !node.Target.CanAddr() {
		return false
	}
	_, ok := reflect.TypeAssert[interface{ mayBeDefault() }](node.Target.Addr())
	return ok
}

// defaultHint is what to add where something is lacking of the variables and there is a default profile.
func (p *process) defaultHint() string {
	c, err := p.config()
	if err != nil || !slices.Contains(c.names(), defaultProfile) {
		return ""
	}
	return fmt.Sprintf("; the profile %s is not used, as a connection variable is set: give --profile %[1]s, or unset them all", defaultProfile)
}
