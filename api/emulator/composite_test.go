package emulator_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

const composite = "v8/__composite_requests"

// composed is the body of a composite request.
func composed(subs ...string) string {
	return `{"__composite_requests":[` + strings.Join(subs, ",") + `]}`
}

// get is a sub-request that reads a deal's roles.
func get(deal string) string { return getWith(deal, `{"fields":"id"}`) }

func getWith(deal, params string) string {
	return `{"method":"GET","uri":"/crm/v8/Deals/` + deal + `/Contact_Roles","params":` + params + `}`
}

// executed is the result of a triggered sub-request, whatever its answer. Zoho CRM API v7, Composite API, Sample
// Response. A null body: OpenAPI v8.0.
func executed(status int, body string) string {
	headers := `{"content-type":"application/json;charset=utf-8"}`
	if body == "null" {
		headers = `{}`
	}
	return fmt.Sprintf(`{"code":"SUCCESS","details":{"response":{"headers":%s,"status_code":%d,"body":%s}},
		"message":"composite sub request executed successfully","status":"success"}`, headers, status, body)
}

// row is a contact of a deal, read with its id only.
func row(contact string) string {
	return `{"Contact_Role":{"name":"Purchasing","id":"` + rig.Purchasing + `"},"id":"` + contact + `"}`
}

func TestComposite(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	one := rig.Listed(25, 1, 1, false, row(rig.Contact1))
	put := func(contact, body string) string {
		return `{"sub_request_id":"w","method":"PUT","uri":"/crm/v8/Deals/` + rig.Deal1 + `/Contact_Roles/` + contact +
			`","body":` + body + `}`
	}
	r.Run([]rig.Step{
		// A write, then a read that shows it. A deal without contacts is 204.
		{"POST", composite, composed(put(rig.Contact1, rig.ByID(rig.Purchasing)), get(rig.Deal1), get(rig.Deal2)), 200,
			composed(executed(200, rig.Data(rig.Relation(rig.Contact1, "updated"))), executed(200, one),
				executed(204, "null"))},
		// All are triggered: 200, whatever their answers.
		{"POST", composite, composed(get("1"), get(rig.Deal1), getWith(rig.Deal1, `{}`)), 200,
			composed(executed(400, rig.BadDeal), executed(200, one), executed(400, rig.NoFields))},
		{"POST", composite, composed(get("1")), 200, composed(executed(400, rig.BadDeal))},
		// Harmless values of the flags, other headers, numbers as parameters, and a uri without the first slash.
		{"POST", composite, `{"rollback_on_fail":false,"parallel_execution":true,"concurrent_execution":null,` +
			composed(
				`{"sub_request_id":"a_1","method":"GET","uri":"crm/v8/Deals/` + rig.Deal1 +
					`/Contact_Roles","params":{"fields":"id","page":1,"per_page":25},
			"headers":{"If-Modified-Since":"2020-08-22T12:30:00+05:30"},"body":{}}`)[1:], 200,
			composed(executed(200, one))},
		// An older version in its own shape.
		{"POST", composite, composed(`{"method":"GET","uri":"/crm/v3/Deals/` + rig.Deal1 + `/Contact_Roles/` +
			rig.Contact1 + `","params":{"fields":"id"}}`), 200,
			composed(executed(200, rig.Data(`{"Contact_Role":"`+rig.Purchasing+`","id":"`+rig.Contact1+`"}`)))},
		{"POST", composite, composed(`{"method":"GET","uri":"/crm/v8/Dealz/1/Contact_Roles"}`,
			`{"method":"GET","uri":"/crm/v8/Deals/1/Contact_Rolls"}`), 200,
			composed(executed(400, rig.BadModule), executed(400, rig.BadRelation))},
		// One record in a write.
		{"POST", composite, composed(`{"method":"PUT","uri":"/crm/v8/Deals/` + rig.Deal1 + `/Contact_Roles","body":` +
			rig.Data(rig.Upsert(rig.Contact2, rig.Purchasing), rig.Upsert(rig.Contact3, rig.Purchasing)) + `}`),
			200, composed(executed(400, rig.Failed("LIMIT_EXCEEDED", `{"api_name":"data","maximum_length":1}`,
				"limit exceeded")))},
		{"POST", composite, composed(`{"method":"PUT","uri":"/crm/v8/Deals/`+rig.Deal1+`/Contact_Roles","body":`+
			rig.Data(rig.Upsert(rig.Contact2, rig.Purchasing))+`}`,
			`{"method":"DELETE","uri":"/crm/v8/Deals/`+rig.Deal1+`/Contact_Roles/`+rig.Contact1+`"}`),
			200, composed(executed(200, rig.Data(rig.Relation(rig.Contact2, "added"))),
				executed(200, rig.Data(rig.Relation(rig.Contact1, "removed"))))},
	})
	want := map[string]map[string]emulator.RoleRef{rig.Deal1: {rig.Contact2: {ID: rig.Purchasing, Name: "Purchasing"}}}
	if diff := cmp.Diff(want, r.E.SnapshotState()); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
	// Each composite request costs one credit and is one call in the statistics.
	stats := emulator.Stats{Calls: map[string]int{"POST /__composite_requests": 8}, MaxInFlight: 5, Credits: 8,
		TokensIssued: 1}
	if diff := cmp.Diff(stats, r.E.Stats()); diff != "" {
		t.Errorf("stats (-want +got)\n%s", diff)
	}
}

// These refuse the whole request. Zoho CRM API v7, Composite API, Possible Errors.
func TestCompositeRefusals(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	at := func(name string) string { return `"api_name":"` + name + `","json_path":"$.` + name + `"` }
	bothFlags := rig.Failed("AMBIGUITY_DURING_PROCESSING",
		`{"ambiguity_due_to":[{`+at("rollback_on_fail")+`},{`+at("parallel_execution")+`}]}`,
		"ambiguity while processing the request")
	with := func(flags string) string { return `{` + flags + `,` + composed(get(rig.Deal1))[1:] }
	missing := rig.Failed("MANDATORY_NOT_FOUND", `{`+at("__composite_requests")+`}`, "required field not found")
	unsupported := rig.Failed("API_NOT_SUPPORTED", `{}`, "the API is not supported in this version")
	six := composed(get(rig.Deal1), get(rig.Deal1), get(rig.Deal1), get(rig.Deal1), get(rig.Deal1), get(rig.Deal1))
	r.Run([]rig.Step{
		{"POST", composite, with(`"rollback_on_fail":true,"parallel_execution":true`), 400, bothFlags},
		{"POST", "v3/__composite_requests", with(`"rollback_on_fail":true,"concurrent_execution":true`), 400,
			bothFlags},
		{"POST", composite, with(`"rollback_on_fail":true`), 400,
			rig.Failed("NOT_SUPPORTED", `{}`, "this emulator has no rollback_on_fail; send false")},
		{"POST", composite, with(`"parallel_execution":"yes"`), 400,
			rig.Failed("INVALID_DATA", `{`+at("parallel_execution")+`,"expected_data_type":"boolean"}`,
				"invalid data")},
		{"POST", composite, six, 400, rig.Failed("INVALID_DATA", `{`+at("__composite_requests")+`,"maximum_length":5}`,
			"invalid data")},
		{"POST", composite, `{}`, 400, missing},
		{"POST", composite, `{"__composite_requests":null}`, 400, missing},
		{"POST", composite, composed(), 400, missing},
		{"POST", composite, `{"__composite_requests":{}}`, 400,
			rig.Failed("INVALID_DATA", `{`+at("__composite_requests")+`,"expected_data_type":"jsonarray"}`,
				"invalid data")},
		{"POST", composite, `{"__composite_requests":[`, 400, rig.Unparsable},
		{"GET", composite, "", 400, rig.BadMethod},
		{"POST", "v2/__composite_requests", composed(get(rig.Deal1)), 400, unsupported},
		{"POST", "v2.1/__composite_requests", composed(get(rig.Deal1)), 400, unsupported},
	})
	off := rig.New(t, emulator.Options{Composite: "off"})
	off.Want("POST", composite, composed(get(rig.Deal1)), 404, rig.BadURL)
	if got := off.E.Stats().Calls; got["POST /__composite_requests"] != 1 {
		t.Errorf("calls %v", got)
	}
	if _, err := emulator.New(emulator.Options{Composite: "maybe"}); err == nil {
		t.Error("an unknown setting is taken")
	}
}

// These refuse one sub-request: 400 when it is alone, 207 beside a triggered one. Zoho CRM API v7, Composite API,
// Possible Errors For the sub-requests. Details are those of the OpenAPI v8.0.
func TestCompositeSubRefusals(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	at := func(name string) string {
		return `"api_name":"` + name + `","json_path":"$.__composite_requests[0].` + name + `"`
	}
	text := func(name, regex string) string {
		return rig.Failed("INVALID_DATA", `{`+at(name)+`,"expected_data_type":"text","regex":"`+regex+`"}`,
			"invalid data")
	}
	object := func(name string) string {
		return rig.Failed("INVALID_DATA", `{`+at(name)+`,"expected_data_type":"jsonobject"}`, "invalid data")
	}
	uri := text("uri", "/crm(/.*)?/v[0-9]+([.][0-9]+)?/.*")
	id := text("sub_request_id", "[a-zA-Z0-9][a-zA-Z0-9_]*")
	unsupported := rig.Failed("NOT_SUPPORTED", `{`+at("uri")+`}`, "the API is not supported in a composite request")
	roles := `"uri":"/crm/v8/Deals/` + rig.Deal1 + `/Contact_Roles"`
	for name, c := range map[string]struct{ sub, want string }{
		"no object": {`5`, rig.Failed("INVALID_DATA",
			`{"json_path":"$.__composite_requests[0]","expected_data_type":"jsonobject"}`, "invalid data")},
		"no method": {`{` + roles + `}`, rig.Failed("MANDATORY_NOT_FOUND", `{`+at("method")+`}`,
			"required field not found")},
		"method": {`{"method":"get",` + roles + `}`, text("method", "GET|POST|PUT|PATCH|DELETE")},
		"no uri": {`{"method":"GET","uri":null}`,
			rig.Failed("MANDATORY_NOT_FOUND", `{`+at("uri")+`}`, "required field not found")},
		"uri a number":     {`{"method":"GET","uri":8}`, uri},
		"uri below /crm":   {`{"method":"GET","uri":"/Deals/1/Contact_Roles"}`, uri},
		"uri with a host":  {`{"method":"GET","uri":"https://www.zohoapis.com/crm/v8/org"}`, uri},
		"uri with a query": {`{"method":"GET","uri":"/crm/v8/Deals/1/Contact_Roles?fields=id"}`, uri},
		"long uri": {`{"method":"GET","uri":"/crm/v8/` + strings.Repeat("x", 2048) + `"}`,
			rig.Failed("INVALID_DATA", `{`+at("uri")+`,"maximum_length":2048}`, "invalid data")},
		"newer version": {`{"method":"GET","uri":"/crm/v8/org"}`,
			rig.Failed("NOT_ALLOWED", `{"sub_request_version":8,"composite_request_version":7}`,
				"the version of the sub request is higher than that of the composite request")},
		"unknown version":   {`{"method":"GET","uri":"/crm/v1/org"}`, unsupported},
		"unknown API":       {`{"method":"GET","uri":"/crm/v7/coql"}`, unsupported},
		"another origin":    {`{"method":"GET","uri":"/crm/bulk/v7/read"}`, unsupported},
		"unknown method":    {`{"method":"PATCH",` + strings.Replace(roles, "v8", "v7", 1) + `}`, unsupported},
		"write to the list": {`{"method":"POST","uri":"/crm/v7/Contacts/roles","body":{}}`, unsupported},
		"composite":         {`{"method":"POST","uri":"/crm/v7/__composite_requests","body":{}}`, unsupported},
		"id":                {`{"sub_request_id":"_1","method":"GET",` + roles + `}`, id},
		"id a number":       {`{"sub_request_id":1,"method":"GET",` + roles + `}`, id},
		"long id": {`{"sub_request_id":"` + strings.Repeat("1", 101) + `"}`,
			rig.Failed("INVALID_DATA", `{`+at("sub_request_id")+`,"maximum_length":100}`, "invalid data")},
		"params":          {`{"method":"GET",` + roles + `,"params":"fields=id"}`, object("params")},
		"param an array":  {`{"method":"GET",` + roles + `,"params":{"fields":["id"]}}`, object("params")},
		"body":            {`{"method":"PUT",` + roles + `,"body":"{}"}`, object("body")},
		"headers":         {`{"method":"GET",` + roles + `,"headers":[]}`, object("headers")},
		"header a number": {`{"method":"GET",` + roles + `,"headers":{"a":1}}`, object("headers")},
		"authorization": {`{"method":"GET",` + roles + `,"headers":{"X-CRM-ORG":"1","authorization":"x"}}`,
			rig.Failed("INVALID_DATA", `{`+at("headers")+`,"restricted_headers":["X-CRM-ORG","authorization"]}`,
				"invalid data")},
		"bulk delete": {`{"method":"DELETE","uri":"/crm/v7/Deals/1/Contact_Roles","params":{"ids":"1,2"}}`,
			rig.Failed("INVALID_DATA", `{`+at("params")+`,"restricted_params":["ids"]}`, "invalid data")},
		"reference": {`{"method":"GET","uri":"/crm/v7/Deals/@{1:$.data[0].details.id}/Contact_Roles"}`,
			rig.Failed("INVALID_REFERENCE", `{`+at("uri")+`,"reference":"@{1:$.data[0].details.id}"}`,
				"this emulator resolves no references")},
		"reference, no end": {`{"method":"GET","uri":"/crm/v7/org","body":{"a":"@{"}}`,
			rig.Failed("INVALID_REFERENCE", `{`+at("body")+`,"reference":"@{\"}"}`,
				"this emulator resolves no references")},
		"reference in param": {`{"method":"GET","uri":"/crm/v7/org","params":{"ids":"@{1:$.id}"}}`,
			rig.Failed("INVALID_REFERENCE", `{`+at("params")+`,"reference":"@{1:$.id}"}`,
				"this emulator resolves no references")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &rig.Rig{T: t, E: r.E, URL: r.URL, Token: r.Token}
			r.Want("POST", "v7/__composite_requests", composed(c.sub), 400, composed(c.want))
			r.Want("POST", "v7/__composite_requests",
				composed(c.sub, `{"method":"GET","uri":"/crm/v7/Contacts/roles/77"}`), 207,
				composed(c.want, executed(204, "null")))
		})
	}
	twice := `{"sub_request_id":"1","method":"GET",` + roles + `,"params":{"fields":"id"}}`
	same := func(i int) string {
		return rig.Failed("DUPLICATE_DATA", fmt.Sprintf(`{"api_name":"sub_request_id",`+
			`"json_path":"$.__composite_requests[%d].sub_request_id","sub_request_indexes":[0,2]}`, i),
			"duplicate data")
	}
	r.Want("POST", composite, composed(twice, get(rig.Deal1), twice), 207,
		composed(same(0), executed(204, "null"), same(2)))
}

// A read carries 25 records. Zoho CRM API v7, Composite API, Allowed APIs. The details of the refusal follow its sample
// for COQL.
func TestCompositePages(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	for j := 1; j <= 26; j++ {
		r.Want("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.ContactID(j), rig.ByID(rig.Purchasing), 200,
			rig.Data(rig.Relation(rig.ContactID(j), "updated")))
		if j < 26 {
			r.Want("PUT", rig.RolesOf(rig.Deal2)+"/"+rig.ContactID(j), rig.ByID(rig.Purchasing), 200,
				rig.Data(rig.Relation(rig.ContactID(j), "updated")))
		}
	}
	rows := func(from, to int) []string {
		var list []string
		for j := from; j >= to; j-- {
			list = append(list, row(rig.ContactID(j)))
		}
		return list
	}
	r.Want("POST", composite, composed(get(rig.Deal1), get(rig.Deal2), getWith(rig.Deal1, `{"fields":"id","page":"2"}`),
		getWith(rig.Deal1, `{"fields":"id","per_page":"26"}`), getWith(rig.Deal1, `{"fields":"id","per_page":2}`)), 200,
		composed(
			executed(200, rig.Listed(25, 1, 25, true, rows(26, 2)...)),
			executed(200, rig.Listed(25, 1, 25, false, rows(25, 1)...)),
			executed(200, rig.Listed(25, 2, 1, false, rows(1, 1)...)),
			executed(400, rig.Failed("LIMIT_EXCEEDED", `{"by":"per_page","limit":25}`, "limit exceeded")),
			executed(200, rig.Listed(2, 1, 2, true, rows(26, 25)...))))
}

// A composite request takes five of the calls in flight, or is refused. Zoho CRM API v7, Composite API: five
// concurrency credits.
func TestCompositeTakesFivePlaces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit, others int // plain calls that are in flight when it comes
		statuses      map[int]int
		most, credits int
	}{
		"just enough":  {9, 4, map[int]int{200: 5}, 9, 5},
		"one too few":  {9, 5, map[int]int{200: 5, 429: 1}, 5, 5},
		"never enough": {4, 0, map[int]int{429: 1}, 0, 0},
		"free edition": {5, 0, map[int]int{200: 1}, 5, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := rig.NewDirect(t, emulator.Options{InFlight: c.limit, Latency: time.Second})
				var mu sync.Mutex
				statuses := map[int]int{}
				var all sync.WaitGroup
				send := func(method, path, body string) {
					all.Go(func() {
						status, _, _ := d.Call(method, path, body)
						mu.Lock()
						defer mu.Unlock()
						statuses[status]++
					})
				}
				for range c.others {
					send("GET", rig.Roles, "")
				}
				synctest.Wait()
				send("POST", composite, composed(get(rig.Deal1)))
				all.Wait()
				if diff := cmp.Diff(c.statuses, statuses); diff != "" {
					t.Errorf("statuses (-want +got)\n%s", diff)
				}
				if s := d.E.Stats(); s.MaxInFlight != c.most || s.Credits != c.credits {
					t.Errorf("stats %+v", s)
				}
				// All calls in flight are free afterwards.
				if status, body, _ := d.Call("POST", composite, composed(get(rig.Deal1))); c.limit >= 5 &&
					status != 200 {
					t.Errorf("afterwards: %d %s", status, body)
				}
			})
		})
	}
}

// A composite request keeps others out while it is in flight. Two fit in a limit of ten. A fault hits the whole
// request.
func TestCompositeInFlightAndFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := rig.NewDirect(t, emulator.Options{InFlight: 10, Latency: time.Second})
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if status, body, _ := d.Call("POST", composite,
					composed(get(rig.Deal1), get(rig.Deal2))); status != 200 {
					t.Errorf("%d %s", status, body)
				}
			})
		}
		synctest.Wait()
		if status, _, _ := d.Call("GET", rig.Roles, ""); status != 429 {
			t.Errorf("an eleventh call in flight: %d", status)
		}
		all.Wait()
	})
	faults, err := emulator.ParseFaults("500=100%")
	if err != nil {
		t.Fatal(err)
	}
	r := rig.New(t, emulator.Options{Faults: faults})
	status, got := r.Call("POST", composite, composed(
		`{"method":"PUT","uri":"/crm/v8/Deals/`+rig.Deal1+`/Contact_Roles/`+rig.Contact1+`","body":`+
			rig.ByID(rig.Purchasing)+`}`, get(rig.Deal2)))
	if status != 500 || strings.Contains(got, "__composite_requests") || len(r.E.SnapshotState()) != 0 {
		t.Errorf("%d %s, state %v", status, got, r.E.SnapshotState())
	}
}

// A deal with more contacts than a sub-request may carry has more records, and the next page returns the rest. Other
// reads do the same. Zoho CRM API v7, Composite API, Allowed APIs.
func TestCompositeReads(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Deals: 60, Contacts: 60, RolesPerDeal: 40})
	deal30, deal25 := rig.DealID(30), rig.DealID(25)
	coql := func(rest string) string {
		return `{"method":"POST","uri":"/crm/v8/coql","body":` + rig.Selecting(rest) + `}`
	}
	sub := func(uri, params string) string {
		return `{"method":"GET","uri":"/crm/v8/` + uri + `","params":` + params + `}`
	}
	_, got := r.Call("POST", composite, composed(get(deal30), getWith(deal30, `{"fields":"id","page":2}`), get(deal25),
		get(rig.DealID(41)), sub("Deals", `{"fields":"id"}`)))
	bodies := rig.Decode(t, got).(map[string]any)["__composite_requests"].([]any)
	for i, want := range []string{"25 true", "5 false", "25 false", "", "25 true"} {
		response := bodies[i].(map[string]any)["details"].(map[string]any)["response"].(map[string]any)
		have := ""
		if body, is := response["body"].(map[string]any); is {
			info := body["info"].(map[string]any)
			have = fmt.Sprint(info["count"], " ", info["more_records"])
			if len(body["data"].([]any)) > 25 {
				t.Errorf("sub-request %d: %d rows", i, len(body["data"].([]any)))
			}
		}
		if have != want {
			t.Errorf("sub-request %d: %s, want %s", i, have, want)
		}
	}
	rows := func(n int) string {
		var list []string
		for i := 1; i <= n; i++ {
			list = append(list, `{"id":"`+rig.DealID(i)+`"}`)
		}
		return rig.QueryRows(n < 60, list...)
	}
	r.Want("POST", composite, composed(coql("id from Deals where id > 1"), coql("id from Deals where id > 1 limit 26"),
		coql("id from Deals where id > 1 limit 2"),
		sub("Deals/actions/count", `{}`), `{"method":"DELETE","uri":"/crm/v8/Deals/`+rig.Deal1+`"}`), 200, composed(
		executed(200, rows(25)),
		executed(400, rig.Failed("LIMIT_EXCEEDED", `{"by":"limit","limit":25}`, "limit exceeded")),
		executed(200, rows(2)), executed(200, `{"count":60}`), executed(200, rig.Data(rig.Deleted(rig.Deal1)))))
}

// A sub-request may write one record. Zoho CRM API v7, Composite API, Allowed APIs.
func TestCompositeWritesOneRecord(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{})
	sub := func(method, path, body string) string {
		return `{"method":"` + method + `","uri":"/crm/v8/` + path + `","body":` + body + `}`
	}
	lead := `{"Last_Name":"x"}`
	status, got := r.Call("POST", composite, composed(sub("POST", "Leads", rig.Data(lead)),
		sub("POST", "Leads/upsert", rig.Data(lead)), sub("POST", "Leads", rig.Data(lead, lead)),
		sub("DELETE", "Leads/4150868002000000002", "{}"), sub("DELETE", "Contacts/roles/"+rig.Purchasing, "{}")))
	for part, want := range map[string]int{
		`"status_code":201`: 1, `"status_code":200`: 2, `"maximum_length":1`: 1, "record deleted": 1,
		"not supported in a composite request": 1,
	} {
		if strings.Count(got, part) != want || status != 207 {
			t.Errorf("%s: %d %s", part, status, got)
		}
	}
	r.Want("GET", "v8/Leads/actions/count", "", 200, `{"count":1}`)
}
