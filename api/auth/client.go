package auth

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// Client is a client that is registered in Zoho's API console, and the accounts
// server where it signs in. It prints without its secret.
//
// Its methods send secrets only to the accounts server, over https or to
// loopback, and follow no redirects. Their errors are an *Error, a *URLError or
// the context's error, and hold no secret.
type Client struct {
	AccountsURL string            // such as "https://accounts.zoho.com"
	ID          string            //
	Secret      string            //
	Transport   http.RoundTripper // nil: http.DefaultTransport
}

// String shows the client without its secret.
func (c Client) String() string { return "client " + c.ID + " at " + c.AccountsURL }

// GoString keeps %#v from printing the fields.
func (c Client) GoString() string { return "auth.Client(" + c.String() + ")" }

// LogValue keeps slog from printing the fields.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// server returns the accounts server to send a request to. It checks that no
// part of the client or of the request is empty. The errors of the accounts
// server leave out the client's secret and all secret parts.
func (c Client) server(parts ...part) (*accountsServer, error) {
	parts = append([]part{{"client id", c.ID, false}, {"client secret", c.Secret, true}}, parts...)
	return c.serverFor(parts)
}

// serverFor is like server, but the request has only the given parts.
func (c Client) serverFor(parts []part) (*accountsServer, error) {
	if names := missing(parts); len(names) > 0 {
		return nil, &Error{Description: "missing " + strings.Join(names, ", ")}
	}
	base, err := CheckURL(c.AccountsURL)
	if err != nil {
		return nil, err
	}
	return newAccountsServer(base, c, parts), nil
}

// part is a value that a request must have.
type part struct {
	name, value string
	secret      bool // errors must not show the value
}

// missing returns the names of the empty parts.
func missing(parts []part) []string {
	var names []string
	for _, p := range parts {
		if p.value == "" {
			names = append(names, p.name)
		}
	}
	return names
}

// accountsServer is an accounts server of Zoho's as one client uses it.
type accountsServer struct {
	base    *url.URL
	client  Client
	http    *http.Client
	secrets secrets // left out of errors
}

func newAccountsServer(base *url.URL, c Client, parts []part) *accountsServer {
	s := secrets(ProxySecrets(base))
	for _, p := range parts {
		if p.secret {
			s = append(s, p.value)
		}
	}
	transport := c.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &accountsServer{base: base, client: c, secrets: s, http: &http.Client{
		Transport: transport,
		// A redirect that keeps the method would carry the secrets along.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// at returns the same client at another accounts server.
func (a *accountsServer) at(base *url.URL) *accountsServer {
	moved := *a
	moved.base = base
	return &moved
}

func (a *accountsServer) url(path string) string { return a.base.JoinPath(path).String() }

// address returns the URL of the server without a slash at the end, as it is
// configured.
func (a *accountsServer) address() string { return strings.TrimSuffix(a.base.String(), "/") }

func (a *accountsServer) isLoopback() bool { return isLoopback(a.base.Hostname()) }

func (a *accountsServer) config(redirectURI string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     a.client.ID,
		ClientSecret: a.client.Secret,
		RedirectURL:  redirectURI,
		Endpoint: oauth2.Endpoint{
			AuthURL:  a.url("oauth/v2/auth"),
			TokenURL: a.url("oauth/v2/token"),
			// Zoho reads the client from the form, and the default (trying
			// both ways) would double every refused request.
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}
