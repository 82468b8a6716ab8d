package profile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/job"
)

// Or returns the name of the profile that a command uses: the given name, or else Default. It returns "" if the command
// uses the connection variables. That is so if there is no default profile, or if a variable is set from which the
// default profile does not take its own secret.
func (p *Profiles) Or(name string) (string, error) {
	if name != "" {
		return name, nil
	}
	var set []string
	for _, variable := range Variables() {
		if p.Getenv(variable) != "" {
			set = append(set, variable)
		}
	}
	if slices.ContainsFunc(set, func(v string) bool { return v != EnvClientSecret && v != EnvRefreshToken }) {
		return "", nil // not even the config file is read
	}
	f, err := p.Read()
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(f.Profiles, func(p Profile) bool { return p.Name == Default })
	if i < 0 {
		return "", nil
	}
	used := f.Profiles[i]
	if slices.ContainsFunc(set, func(v string) bool { return v != used.Secret.Env && v != used.Refresh.Env }) {
		return "", nil
	}
	p.Unnamed = true
	return Default, nil
}

// Locate returns the Place that a profile connects to, with its secrets. It gets the secrets once per process, and does
// not connect. The error is a usage error or a *SignInError.
func (p *Profiles) Locate(ctx context.Context, name string) (Place, error) {
	switch name {
	case "":
		return p.byEnvironment()
	case Emulator:
		return Place{Emulated: true}, nil
	}
	if here, ok := p.places[name]; ok {
		p.InUse = name // a command with two profiles connects to one after the other
		return here, nil
	}
	f, err := p.Read()
	if err != nil {
		return Place{}, err
	}
	used, err := f.Profile(name)
	if err != nil {
		return Place{}, &job.UsageError{Err: err}
	}
	here, err := used.Place()
	if err == nil && here.Gateway == nil {
		err = p.missingOf(used)
	}
	if err == nil {
		err = p.CheckProxy(here)
	}
	if err != nil {
		return Place{}, err
	}
	if err := p.fillSecrets(ctx, &here); err != nil {
		return Place{}, err
	}
	if p.places == nil {
		p.places = map[string]Place{}
	}
	p.places[name], p.InUse = here, name
	return here, nil
}

// fillSecrets gets the secrets of a profile's Place.
func (p *Profiles) fillSecrets(ctx context.Context, here *Place) (err error) {
	used := here.Profile
	if here.Gateway != nil {
		if used.HeaderValue.Set() {
			here.Gateway.Value, err = p.Secret(ctx, used.HeaderValue)
		}
		return err
	}
	if here.Credentials.ClientSecret, err = p.Secret(ctx, used.Secret); err != nil {
		return err
	}
	here.Credentials.RefreshToken, err = p.Secret(ctx, used.Refresh)
	return err
}

// byEnvironment reads the connection variables.
func (p *Profiles) byEnvironment() (Place, error) {
	if p.Variable(EnvGateway) != "" {
		return p.gatewayByEnvironment()
	}
	here := Place{APIURL: p.Variable(EnvAPIURL), APIGiven: p.Variable(EnvAPIURL) != ""}
	if name := p.Variable(EnvAPIVersion); name != "" {
		var err error
		if here.Version, err = api.ParseVersion(name); err != nil {
			return Place{}, &job.UsageError{Err: fmt.Errorf("%s: %w", EnvAPIVersion, err)}
		}
	}
	here.Credentials.AccountsURL = p.Variable(EnvAccountsURL)
	if err := here.fillDataCentre(p.Variable(EnvDC)); err != nil {
		return Place{}, &job.UsageError{Err: fmt.Errorf("%s: %w", EnvDC, err)}
	}
	for name, address := range map[string]string{EnvAPIURL: here.APIURL, EnvAccountsURL: here.Credentials.AccountsURL} {
		if _, err := auth.CheckURL(address); err != nil {
			return Place{}, &job.UsageError{Err: fmt.Errorf("%s: %w", name, err)}
		}
	}
	if err := p.missing(); err != nil {
		return here, err
	}
	for name, to := range map[string]*string{
		EnvClientID: &here.Credentials.ClientID, EnvClientSecret: &here.Credentials.ClientSecret,
		EnvRefreshToken: &here.Credentials.RefreshToken,
	} {
		var err error
		if *to, err = OneLine(p.Getenv(name)); err != nil {
			return here, &SignInError{name + ": " + err.Error()}
		}
	}
	return here, p.CheckProxy(here)
}

// Variable returns the value of a connection variable, without white space around it.
func (p *Profiles) Variable(name string) string { return strings.TrimSpace(p.Getenv(name)) }

// missing returns an error for connection variables that are not set.
func (p *Profiles) missing() error {
	var lacking []string
	for _, name := range []string{EnvClientID, EnvClientSecret, EnvRefreshToken} {
		if p.Variable(name) == "" {
			lacking = append(lacking, name)
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	hint := ""
	if f, err := p.Read(); err == nil && slices.Contains(f.Names(), Default) {
		hint = fmt.Sprintf("; the profile %s is not used, because a connection variable is set: "+
			"give --profile %[1]s, or unset them all", Default)
	}
	return &SignInError{fmt.Sprintf(
		"nothing to sign in with (%s not set): sign in by rolecall auth login%s and give --profile, "+
			"or set them, or rehearse with no Zoho account by --profile %s%s",
		strings.Join(lacking, ", "), p.ConfigFlag(), Emulator, hint)}
}

// missingOf returns an error for values that a profile lacks.
func (p *Profiles) missingOf(used Profile) error {
	var lacking []string
	if used.ClientID == "" {
		lacking = append(lacking, "client_id")
	}
	if !used.Secret.Set() {
		lacking = append(lacking, "secret_env (or _file, _command, _keyring)")
	}
	if !used.Refresh.Set() {
		lacking = append(lacking, "refresh_token_env (or _file, _command, _keyring)")
	}
	if len(lacking) == 0 {
		return nil
	}
	return &SignInError{fmt.Sprintf("nothing to sign in with: profile %s has no %s; %s completes it",
		used.Name, strings.Join(lacking, ", nor "), p.Login(used.Name))}
}

// Ignored returns a set connection variable that the profile does not use, or "".
func (p *Profiles) Ignored(used Profile) string {
	for _, variable := range Variables() {
		if p.Getenv(variable) != "" && variable != used.Secret.Env && variable != used.Refresh.Env {
			return variable
		}
	}
	return ""
}
