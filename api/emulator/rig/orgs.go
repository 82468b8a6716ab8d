package rig

import (
	"fmt"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// Ids of generated orgs, by the design's arithmetic.
const (
	Deal1    = "4150868000010000001"
	Deal2    = "4150868000010000002"
	Contact1 = "4150868000020000001"
	Contact2 = "4150868000020000002"
	Contact3 = "4150868000020000003"
	Nobody   = "4150868000020999999"

	DecisionMaker = "4150868000000006871"
	Purchasing    = "4150868000000006872"
	Engineering   = "4150868000000006873"
)

// DealID returns the id of generated deal i.
func DealID(i int) string { return fmt.Sprint(4150868000010000000 + i) }

// ContactID returns the id of generated contact j.
func ContactID(j int) string { return fmt.Sprintf("4150868000020%06d", j) }

// TheUser owns every generated record.
const TheUser = `{"name":"Rehearsal User","id":"4150868000000225013","email":"user@example.com"}`

// ReadOrg reads a seed.
func ReadOrg(t *testing.T, s string) *emulator.Org {
	t.Helper()
	o, err := emulator.ReadOrg(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Seed is a small org: three roles, three contacts, two deals.
const Seed = `{
	"org": {"zgid": "4876876000000000001", "company_name": "Zylker", "edition": "standard"},
	"contact_roles": [
		{"id": "12", "name": "Purchasing", "sequence_number": 2},
		{"id": "11", "name": "Decision Maker", "sequence_number": 1},
		{"id": "13", "name": "Sponsor", "sequence_number": 3}],
	"contacts": [
		{"id": "501", "Last_Name": "Burns", "Email": "burns@example.com",
			"Owner": {"name": "P", "id": "7", "email": "p@example.com"}},
		{"id": "502", "Last_Name": "Ng", "Department": null},
		{"id": "503", "Last_Name": "=1+1"}],
	"deals": [{"id": "901", "Deal_Name": "Zylker 100"}, {"id": "902", "Deal_Name": "Zylker 200"}],
	"deal_contact_roles": {"901": {"501": {"id": "12"}, "502": {"name": "Decision Maker"}}}
}`

// Sales is an org whose records have fields, for tests of reads.
const Sales = `{
	"contact_roles": [{"id": "11", "name": "Decision Maker"}, {"id": "12", "name": "Purchasing"}],
	"contacts": [
		{"id": "501", "First_Name": "Kate", "Last_Name": "Burns", "Email": "burns@example.com",
			"Account_Name": {"name": "Zylker", "id": "71"}, "Email_Opt_Out": true},
		{"id": "502", "Last_Name": "O'Brien", "Department": null, "Modified_Time": "2024-06-01T00:00:00+05:30"}],
	"deals": [
		{"id": "905", "Deal_Name": "Zylker 100", "Stage": "Negotiation", "Amount": 99.5, "Closing_Date": "2025-01-31",
			"Region__c": "North", "Account_Name": {"name": "Zylker", "id": "71"},
			"Contact_Name": {"name": "Kate Burns", "id": "501"},
			"Owner": {"name": "Patricia Ann Boyle", "id": "81", "email": "p@example.com"},
			"Created_Time": "2024-05-01T10:00:00+00:00", "Modified_Time": "2024-05-03T10:00:00+00:00"},
		{"id": "903", "Deal_Name": "O'Neill's, \"big\" deal", "Stage": "Closed Won", "Amount": 1500,
			"Closing_Date": "2024-12-31",
			"Created_Time": "2024-05-02T10:00:00+00:00", "Modified_Time": "2024-05-02T12:00:00+02:00"},
		{"id": "904", "Deal_Name": "Müller", "Stage": "Negotiation", "Amount": null,
			"Contact_Name": {"name": "Gone", "id": "599"},
			"Created_Time": "2024-05-03T10:00:00+00:00", "Modified_Time": "2024-05-04T10:00:00+00:00"}],
	"deal_contact_roles": {"903": {"501": {"id": "12"}}, "904": {"501": {"id": "11"}, "502": {"id": "12"}},
		"905": {"501": {"id": "11"}}}
}`
