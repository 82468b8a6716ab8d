package auth

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// Client is a client registered in Zoho's API console, at the accounts server
// where somebody signs in with it. It prints without its secret.
//
// Its methods send secrets to the accounts server alone: https or loopback,
// and never on to where that redirects. Their errors are an *Error, a *URLError
// or the context's, and hold no secret.
type Client struct {
	AccountsURL string            // "https://accounts.zoho.com"
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

// server checks the client's own parts and those of a request by name, and
// gives the accounts server to send them to. The values given are kept out of
// its errors, as the client's secret is.
func (c Client) server(parts ...part) (*accountsServer, error) {
	parts = append([]part{{"client id", c.ID, false}, {"client secret", c.Secret, true}}, parts...)
	return c.serverFor(parts)
}

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

// part is something that a request cannot do without.
type part struct {
	name, value string
	secret      bool
}

func missing(parts []part) []string {
	var names []string
	for _, p := range parts {
		if p.value == "" {
			names = append(names, p.name)
		}
	}
	return names
}

// accountsServer is Zoho's accounts server as one client talks to it.
type accountsServer struct {
	base    *url.URL
	client  Client
	http    *http.Client
	secrets secrets
}

func newAccountsServer(base *url.URL, c Client, parts []part) *accountsServer {
	s := secrets{}
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

// at is the same client at another accounts server.
func (a *accountsServer) at(base *url.URL) *accountsServer {
	moved := *a
	moved.base = base
	return &moved
}

func (a *accountsServer) url(path string) string { return a.base.JoinPath(path).String() }

// address is how the server is configured: its URL without a slash at the end.
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
