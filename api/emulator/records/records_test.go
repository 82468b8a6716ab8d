package records_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

const (
	user    = `{"name":"Rehearsal User","id":"4150868000000225013"}`
	created = "2026-03-01T12:00:00+00:00"
	later   = "2026-03-01T12:00:10+00:00"
	first   = "4150868002000000001" // the first record that a call inserts
)

// wrote is the result of a record. Zoho CRM API v7, Insert Records, Sample Response; $approval_state: OpenAPI v8.0.
func wrote(id, message, modified, more string) string {
	return fmt.Sprintf(`{"code":"SUCCESS","details":{"id":%q,"Created_Time":%q,"Modified_Time":%q,"Created_By":%s,`+
		`"Modified_By":%s,"$approval_state":"approved"},"message":%q,"status":"success"%s}`,
		id, created, modified, user, user, message, more)
}

func missing(field, details string) string {
	return rig.Failed("MANDATORY_NOT_FOUND", `{"api_name":"`+field+`","json_path":"`+details+`"}`,
		"required field not found")
}

func newRig(t *testing.T, o emulator.Options) (*rig.Rig, *rig.Clock) {
	t.Helper()
	clock := rig.NewClock()
	o.Now = clock.Now
	return rig.New(t, o), clock
}

// Insert, update, upsert, read and delete, as on Zoho's pages. The next read shows each change.
func TestLifeOfARecord(t *testing.T) {
	t.Parallel()
	r, clock := newRig(t, emulator.Options{Org: rig.ReadOrg(t, rig.Seed)})
	r.Run([]rig.Step{
		{"POST", "v8/Leads", rig.Data(`{"Last_Name":"Ng","Email":"Ng@Example.com","Company":"A","No_of_Employees":7}`),
			201, rig.Data(wrote(first, "record added", created, ""))},
		{"POST", "v8/Leads", `{"data":[{"Last_Name":"Two"},{"Company":"x"}],"trigger":["workflow"]}`, 207,
			rig.Data(wrote("4150868002000000002", "record added", created, ""),
				missing("Last_Name", "$.data[1].Last_Name"))},
		{"POST", "v8/Leads", rig.Data(`{}`), 400, rig.Data(missing("Last_Name", "$.data[0].Last_Name"))},
	})
	clock.Pass(10 * time.Second)
	r.Run([]rig.Step{
		{"PUT", "v8/Leads", rig.Data(`{"id":"` + first + `","Company":null,"First_Name":"Al"}`), 200,
			rig.Data(wrote(first, "record updated", later, ""))},
		{"GET", "v8/Leads/" + first + "?fields=Full_Name,Company,Email,No_of_Employees,Email_Opt_Out,Modified_Time", "",
			200, rig.Data(`{"Full_Name":"Al Ng","Company":null,"Email":"Ng@Example.com","No_of_Employees":7,` +
				`"Email_Opt_Out":false,"Modified_Time":"` + later + `","id":"` + first + `"}`)},
		{"POST", "v8/Leads/upsert",
			rig.Data(`{"Last_Name":"Ng","Email":"ng@example.com","Company":"B"}`, `{"Last_Name":"Li"}`), 200,
			rig.Data(wrote(first, "record updated", later, `,"action":"update","duplicate_field":"Email"`),
				strings.ReplaceAll(wrote("4150868002000000003", "record added", later,
					`,"action":"insert","duplicate_field":null`), created, later))},
		{"PUT", "v8/Leads/" + first, rig.Data(`{"Last_Name":null}`), 400,
			rig.Data(rig.Failed("MANDATORY_NOT_FOUND",
				`{"id":"`+first+`","api_name":"Last_Name","json_path":"$.data[0].Last_Name"}`,
				"required field not found"))},
		{"PUT", "v8/Leads", rig.Data(`{"id":"5","Company":"x"}`), 400, rig.Data(rig.Failed("INVALID_DATA",
			`{"id":"5","api_name":"id","json_path":"$.data[0].id"}`, "the id given seems to be invalid"))},
		{"PUT", "v8/Leads", rig.Data(`{"Company":"x"}`), 400, rig.Data(missing("id", "$.data[0].id"))},
		{"POST", "v8/coql", rig.Selecting("Company from Leads where Email = 'Ng@Example.com'"), 204, ""},
		{"POST", "v8/coql", rig.Selecting("Company from Leads where Company = 'B'"), 200,
			rig.QueryRows(false, `{"Company":"B","id":"`+first+`"}`)},
		{"GET", "v8/Leads/actions/count", "", 200, `{"count":3}`},
		{"DELETE", "v8/Leads?ids=" + first + ",9", "", 207, rig.Data(rig.Done(first, "record deleted"),
			rig.Failed("INVALID_DATA", `{"id":"9"}`, "record not deleted"))},
		{"GET", "v8/Leads/" + first, "", 204, ""},
		{"PUT", "v8/Leads/" + first, rig.Data(`{"Company":"x"}`), 400, rig.Data(rig.Failed("INVALID_DATA",
			`{"id":"`+first+`","api_name":"id","json_path":"$.data[0].id"}`, "the id given seems to be invalid"))},
	})
	_, got := r.Call("GET", "v8/Leads?fields=Last_Name&sort_order=asc", "")
	if ids := rig.IDsOf(t, got); strings.Join(ids, " ") != "4150868002000000002 4150868002000000003" {
		t.Errorf("%s", got)
	}
}

// What a value may be: Zoho CRM API v7, Insert Records, Sample Attributes and Possible Errors.
func TestValues(t *testing.T) {
	t.Parallel()
	seed := strings.Replace(rig.Seed, `"deals":`, `"accounts": [{"id": "71", "Account_Name": "Zylker"}],
		"modules": [{"api_name": "Projects", "singular_label": "Project", "fields": [
			{"api_name": "When", "data_type": "datetime"}, {"api_name": "Tags", "data_type": "multiselectpicklist"},
			{"api_name": "Big", "data_type": "bigint"}, {"api_name": "Price", "data_type": "currency"},
			{"api_name": "Day", "data_type": "date"}, {"api_name": "Site", "data_type": "website"},
			{"api_name": "Pick", "data_type": "picklist", "pick_list_values": ["a"]},
			{"api_name": "Account", "data_type": "lookup", "lookup": "Accounts"},
			{"api_name": "Phone", "data_type": "phone"}, {"api_name": "Mail", "data_type": "email"},
			{"api_name": "Number", "data_type": "integer"}, {"api_name": "Flag", "data_type": "boolean"}]}],
		"users": [{"id": "81", "first_name": "Kim", "last_name": "Po", "email": "kim@example.com"},
			{"id": "82", "last_name": "Gone", "email": "gone@example.com", "status": "inactive"}],
		"deals":`, 1)
	r, _ := newRig(t, emulator.Options{Org: rig.ReadOrg(t, seed)})
	for _, c := range []struct{ field, value, want string }{ // want: the value as read, or the details of the error
		{"When", `"2025-03-31T14:05:00+05:30"`, `"2025-03-31T08:35:00+00:00"`},
		{"When", `"2025-03-31T14:05:00Z"`, `"2025-03-31T14:05:00+00:00"`},
		{"When", `"2025-03-31T14:05:00"`, `expected_data_type":"datetime`},
		{"When", `"2025-03-31T14:05:00.5Z"`, `expected_data_type":"datetime`},
		{"Day", `"2025-02-29"`, `expected_data_type":"date`},
		{"Day", `"2024-02-29"`, `"2024-02-29"`},
		{"Tags", `["a","b"]`, `["a","b"]`},
		{"Tags", `"a;b"`, `expected_data_type":"jsonarray`},
		{"Big", `"0012345600012"`, `"0012345600012"`},
		{"Big", `12`, `expected_data_type":"string`},
		{"Price", `12.345`, `12.34`},
		{"Price", `-0.50`, `-0.5`},
		{"Price", `1e3`, `1000`},
		{"Price", `"12.5"`, `expected_data_type":"double`},
		{"Price", `12345678901234567`, `maximum_length":16`},
		{"Number", `12`, `12`},
		{"Number", `1.5`, `expected_data_type":"integer`},
		{"Number", `1234567890`, `maximum_length":9`},
		{"Flag", `true`, `true`},
		{"Flag", `"true"`, `expected_data_type":"boolean`},
		{"Pick", `"new"`, `"new"`},
		{"Pick", `7`, `expected_data_type":"string`},
		{"Mail", `"a@b"`, `api_name":"Mail","json_path":"$.data[0].Mail"}`},
		{"Mail", `"` + strings.Repeat("x", 101) + `"`, `maximum_length":100`},
		{"Phone", `"+1 (555) 12-34;9"`, `"+1 (555) 12-34;9"`},
		{"Phone", `"<1>"`, `api_name":"Phone"`},
		{"Site", `"none"`, `api_name":"Site"`},
		{"Name", `"` + strings.Repeat("é", 121) + `"`, `maximum_length":120`},
		{"Account", `{"id":"71"}`, `{"name":"Zylker","id":"71"}`},
		{"Account", `{"id":"72"}`, `the id given seems to be invalid`},
		{"Account", `"71"`, `expected_data_type":"jsonobject`},
		{"Owner", `{"id":"81"}`, `{"name":"Kim Po","id":"81","email":"kim@example.com"}`},
		{"Owner", `{"id":"82"}`, `the id given seems to be invalid`},
		{"Created_Time", `"1999-01-01T00:00:00Z"`, `"` + created + `"`},
		{"Mail", `""`, `null`},
	} {
		name := `"Name":"p",`
		if c.field == "Name" {
			name = ""
		}
		status, got := r.Call("POST", "v8/Projects", rig.Data(`{`+name+`"`+c.field+`":`+c.value+`}`))
		if status == 201 {
			_, after, _ := strings.Cut(got, `"id":"`)
			id, _, _ := strings.Cut(after, `"`)
			r.Want("GET", "v8/Projects/"+id+"?fields="+c.field, "", 200,
				rig.Data(`{"`+c.field+`":`+c.want+`,"id":"`+id+`"}`))
		} else if !strings.Contains(got, c.want) || !strings.Contains(got, "INVALID_DATA") {
			t.Errorf("%s %s: %d %s, want %s", c.field, c.value, status, got, c.want)
		}
	}
}

// Unique fields and the order of the duplicate check. Zoho CRM API v7, Upsert Records, Duplicate check.
func TestUnique(t *testing.T) {
	t.Parallel()
	seed := strings.Replace(rig.Seed, `"deals":`, `"modules": [{"api_name": "Contacts", "fields": [
		{"api_name": "U1", "unique": true}, {"api_name": "U2", "unique": true}]}],
		"deals":`, 1)
	r, _ := newRig(t, emulator.Options{Org: rig.ReadOrg(t, seed)})
	for i := range 3 {
		body := rig.Data(fmt.Sprintf(`{"Last_Name":"x","Email":"e%d@x.com","U1":"a%d","U2":"b%d"}`, i, i, i))
		if status, got := r.Call("POST", "v8/Contacts", body); status != 201 {
			t.Fatalf("%d %s", status, got)
		}
	}
	id := func(i int) string { return fmt.Sprint(4150868002000000001 + i) }
	r.Want("POST", "v8/Contacts", rig.Data(`{"Last_Name":"y","U1":"A1"}`), 400, rig.Data(rig.Failed("DUPLICATE_DATA",
		`{"id":"`+id(1)+`","api_name":"U1","json_path":"$.data[0].U1","duplicate_record":{"id":"`+id(1)+`","Owner":`+
			strings.Replace(user, "}", `,"zuid":"4150868000000225013"}`, 1)+
			`,"module":{"api_name":"Contacts","id":"4150868000000101000"}},"more_records":false}`,
		"duplicate data")))
	// Two contacts may share an e-mail address, which is no unique field.
	if status, got := r.Call("POST", "v8/Contacts", rig.Data(`{"Last_Name":"y","Email":"e1@x.com"}`)); status != 201 {
		t.Errorf("%d %s", status, got)
	}
	for _, c := range []struct{ checks, record, want string }{
		{`["Email"]`, `{"Email":"E0@x.com","U1":"new"}`, id(0) + ` Email`},
		{`["U1"]`, `{"Email":"e0@x.com","U1":"a2"}`, id(2) + ` U1`},
		{`["U1"]`, `{"Last_Name":"z","Email":"e0@x.com","U1":"none"}`, `insert`},
		{`["U1"]`, `{"U2":"b2"}`, id(2) + ` U2`},
		{`["U2","U1"]`, `{"U1":"a1","U2":"b2"}`, `DUPLICATE_DATA`},
		{`[]`, `{"U2":"b1"}`, id(1) + ` U2`},
		{`["Phone"]`, `{"Phone":"1"}`, `INVALID_DATA`},
	} {
		_, got := r.Call("POST", "v8/Contacts/upsert",
			`{"data":[`+c.record+`],"duplicate_check_fields":`+c.checks+`}`)
		found, by, updates := strings.Cut(c.want, " ")
		want := found
		if updates {
			want = `"action":"update","duplicate_field":"` + by + `"`
		}
		if !strings.Contains(got, found) || !strings.Contains(got, want) {
			t.Errorf("%s %s: %s, want %s", c.checks, c.record, got, c.want)
		}
	}
}

// Several faults of a record, and requests that are refused whole.
func TestRefusedWrites(t *testing.T) {
	t.Parallel()
	r, clock := newRig(t, emulator.Options{})
	hundred := strings.TrimSuffix(strings.Repeat(`{"Last_Name":"x"},`, 101), ",")
	r.Run([]rig.Step{
		{"POST", "v8/Contacts", rig.Data(`{"Email":1}`), 400, rig.Data(rig.Failed("MULTIPLE_OR_MULTI_ERRORS",
			`{"errors":[`+missing("Last_Name", "$.data[0].Last_Name")+`,`+rig.Failed("INVALID_DATA",
				`{"api_name":"Email","json_path":"$.data[0].Email","expected_data_type":"string"}`, "invalid data")+
				`]}`,
			"multiple errors found"))},
		{"POST", "v2/Contacts", rig.Data(`{}`), 400, rig.Data(rig.Failed("MANDATORY_NOT_FOUND",
			`{"api_name":"Last_Name"}`, "required field not found"))},
		{"POST", "v8/Contacts", rig.Data(hundred), 400,
			rig.Failed("LIMIT_EXCEEDED", `{"api_name":"data","maximum_length":100}`, "limit exceeded")},
		{"POST", "v8/Contacts", `{"data":[]}`, 400, rig.Failed("MANDATORY_NOT_FOUND",
			`{"api_name":"data","json_path":"$.data"}`, "required field not found")},
		{"POST", "v8/Contacts", `{"data":[{"Last_Name":"x"}],"trigger":["all"]}`, 400, rig.Failed("INVALID_DATA",
			`{"api_name":"trigger","json_path":"$.trigger[0]","supported_values":["workflow","approval","blueprint",`+
				`"pathfinder","orchestration"]}`, "invalid data")},
	})
	r.Want("GET", "v8/Contacts/actions/count", "", 200, `{"count":100}`)
	// A record that somebody changed in the meantime. Zoho CRM API v7, Update Records, If-Unmodified-Since.
	r.Call("PUT", "v8/Contacts/"+rig.Contact1, rig.Data(`{"Title":"x"}`))
	clock.Pass(time.Minute)
	d := rig.Direct{T: t, E: r.E, Token: r.Token}
	for since, want := range map[string]int{"2026-03-01T11:59:59Z": 412, created: 200} {
		status := d.With("If-Unmodified-Since", since, "PUT", "v8/Contacts/"+rig.Contact1, rig.Data(`{}`))
		if status != want {
			t.Errorf("%s: %d, want %d", since, status, want)
		}
	}
}

// The state file keeps writes, deletions and restored records, and the org page is a seed.
func TestRecordsOutliveAKill(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/state"
	o := emulator.Options{State: file, Deals: 3, Contacts: 9, RolesPerDeal: 2}
	r, _ := newRig(t, o)
	for _, s := range []rig.Step{
		{"POST", "v8/Accounts", rig.Data(`{"Account_Name":"New"}`), 201, ""},
		{"POST", "v8/Deals", rig.Data(`{"Deal_Name":"New","Stage":"Won"}`), 201, ""},
		{"PUT", "v8/Deals/4150868002000000002/Contact_Roles/" + rig.Contact1, rig.ByID(rig.Purchasing), 200, ""},
		{"PUT", "v8/Contacts/" + rig.Contact2, rig.Data(`{"Last_Name":"Changed","Title":null}`), 200, ""},
		{"DELETE", "v8/Contacts?ids=" + rig.Contact3, "", 200, ""},
		{"DELETE", "v8/Accounts/4150868002000000001", "", 200, ""},
	} {
		if status, got := r.Call(s.Method, s.Path, s.Body); status != s.Status {
			t.Fatalf("%s %s: %d %s", s.Method, s.Path, status, got)
		}
	}
	pages := func(r *rig.Rig) string {
		all := r.Inspect("org") + r.Inspect("state")
		for _, path := range []string{
			"v2/Contacts", "v2/Deals", "v2/Accounts", "v2/Contacts/deleted", "v2/Accounts/deleted",
		} {
			_, got := r.Call("GET", path, "")
			all += got
		}
		return all
	}
	want := pages(r)
	for range 2 {
		o.Now = rig.NewClock().Now
		second := rig.New(t, o)
		if got := pages(second); got != want {
			t.Fatalf("\n%s\nwant\n%s", got, want)
		}
		_ = second.E.Close()
	}
	seeded := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, r.Inspect("org")), Now: rig.NewClock().Now})
	if got := seeded.Inspect("org"); got != r.Inspect("org") {
		t.Errorf("\n%s\nwant\n%s", got, r.Inspect("org"))
	}
}

// A write that the state file cannot take does not happen.
func TestWritesWithAClosedFile(t *testing.T) {
	t.Parallel()
	r, _ := newRig(t, emulator.Options{State: t.TempDir() + "/state", Contacts: 3})
	r.Call("POST", "v8/Contacts/upsert", rig.Data(`{"Last_Name":"x","Email":"x@x.com"}`))
	if err := r.E.Close(); err != nil {
		t.Fatal(err)
	}
	before := r.Inspect("org")
	for path, body := range map[string]string{
		"v8/Contacts/upsert": rig.Data(`{"Title":"y","Email":"x@x.com"}`, `{"Last_Name":"z","Email":"z@x.com"}`),
		"v8/Contacts":        rig.Data(`{"Last_Name":"z"}`),
	} {
		if status, got := r.Call("POST", path, body); status != 500 {
			t.Errorf("%d %s", status, got)
		}
	}
	if status, got := r.Call("DELETE", "v8/Contacts/"+first, ""); status != 500 {
		t.Errorf("%d %s", status, got)
	}
	if got := r.Inspect("org"); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
}

// A multi-select replaces its values, or appends them when the record asks for that (Zoho CRM API v7, Update Records).
// Criteria see its values joined by semicolons in COQL (Query API - Limitations), one by one in a search.
func TestMultiSelect(t *testing.T) {
	t.Parallel()
	r, _ := newRig(t, emulator.Options{Org: rig.ReadOrg(t, `{"modules": [{"api_name": "Leads", "fields": [
		{"api_name": "Tags", "data_type": "multiselectpicklist"}]}]}`)})
	r.Call("POST", "v8/Leads", rig.Data(`{"Last_Name":"x","Tags":["red","blue"]}`))
	tags := func(want string) {
		t.Helper()
		r.Want("GET", "v8/Leads/"+first+"?fields=Tags", "", 200, rig.Data(`{"Tags":`+want+`,"id":"`+first+`"}`))
	}
	tags(`["red","blue"]`)
	r.Call("PUT", "v8/Leads/"+first, rig.Data(`{"Tags":["blue","green"],"$append_values":{"Tags":true}}`))
	tags(`["red","blue","green"]`)
	r.Want("POST", "v8/coql", rig.Selecting("id from Leads where Tags = 'red;blue;green'"), 200,
		rig.QueryRows(false, `{"id":"`+first+`"}`))
	r.Want("GET", "v8/Leads/search?criteria=(Tags:equals:blue)&fields=id", "", 200,
		`{"data":[{"id":"`+first+`"}],"info":{"per_page":200,"count":1,"page":1,"more_records":false}}`)
	r.Call("PUT", "v8/Leads/"+first, rig.Data(`{"Tags":["green"]}`))
	tags(`["green"]`)
	r.Call("PUT", "v8/Leads/"+first, rig.Data(`{"Tags":null}`))
	tags(`null`)
}

// A name follows its parts, in generated and in seeded records, and a change leaves the other fields.
func TestNamesFollow(t *testing.T) {
	t.Parallel()
	seed := `{"generated": {"deals": 1, "contacts": 2},
		"contacts": [{"id": "501", "First_Name": "Ada", "Last_Name": "Old", "Full_Name": "Ada Old"}]}`
	r, _ := newRig(t, emulator.Options{Org: rig.ReadOrg(t, seed)})
	for id, want := range map[string]string{"501": "Ada New", rig.Contact1: "Bruno New"} {
		r.Call("PUT", "v8/Contacts/"+id, rig.Data(`{"Last_Name":"New"}`))
		r.Want("GET", "v8/Contacts/"+id+"?fields=Full_Name", "", 200,
			rig.Data(`{"Full_Name":"`+want+`","id":"`+id+`"}`))
	}
	r.Want("GET", "v8/Contacts/"+rig.Contact1+"?fields=Email,Title", "", 200,
		rig.Data(`{"Email":"bruno.bianchi.1@example.com","Title":"Manager","id":"`+rig.Contact1+`"}`))
}

// Upserts of one value at a time make one record, and readers see whole records: the names of one write.
func TestUpsertsAtOneTime(t *testing.T) {
	t.Parallel()
	r, _ := newRig(t, emulator.Options{})
	d := rig.Direct{T: t, E: r.E, Token: r.Token}
	var workers sync.WaitGroup
	for i := range 8 {
		workers.Go(func() {
			name := fmt.Sprintf("n%d", i)
			for range 20 {
				d.Must(failer{t}, "POST", "v8/Leads/upsert",
					rig.Data(`{"Last_Name":"`+name+`","First_Name":"`+name+`","Email":"one@example.com"}`))
				got := d.Must(failer{t}, "GET", "v8/Leads?fields=Last_Name,First_Name", "")
				var parsed struct {
					Data []struct {
						Last  string `json:"Last_Name"`
						First string `json:"First_Name"`
					}
				}
				if err := json.Unmarshal([]byte(got), &parsed); err != nil || len(parsed.Data) != 1 ||
					parsed.Data[0].Last != parsed.Data[0].First {
					t.Errorf("%v %s", err, got)
				}
			}
		})
	}
	workers.Wait()
}

// A failer may be used beside the test's own goroutine.
type failer struct{ t *testing.T }

func (f failer) Fatalf(format string, args ...any) { f.t.Errorf(format, args...) }
