package voice_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

const (
	first  = "31500010000000001" // generated
	second = "31500010000000002"
	made   = "31500020000000001" // the first that a call creates
)

// params is the parameter of a write.
func params(contact string) string { return url.Values{"contact": {contact}}.Encode() }

// send sends a request to Zoho Voice, with a form if there is one.
func send(r *rig.Rig, method, path, form string) (int, string) {
	r.T.Helper()
	q, err := http.NewRequestWithContext(r.T.Context(), method, r.URL+"/rest/json/zv/"+path, strings.NewReader(form))
	if err != nil {
		r.T.Fatal(err)
	}
	q.Header.Set("Authorization", "Zoho-oauthtoken "+r.Token)
	if form != "" {
		q.Header.Set("Content-Type", rig.Form)
	}
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		r.T.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// want checks a call against status and JSON. form is the parameter contact, or empty.
func want(r *rig.Rig, method, path, contact string, status int, answer string) {
	r.T.Helper()
	form := ""
	if contact != "" {
		form = params(contact)
	}
	gotStatus, got := send(r, method, path, form)
	if gotStatus != status || !reflect.DeepEqual(rig.Decode(r.T, answer), rig.Decode(r.T, got)) {
		r.T.Errorf("%s %s %s:\ngot  %d %s\nwant %d %s", method, path, contact, gotStatus, got, status, answer)
	}
}

// contact returns the fields of a contact in the order of Zoho's sample, all empty but these, and more keys.
func contact(firstName, mobile, phone, more string) string {
	return `{"country":"","is_spam":"","address":"","mobile":"` + mobile + `","mobile1":"","phone2":"","last_name":"",` +
		`"phone3":"","is_favourite":"","phone1":"","phone":"` + phone + `","mobile3":"","mobile2":"",` +
		`"company":"","state":"","first_name":"` + firstName + `","email":"",` + more + `}`
}

const owner = "4150868000000225013"

// The answers are those of Zoho Voice, Contacts API: a single answer has numbers and an object, a list has strings and
// an array, a deletion a bare id.
func TestAnswersOfVoice(t *testing.T) {
	t.Parallel()
	clock := rig.NewClock()
	r := rig.New(t, emulator.Options{Now: clock.Now})
	single := `"contact_id":` + made + `,"contact_owner":` + owner + `,"created_time":1772366400000,` +
		`"number":["+12222222222"]`
	success := func(contacts string) string { return `{"code":"200","contacts":` + contacts + `,"status":"SUCCESS"}` }
	want(r, "POST", "contacts", `{"first_name":"test","mobile":"+12222222222"}`, 200,
		success(contact("test", "+12222222222", "", single)))
	want(r, "GET", "contacts/"+made, "", 200, success(contact("test", "+12222222222", "", single)))
	listed := contact("test", "+12222222222", "", `"contact_id":"`+made+`",`+
		`"contact_owner":{"display_value":"Rehearsal User","id":"`+owner+`"}`)
	list := func(total, contacts string) string {
		return `{"code":"200","meta":{"total":` + total + `},"contacts":[` + contacts + `],"status":"SUCCESS"}`
	}
	want(r, "GET", "contacts", "", 200, list("-1", listed))
	want(r, "GET", "contacts?totalCount=true&from=0&size=1", "", 200, list("1", listed))
	want(r, "GET", "contacts?totalCount=false&from=1", "", 200, list("-1", ""))
	want(r, "PUT", "contacts/"+made, `{"first_name":"new","mobile":"+1","phone":"+2"}`, 200,
		success(contact("new", "+1", "+2", strings.Replace(single, `["+12222222222"]`, `["+1","+2"]`, 1))))
	want(r, "DELETE", "contacts/"+made, "", 200, success(`"`+made+`"`))
	want(r, "GET", "contacts/contact_status", "", 200, `{"code":"200","contact_status":[`+
		`{"display_value":"Active","id":"1000000000027"},{"display_value":"In Active","id":"1000000000029"},`+
		`{"display_value":"VIP","id":"1000000000031"}],"status":"SUCCESS"}`)
	// Equal contacts are allowed, and no id comes twice.
	for _, id := range []string{"31500020000000002", "31500020000000003"} {
		_, got := send(r, "POST", "contacts", params(`{"first_name":"test","mobile":"+1"}`))
		if !strings.Contains(got, `"contact_id":`+id+`,`) {
			t.Errorf("want id %s: %s", id, got)
		}
	}
	if s := r.E.Stats(); s.Credits != 0 || len(s.Calls) != 0 || s.Voice.Calls["POST /contacts"] != 3 ||
		s.Voice.Calls["GET /contacts/{id}"] != 1 {
		t.Errorf("%+v, %+v", s, s.Voice)
	}
}

// The parameter of a write stands in a form, in the query, or in either.
func TestWhereTheContactStands(t *testing.T) {
	t.Parallel()
	body := params(`{"first_name":"x","mobile":"+1"}`)
	for way, works := range map[string][2]bool{"form": {true, false}, "query": {false, true}, "either": {true, true}} {
		r := rig.New(t, emulator.Options{VoiceContact: way, VoiceContacts: 1})
		for i, c := range [][2]string{{"", body}, {"?" + body, ""}} {
			for _, call := range [][2]string{{"POST", "contacts"}, {"PUT", "contacts/" + first}} {
				status, got := send(r, call[0], call[1]+c[0], c[1])
				missing := strings.Contains(got, "The mandatory parameter contact is missing") && status == 400
				if (status == 200) != works[i] || missing == works[i] {
					t.Errorf("%s: %s %s%s: %d %s", way, call[0], call[1], c[0], status, got)
				}
			}
		}
	}
}

// What the pages do not describe is refused.
func TestRefusalsOfVoice(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{VoiceContacts: 1})
	org := r.Inspect("org")
	for _, c := range []struct {
		method, path, contact string
		status                int
		code                  string
	}{
		{"POST", "contacts", `{"first_name":"x"}`, 400, "ZVCONTACT-4007"},
		{"POST", "contacts", `{"mobile":"+1","first_name":""}`, 400, "ZVCONTACT-4007"},
		{"POST", "contacts", `{"mobile":"+1","first_name":"x","nonsense":"y"}`, 400, "ZVCONTACT-4006"},
		{"POST", "contacts", `{"mobile":1,"first_name":"x"}`, 400, "ZVCONTACT-4006"},
		{"POST", "contacts", `{"mobile":"+1","first_name":"x","is_spam":true}`, 400, "ZVCONTACT-4006"},
		{"POST", "contacts", `["x"]`, 400, "ZVCONTACT-4005"},
		{"POST", "contacts", `{`, 400, "ZVCONTACT-4005"},
		{"POST", "contacts", `{"mobile":"+1","first_name":"x","contact_status":{"id":"7"}}`, 400, "ZVCONTACT-4008"},
		{"POST", "contacts", `{"mobile":"+1","first_name":"x","contact_status":"VIP"}`, 400, "ZVCONTACT-4008"},
		{"POST", "contacts", `{"mobile":"+1","first_name":"x","contact_status":{"id":"1000000000031",` +
			`"display_value":"Active"}}`, 400, "ZVCONTACT-4008"},
		{"PUT", "contacts/" + first, `{"first_name":"x"}`, 400, "ZVCONTACT-4007"},
		{"PUT", "contacts/7", `{"first_name":"x","mobile":"+1"}`, 404, "ZVCONTACT-4004"},
		{"GET", "contacts/7", "", 404, "ZVCONTACT-4004"},
		{"DELETE", "contacts/x", "", 404, "ZVCONTACT-4004"},
		{"GET", "contacts?size=0", "", 400, "ZVCONTACT-4003"},
		{"GET", "contacts?size=51", "", 400, "ZVCONTACT-4003"},
		{"GET", "contacts?from=-1", "", 400, "ZVCONTACT-4003"},
		{"GET", "contacts?totalCount=maybe", "", 400, "ZVCONTACT-4003"},
		{"GET", "contacts?page=1", "", 400, "ZVCONTACT-4002"},
		{"PATCH", "contacts/" + first, "", 400, "INVALID_REQUEST_METHOD"},
		{"GET", "calls", "", 404, "INVALID_URL_PATTERN"},
		{"GET", "contacts/" + first + "/x", "", 404, "INVALID_URL_PATTERN"},
	} {
		form := ""
		if c.contact != "" {
			form = params(c.contact)
		}
		status, got := send(r, c.method, c.path, form)
		o, _ := rig.Decode(t, got).(map[string]any)
		if status != c.status || o["code"] != c.code || o["status"] != "ERROR" || o["message"] == "" || len(o) != 3 {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.contact, status, got)
		}
	}
	if diff := cmp.Diff(org, r.Inspect("org")); diff != "" {
		t.Errorf("a refused call changed something: %s", diff)
	}
	r.Token = "stale"
	want(r, "GET", "contacts", "", 401, `{"code":"INVALID_TOKEN","message":"invalid oauth token","status":"ERROR"}`)
}

// An update replaces or merges.
func TestUpdateOfVoice(t *testing.T) {
	t.Parallel()
	for put, company := range map[string]string{"replace": `"company":""`, "merge": `"company":"Zylker"`} {
		r := rig.New(t, emulator.Options{VoiceContacts: 1, VoicePut: put})
		status, got := send(r, "PUT", "contacts/"+first, params(`{"first_name":"x","mobile":"+1"}`))
		if status != 200 || !strings.Contains(got, company) || !strings.Contains(got, `"first_name":"x"`) {
			t.Errorf("%s: %d %s", put, status, got)
		}
		// Only a merge may name no mobile.
		status, _ = send(r, "PUT", "contacts/"+first, params(`{"first_name":"x"}`))
		if (status == 200) != (put == "merge") {
			t.Errorf("%s without a mobile: %d", put, status)
		}
	}
}

// Each call needs the scope of its page. ALL includes all.
func TestScopesOfVoice(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{VoiceContacts: 2, TokenRequests: -1})
	write := params(`{"first_name":"x","mobile":"+1"}`)
	for _, c := range []struct{ method, path, form, operation string }{
		{"POST", "contacts", write, "CREATE"}, {"GET", "contacts", "", "READ"},
		{"GET", "contacts/contact_status", "", "READ"}, {"GET", "contacts/" + first, "", "READ"},
		{"PUT", "contacts/" + first, write, "UPDATE"}, {"DELETE", "contacts/" + first, "", "DELETE"},
	} {
		for _, operation := range []string{"CREATE", "READ", "UPDATE", "DELETE"} {
			if operation == c.operation {
				continue
			}
			r.SignIn("zohovoice.contacts." + operation)
			if status, got := send(r, c.method, c.path, c.form); status != 401 ||
				!strings.Contains(got, "OAUTH_SCOPE_MISMATCH") {
				t.Errorf("%s %s with %s: %d %s", c.method, c.path, operation, status, got)
			}
		}
		r.SignIn("ZohoCRM.modules.ALL,ZohoCRM.contacts.ALL")
		if status, _ := send(r, c.method, c.path, c.form); status != 401 {
			t.Errorf("%s %s with scopes of the CRM: %d", c.method, c.path, status)
		}
		r.SignIn("zohovoice.contacts." + c.operation)
		if status, got := send(r, c.method, c.path, c.form); status != 200 {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, got)
		}
		r.SignIn("ZohoVoice.contacts.ALL")
		if status, got := send(r, c.method, c.path, c.form); status != 200 && status != 404 {
			t.Errorf("%s %s with ALL: %d %s", c.method, c.path, status, got)
		}
	}
}

// The state file and the seed keep contacts: created, changed and deleted ones. No id comes again.
func TestVoiceOutlivesAKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.jsonl")
	r := rig.Serve(t, rig.Open(t, emulator.Options{State: file, VoiceContacts: 3}))
	body := params(`{"first_name":"Zoë","mobile":"+1","contact_status":{"display_value":"VIP"}}`)
	for range 2 {
		send(r, "POST", "contacts", body)
	}
	send(r, "PUT", "contacts/"+first, body)
	send(r, "DELETE", "contacts/"+second, "")
	send(r, "DELETE", "contacts/31500020000000002", "")
	_, list := send(r, "GET", "contacts?totalCount=true", "")
	org := r.Inspect("org")
	if !strings.Contains(list, `"total":3`) || !strings.Contains(org, `"contact_status":"1000000000031"`) {
		t.Errorf("%s\n%s", list, org)
	}
	for range 2 {
		again := rig.Serve(t, rig.Open(t, emulator.Options{State: file}))
		if _, got := send(again, "GET", "contacts?totalCount=true", ""); got != list || again.Inspect("org") != org {
			t.Errorf("from the state file: %s", cmp.Diff(list, got))
		}
	}
	seeded := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, org)})
	if _, got := send(seeded, "GET", "contacts?totalCount=true", ""); got != list {
		t.Errorf("from the seed: %s", cmp.Diff(list, got))
	}
	last := rig.Serve(t, rig.Open(t, emulator.Options{State: file}))
	if _, got := send(last, "POST", "contacts", body); !strings.Contains(got, `"contact_id":31500020000000003,`) {
		t.Errorf("the id of a deleted contact comes again: %s", got)
	}
	twice := `{"voice_contacts":[{"contact_id":"1"},{"contact_id":"1"}]}`
	if _, err := emulator.ReadOrg(strings.NewReader(twice)); err == nil {
		t.Error("an id may be there twice")
	}
}

// Voice has limits of its own: calls in flight, and calls of one kind in a minute, with a lock.
func TestLimitsOfVoice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := rig.NewDirect(t, emulator.Options{Latency: time.Second, InFlight: 1})
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[int]int{}
		for range 8 {
			wg.Go(func() {
				const path = "http://zoho/rest/json/zv/contacts"
				q := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
				q.Header.Set("Authorization", "Zoho-oauthtoken "+d.Token)
				resp, err := d.RoundTrip(q)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				got[resp.StatusCode]++
			})
		}
		wg.Wait()
		if s := d.E.Stats(); got[200] != 5 || got[429] != 3 ||
			s.Voice.MaxInFlight != 5 || s.Voice.TooManyRequests != 3 || s.MaxInFlight != 0 || s.TooManyRequests != 0 {
			t.Errorf("%v, %+v %+v", got, s, s.Voice)
		}
	})
	clock := rig.NewClock()
	r := rig.New(t, emulator.Options{VoiceRate: 2, Now: clock.Now, TokenTTL: 24 * time.Hour})
	expect := func(path string, status int) {
		t.Helper()
		if got, body := send(r, "GET", path, ""); got != status {
			t.Errorf("%s: %d %s", path, got, body)
		}
	}
	expect("contacts", 200)
	expect("contacts", 200)
	clock.Pass(59 * time.Second)
	expect("contacts", 429)
	expect("contacts/contact_status", 200)
	clock.Pass(10*time.Minute - time.Second)
	want(r, "GET", "contacts", "", 429, `{"code":"ZVCONTACT-4029",`+
		`"message":"You have exceeded 2 calls per min; lock period 10m0s","status":"ERROR"}`)
	clock.Pass(time.Second)
	expect("contacts", 200)
}

// Faults come in Voice's envelope.
func TestFaultsOfVoice(t *testing.T) {
	t.Parallel()
	for text, answer := range map[string]string{
		"429=100%": `{"code":"TOO_MANY_REQUESTS","message":"You have made too many requests continuously. ` +
			`Please try again after some time.","status":"ERROR"}`,
		"500=100%": `{"code":"INTERNAL_ERROR","message":"Internal Server Error","status":"ERROR"}`,
	} {
		faults, err := emulator.ParseFaults(text)
		if err != nil {
			t.Fatal(err)
		}
		r := rig.New(t, emulator.Options{Faults: faults})
		status := map[string]int{"429=100%": 429, "500=100%": 500}[text]
		want(r, "POST", "contacts", `{"first_name":"x","mobile":"+1"}`, status, answer)
		if s := r.Inspect("org"); strings.Contains(s, "voice_contacts") {
			t.Errorf("%s applied: %s", text, s)
		}
	}
}
