package emulator

import (
	"net/http"
	"slices"
	"strings"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/voice"
	"rolecall/api/emulator/wire"
)

// A call is an API request, its route and its price.
type call struct {
	wire.Call
	service   *service
	route     *route
	refused   *wire.Refusal // why there is no route
	heavy     bool          // it counts for sub-concurrency
	remaining int           // credits, after the call
}

// A route is a [wire.Route] that is ready to match.
type route struct {
	wire.Route
	segments []string // of the pattern
	label    string   // in the statistics
}

// A router finds the route of a request.
type router []*route

func newRouter(routes []wire.Route) (rt router) {
	for _, r := range routes {
		r.Places, r.Credits = max(r.Places, 1), max(r.Credits, 1)
		rt = append(
			rt,
			&route{Route: r, segments: strings.Split(r.Pattern[1:], "/"), label: r.Method + " " + r.Pattern},
		)
	}
	// Fixed segments win over {id}.
	slices.SortStableFunc(rt, func(a, b *route) int {
		return strings.Count(a.Pattern, "{id}") - strings.Count(b.Pattern, "{id}")
	})
	return rt
}

// match finds the route of a request, or why there is none.
func (rt router) match(r *http.Request) *call {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/crm/"), "/")
	segments := strings.Split(rest, "/")
	if name == "bulk" && len(segments) > 1 { // /crm/bulk/v8/read
		name, segments[0] = segments[0], name
	}
	version, known := wire.ParseVersion(name)
	// Zoho's OpenAPI files have /contacts/roles where its pages have /Contacts/roles. No other name has two spellings.
	if known && segments[0] == "contacts" && len(segments) > 1 && segments[1] == "roles" {
		segments[0] = "Contacts"
	}
	c := &call{Call: wire.Call{Request: r, Version: version}}
	if !known {
		rt = nil
		c.refused = wire.InvalidURL()
	}
	if rt.find(c, segments) {
		c.heavy = c.route.Heavy || r.Method == http.MethodGet && len(segments) == 1 && sorted(r)
		return c
	}
	if c.refused == nil {
		c.refused = unrouted(segments)
	}
	c.route, c.Label = &route{Route: wire.Route{Places: 1, Credits: 1}}, label(r.Method, segments)
	return c
}

// matchVoice finds the route of a request to Zoho Voice.
func (rt router) matchVoice(r *http.Request) *call {
	segments := strings.Split(strings.TrimPrefix(r.URL.Path, voice.Prefix), "/")
	c := &call{Call: wire.Call{Request: r}, refused: wire.InvalidURL()}
	if !rt.find(c, segments) {
		c.route, c.Label = &route{Route: wire.Route{Places: 1}}, label(r.Method, segments)
	}
	return c
}

// find sets the route of a call, and reports whether there is one. If the path has routes only for other methods, find
// refuses the call for that.
func (rt router) find(c *call, segments []string) bool {
	for _, candidate := range rt {
		ids, matches := candidate.match(segments)
		switch {
		case !matches:
		case candidate.Method != c.Method:
			c.refused = wire.InvalidMethod()
		default:
			c.route, c.refused, c.Label, c.IDs = candidate, nil, candidate.label, ids
			return true
		}
	}
	return false
}

// sorted reports whether a call of Get Records asks for an order or a custom view.
func sorted(r *http.Request) bool {
	query := r.URL.Query()
	return query.Has("sort_by") || query.Has("cvid")
}

// match reports whether the segments fit the pattern, and returns those that stand for {id}.
func (r *route) match(segments []string) (ids []string, matches bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	for i, want := range r.segments {
		switch {
		case want == "{id}" && segments[i] != "":
			ids = append(ids, segments[i])
		case want != segments[i]:
			return nil, false
		}
	}
	return ids, true
}

// unrouted returns the refusal of a path that no route has.
func unrouted(segments []string) *wire.Refusal {
	switch {
	case len(segments) > 4, slices.Contains(segments, ""):
		return wire.InvalidURL()
	case len(segments) < 3 && wire.IsModule(segments[0]):
		// Zoho CRM API v7, Get Records: also for modules that Zoho has and the emulator does not.
		return wire.Bad("INVALID_MODULE", "The given module is not supported in API", wire.AtPath(0))
	case len(segments) < 3:
		return wire.InvalidURL()
	case !wire.IsModule(segments[0]):
		return wire.Bad("INVALID_MODULE", "the module name given seems to be invalid", wire.AtPath(0))
	}
	// {module}/{id}/{relation}: the module is good, so the relation is not.
	return wire.Bad("INVALID_DATA", "the relation name given seems to be invalid", wire.AtPath(2))
}

// label returns the name of a call without a route in the statistics. Ids become {id}.
func label(method string, segments []string) string {
	named := slices.Clone(segments)
	for i, s := range named {
		if _, isID := org.ParseID(s); isID {
			named[i] = "{id}"
		}
	}
	return method + " /" + strings.Join(named, "/")
}

// refusal returns the error of a call that has no route, or whose token or user may not make it.
func (e *Emulator) refusal(c *call) error {
	switch {
	case c.refused != nil:
		return c.refused
	case !c.Allows(c.route.Scopes):
		return wire.ScopeMismatch()
	}
	return e.forbidden(c.route.Rights)
}
