package profile

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"rolecall/api"
	"rolecall/api/gateway"
	"rolecall/job"
)

// Gateway is the header that a gateway wants in each call.
type Gateway struct {
	Header string // "": none
	Value  string // a secret
}

func checkGateway(v string) error {
	if v != gateway.PinkConnect {
		return fmt.Errorf("unknown gateway %q: there is %s", v, gateway.PinkConnect)
	}
	return nil
}

// headerName matches the name of a header (RFC 9110, section 5.6.2: token).
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// checkHeader refuses a text that is no name of a header, and headers that the client itself sets.
func checkHeader(v string) error {
	own := []string{"Host", "Content-Type", "Content-Length", "Accept", "User-Agent", "Transfer-Encoding", "Connection"}
	switch {
	case !headerName.MatchString(v):
		return errors.New("it is the name of a header alone, such as X-Api-Key: header_env (or _file, _command, " +
			"_keyring) says where its value is")
	case slices.Contains(own, http.CanonicalHeaderKey(v)):
		return fmt.Errorf("rolecall sets %s itself", http.CanonicalHeaderKey(v))
	}
	return nil
}

// ofSignIn is the keys that say how to sign in to Zoho. A profile with a gateway has none of them, because the gateway
// signs in.
var ofSignIn = []string{
	"dc", "environment", "api_url", "accounts_url", "client_id", "secret_env", "secret_file", "secret_command",
	"secret_keyring", "refresh_token_env", "refresh_token_file", "refresh_token_command", "refresh_token_keyring",
}

// checkGateway returns an error if the keys of the profile about a gateway do not go together.
func (p Profile) checkGateway() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("profile %s: "+format, append([]any{p.Name}, args...)...)
	}
	if p.Gateway == "" {
		for _, key := range []string{"base_url", "header"} {
			if _, from := p.origin(key); from != (Origin{}) {
				return wrong("%s is for a gateway: add  gateway: %s", key, gateway.PinkConnect)
			}
		}
		return nil
	}
	for _, key := range ofSignIn {
		if from, given := p.From[key]; given {
			return wrong("the gateway signs in to Zoho, so that %s (%s) is not used: take it out", key, from)
		}
	}
	switch {
	case p.BaseURL == "":
		return wrong("a gateway needs its address: add  base_url: https://..., which is PC_BASE_URL")
	case p.APIVersion != "" && p.APIVersion != gateway.Version:
		return wrong("the gateway serves version %s of Zoho's API: take api_version out", gateway.Version)
	case p.HeaderValue.Set() && p.Header == "":
		return wrong("header_... says where the value of a header is: add its name, such as  header: X-Api-Key")
	case p.Header != "" && !p.HeaderValue.Set():
		return wrong("where is the value of the header %s? Add header_env (or _file, _command, _keyring)", p.Header)
	}
	return nil
}

// gatewayPlace returns the Place of a gateway, without the value of its header.
func gatewayPlace(base, header string, used Profile) (Place, error) {
	address, err := gateway.Address(base)
	if err != nil {
		return Place{}, &job.UsageError{Err: err}
	}
	version, err := api.ParseVersion(gateway.Version)
	return Place{
		APIURL: address, APIGiven: true, Version: version, Profile: used, Gateway: &Gateway{Header: header},
	}, err
}

// gatewayByEnvironment returns the Place of the gateway in PC_BASE_URL. No other connection variable may be set.
func (p *Profiles) gatewayByEnvironment() (Place, error) {
	for _, name := range Variables() {
		if name != EnvGateway && p.Variable(name) != "" && (name != EnvAPIVersion || p.Variable(name) != gateway.Version) {
			return Place{}, &job.UsageError{Err: fmt.Errorf("%s names a gateway, which signs in to Zoho itself, and %s "+
				"is for signing in to Zoho: unset one of them, or give --profile", EnvGateway, name)}
		}
	}
	here, err := gatewayPlace(p.Variable(EnvGateway), "", Profile{})
	if err != nil {
		return here, &job.UsageError{Err: fmt.Errorf("%s: %w", EnvGateway, err)}
	}
	return here, p.CheckProxy(here)
}

// headerValue trims the value of a header. The value may have a scheme before the secret: "Bearer eyJhb...".
func headerValue(value string) (string, error) {
	scheme, secret, two := strings.Cut(strings.TrimSpace(value), " ")
	if !two || !headerName.MatchString(scheme) {
		return OneLine(value)
	}
	secret, err := OneLine(secret)
	return scheme + " " + secret, err
}
