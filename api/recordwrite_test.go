package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/pace"
)

// people returns n records, with ids if they are for an update.
func people(n int, withIDs bool) []RecordWrite {
	records := make([]RecordWrite, n)
	for i := range records {
		records[i] = RecordWrite{"Last_Name": json.RawMessage(`"P` + strconv.Itoa(i) + `"`)}
		if withIDs {
			records[i]["id"] = json.RawMessage(`"` + strconv.Itoa(500+i) + `"`)
		}
	}
	return records
}

func inRecords(items ...string) string { return `{"data":[` + strings.Join(items, ",") + `]}` }

// The calls as Zoho's pages print them.
func TestWireRecordWrites(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	done := inRecords(ok(`{"id":"500"}`))
	for _, c := range []struct {
		name, answer, line, body string
		call                     func(*Client) ([]Outcome, error)
	}{
		{"insert", done, "POST /Leads", `{"data":[{"Last_Name":"P0"}]}`, func(c *Client) ([]Outcome, error) {
			return c.InsertRecords(ctx, "Leads", people(1, false), WriteOptions{})
		}},
		{"insert without automation", done, "POST /Leads", `{"data":[{"Last_Name":"P0"}],"trigger":[]}`,
			func(c *Client) ([]Outcome, error) {
				return c.InsertRecords(ctx, "Leads", people(1, false), WriteOptions{Trigger: []string{}})
			}},
		{"insert with rules", done, "POST /Custom%20M",
			`{"data":[{"Last_Name":"P0"}],"trigger":["workflow"],"apply_feature_execution":[{"name":"layout_rules"}]}`,
			func(c *Client) ([]Outcome, error) {
				return c.InsertRecords(ctx, "Custom M", people(1, false), WriteOptions{
					Trigger: []string{"workflow"}, Features: []string{"layout_rules"},
				})
			}},
		{"update", done, "PUT /Contacts", `{"data":[{"Last_Name":"P0","id":"500"}]}`,
			func(c *Client) ([]Outcome, error) {
				return c.UpdateRecords(ctx, "Contacts", people(1, true), WriteOptions{})
			}},
		{"upsert", done, "POST /Deals/upsert", `{"data":[{"Last_Name":"P0"}],"duplicate_check_fields":["Ref","Email"]}`,
			func(c *Client) ([]Outcome, error) {
				return c.UpsertRecords(ctx, "Deals", people(1, false), WriteOptions{
					DuplicateCheck: []string{"Ref", "Email"},
				})
			}},
		{"delete", inRecords(ok(`{"id":"1"}`), ok(`{"id":"2"}`)), "DELETE /Leads?ids=1,2", "",
			func(c *Client) ([]Outcome, error) { return c.DeleteRecords(ctx, "Leads", []string{"1", "2"}, true) }},
		{"delete without automation", inRecords(ok(`{"id":"1"}`)), "DELETE /Leads?ids=1&wf_trigger=false", "",
			func(c *Client) ([]Outcome, error) { return c.DeleteRecords(ctx, "Leads", []string{"1"}, false) }},
		{"restore", `{"recycle_bin":[` + ok(`{"id":1}`) + `]}`, "POST /settings/recycle_bin/actions/restore",
			`{"ids":["1"]}`, func(c *Client) ([]Outcome, error) { return c.RestoreRecords(ctx, []string{"1"}) }},
	} {
		line, body, _ := wire(t, "v8", c.answer, func(client *Client) {
			out, err := c.call(client)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			for _, o := range out {
				if !o.Known || o.Err != nil || o.ID == "" {
					t.Errorf("%s: %+v", c.name, o)
				}
			}
			if kinds := client.pacer.CallStats().Kinds; len(kinds) != 1 || c.name == "upsert" && kinds["POST /Deals/upsert"] != 1 {
				t.Errorf("%s: %v", c.name, kinds)
			}
		})
		if got := strings.Replace(line, "https://www.zohoapis.test/crm/v8", "", 1); got != c.line || body != c.body {
			t.Errorf("%s: got %s %s, want %s %s", c.name, got, body, c.line, c.body)
		}
	}
}

// Invalid calls are refused here: nothing is sent, and nothing is Uncertain.
func TestInvalidRecordWrites(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := script(says(400, flat("SOMETHING", "{}")))
	c, old := newClient(t, w, Config{}), newClient(t, w, Config{Version: v7})
	ids := make([]string, 201)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	insert := func(module string, records []RecordWrite) func() ([]Outcome, error) {
		return func() ([]Outcome, error) { return c.InsertRecords(ctx, module, records, WriteOptions{}) }
	}
	update := func(records []RecordWrite) func() ([]Outcome, error) {
		return func() ([]Outcome, error) { return c.UpdateRecords(ctx, "Leads", records, WriteOptions{}) }
	}
	same := people(2, true)
	same[1]["id"] = same[0]["id"]
	for name, call := range map[string]func() ([]Outcome, error){
		"no module": insert("", people(1, false)), "none inserted": insert("Leads", nil),
		"101 inserted": insert("Leads", people(101, false)), "inserted with an id": insert("Leads", people(1, true)),
		"updated without an id": update(people(1, false)), "updated twice": update(same), "none updated": update(nil),
		"upserted with an id": func() ([]Outcome, error) {
			return c.UpsertRecords(ctx, "Leads", people(1, true), WriteOptions{})
		},
		"broken JSON":  insert("Leads", []RecordWrite{{"Last_Name": json.RawMessage(`"`)}}),
		"51 deleted":   func() ([]Outcome, error) { return c.DeleteRecords(ctx, "Leads", ids[:51], true) },
		"none deleted": func() ([]Outcome, error) { return c.DeleteRecords(ctx, "Leads", nil, true) },
		"201 restored": func() ([]Outcome, error) { return c.RestoreRecords(ctx, ids) },
		"restored, v7": func() ([]Outcome, error) { return old.RestoreRecords(ctx, ids[:1]) },
	} {
		_, err := call()
		if e := failure(t, err); e.Temporary() || e.Ends != EndNone || e.Uncertain || e.HTTP != 0 {
			t.Errorf("%s: %#v", name, e)
		}
	}
	if w.count() != 0 {
		t.Errorf("%d sent", w.count())
	}
}

// The outcomes of three records by their answer. The first answer is the sample of a 207 in zoho/crm-oas for v8, Insert
// Records, with a third record.
func TestOutcomesOfRecords(t *testing.T) {
	t.Parallel()
	const (
		added   = `{"id":"901","Created_Time":"2025-03-31T14:05:00+05:30"}`
		dup     = `{"api_name":"Email","json_path":"$.data[1].Email","id":"700","duplicate_record":{"id":"700"}}`
		dupV2   = `{"api_name":"Email","id":"700"}`
		dupOf   = `{"api_name":"Email","id":"500"}`
		several = `{"errors":[{"code":"INVALID_DATA","details":{"api_name":"A","json_path":"$.data[1].A"}},
			{"code":"MANDATORY_NOT_FOUND","details":{"api_name":"B","json_path":"$.data[1].B"}}]}`
		notFound = `{"api_name":"Last_Name"}`
	)
	insert := func(c *Client) ([]Outcome, error) {
		return c.InsertRecords(context.Background(), "Leads", people(3, false), WriteOptions{})
	}
	update := func(c *Client) ([]Outcome, error) {
		return c.UpdateRecords(context.Background(), "Leads", people(3, true), WriteOptions{})
	}
	for name, c := range map[string]struct {
		status int
		items  []string
		call   func(*Client) ([]Outcome, error)
		want   []string
	}{
		"insert, one refused": {207, []string{ok(added), no("DUPLICATE_DATA", dup), ok(`{"id":"902"}`)}, insert,
			[]string{"901 SUCCESS", " DUPLICATE_DATA", "902 SUCCESS"}},
		"insert, several errors of one": {207, []string{ok(added), no("MULTIPLE_OR_MULTI_ERRORS", several), ok(`{"id":"902"}`)},
			insert, []string{"901 SUCCESS", " MULTIPLE_OR_MULTI_ERRORS", "902 SUCCESS"}},
		"insert, all refused": {400, []string{no("DUPLICATE_DATA", dupV2), no("MANDATORY_NOT_FOUND", notFound), no("X", "{}")},
			insert, []string{" DUPLICATE_DATA", " MANDATORY_NOT_FOUND", " X"}},
		"update, all refused, no ids": {400, []string{no("DUPLICATE_DATA", dupOf), no("NOT_ALLOWED", `{}`), no("X", "{}")},
			update, []string{"500 DUPLICATE_DATA", "501 NOT_ALLOWED", "502 X"}},
		"insert, no path at all": {202, []string{ok(added), no("DUPLICATE_DATA", dupV2), ok(`{"id":"902"}`)}, insert,
			[]string{"901 ? SUCCESS", " ? DUPLICATE_DATA", "902 ? SUCCESS"}},
		"insert, one path shows the order": {207,
			[]string{no("NOT_ALLOWED", `{}`), no("DUPLICATE_DATA", dup), ok(`{"id":"902"}`)}, insert,
			[]string{" NOT_ALLOWED", " DUPLICATE_DATA", "902 SUCCESS"}},
		"insert, one path shows another order": {207,
			[]string{no("DUPLICATE_DATA", dup), no("NOT_ALLOWED", `{}`), ok(`{"id":"902"}`)}, insert,
			[]string{" ?", " DUPLICATE_DATA", " ?"}},
		"insert, one missing": {207, []string{ok(added), no("DUPLICATE_DATA", dup)}, insert,
			[]string{" ?", " DUPLICATE_DATA", " ?"}},
		"update, in any order": {200, []string{ok(`{"id":"502"}`), ok(`{"id":"500"}`), ok(`{"id":501}`)}, update,
			[]string{"500 SUCCESS", "501 SUCCESS", "502 SUCCESS"}},
		"update, the id of another": {207, []string{ok(`{"id":"500"}`), no("DUPLICATE_DATA", dupOf), ok(`{"id":"502"}`)},
			update, []string{"500 SUCCESS", "501 DUPLICATE_DATA", "502 SUCCESS"}},
		"update, the id of another, in another order": {207,
			[]string{no("DUPLICATE_DATA", dupOf), ok(`{"id":"500"}`), ok(`{"id":"502"}`)}, update,
			[]string{"500 SUCCESS", "501 ?", "502 SUCCESS"}},
		"update, one that was not asked for": {200, []string{ok(`{"id":"500"}`), ok(`{"id":"501"}`), ok(`{"id":"77"}`)},
			update, []string{"500 SUCCESS", "501 SUCCESS", "502 ?"}},
		"update, one too many": {200,
			[]string{ok(`{"id":"500"}`), ok(`{"id":"501"}`), no("X", `{}`), no("Y", `{}`)},
			update, []string{"500 SUCCESS", "501 SUCCESS", "502 ?"}},
	} {
		out, err := c.call(newClient(t, script(says(c.status, inRecords(c.items...))), Config{}))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, o := range out {
			line := o.ID
			if !o.Known {
				line += " ?"
			}
			if o.Answer.Code != "" {
				line += " " + o.Answer.Code
			}
			got = append(got, line)
			if o.Known && (o.Err == nil) != (o.Answer.Code == "SUCCESS") || !o.Known && !o.Err.Uncertain {
				t.Errorf("%s: %+v", name, o)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

// Zoho CRM API v8, Upsert Records: the keys beside the result. A page has null for the field of a new record.
func TestUpsertTellsWhatItDid(t *testing.T) {
	t.Parallel()
	did := func(id, action, field string) string {
		return `{"code":"SUCCESS","duplicate_field":` + field + `,"action":` + action + `,"details":{"id":"` + id +
			`"},"message":"record added","status":"success"}`
	}
	answer := inRecords(did("1", `"insert"`, `null`), did("2", `"update"`, `"Email"`), did("3", `{}`, `["Email"]`))
	out, err := newClient(t, script(says(200, answer)), Config{}).UpsertRecords(
		t.Context(), "Leads", people(3, false), WriteOptions{DuplicateCheck: []string{"Email"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	var got [][3]string
	for _, o := range out {
		got = append(got, [3]string{o.ID, o.Answer.Action, o.Answer.DuplicateField})
	}
	want := [][3]string{{"1", "insert", ""}, {"2", "update", "Email"}, {"3", "", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A call that may create records is never sent again once it may have been applied, also with a duplicate check. Other
// calls are sent again.
func TestRecordWritesAreRepeated(t *testing.T) {
	t.Parallel()
	three := func(name string) string {
		return `{"` + name + `":[` + ok(`{"id":"500"}`) + "," + ok(`{"id":"501"}`) + "," + ok(`{"id":"502"}`) + "]}"
	}
	ids := []string{"500", "501", "502"}
	for name, c := range map[string]struct {
		sent int
		call func(context.Context, *Client) ([]Outcome, error)
	}{
		"insert": {1, func(ctx context.Context, c *Client) ([]Outcome, error) {
			return c.InsertRecords(ctx, "Leads", people(3, false), WriteOptions{})
		}},
		"upsert": {1, func(ctx context.Context, c *Client) ([]Outcome, error) {
			return c.UpsertRecords(ctx, "Leads", people(3, false), WriteOptions{DuplicateCheck: []string{"Last_Name"}})
		}},
		"update": {2, func(ctx context.Context, c *Client) ([]Outcome, error) {
			return c.UpdateRecords(ctx, "Leads", people(3, true), WriteOptions{})
		}},
		"delete": {2, func(ctx context.Context, c *Client) ([]Outcome, error) {
			return c.DeleteRecords(ctx, "Leads", ids, true)
		}},
		"restore": {2, func(ctx context.Context, c *Client) ([]Outcome, error) { return c.RestoreRecords(ctx, ids) }},
	} {
		list := map[bool]string{true: "recycle_bin", false: "data"}[name == "restore"]
		for what, first := range unusable() {
			synctest.Test(t, func(t *testing.T) {
				w := script(first, says(200, three(list)))
				out, err := c.call(t.Context(), newClient(t, w, Config{}))
				if w.count() != c.sent {
					t.Errorf("%s, %s: %d sent", name, what, w.count())
				}
				if c.sent == 1 {
					if e := failure(t, err); !e.Uncertain || e.Ends != EndNone {
						t.Errorf("%s, %s: %#v", name, what, e)
					}
					return
				}
				if err != nil || len(out) != 3 || !out[2].Known || out[2].Err != nil || !out[2].Answer.Uncertain {
					t.Errorf("%s, %s: %+v, %v", name, what, out, err)
				}
			})
		}
	}
}

// Zoho CRM API v8, API Limits: a credit for each ten records, and ten calls with more than ten records in flight.
func TestRecordWritesCost(t *testing.T) {
	t.Parallel()
	const calls, latency = 25, 100 * time.Millisecond
	for records, c := range map[int]struct{ credits, inFlight int }{
		1: {1, 20}, 10: {1, 20}, 11: {2, 10}, 100: {10, 10},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := script(says(400, flat("SOMETHING", "{}")))
			w.latency = latency
			client := newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 20})})
			began := time.Now()
			var wg sync.WaitGroup
			for range calls {
				wg.Go(func() {
					_, err := client.InsertRecords(t.Context(), "Leads", people(records, false), WriteOptions{})
					failure(t, err)
				})
			}
			wg.Wait()
			waves := time.Duration((calls + c.inFlight - 1) / c.inFlight)
			if took := time.Since(began); w.most != c.inFlight || took != waves*latency {
				t.Errorf("%d records: %d in flight, %v", records, w.most, took)
			}
			if got := client.pacer.Stats().Credits; got != calls*c.credits || WriteCredits(records) != c.credits {
				t.Errorf("%d records: %d credits", records, got)
			}
		})
	}
}

// Light calls start beside ten heavy ones. An eleventh heavy call waits until one of the ten has ended.
func TestHeavyCallsLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := script(says(204, ""))
		w.latency = time.Second
		client := newClient(t, w, Config{Pacer: pace.New(pace.Config{InFlight: 20})})
		var wg sync.WaitGroup
		began := time.Now()
		for i := range 11 {
			wg.Go(func() {
				_, _ = client.Query(t.Context(), fmt.Sprint("select id from Leads limit ", i), 1)
			})
		}
		synctest.Wait()
		if w.count() != 10 {
			t.Errorf("%d heavy calls in flight", w.count())
		}
		for range 10 {
			wg.Go(func() { _, _ = client.Users(t.Context(), "", 1) })
		}
		synctest.Wait()
		if w.count() != 20 {
			t.Errorf("%d calls in flight", w.count())
		}
		wg.Wait()
		if took := time.Since(began); took != 2*time.Second || w.count() != 21 || w.most != 20 {
			t.Errorf("%v, %d calls, %d in flight", took, w.count(), w.most)
		}
	})
}

// In an answer that keeps the order, as Zoho documents, each outcome that is known is that of its record, whatever the
// results name: an id, a path, the id of another record, or nothing. An answer that lacks results never moves one.
func TestRecordsAreNeverMixedUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "records")
		updates := rapid.Bool().Draw(t, "updates")
		asked, answer := make([]string, n), make([]string, n)
		for i := range n {
			id := strconv.Itoa(900 + i)
			if updates {
				asked[i] = id
			}
			other := strconv.Itoa(900 + rapid.IntRange(0, n).Draw(t, "other"))
			answer[i] = rapid.SampledFrom([]string{
				ok(`{"id":"` + id + `"}`),
				no("E"+id, fmt.Sprintf(`{"json_path":"$.data[%d].F"}`, i)),
				no("E"+id, fmt.Sprintf(`{"errors":[{"details":{"json_path":"$.data[%d].F"}}]}`, i)),
				no("E"+id, `{}`), no("DUPLICATE_DATA", `{"api_name":"F","id":"`+other+`"}`),
			}).Draw(t, "result")
		}
		kept := slices.Clone(answer)
		if n > 1 && rapid.Bool().Draw(t, "one is missing") {
			at := rapid.IntRange(0, n-1).Draw(t, "which")
			kept = slices.Delete(kept, at, at+1)
		}
		r, f := decode(207, []byte(inRecords(kept...)), dueResults)
		if r == nil {
			t.Skip(f.message) // all refuse alike: the request is at fault
		}
		k := &call{}
		for i, o := range k.outcomes(writtenRecords, asked, r) {
			truth := decodeItems(json.RawMessage("[" + answer[i] + "]"))[0]
			switch {
			case !o.Known:
			case o.Answer.Code != string(truth.Code), o.Err == nil && o.ID != strconv.Itoa(900+i):
				t.Fatalf("record %d of %s is %+v", i, kept, o)
			}
		}
	})
}
