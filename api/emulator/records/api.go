// Package records writes the records of the emulated org: insert, update, upsert.
package records

import (
	"strings"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// An API answers calls on an org.
type API struct {
	store *org.Store
	now   func() time.Time
}

// New makes an API on a store.
func New(s *org.Store, now func() time.Time) *API { return &API{store: s, now: now} }

// Routes returns the calls that the API answers.
func (a *API) Routes() (routes []wire.Route) {
	for _, m := range a.store.Modules() {
		lower := strings.ToLower(m.Name())
		add := func(method, rest, operations string, h func(*wire.Call, org.Module) (wire.Answer, error)) {
			var scopes []string
			for operation := range strings.FieldsSeq(operations) {
				scopes = append(scopes, "modules."+lower+"."+operation)
			}
			routes = append(routes, wire.Route{
				Method: method, Pattern: "/" + m.Name() + rest, Scopes: strings.Join(scopes, " "),
				Rights:  lower + ".view",
				Handler: func(c *wire.Call) (wire.Answer, error) { return h(c, m) },
			})
		}
		add("POST", "", "CREATE", a.insert)
		add("PUT", "", "UPDATE", a.update)
		add("PUT", "/{id}", "UPDATE", a.update)
		add("POST", "/upsert", "CREATE UPDATE", a.upsert)
	}
	return routes
}
