package accounts

import (
	"slices"
	"sync"
)

// maxRefreshTokens is how many refresh tokens a client has. The next one deletes the oldest. Zoho CRM API v2, Token
// Validity ("per client ID"; the user is always the same here).
const maxRefreshTokens = 20

// A Registry has the known client and the refresh tokens. A state file keeps its changes. It is safe for concurrent
// use.
type Registry struct {
	mu     sync.RWMutex
	client *Client             // the only one; nil is any
	grants []Grant             // oldest first; never changed in place
	record func(*Change) error // writes a change to the state file before it takes effect; nil without a file
}

// A Grant is a refresh token, its client and its scopes.
type Grant struct {
	Token  string `json:"refresh_token"`
	Client string `json:"client_id"`
	Scope  string `json:"scope"`
	scopes *Scopes
}

// A Change is one change of a registry: one of its fields is set.
type Change struct {
	Client  *Client `json:"client,omitempty"` // with an empty id: any client
	Granted *Grant  `json:"granted,omitempty"`
	Revoked string  `json:"revoked,omitempty"` // a refresh token
}

// Record makes the registry call write for each later change, before the change takes effect.
func (r *Registry) Record(write func(*Change) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record = write
}

// Client returns the only client, or nil for any.
func (r *Registry) Client() *Client {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.client
}

// Grants returns the refresh tokens, oldest first. The caller must not change the list.
func (r *Registry) Grants() []Grant {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.grants
}

// Replay applies a change that was read from a state file or a seed.
func (r *Registry) Replay(c Change) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.Client != nil && c.Client.ID != "" {
		if err := c.Client.Check(); err != nil {
			return err
		}
	}
	if c.Granted != nil {
		var err error
		if c.Granted.scopes, err = ParseScopes(c.Granted.Scope); err != nil {
			return err
		}
	}
	r.apply(c)
	return nil
}

// commit records a change and applies it. It returns the refresh token that had to go for a new one, or "".
func (r *Registry) commit(c Change) (ended string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record != nil {
		if err := r.record(&c); err != nil {
			return "", err
		}
	}
	return r.apply(c), nil
}

func (r *Registry) apply(c Change) (ended string) {
	switch {
	case c.Client != nil && c.Client.ID == "":
		r.client = nil
	case c.Client != nil:
		r.client = c.Client
	case c.Granted != nil:
		return r.admit(*c.Granted)
	case c.Revoked != "":
		r.grants = slices.DeleteFunc(slices.Clone(r.grants), func(g Grant) bool { return g.Token == c.Revoked })
	}
	return ""
}

// admit adds a refresh token. It returns the refresh token that had to go for the new one, or "".
func (r *Registry) admit(g Grant) (ended string) {
	list := append(slices.Clone(r.grants), g)
	count, first := 0, -1
	for i := range list {
		if list[i].Client != g.Client {
			continue
		}
		if count++; first < 0 {
			first = i
		}
	}
	if count > maxRefreshTokens {
		ended = list[first].Token
		list = slices.Delete(list, first, first+1)
	}
	r.grants = list
	return ended
}

// lookup returns the grant of a refresh token.
func (r *Registry) lookup(token string) (Grant, bool) {
	list := r.Grants()
	i := slices.IndexFunc(list, func(g Grant) bool { return g.Token == token })
	if i < 0 {
		return Grant{}, false
	}
	return list[i], true
}

// consented reports whether a client has a refresh token: its user has consented before. The token must be good for
// the scopes, unless they are nil.
func (r *Registry) consented(client string, asked *Scopes) bool {
	return slices.ContainsFunc(r.Grants(), func(g Grant) bool {
		return g.Client == client && (asked == nil || g.scopes.cover(asked))
	})
}
