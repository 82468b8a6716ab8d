package job

import (
	"strings"
	"testing"

	"rolecall/csvio"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 20)
	for _, test := range []struct {
		name          string
		command       Command
		values        inputRow
		deal, contact string
		code, says    string
	}{
		{"a triple", Assign, inputRow{DealID: "1", ContactID: "2", Role: "R"}, "1", "2", "", ""},
		{"Zoho's prefix", Assign, inputRow{DealID: "zcrm_1", ContactID: " zcrm_2", Role: "R"}, "1", "2", "", ""},
		{"an id beyond 64 bits", Assign, inputRow{DealID: long, ContactID: "2", Role: "R"}, long, "2", "", ""},
		{"no deal", Assign, inputRow{ContactID: "2", Role: "R"}, "", "2", CodeIDMissing, "deal_id"},
		{"no contact", Assign, inputRow{DealID: "1", Role: "R"}, "1", "", CodeIDMissing, "contact_id"},
		{"an e-mail in place of the contact", Assign, inputRow{DealID: "1", ContactEmail: "a@b.example", Role: "R"}, "1", "", CodeIDMissing, "not looked up yet"},
		{"no role", Assign, inputRow{DealID: "1", ContactID: "2"}, "1", "2", CodeRoleMissing, ""},
		{"a deal without stakeholders", Assign, inputRow{DealID: "1"}, "1", "", CodeNoStakeholder, ""},
		{"nothing at all", Assign, inputRow{}, "", "", CodeIDMissing, "deal_id"},
		{"a rounded deal", Assign, inputRow{DealID: "4.15E+18", ContactID: "2", Role: "R"}, "", "2", CodeIDRounded, "deal_id"},
		{"both ids are bad: the deal is named", Assign, inputRow{DealID: "x", ContactID: "y", Role: "R"}, "", "", CodeIDInvalid, "deal_id"},
		{"remove needs no role", Remove, inputRow{DealID: "1", ContactID: "2"}, "1", "2", "", ""},
		{"remove ignores a role", Remove, inputRow{DealID: "1", ContactID: "2", RoleID: "x"}, "1", "2", "", ""},
	} {
		r := &resolver{command: test.command, rounding: &csvio.Rounding{}}
		test.values.Row, test.values.Line = 3, 4
		row := r.resolve(&test.values)
		if row.row != 3 || row.line != 4 || row.deal.String() != test.deal || row.contact.String() != test.contact || row.code != test.code || !strings.Contains(row.message, test.says) {
			t.Errorf("%s: %+v", test.name, row)
		}
	}
}

func TestMalformedRowKeepsItsRawText(t *testing.T) {
	t.Parallel()
	r := &resolver{command: Assign}
	row := r.resolve(&inputRow{Row: 1, Line: 2, Malformed: &csvio.RowError{Line: 2, Reason: "4 fields, not 3", Raw: "1,2,\"<&\",4"}})
	if row.code != CodeRowMalformed || row.detail != `{"raw":"1,2,\"<&\",4"}` {
		t.Errorf("%+v", row)
	}
}
