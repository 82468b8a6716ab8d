package accounts

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
)

// A Client is an application as Zoho's API console knows it. Once an emulator knows a client, it refuses all others.
// Until then any id and secret are good.
type Client struct {
	// ID and Secret of the application.
	ID     string `json:"id"`
	Secret string `json:"secret,omitempty"`
	// RedirectURIs are the authorised redirect URIs, compared exactly. An empty list allows any URI that starts with
	// http:// or https://.
	RedirectURIs []string `json:"redirect_uris,omitempty"`
}

// Check reports what is wrong with the client.
func (c *Client) Check() error {
	if c.ID == "" || c.Secret == "" {
		return errors.New("a client has an id and a secret: give both")
	}
	for _, uri := range c.RedirectURIs {
		if !isRedirectURI(uri) {
			return fmt.Errorf("redirect URI %q does not start with http:// or https://", uri)
		}
	}
	return nil
}

// isRedirectURI reports whether the URI has the form of a redirect URI: it starts with http:// or https:// (Zoho
// Accounts, OAuth 2.0, Get authorization code).
func isRedirectURI(uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		u.Fragment == ""
}

// hasID reports whether id is the client's. A nil client has every id.
func (c *Client) hasID(id string) bool { return id != "" && (c == nil || c.ID == id) }

func (c *Client) hasSecret(secret string) bool {
	return secret != "" && (c == nil || c.Secret == secret)
}

// mayReturnTo reports whether a browser may carry a code to the URI.
func (c *Client) mayReturnTo(uri string) bool {
	return isRedirectURI(uri) && (c == nil || len(c.RedirectURIs) == 0 || slices.Contains(c.RedirectURIs, uri))
}

// onlyClient returns the client that is known, or nil for any.
func (s *Server) onlyClient() *Client {
	if s.client != nil {
		return s.client
	}
	return s.registry.Client()
}

// checkClient returns Zoho's error for a wrong id or secret, or "".
func (s *Server) checkClient(id, secret string) string {
	switch c := s.onlyClient(); {
	case !c.hasID(id):
		return "invalid_client"
	case !c.hasSecret(secret):
		return "invalid_client_secret"
	}
	return ""
}

// register makes a client the only one, or accepts any client when the id is empty. The reply leaves out the secret.
func (s *Server) register(c *Client) (*Client, error) {
	if s.client != nil {
		return nil, errors.New("the client is fixed by the emulator's options")
	}
	if c.ID != "" {
		if err := c.Check(); err != nil {
			return nil, err
		}
	}
	_, err := s.registry.commit(Change{Client: c})
	return &Client{ID: c.ID, RedirectURIs: c.RedirectURIs}, err
}
