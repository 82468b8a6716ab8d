package emulator

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// A Client is an application as Zoho's API console knows it. An emulator that
// knows one takes no other; without one any id and secret are good.
type Client struct {
	// ID and Secret of the application.
	ID     string `json:"id"`
	Secret string `json:"secret,omitempty"`
	// RedirectURIs are the authorised redirect URIs, compared exactly; none is
	// any that starts with http:// or https://.
	RedirectURIs []string `json:"redirect_uris,omitempty"`
}

func (c *Client) check() error {
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

// isRedirectURI checks the form. Zoho Accounts, OAuth 2.0, Get authorization
// code: it starts with http:// or https://.
func isRedirectURI(uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.Fragment == ""
}

// known says whether this is the id of the client, when there is one.
func (c *Client) known(id string) bool { return id != "" && (c == nil || c.ID == id) }

// knows says whether this is its secret.
func (c *Client) knows(secret string) bool { return secret != "" && (c == nil || c.Secret == secret) }

// mayReturnTo says whether a browser may be sent there with a code.
func (c *Client) mayReturnTo(uri string) bool {
	if !isRedirectURI(uri) {
		return false
	}
	return c == nil || len(c.RedirectURIs) == 0 || slices.Contains(c.RedirectURIs, uri)
}

// client is the one that is known; nil is any.
func (a *accounts) client() *Client {
	if a.options.client != nil {
		return a.options.client
	}
	return a.store.knownClient()
}

// refuseClient gives Zoho's error for a wrong id or secret, "" for neither.
func (a *accounts) refuseClient(id, secret string) string {
	switch c := a.client(); {
	case !c.known(id):
		return "invalid_client"
	case !c.knows(secret):
		return "invalid_client_secret"
	}
	return ""
}

// serveClient takes {"id": ..., "secret": ..., "redirect_uris": [...]} for the
// only client, and an empty id for any.
func (a *accounts) serveClient(w http.ResponseWriter, r *http.Request) {
	var c Client
	err := readJSON(w, r, &c)
	if err == nil {
		err = a.register(&c)
	}
	if err != nil {
		http.Error(w, "client: "+err.Error()+`; send for example {"id": "1000.ABC", "secret": "s"}, or {"id": ""} for any client`, http.StatusBadRequest)
		return
	}
	writeJSON(w, Client{ID: c.ID, RedirectURIs: c.RedirectURIs}) // whoever sent the secret knows it
}

func (a *accounts) register(c *Client) error {
	if a.options.client != nil {
		return errors.New("it was fixed when the emulator was made")
	}
	if c.ID == "" {
		return a.store.register(nil)
	}
	if err := c.check(); err != nil {
		return err
	}
	return a.store.register(c)
}
