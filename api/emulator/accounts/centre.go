package accounts

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// A centre is this data centre and the others that it knows, which are other emulators.
type centre struct {
	location string
	others   map[string]string // accounts server, by location
}

func newCentre(location string, others map[string]string) (centre, error) {
	c := centre{location: location, others: make(map[string]string, len(others))}
	if c.location == "" {
		c.location = "us"
	}
	for name, server := range others {
		u, err := url.Parse(server)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" ||
			u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return centre{}, fmt.Errorf(
				"data centre %q: accounts server %q is not an address such as http://127.0.0.1:8766",
				name,
				server,
			)
		}
		if name == "" || name == c.location {
			return centre{}, fmt.Errorf("data centre %q cannot be another one: this one is %q", name, c.location)
		}
		c.others[name] = strings.TrimSuffix(server, "/")
	}
	return c, nil
}

// lookup returns the accounts server of a location. The location "" is this data centre.
func (c *centre) lookup(location, own string) (name, server string, elsewhere, known bool) {
	if location == "" || location == c.location {
		return c.location, own, false, true
	}
	server, known = c.others[location]
	return location, server, known, known
}

// serverInfo lists the accounts servers of the data centres. Zoho Accounts, OAuth 2.0, Multi DC support.
func (s *Server) serverInfo(r *http.Request) (int, map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	locations := maps.Clone(s.centre.others)
	locations[s.centre.location] = origin(r)
	return http.StatusOK, map[string]any{"result": "success", "locations": locations}, nil
}

// centres names this data centre and the others. The ports of the others are known only once they run.
type centres struct {
	Location string            `json:"location"`
	Others   map[string]string `json:"others"`
}

// setCentres replaces the data centres.
func (s *Server) setCentres(q *centres) (centres, error) {
	c, err := newCentre(q.Location, q.Others)
	if err != nil {
		return centres{}, err
	}
	s.mu.Lock()
	s.centre = c
	s.mu.Unlock()
	return centres{Location: c.location, Others: c.others}, nil
}
