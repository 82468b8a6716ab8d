package emulator

// What SDKs ask before and around contact role calls. Zoho CRM API v8: Get
// Organization Data, Get Users' Information, Fields Metadata, Related Lists
// Metadata.

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

func (e *Emulator) getOrg(*call) (answer, error) {
	info := e.store.base.info
	return ok(orgAnswer{Org: []orgData{{
		ID: info.ID, ZGID: info.ID, CompanyName: info.Name, PrimaryZUID: userID, TimeZone: "Etc/UTC",
		License: license{Paid: e.edition != "free", PaidType: e.edition, Users: 1},
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

// getUsers knows one user, whatever the type asked for: an active,
// confirmed administrator.
func (e *Emulator) getUsers(*call) (answer, error) {
	return ok(usersAnswer{
		Users: []user{{
			ID: userID, ZUID: userID, FirstName: "Rehearsal", LastName: "User",
			FullName: userName, Email: userEmail, Status: "active",
		}},
		Info: pageInfo{PerPage: perPage, Count: 1, Page: 1},
	})
}

type fieldsAnswer struct {
	Fields []field `json:"fields"`
}

type field struct {
	ID       string `json:"id"`
	APIName  string `json:"api_name"`
	Label    string `json:"field_label"`
	DataType string `json:"data_type"`
	JSONType string `json:"json_type"`
}

// moduleOf reads the module parameter, which both metadata calls need.
func moduleOf(c *call) (string, error) {
	module := c.query().Get("module")
	switch {
	case module == "":
		return "", paramMissing("module")
	case !isModule(module):
		return "", bad("INVALID_MODULE", "the module name given seems to be invalid", details{ParamName: "module"})
	}
	return module, nil
}

func (e *Emulator) getFields(c *call) (answer, error) {
	module, err := moduleOf(c)
	if err != nil {
		return answer{}, err
	}
	// SDKs map answers by these types. They read deal roles by the fields of
	// Contacts, which all modules have here that are not Deals.
	m, known := moduleNamed(module)
	if !known {
		m = moduleContacts
	}
	var fields []field
	for i, f := range e.store.base.schemas[m].list {
		dataType, jsonType := f.kind.metadata()
		fields = append(fields, field{
			ID:      (id(4150868000000000600) + id(i)).String(), //nolint:gosec // not negative
			APIName: f.api, Label: f.label(), DataType: dataType, JSONType: jsonType,
		})
	}
	return ok(fieldsAnswer{Fields: fields})
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

// getRelatedLists knows the lists that are here; other modules have none.
func (e *Emulator) getRelatedLists(c *call) (answer, error) {
	module, err := moduleOf(c)
	if err != nil {
		return answer{}, err
	}
	switch module {
	case "Deals":
		return ok(relatedListsAnswer{RelatedLists: []relatedList{{
			ID: "4150868000000000701", SequenceNumber: "1", DisplayLabel: "Contact Roles", APIName: "Contact_Roles",
			Name: "Contact Roles", Module: moduleRef{APIName: "Contacts", ID: "4150868000000000702"},
			Href: "Deals/{ENTITYID}/Contact_Roles", Type: "default", Status: "visible",
		}}})
	case "Contacts":
		return ok(relatedListsAnswer{RelatedLists: []relatedList{{
			ID: "4150868000000000703", SequenceNumber: "1", DisplayLabel: "Deals", APIName: "Deals",
			Name: "Deals", Module: moduleRef{APIName: "Deals", ID: "4150868000000000704"},
			Href: "Contacts/{ENTITYID}/Deals", Type: "default", Status: "visible",
		}}})
	}
	return noContent(), nil
}
