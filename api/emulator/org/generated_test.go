package org_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// Deals and contacts show the same generated roles, whatever the sizes, by the design's arithmetic.
func TestGeneratedRoles(t *testing.T) {
	t.Parallel()
	for _, o := range []emulator.Options{
		{Deals: 50, Contacts: 60, RolesPerDeal: 8},
		{Deals: 50, Contacts: 7, RolesPerDeal: 8},
		{Deals: 30, Contacts: 1, RolesPerDeal: 3},
		{Deals: 1, Contacts: 5, RolesPerDeal: 200},
	} {
		t.Run(fmt.Sprintf("%d deals, %d contacts, %d roles", o.Deals, o.Contacts, o.RolesPerDeal), func(t *testing.T) {
			t.Parallel()
			d := rig.NewDirect(t, o)
			want := map[string][]string{} // by contact: deal and role
			for i := 1; i <= o.Deals; i++ {
				got := d.E.SnapshotState()[rig.DealID(i)]
				if len(got) != min(i%(o.RolesPerDeal+1), o.Contacts) {
					t.Errorf("deal %d has %d roles", i, len(got))
				}
				for k := range len(got) {
					contact := rig.ContactID((i-1+k)%o.Contacts + 1)
					role := fmt.Sprint(4150868000000006871 + (i+k)%7)
					if got[contact].ID != role {
						t.Errorf("deal %d, contact %s: role %q, want %s", i, contact, got[contact].ID, role)
					}
					want[contact] = append(want[contact], rig.DealID(i)+" "+role)
				}
			}
			for j := 1; j <= o.Contacts; j++ {
				_, got, err := d.Call("GET", "v8/Contacts/"+rig.ContactID(j)+"/Deals?fields=x&sort_order=asc", "")
				if err != nil {
					t.Fatal(err)
				}
				var list []string
				if got != "" {
					for _, row := range rig.Decode(t, got).(map[string]any)["data"].([]any) {
						list = append(list, fmt.Sprint(row.(map[string]any)["id"], " ",
							row.(map[string]any)["Contact_Role"]))
					}
				}
				slices.Sort(want[rig.ContactID(j)])
				if diff := cmp.Diff(want[rig.ContactID(j)], list); diff != "" {
					t.Errorf("contact %d (-want +got)\n%s", j, diff)
				}
			}
		})
	}
}

// A write replaces the generated roles of a deal, also when the index of contacts exists already.
func TestGeneratedRolesChange(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{false, true} {
		r := rig.New(t, emulator.Options{Deals: 9, Contacts: 30, RolesPerDeal: 4})
		deals := func(contact string) []string {
			_, got := r.Call("GET", "v8/Contacts/"+contact+"/Deals?fields=x&sort_order=asc", "")
			return rig.IDsOf(t, got)
		}
		if before {
			deals(rig.Contact1)
		}
		// Deal 4 has contacts 4 to 7.
		r.Want("PUT", rig.RolesOf(rig.DealID(4))+"/"+rig.ContactID(6), rig.ByID(rig.DecisionMaker), 200,
			rig.Data(rig.Relation(rig.ContactID(6), "updated")))
		r.Want("PUT", rig.RolesOf(rig.DealID(4))+"/"+rig.ContactID(20), rig.ByID(rig.DecisionMaker), 200,
			rig.Data(rig.Relation(rig.ContactID(20), "updated")))
		r.Want("DELETE", rig.RolesOf(rig.DealID(4))+"/"+rig.ContactID(5), "", 200,
			rig.Data(rig.Relation(rig.ContactID(5), "removed")))
		r.Want("DELETE", "v8/Deals/"+rig.DealID(3), "", 200, rig.Data(rig.Deleted(rig.DealID(3))))
		for contact, want := range map[int][]string{4: {rig.DealID(4)}, 5: nil, 6: {rig.DealID(4), rig.DealID(6)},
			7: {rig.DealID(4), rig.DealID(7)}, 20: {rig.DealID(4)}} {
			if diff := cmp.Diff(want, deals(rig.ContactID(contact))); diff != "" {
				t.Errorf("contact %d (-want +got)\n%s", contact, diff)
			}
		}
	}
}

// Generated records have fields that a CSV file must quote, fields that a spreadsheet would take for a formula, and
// empty fields.
func TestGeneratedFieldsAreAwkward(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Deals: 100, Contacts: 100})
	for module, fields := range map[string]string{
		"Deals": "Deal_Name,Stage,Amount,Closing_Date,Account_Name,Owner,Contact_Name,Pipeline,Description," +
			"Created_Time,Modified_Time",
		"Contacts": "Full_Name,Email,Phone,Title,Department,Account_Name,Owner,Created_Time,Email_Opt_Out",
	} {
		_, got := r.Call("GET", "v8/"+module+"?fields="+fields, "")
		if second := rig.New(t, emulator.Options{Deals: 100, Contacts: 100}); true {
			if _, other := second.Call("GET", "v8/"+module+"?fields="+fields, ""); other != got {
				t.Errorf("%s: generated differently each time", module)
			}
		}
		for _, part := range []string{`, `, `\"`, `ü`, `:"=`, `:null`} {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %s in any field", module, part)
			}
		}
		rows := rig.Decode(t, got).(map[string]any)["data"].([]any)
		if len(rows) != 100 || len(rows[0].(map[string]any)) != strings.Count(fields, ",")+2 {
			t.Errorf("%s: %d rows, the first %v", module, len(rows), rows[0])
		}
	}
	if _, got := r.Call("GET", "v8/settings/fields?module=Deals", ""); strings.Contains(got, "Last_Name") ||
		!strings.Contains(got, `"api_name":"Amount","field_label":"Amount",`+
			`"data_type":"currency","json_type":"double"`) {
		t.Errorf("fields of deals %s", got)
	}
}

// The design's arithmetic: deal i is 4150868000010000000+i, contact j 4150868000020000000+j, both from 1.
func TestGeneratedOrg(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Deals: 1_000_000, Contacts: 200_000})
	for path, want := range map[string]int{
		"4150868000010000001/Contact_Roles/4150868000020000001": 200,
		"4150868000011000000/Contact_Roles/4150868000020200000": 200,
		"4150868000011000001/Contact_Roles/4150868000020000001": 400,
		"4150868000010000000/Contact_Roles/4150868000020000001": 400,
		"4150868000010000001/Contact_Roles/4150868000020200001": 400,
		"4150868000010000001/Contact_Roles/4150868000020000000": 400,
	} {
		if status, got := r.Call("PUT", "v8/Deals/"+path, rig.ByID(rig.Purchasing)); status != want {
			t.Errorf("%s: %d %s", path, status, got)
		}
	}
	small := rig.New(t, emulator.Options{})
	for i, want := range map[int]int{1: 204, 100: 204, 101: 400} {
		if status, _ := small.Call("GET", fmt.Sprintf("v8/Deals/%d/Contact_Roles?fields=id", 4150868000010000000+i),
			""); status != want {
			t.Errorf("default org, deal %d: %d, want %d", i, status, want)
		}
	}
}

func TestGeneratedContacts(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Contacts: 150})
	path := rig.RolesOf(rig.Deal1) + "?sort_order=asc&fields=First_Name,Last_Name,Full_Name,Email,Department,Phone," +
		"Title,Account_Name,Owner"
	for j := 1; j <= 150; j++ {
		r.Want("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.ContactID(j), rig.ByID(rig.Purchasing), 200,
			rig.Data(rig.Relation(rig.ContactID(j), "updated")))
	}
	_, got := r.Call("GET", path, "")
	if second := rig.New(t, emulator.Options{Contacts: 150}); true {
		for j := 1; j <= 150; j++ {
			second.Call("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.ContactID(j), rig.ByID(rig.Purchasing))
		}
		if _, other := second.Call("GET", path, ""); other != got {
			t.Error("generated differently each time")
		}
	}
	rows := rig.Decode(t, got).(map[string]any)["data"].([]any)
	emails := map[string]bool{}
	for i, row := range rows {
		fields := row.(map[string]any)
		email, _ := fields["Email"].(string)
		if shared := (i+1)%97 == 0; emails[email] != shared || !strings.HasSuffix(email, "@example.com") {
			t.Errorf("e-mail %q", email)
		}
		emails[email] = true
		if fields["Full_Name"] != fields["First_Name"].(string)+" "+fields["Last_Name"].(string) {
			t.Errorf("names %v", fields)
		}
		if _, isLookup := fields["Account_Name"].(map[string]any)["id"].(string); !isLookup || len(fields) != 11 {
			t.Errorf("fields %v", fields)
		}
	}
	if len(emails) != 149 {
		t.Errorf("%d e-mail addresses", len(emails))
	}
}
