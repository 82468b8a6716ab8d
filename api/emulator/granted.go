package emulator

import "slices"

// maxRefreshTokens is how many refresh tokens a client has: the next one
// deletes the first. Zoho CRM API v2, Token Validity ("per client ID"; the
// user is always the same here).
const maxRefreshTokens = 20

// A granted is a refresh token that was given out, and what it is good for.
type granted struct {
	Token  string `json:"refresh_token"`
	Client string `json:"client_id"`
	Scope  string `json:"scope"`
	scopes *scopes
}

// knownClient gives the only client, or nil for any.
func (s *store) knownClient() *Client {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.client
}

// register makes a client the only one, or nil any.
func (s *store) register(c *Client) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	noted := c
	if noted == nil {
		noted = &Client{}
	}
	if s.journal != nil {
		if err := s.journal.append(&line{Client: noted}); err != nil {
			return err
		}
	}
	s.client = c
	return nil
}

// grants gives the refresh tokens, oldest first; it must not be changed.
func (s *store) grants() []granted {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.granted
}

// refreshToken finds a refresh token.
func (s *store) refreshToken(token string) (granted, bool) {
	list := s.grants()
	at := slices.IndexFunc(list, func(g granted) bool { return g.Token == token })
	if at < 0 {
		return granted{}, false
	}
	return list[at], true
}

// consented says whether a client has a refresh token: its user has consented
// before. asked, when not nil, are the scopes that it must be good for.
func (s *store) consented(client string, asked *scopes) bool {
	return slices.ContainsFunc(s.grants(), func(g granted) bool {
		return g.Client == client && (asked == nil || g.scopes.cover(asked))
	})
}

// grant keeps a new refresh token and gives the one that it pushed out, or "".
func (s *store) grant(g granted) (ended string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal != nil {
		if err := s.journal.append(&line{Granted: &g}); err != nil {
			return "", err
		}
	}
	return s.admit(g), nil
}

// admit adds a refresh token to a new list: readers have the old one.
func (s *store) admit(g granted) (ended string) {
	list := append(slices.Clone(s.granted), g)
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
	s.granted = list
	return ended
}

// revoke forgets a refresh token; false is that there was none.
func (s *store) revoke(token string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.granted, func(g granted) bool { return g.Token == token })
	if at < 0 {
		return false, nil
	}
	if s.journal != nil {
		if err := s.journal.append(&line{Revoked: token}); err != nil {
			return false, err
		}
	}
	s.granted = slices.Delete(slices.Clone(s.granted), at, at+1)
	return true, nil
}

// replaySignIn takes up a line about clients and refresh tokens; false is that
// the line is about something else.
func (s *store) replaySignIn(l *line) (bool, error) {
	switch {
	case l.Client != nil && l.Client.ID == "":
		s.client = nil
	case l.Client != nil:
		if err := l.Client.check(); err != nil {
			return true, err
		}
		s.client = l.Client
	case l.Granted != nil:
		g := *l.Granted
		var err error
		if g.scopes, err = parseScopes(g.Scope); err != nil {
			return true, err
		}
		s.admit(g)
	case l.Revoked != "":
		s.granted = slices.DeleteFunc(slices.Clone(s.granted), func(g granted) bool { return g.Token == l.Revoked })
	default:
		return false, nil
	}
	return true, nil
}
