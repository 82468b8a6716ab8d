package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A handler answers one kind of call. A *refusal as error refuses the request.
type handler func(*Emulator, *call) (answer, error)

// A route is a method and a path below /crm/{version}; {id} stands for any
// one segment. A new resource is a new line in routes.
type route struct {
	method, pattern string
	scopes          string // that a token must have, below ZohoCRM
	handler         handler
	right           string   // that the user must have; "": none that can be denied
	places          int      // calls in flight it counts for; 0: one
	credits         int      // it costs; 0: one
	heavy           bool     // it counts for sub-concurrency
	needs           []need   // of scopes
	segments        []string // of pattern
	label           string   // in the statistics
}

// countScopes are what Record Count in a Module (Zoho CRM API v7) takes besides
// reading the module.
const countScopes = " ZohoSearch.securesearch.READ settings.layouts.READ"

// deletedCredits is the price of a list of deleted records. Zoho CRM API v8,
// API Limits.
const deletedCredits = 2

func routes(composite string) []route {
	table := []route{
		{method: "GET", pattern: "/Deals/{id}/Contact_Roles", scopes: "modules.deals.READ modules.contacts.READ", handler: (*Emulator).getDealRoles},
		{method: "PUT", pattern: "/Deals/{id}/Contact_Roles", scopes: "modules.deals.UPDATE modules.contacts.UPDATE", handler: (*Emulator).putDealRoles},
		{method: "DELETE", pattern: "/Deals/{id}/Contact_Roles", scopes: "modules.deals.DELETE modules.contacts.DELETE", handler: (*Emulator).deleteDealRoles},
		{method: "GET", pattern: "/Deals/{id}/Contact_Roles/{id}", scopes: "modules.deals.READ modules.contacts.READ", handler: (*Emulator).getDealRole},
		{method: "PUT", pattern: "/Deals/{id}/Contact_Roles/{id}", scopes: "modules.deals.UPDATE modules.contacts.UPDATE", handler: (*Emulator).putDealRole},
		{method: "DELETE", pattern: "/Deals/{id}/Contact_Roles/{id}", scopes: "modules.deals.DELETE modules.contacts.DELETE", handler: (*Emulator).deleteDealRole},
		{method: "GET", pattern: "/Contacts/roles", scopes: "modules.contacts.READ", handler: (*Emulator).getRoles, right: "roles.read"},
		{method: "POST", pattern: "/Contacts/roles", scopes: "modules.contacts.CREATE", handler: (*Emulator).postRoles, right: "roles.create"},
		{method: "PUT", pattern: "/Contacts/roles", scopes: "modules.contacts.UPDATE", handler: (*Emulator).putRoles, right: "roles.update"},
		{method: "DELETE", pattern: "/Contacts/roles", scopes: "modules.contacts.DELETE", handler: (*Emulator).deleteRoles, right: "roles.delete"},
		{method: "GET", pattern: "/Contacts/roles/{id}", scopes: "modules.contacts.READ", handler: (*Emulator).getRole, right: "roles.read"},
		{method: "PUT", pattern: "/Contacts/roles/{id}", scopes: "modules.contacts.UPDATE", handler: (*Emulator).putRole, right: "roles.update"},
		{method: "DELETE", pattern: "/Contacts/roles/{id}", scopes: "modules.contacts.DELETE", handler: (*Emulator).deleteRole, right: "roles.delete"},
		{method: "GET", pattern: "/Deals", scopes: moduleDeals.readScope(), handler: (*Emulator).getDeals},
		{method: "DELETE", pattern: "/Deals", scopes: "modules.deals.DELETE", handler: (*Emulator).deleteDeals},
		{method: "GET", pattern: "/Deals/deleted", scopes: moduleDeals.readScope(), handler: (*Emulator).getDeletedDeals, credits: deletedCredits},
		{method: "GET", pattern: "/Deals/{id}", scopes: moduleDeals.readScope(), handler: (*Emulator).getDeal},
		{method: "DELETE", pattern: "/Deals/{id}", scopes: "modules.deals.DELETE", handler: (*Emulator).deleteDeal},
		{method: "GET", pattern: "/Deals/actions/count", scopes: moduleDeals.readScope() + countScopes, handler: (*Emulator).countDeals},
		{method: "GET", pattern: "/Contacts", scopes: moduleContacts.readScope(), handler: (*Emulator).getContacts},
		{method: "GET", pattern: "/Contacts/deleted", scopes: moduleContacts.readScope(), handler: (*Emulator).getDeletedContacts, credits: deletedCredits},
		{method: "GET", pattern: "/Contacts/{id}", scopes: moduleContacts.readScope(), handler: (*Emulator).getContact},
		{method: "GET", pattern: "/Contacts/actions/count", scopes: moduleContacts.readScope() + countScopes, handler: (*Emulator).countContacts},
		{method: "GET", pattern: "/Contacts/{id}/Deals", scopes: "modules.deals.READ modules.contacts.READ", handler: (*Emulator).getContactDeals},
		{method: "POST", pattern: "/coql", scopes: "coql.READ", handler: (*Emulator).postCOQL, heavy: true},
		{method: "GET", pattern: "/org", scopes: "org.READ", handler: (*Emulator).getOrg},
		{method: "GET", pattern: "/users", scopes: "users.READ", handler: (*Emulator).getUsers},
		{method: "GET", pattern: "/settings/fields", scopes: "settings.fields.READ", handler: (*Emulator).getFields},
		{method: "GET", pattern: "/settings/related_lists", scopes: "settings.related_lists.READ", handler: (*Emulator).getRelatedLists},
	}
	if composite != "off" {
		table = append(table, route{
			method: "POST", pattern: "/__composite_requests", scopes: "composite_requests.CUSTOM",
			handler: (*Emulator).postComposite, places: compositePlaces, heavy: true,
		})
	}
	for i := range table {
		table[i].places = max(table[i].places, 1)
		table[i].credits = max(table[i].credits, 1)
		table[i].needs = needs(table[i].scopes)
		table[i].segments = strings.Split(table[i].pattern[1:], "/")
		table[i].label = table[i].method + " " + table[i].pattern
	}
	return table
}

// A call is an API request on its way to its handler.
type call struct {
	r       *http.Request
	version version
	label   string   // "PUT /Deals/{id}/Contact_Roles/{id}"
	places  int      // calls in flight it counts for
	credits int      // it costs, as far as its route tells
	heavy   bool     // it counts for sub-concurrency
	ids     []string // what stood for {id}, as sent
	handler handler
	refusal *refusal // instead of a handler
	needs   []need   // of scopes
	scopes  *scopes  // of its token
	right   string   // of its user; "": none

	composed  bool // a sub-request of a composite request
	remaining int  // credits, after it
}

// query reads the parameters; broken ones are tolerated, as Zoho does (the
// SDKs' queries end in "&").
func (c *call) query() url.Values { return c.r.URL.Query() }

// match finds the route of a request, or why there is none.
func (e *Emulator) match(r *http.Request) *call {
	c := &call{r: r, places: 1, credits: 1}
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/crm/"), "/")
	var known bool
	c.version, known = parseVersion(name)
	segments := strings.Split(rest, "/")
	if !known {
		c.label, c.refusal = label(r.Method, segments), invalidURL()
		return c
	}
	// Zoho's OpenAPI files print /contacts/roles where its pages print
	// /Contacts/roles; no other name is known in two spellings.
	if segments[0] == "contacts" && len(segments) > 1 && segments[1] == "roles" {
		segments[0] = "Contacts"
	}
	pathKnown := false
	for i := range e.routes {
		candidate := &e.routes[i]
		if !candidate.matches(segments) {
			continue
		}
		pathKnown = true
		if candidate.method == r.Method {
			c.label, c.handler, c.needs = candidate.label, candidate.handler, candidate.needs
			c.right = candidate.right
			c.places, c.credits, c.ids = candidate.places, candidate.credits, candidate.captured(segments)
			c.heavy = candidate.heavy || r.Method == http.MethodGet && len(segments) == 1 && sorted(r)
			return c
		}
	}
	c.label, c.refusal = label(r.Method, segments), unrouted(segments, pathKnown)
	return c
}

// sorted says whether Get Records is asked to sort or for a custom view.
func sorted(r *http.Request) bool {
	query := r.URL.Query()
	return query.Has("sort_by") || query.Has("cvid")
}

func (rt *route) matches(segments []string) bool {
	if len(segments) != len(rt.segments) {
		return false
	}
	for i, want := range rt.segments {
		if want != segments[i] && (want != "{id}" || segments[i] == "") {
			return false
		}
	}
	return true
}

func (rt *route) captured(segments []string) []string {
	var ids []string
	for i, want := range rt.segments {
		if want == "{id}" {
			ids = append(ids, segments[i])
		}
	}
	return ids
}

// unrouted says what is wrong with a path and method that no route takes.
func unrouted(segments []string, pathKnown bool) *refusal {
	switch {
	case pathKnown:
		return invalidMethod()
	case len(segments) > 4, slices.Contains(segments, ""):
		return invalidURL()
	case len(segments) < 3 && isModule(segments[0]):
		// Zoho CRM API v7, Get Records: for modules that it has not either.
		return bad("INVALID_MODULE", "The given module is not supported in API", atPath(0))
	case len(segments) < 3:
		return invalidURL()
	case !isModule(segments[0]):
		return invalidModule()
	default: // {module}/{id}/{relation}: the module is fine, so the relation is not
		return invalidRelation()
	}
}

// isModule knows Zoho's standard modules. Zoho CRM API v8, Create Bulk Read
// Job, lists them.
func isModule(name string) bool {
	switch name {
	case "Leads", "Accounts", "Contacts", "Deals", "Campaigns", "Tasks", "Cases", "Events", "Calls", "Solutions",
		"Products", "Vendors", "Price_Books", "Quotes", "Sales_Orders", "Purchase_Orders", "Invoices":
		return true
	}
	return false
}

// label is a call's name in the statistics: ids are {id}.
func label(method string, segments []string) string {
	var b strings.Builder
	b.WriteString(method)
	b.WriteByte(' ')
	for _, s := range segments {
		b.WriteByte('/')
		if _, isID := parseID(s); isID {
			s = "{id}"
		}
		b.WriteString(s)
	}
	return b.String()
}
