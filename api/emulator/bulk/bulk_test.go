package bulk_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// job creates a job, polls it until it is complete, and returns the rows of its file and its last state.
func job(t *testing.T, r *rig.Rig, query string) (rows []string, state string) {
	t.Helper()
	status, got := r.Call("POST", "bulk/v8/read", `{"query":`+query+`}`)
	if status != 201 || !strings.Contains(got, `"state":"ADDED"`) {
		t.Fatalf("%d %s", status, got)
	}
	_, after, _ := strings.Cut(got, `"id":"4150868000070`)
	id, _, _ := strings.Cut(after, `"`)
	path := "bulk/v8/read/4150868000070" + id
	if _, state = r.Call("GET", path, ""); !strings.Contains(state, `"state":"IN PROGRESS"`) {
		t.Errorf("%s", state)
	}
	if _, state = r.Call("GET", path, ""); !strings.Contains(state, `"state":"COMPLETED"`) {
		t.Errorf("%s", state)
	}
	status, header, body, err := r.Do("GET", path+"/result", "")
	if err != nil || status != 200 || header.Get("Content-Type") != "application/zip" ||
		!strings.HasPrefix(header.Get("Content-Disposition"), "attachment; filename=") {
		t.Fatalf("%d %v %v", status, header, err)
	}
	archive, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := archive.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		rows = append(rows, strings.Join(line, "|"))
	}
	return rows, state
}

// Zoho CRM API v7, Bulk Read: the id is always there, a lookup is its id, and Lookup.Field is a value.
func TestBulkRead(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, rig.Sales)})
	criterion := func(field, comparator, value string) string {
		return `{"field":{"api_name":"` + field + `"},"comparator":"` + comparator + `","value":` + value + `}`
	}
	for rest, want := range map[string]string{
		`"fields":["Deal_Name","Contact_Name","Contact_Name.Email"]`: "id|Deal_Name|Contact_Name|Contact_Name.Email " +
			`903|O'Neill's, "big" deal|| 904|Müller|599| 905|Zylker 100|501|burns@example.com`,
		`"fields":["Amount"],"criteria":` + criterion("Amount", "greater_than", "100"): "id|Amount 903|1500",
		`"fields":["Amount"],"criteria":` + criterion("Amount", "equal", `"${EMPTY}"`): "id|Amount 904|",
		`"fields":["Stage"],"criteria":{"group_operator":"and","group":[` +
			criterion("Deal_Name", "contains", `"ylk"`) + `,` + criterion("Stage", "in", `["Negotiation"]`) + `,` +
			criterion("Closing_Date", "between", `["2025-01-01","2025-02-01"]`) + `]}`: "id|Stage 905|Negotiation",
	} {
		query := `{"module":{"api_name":"Deals"},` + rest + `}`
		rows, state := job(t, r, query)
		if got := strings.Join(rows, " "); got != want {
			t.Errorf("%s:\n%s\nwant %s", query, got, want)
		}
		if !strings.Contains(state, fmt.Sprintf(`"count":%d`, len(rows)-1)) ||
			!strings.Contains(state, `"more_records":false`) {
			t.Errorf("%s", state)
		}
	}
	rows, _ := job(t, r, `{"module":"Contacts"}`) // all fields, and the form before v3
	if len(rows) != 3 || !strings.HasPrefix(rows[0], "id|Owner|Last_Name|") {
		t.Errorf("%v", rows)
	}
}

func TestRefusedBulkReads(t *testing.T) {
	t.Parallel()
	clock := rig.NewClock()
	r := rig.New(t, emulator.Options{Now: clock.Now})
	for query, want := range map[string]string{
		`{"module":{"api_name":"Notes"}}`:                                                     "MODULE_NOT_SUPPORTED",
		`{"module":{"api_name":"Deals"},"fields":["Nonsense"]}`:                               "INVALID_QUERY",
		`{"module":{"api_name":"Deals"},"criteria":{"group_operator":"xor","group":[{}]}}`:    "INVALID_DATA",
		`{"module":{"api_name":"Deals"},"criteria":{"api_name":"Stage","comparator":"like"}}`: "INVALID_DATA",
		`{"page_token":"x"}`: "INVALID_DATA",
		`7`:                  "INVALID_DATA",
	} {
		status, got := r.Call("POST", "bulk/v8/read", `{"query":`+query+`}`)
		if status != 400 || !strings.Contains(got, want) {
			t.Errorf("%s: %d %s", query, status, got)
		}
	}
	for _, path := range []string{"bulk/v8/read/5", "bulk/v8/read/5/result"} {
		r.Want("GET", path, "", 404, rig.Failed("RESOURCE_NOT_FOUND", `{}`, "the resource does not exist"))
	}
	r.Want("GET", "bulk/v8", "", 404, rig.BadURL)
	before := r.E.Stats().Credits
	_, got := r.Call("POST", "bulk/v8/read", `{"query":{"module":{"api_name":"Deals"},"fields":["Stage"]}}`)
	if used := r.E.Stats().Credits - before; used != 50 {
		t.Errorf("%d credits", used)
	}
	var parsed struct {
		Data []struct{ Details struct{ ID string } }
	}
	if err := json.Unmarshal([]byte(got), &parsed); err != nil {
		t.Fatal(err)
	}
	// Ten downloads a minute, of a complete job. Zoho CRM API v7, Bulk Read, Limitations.
	path := "bulk/v8/read/" + parsed.Data[0].Details.ID
	statuses := map[int]int{}
	status, _ := r.Call("GET", path+"/result", "")
	statuses[status]++
	r.Call("GET", path, "")
	for range 12 {
		status, _ := r.Call("GET", path+"/result", "")
		statuses[status]++
	}
	clock.Pass(time.Minute)
	status, _ = r.Call("GET", path+"/result", "")
	if statuses[400] != 1 || statuses[200] != 10 || statuses[429] != 2 || status != 200 {
		t.Errorf("%v, then %d", statuses, status)
	}
	r.SignIn("ZohoCRM.bulk.READ,ZohoCRM.modules.contacts.READ")
	r.Want("POST", "bulk/v8/read", `{"query":{"module":{"api_name":"Deals"}}}`, 401, rig.ScopeMismatch)
	r.SignIn("ZohoCRM.modules.ALL")
	r.Want("GET", path, "", 401, rig.ScopeMismatch)
}

// More rows than a job has are in the next one, by its page token.
func TestPagesOfBulkRead(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("200,001 rows")
	}
	r := rig.New(t, emulator.Options{Contacts: 200_001})
	rows, state := job(t, r, `{"module":{"api_name":"Contacts"},"fields":["id"]}`)
	_, after, _ := strings.Cut(state, `"next_page_token":"`)
	token, _, _ := strings.Cut(after, `"`)
	if len(rows) != 200_001 || token == "" || !strings.Contains(state, `"more_records":true`) {
		t.Fatalf("%d rows, %s", len(rows), state)
	}
	rows, state = job(t, r, `{"page_token":"`+token+`"}`)
	if len(rows) != 2 || rows[1] != "4150868000020200001" || !strings.Contains(state, `"page":2`) {
		t.Errorf("%v %s", rows, state)
	}
}
