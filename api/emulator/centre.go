package emulator

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// A centre is this data centre, and the others that it knows of: emulators
// elsewhere.
type centre struct {
	location string
	others   map[string]string // accounts server, by location
}

const defaultLocation = "us"

func newCentre(location string, others map[string]string) (centre, error) {
	c := centre{location: location, others: make(map[string]string, len(others))}
	if c.location == "" {
		c.location = defaultLocation
	}
	for name, server := range others {
		u, err := url.Parse(server)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return centre{}, fmt.Errorf("data centre %q: accounts server %q is no address such as http://127.0.0.1:8766", name, server)
		}
		if name == "" || name == c.location {
			return centre{}, fmt.Errorf("data centre %q cannot be another one: this one is %q", name, c.location)
		}
		c.others[name] = strings.TrimSuffix(server, "/")
	}
	return c, nil
}

// find gives the accounts server of a location, where "" is this one.
func (c *centre) find(location, own string) (name, server string, elsewhere, known bool) {
	if location == "" || location == c.location {
		return c.location, own, false, true
	}
	server, known = c.others[location]
	return location, server, known, known
}

type serverInfoAnswer struct {
	Result    string            `json:"result"`
	Locations map[string]string `json:"locations"`
}

// serverInfo lists the accounts servers of the data centres. Zoho Accounts,
// OAuth 2.0, Multi DC support.
func (a *accounts) serverInfo(r *http.Request) (int, serverInfoAnswer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	locations := maps.Clone(a.centre.others)
	locations[a.centre.location] = origin(r)
	return http.StatusOK, serverInfoAnswer{Result: "success", Locations: locations}, nil
}

// A centresRequest names this data centre and others, whose ports are known
// only once they run.
type centresRequest struct {
	Location string            `json:"location"`
	Others   map[string]string `json:"others"`
}

// serveCentres takes {"location": "us", "others": {"eu": "http://..."}} in
// place of what was.
func (a *accounts) serveCentres(w http.ResponseWriter, r *http.Request) {
	var q centresRequest
	err := readJSON(w, r, &q)
	var c centre
	if err == nil {
		c, err = newCentre(q.Location, q.Others)
	}
	if err != nil {
		http.Error(w, "centres: "+err.Error()+`; send for example {"location": "us", "others": {"eu": "http://127.0.0.1:8766"}}`, http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	a.centre = c
	a.mu.Unlock()
	writeJSON(w, centresRequest{Location: c.location, Others: c.others})
}
