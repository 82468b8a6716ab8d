package job

import (
	"testing"

	"rolecall/job/picklist"
)

func TestRoleOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, id string
		want     picklist.Cell
		code     string
	}{
		{"Purchasing", "", picklist.Cell{Text: "Purchasing"}, ""},
		{" Purchasing ", "4150868000000006872", picklist.Cell{Text: "Purchasing"}, ""}, // people edit the name and leave the id
		{"", "zcrm_4150868000000006872", picklist.Cell{Text: "4150868000000006872", ByID: true}, ""},
		{" ", "", picklist.Cell{}, CodeRoleMissing},
		{"", "4.15087E+18", picklist.Cell{}, CodeIDRounded},
		{"", "x", picklist.Cell{}, CodeIDInvalid},
	} {
		cell, bad := roleOf(test.name, test.id)
		code := ""
		if bad != nil {
			code = bad.code
		}
		if cell != test.want || code != test.code {
			t.Errorf("%q %q: %+v %q", test.name, test.id, cell, code)
		}
	}
}
