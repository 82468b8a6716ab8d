package job

import (
	"testing"

	"rolecall/api"
	"rolecall/csvio"
)

func TestFindRole(t *testing.T) {
	t.Parallel()
	list := newRoleList([]api.Role{{ID: "1", Name: "Purchasing"}, {ID: "2", Name: "Developer/Evaluator"}, {ID: "3", Name: "sales lead"}, {ID: "4", Name: "Sales Lead"}, {ID: "5", Name: "Ärztin"}})
	for _, test := range []struct {
		cell roleCell
		want string // the id; "" when there is none
	}{
		{roleCell{text: "Purchasing"}, "1"},
		{roleCell{text: "PURCHASING"}, "1"},
		{roleCell{text: "developer/evaluator"}, "2"},
		{roleCell{text: "Sales Lead"}, "4"}, // the very name wins over one in another case
		{roleCell{text: "sales lead"}, "3"},
		{roleCell{text: "SALES LEAD"}, ""}, // either could be meant
		{roleCell{text: "ÄRZTIN"}, "5"},
		{roleCell{text: "Purchasin"}, ""},
		{roleCell{text: "1"}, ""}, // a name that looks like an id is a name
		{roleCell{text: "1", byID: true}, "1"},
		{roleCell{text: "9", byID: true}, ""},
	} {
		role, err := list.find(test.cell)
		if role.ID != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%+v: role %q, %v; want %q", test.cell, role.ID, err, test.want)
		}
	}
}

func TestRoleOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, id string
		want     roleCell
		code     string
	}{
		{"Purchasing", "", roleCell{text: "Purchasing"}, ""},
		{" Purchasing ", "4150868000000006872", roleCell{text: "Purchasing"}, ""}, // people edit the name and leave the id
		{"", "zcrm_4150868000000006872", roleCell{text: "4150868000000006872", byID: true}, ""},
		{" ", "", roleCell{}, CodeRoleMissing},
		{"", "4.15087E+18", roleCell{}, CodeIDRounded},
		{"", "x", roleCell{}, CodeIDInvalid},
	} {
		cell, bad := roleOf(&csvio.Record{Values: csvio.Values{Role: test.name, RoleID: test.id}})
		code := ""
		if bad != nil {
			code = bad.code
		}
		if cell != test.want || code != test.code {
			t.Errorf("%q %q: %+v %q", test.name, test.id, cell, code)
		}
	}
}
