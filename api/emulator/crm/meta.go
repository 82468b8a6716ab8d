package crm

import (
	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// SDKs ask these before and around contact role calls. Zoho CRM API v8: Get Organization Data, Get Users' Information,
// Fields Metadata, Related Lists Metadata.

// An object is a JSON object.
type object map[string]any

func (a *API) getOrg(*wire.Call) (wire.Answer, error) {
	info := a.store.Info
	return wire.OK(object{"org": []object{{
		"id": info.ID, "zgid": info.ID, "company_name": info.Name, "primary_zuid": org.UserID, "time_zone": "Etc/UTC",
		"license_details": object{
			"paid": a.Edition != "free", "paid_type": a.Edition, "users_license_purchased": 1,
		},
	}}})
}

// getUsers returns the one user, for every type: an active, confirmed administrator.
func (a *API) getUsers(*wire.Call) (wire.Answer, error) {
	return wire.OK(object{
		"users": []object{{
			"id": org.UserID, "zuid": org.UserID, "first_name": org.UserFirst, "last_name": org.UserLast,
			"full_name": org.UserName(), "email": org.UserEmail, "status": "active",
		}},
		"info": pageInfo{plainInfo: plainInfo{PerPage: perPage, Count: 1, Page: 1}},
	})
}

type fieldData struct {
	ID       org.ID   `json:"id"`
	APIName  string   `json:"api_name"`
	Label    string   `json:"field_label"`
	DataType org.Kind `json:"data_type"`
	JSONType string   `json:"json_type"`
}

// moduleOf reads the module parameter, which both metadata calls need.
func moduleOf(c *wire.Call) (string, error) {
	module := c.Query().Get("module")
	switch {
	case module == "":
		return "", wire.ParamMissing("module")
	case !wire.IsModule(module):
		return "", wire.Bad("INVALID_MODULE", "the module name given seems to be invalid",
			wire.Details{ParamName: "module"})
	}
	return module, nil
}

// getFields lists the fields of a module. SDKs decode answers by their types, and deal roles by the fields of
// Contacts, so every module except Deals has these here.
func (a *API) getFields(c *wire.Call) (wire.Answer, error) {
	module, err := moduleOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	m, known := org.ModuleNamed(module)
	if !known {
		m = org.Contacts
	}
	const firstField org.ID = 4150868000000000600
	var fields []fieldData
	for i, f := range a.store.Fields(m) {
		fields = append(fields, fieldData{
			ID:      firstField + org.ID(i), //nolint:gosec // an index is never negative
			APIName: f.API, Label: f.Label(), DataType: f.Kind, JSONType: f.Kind.JSONType(),
		})
	}
	return wire.OK(object{"fields": fields})
}

// getRelatedLists returns the emulated lists. Other modules have none.
func (a *API) getRelatedLists(c *wire.Call) (wire.Answer, error) {
	module, err := moduleOf(c)
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
