// Package meta answers what a client asks about the org itself: organisation, users, modules, fields, layouts and
// related lists.
package meta

import (
	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// Zoho CRM API v8: Get Organization Data, Get Users' Information, Modules, Fields, Layouts and Related Lists Metadata.

// An API answers the calls about an org and its modules.
type API struct {
	store   *org.Store
	edition string
}

// New makes an API on a store.
func New(s *org.Store, edition string) *API { return &API{store: s, edition: edition} }

// Routes returns the calls that the API answers.
func (a *API) Routes() []wire.Route {
	get := func(pattern, scopes string, h wire.Handler) wire.Route {
		return wire.Route{Method: "GET", Pattern: pattern, Scopes: scopes, Handler: h}
	}
	return []wire.Route{
		get("/org", "org.READ", a.getOrg),
		get("/users", "users.READ", a.getUsers),
		get("/users/{id}", "users.READ", a.getUser),
		get("/settings/modules", "settings.modules.READ", a.getModules),
		get("/settings/modules/{id}", "settings.modules.READ", a.getModule),
		get("/settings/fields", "settings.fields.READ", a.getFields),
		get("/settings/fields/{id}", "settings.fields.READ", a.getField),
		get("/settings/fields/{id}/pick_list_values", "settings.fields.READ", a.getPickList),
		get("/settings/layouts", "settings.layouts.READ", a.getLayouts),
		get("/settings/layouts/{id}", "settings.layouts.READ", a.getLayout),
		get("/settings/related_lists", "settings.related_lists.READ", a.getRelatedLists),
	}
}

// An object is a JSON object.
type object map[string]any

func (a *API) getOrg(*wire.Call) (wire.Answer, error) {
	info := a.store.Info
	return wire.OK(object{"org": []object{{
		"id": info.ID, "zgid": info.ID, "company_name": info.Name, "primary_zuid": org.UserID, "time_zone": "Etc/UTC",
		"license_details": object{
			"paid": a.edition != "free", "paid_type": a.edition, "users_license_purchased": 1,
		},
	}}})
}

// moduleOf reads the module parameter.
func (a *API) moduleOf(c *wire.Call) (string, error) {
	module := c.Query().Get("module")
	_, known := a.store.ModuleNamed(module)
	switch {
	case module == "":
		return "", wire.ParamMissing("module")
	case !known && !wire.IsModule(module):
		return "", wire.Bad("INVALID_MODULE", "the module name given seems to be invalid",
			wire.Details{ParamName: "module"})
	}
	return module, nil
}

// getRelatedLists returns the emulated lists. Other modules have none.
func (a *API) getRelatedLists(c *wire.Call) (wire.Answer, error) {
	module, err := a.moduleOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	list := object{"sequence_number": "1", "type": "default", "status": "visible"}
	describe := func(id, name, apiName, other, otherID string) {
		list["id"], list["display_label"], list["name"], list["api_name"] = id, name, name, apiName
		list["module"], list["href"] = object{"api_name": other, "id": otherID}, module+"/{ENTITYID}/"+apiName
	}
	switch module {
	case "Deals":
		describe("4150868000000000701", "Contact Roles", "Contact_Roles", "Contacts", "4150868000000000702")
	case "Contacts":
		describe("4150868000000000703", "Deals", "Deals", "Deals", "4150868000000000704")
	default:
		return wire.NoContent(), nil
	}
	return wire.OK(object{"related_lists": []object{list}})
}
