package crm

import (
	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// SDKs ask these before and around contact role calls. Zoho CRM API v8: Get Organization Data, Get Users' Information,
// Fields Metadata, Related Lists Metadata.

type orgAnswer struct {
	Org []orgData `json:"org"`
}

type orgData struct {
	ID          string  `json:"id"`
	ZGID        string  `json:"zgid"`
	CompanyName string  `json:"company_name"`
	PrimaryZUID string  `json:"primary_zuid"`
	TimeZone    string  `json:"time_zone"`
	License     license `json:"license_details"`
}

type license struct {
	Paid     bool   `json:"paid"`
	PaidType string `json:"paid_type"` // the edition
	Users    int    `json:"users_license_purchased"`
}

func (a *API) getOrg(*wire.Call) (wire.Answer, error) {
	info := a.store.Info
	return wire.OK(orgAnswer{Org: []orgData{{
		ID: info.ID, ZGID: info.ID, CompanyName: info.Name, PrimaryZUID: org.UserID, TimeZone: "Etc/UTC",
		License: license{Paid: a.Edition != "free", PaidType: a.Edition, Users: 1},
	}}})
}

type usersAnswer struct {
	Users []user   `json:"users"`
	Info  pageInfo `json:"info"`
}

type user struct {
	ID        string `json:"id"`
	ZUID      string `json:"zuid"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	FullName  string `json:"full_name"`
	Email     string `json:"email"`
	Status    string `json:"status"`
}

// getUsers returns the one user, for every type: an active, confirmed administrator.
func (a *API) getUsers(*wire.Call) (wire.Answer, error) {
	return wire.OK(usersAnswer{
		Users: []user{{
			ID: org.UserID, ZUID: org.UserID, FirstName: org.UserFirst, LastName: org.UserLast,
			FullName: org.UserName(), Email: org.UserEmail, Status: "active",
		}},
		Info: pageInfo{plainInfo: plainInfo{PerPage: perPage, Count: 1, Page: 1}},
	})
}

type fieldsAnswer struct {
	Fields []fieldData `json:"fields"`
}

type fieldData struct {
	ID       string   `json:"id"`
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
			ID:      (firstField + org.ID(i)).String(), //nolint:gosec // not negative
			APIName: f.API, Label: f.Label(), DataType: f.Kind, JSONType: f.Kind.JSONType(),
		})
	}
	return wire.OK(fieldsAnswer{Fields: fields})
}

type relatedListsAnswer struct {
	RelatedLists []relatedList `json:"related_lists"`
}

type relatedList struct {
	ID             string    `json:"id"`
	SequenceNumber string    `json:"sequence_number"`
	DisplayLabel   string    `json:"display_label"`
	APIName        string    `json:"api_name"`
	Name           string    `json:"name"`
	Module         moduleRef `json:"module"`
	Href           string    `json:"href"`
	Type           string    `json:"type"`
	Status         string    `json:"status"`
}

type moduleRef struct {
	APIName string `json:"api_name"`
	ID      string `json:"id"`
}

// getRelatedLists returns the emulated lists. Other modules have none.
func (a *API) getRelatedLists(c *wire.Call) (wire.Answer, error) {
	module, err := moduleOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	list := relatedList{SequenceNumber: "1", Type: "default", Status: "visible"}
	switch module {
	case "Deals":
		list.ID, list.Module = "4150868000000000701", moduleRef{APIName: "Contacts", ID: "4150868000000000702"}
		list.DisplayLabel, list.Name, list.APIName = "Contact Roles", "Contact Roles", "Contact_Roles"
		list.Href = "Deals/{ENTITYID}/Contact_Roles"
	case "Contacts":
		list.ID, list.Module = "4150868000000000703", moduleRef{APIName: "Deals", ID: "4150868000000000704"}
		list.DisplayLabel, list.Name, list.APIName = "Deals", "Deals", "Deals"
		list.Href = "Contacts/{ENTITYID}/Deals"
	default:
		return wire.NoContent(), nil
	}
	return wire.OK(relatedListsAnswer{RelatedLists: []relatedList{list}})
}
