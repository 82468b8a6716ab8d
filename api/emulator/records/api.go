// Package records changes and finds the records of the emulated org: insert, update, upsert, search, count and the
// recycle bin.
package records

import (
	"strings"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// An API answers the calls that write, find and restore records.
type API struct {
	store *org.Store
	now   func() time.Time
	lag   time.Duration
}

// New makes an API on a store. lag is the time after which searches find a change.
func New(s *org.Store, now func() time.Time, lag time.Duration) *API {
	return &API{store: s, now: now, lag: lag}
}

const (
	// searchScope is what Search Records needs besides reading the module.
	searchScope = " ZohoSearch.securesearch.READ"
	// countScopes are what Record Count in a Module (Zoho CRM API v7) needs besides.
	countScopes = searchScope + " settings.layouts.READ"
)

// Routes returns the calls that the API answers.
func (a *API) Routes() (routes []wire.Route) {
	for _, m := range a.store.Modules() {
		lower := strings.ToLower(m.Name())
		scope := func(operation string) string { return a.store.Scope(m, operation) }
		add := func(method, rest, scopes, rights string, h func(*wire.Call, org.Module) (wire.Answer, error)) {
			routes = append(routes, wire.Route{
				Method: method, Pattern: "/" + m.Name() + rest, Scopes: scopes, Rights: lower + ".view " + rights,
				Handler: func(c *wire.Call) (wire.Answer, error) { return h(c, m) },
			})
		}
		create, update := lower+".create", lower+".update"
		add("POST", "", scope("CREATE"), create, a.insert)
		add("PUT", "", scope("UPDATE"), update, a.update)
		add("PUT", "/{id}", scope("UPDATE"), update, a.update)
		add("POST", "/upsert", scope("CREATE")+" "+scope("UPDATE"), create+" "+update, a.upsert)
		add("GET", "/search", scope("READ")+searchScope, "", a.search)
		add("GET", "/actions/count", scope("READ")+countScopes, "", a.count)
	}
	return append(routes, a.binRoutes()...)
}
