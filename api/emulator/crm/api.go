// Package crm answers the calls of Zoho CRM on the emulated org: contact roles of deals, the role picklist, reads and
// deletions of records, and COQL.
package crm

import (
	"errors"
	"strings"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// Settings choose between behaviours that Zoho's documents leave open. The emulator's Options explain them.
type Settings struct {
	CollectionPut string
	RoleMoves     string
	Coql          string
	CoqlRows      int
	CoqlCaseless  bool
	Now           func() time.Time
}

// An API answers the calls of the CRM on an org.
type API struct {
	Settings
	store *org.Store
}

// New makes an API on a store.
func New(s *org.Store, settings Settings) *API { return &API{Settings: settings, store: s} }

const (
	readDeals    = "modules.deals.READ"
	readContacts = "modules.contacts.READ"
	// viewRights are the rights to view both modules.
	viewRights = "deals.view contacts.view"
	// deletedCredits is the price of a list of deleted records. Zoho CRM API v8, API Limits.
	deletedCredits = 2
)

// Routes returns the calls that the API answers.
func (a *API) Routes() []wire.Route {
	return append(a.recordRoutes(),
		a.dealRole("GET", "", "READ", a.getDealRoles),
		a.dealRole("PUT", "", "UPDATE", a.putDealRoles),
		a.dealRole("DELETE", "", "DELETE", a.deleteDealRoles),
		a.dealRole("GET", "/{id}", "READ", a.getDealRole),
		a.dealRole("PUT", "/{id}", "UPDATE", a.putDealRole),
		a.dealRole("DELETE", "/{id}", "DELETE", a.deleteDealRole),
		a.picklist("GET", "", "READ", "roles.read", a.getRoles),
		a.picklist("POST", "", "CREATE", "roles.create", a.postRoles),
		a.picklist("PUT", "", "UPDATE", "roles.update", a.putRoles),
		a.picklist("DELETE", "", "DELETE", "roles.delete", a.deleteRoles),
		a.picklist("GET", "/{id}", "READ", "roles.read", a.getRole),
		a.picklist("PUT", "/{id}", "UPDATE", "roles.update", a.putRole),
		a.picklist("DELETE", "/{id}", "DELETE", "roles.delete", a.deleteRole),
	)
}

func (a *API) dealRole(method, rest, operation string, h wire.Handler) wire.Route {
	scopes := "modules.deals." + operation + " modules.contacts." + operation
	return wire.Route{
		Method: method, Pattern: "/Deals/{id}/Contact_Roles" + rest, Scopes: scopes,
		Rights: viewRights + " deal_roles." + strings.ToLower(operation), Handler: h,
	}
}

func (a *API) picklist(method, rest, operation, right string, h wire.Handler) wire.Route {
	scopes := "modules.contacts." + operation
	return wire.Route{Method: method, Pattern: "/Contacts/roles" + rest, Scopes: scopes, Rights: right, Handler: h}
}

// recordRoutes returns the calls on records, except writes and searches.
func (a *API) recordRoutes() []wire.Route {
	routes := []wire.Route{
		{
			Method: "GET", Pattern: "/Contacts/{id}/Deals", Scopes: readDeals + " " + readContacts, Rights: viewRights,
			Handler: a.getContactDeals,
		},
		{Method: "POST", Pattern: "/coql", Scopes: "coql.READ", Handler: a.postCOQL, Heavy: true},
	}
	for _, m := range a.store.Modules() {
		add := func(
			method, rest, scopes string, credits int, answer func(*wire.Call, org.Module) (wire.Answer, error),
		) {
			lower := strings.ToLower(m.Name())
			rights := lower + ".view"
			if method == "DELETE" {
				rights += " " + lower + ".delete"
			}
			routes = append(routes, wire.Route{
				Method: method, Pattern: "/" + m.Name() + rest, Scopes: scopes, Credits: credits, Rights: rights,
				Handler: func(c *wire.Call) (wire.Answer, error) { return answer(c, m) },
			})
		}
		read := a.store.Scope(m, "READ")
		add("GET", "", read, 0, a.getRecords)
		add("GET", "/deleted", read, deletedCredits, a.getDeleted)
		add("GET", "/{id}", read, 0, a.getRecord)
		add("DELETE", "", a.store.Scope(m, "DELETE"), 0, a.deleteRecords)
		add("DELETE", "/{id}", a.store.Scope(m, "DELETE"), 0, a.deleteRecord)
	}
	return routes
}

// The refusals of a segment of the path.

func invalidDeal() error {
	return wire.Bad("INVALID_DATA", "the related id given seems to be invalid", wire.AtPath(1))
}

// invalidContact refuses a contact in the path. In a body only its item fails.
func invalidContact() error { return wire.Bad("INVALID_DATA", badContactMessage, wire.Details{}) }

// badContactMessage is Zoho's message about a contact that does not exist.
const badContactMessage = "the id given seems to be invalid"

// writeError turns an error of the store into the one of a handler.
func writeError(err error) error {
	if errors.Is(err, org.ErrNoDeal) {
		return invalidDeal()
	}
	return err
}
