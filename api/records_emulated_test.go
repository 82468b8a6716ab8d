package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// The writes and reads of records, against the emulator.

// write makes a record of fields and their values as JSON.
func write(pairs ...string) api.RecordWrite {
	w := api.RecordWrite{}
	for i := 0; i < len(pairs); i += 2 {
		w[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return w
}

// told returns each outcome as "code action", with a ? before an outcome that is not known.
func told(outcomes []api.Outcome) (all []string) {
	for _, o := range outcomes {
		text := o.Answer.Code
		if o.Answer.Action != "" {
			text += " " + o.Answer.Action
		}
		if !o.Known {
			text = "? " + text
		}
		all = append(all, text)
	}
	return all
}

// lastNames reads the last names of all leads, by id.
func lastNames(t *testing.T, z zoho) map[string]string {
	t.Helper()
	names := map[string]string{}
	q := api.RecordsQuery{Fields: []string{"Last_Name"}, Page: 1, SortBy: "id", SortOrder: "asc"}
	for more := true; more; q.Page++ {
		page, err := z.Records(t.Context(), "Leads", q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			names[r.ID] = string(r.Fields["Last_Name"])
		}
		more = page.More
	}
	return names
}

// A record is inserted, read, changed, deleted and restored, in every version. Each record has its own outcome, and
// each call costs the announced credits.
func TestRecordsLive(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v2", "v3", "v6", "v7", "v8"} {
		z := newZoho(t, version, emulator.Options{Org: rig.ReadOrg(t, `{}`)}, nil)
		check := func(step string, out []api.Outcome, err error, want ...string) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s, %s: %v", version, step, err)
			}
			if diff := gocmp.Diff(want, told(out)); diff != "" {
				t.Errorf("%s, %s (-want +got)\n%s", version, step, diff)
			}
		}
		ctx := t.Context()
		before, spent := z.pacer.Stats().Credits, z.emulator.Stats().Credits
		made, err := z.InsertRecords(ctx, "Leads", []api.RecordWrite{
			write("Last_Name", `"One"`, "Company", `"X"`, "Email", `"one@x.com"`), write("Company", `"X"`),
			write("Last_Name", `"Three"`, "Company", `"X"`),
		}, api.WriteOptions{Trigger: []string{}})
		want := []string{"SUCCESS", "MANDATORY_NOT_FOUND", "SUCCESS"}
		if version == "v2" { // its refusals have no json_path
			want = []string{"? SUCCESS", "? MANDATORY_NOT_FOUND", "? SUCCESS"}
		}
		check("insert", made, err, want...)
		one, three := made[0].ID, made[2].ID
		if diff := gocmp.Diff(map[string]string{one: `"One"`, three: `"Three"`}, lastNames(t, z)); diff != "" {
			t.Fatalf("%s (-want +got)\n%s", version, diff)
		}
		out, err := z.UpdateRecords(ctx, "Leads", []api.RecordWrite{
			write("id", `"`+three+`"`, "Last_Name", `"3"`), write("id", `"`+one+`"`, "Last_Name", `"1"`),
		}, api.WriteOptions{})
		check("update", out, err, "SUCCESS", "SUCCESS")
		out, err = z.UpsertRecords(ctx, "Leads", []api.RecordWrite{
			write("Last_Name", `"One"`, "Email", `"one@x.com"`, "Company", `"X"`),
			write("Last_Name", `"Four"`, "Email", `"four@x.com"`, "Company", `"X"`),
		}, api.WriteOptions{DuplicateCheck: []string{"Email"}})
		check("upsert", out, err, "SUCCESS update", "SUCCESS insert")
		if out[0].ID != one {
			t.Errorf("%s: upserted %s, not %s", version, out[0].ID, one)
		}
		out, err = z.DeleteRecords(ctx, "Leads", []string{three, "77"}, false)
		check("delete", out, err, "SUCCESS", "INVALID_DATA")
		if _, there, err := z.Record(ctx, "Leads", three); there || err != nil {
			t.Errorf("%s: still there, %v", version, err)
		}
		if got, paid := z.pacer.Stats().Credits-before, z.emulator.Stats().Credits-spent; got != paid || got != 6 {
			t.Errorf("%s: %d credits announced, %d spent", version, got, paid)
		}
		if version != "v8" {
			continue
		}
		out, err = z.RestoreRecords(ctx, []string{three, "77"})
		check("restore", out, err, "SUCCESS", "INVALID_DATA")
		r, there, err := z.Record(ctx, "Leads", three, "Last_Name")
		if !there || err != nil || string(r.Fields["Last_Name"]) != `"3"` {
			t.Errorf("restored: %+v, %v", r, err)
		}
	}
}

// A write may set the fields that the metadata allows, and no others.
func TestMetadataOfTheEmulator(t *testing.T) {
	t.Parallel()
	z := newZoho(t, "v8", emulator.Options{Org: rig.ReadOrg(t, `{"modules": [{"api_name": "Projects", "fields": [
		{"api_name": "Code", "unique": true}]}]}`)}, nil)
	modules, err := z.Modules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]api.Module{}
	for _, m := range modules {
		named[m.APIName] = m
	}
	if c := named["Contacts"]; !c.APISupported || !c.Creatable || !c.RecycleBin || c.Plural == "" ||
		named["Home"].APISupported || named["Projects"].GeneratedType != "custom" {
		t.Errorf("%+v", modules)
	}
	fields, err := z.Fields(t.Context(), "Projects")
	if err != nil {
		t.Fatal(err)
	}
	code := slices.IndexFunc(fields, func(f api.Field) bool { return f.APIName == "Code" })
	if code < 0 || !fields[code].Unique || !fields[code].Create {
		t.Errorf("%+v", fields)
	}
	contacts, err := z.Fields(t.Context(), "Contacts")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range contacts {
		if f.APIName == "Modified_Time" && (f.Create || f.Update) || f.APIName == "Account_Name" && f.Lookup != "Accounts" ||
			f.APIName == "Last_Name" && !f.Mandatory {
			t.Errorf("%+v", f)
		}
	}
	users, err := z.Users(t.Context(), "AllUsers", 1)
	if err != nil || len(users.Records) == 0 || len(users.Records[0].Fields["email"]) < 3 {
		t.Errorf("%+v, %v", users, err)
	}
}

// leads inserts n leads with different names in each of calls calls, by several workers. It returns the ids of the
// known successes by name, and the names whose outcome is not known.
func leads(t *testing.T, z zoho, workers, calls, n int) (made map[string]string, unknown map[string]bool) {
	t.Helper()
	type result struct {
		names []string
		out   []api.Outcome
		err   error
	}
	results := make([]result, calls)
	var work errgroup.Group
	work.SetLimit(workers)
	for c := range calls {
		work.Go(func() error {
			var records []api.RecordWrite
			r := &results[c]
			for i := range n {
				name := strconv.Quote(fmt.Sprint("L", c*n+i))
				r.names = append(r.names, name)
				records = append(records, write("Last_Name", name, "Company", `"X"`))
			}
			r.out, r.err = z.InsertRecords(t.Context(), "Leads", records, api.WriteOptions{})
			return nil
		})
	}
	_ = work.Wait()
	made, unknown = map[string]string{}, map[string]bool{}
	for _, r := range results {
		if e, ok := failed(r.err); r.err != nil && (!ok || e.Ends != api.EndNone || !e.Uncertain) {
			t.Fatalf("%#v", r.err)
		}
		for i, name := range r.names {
			if r.err != nil || !r.out[i].Known {
				unknown[name] = true
			} else if r.out[i].Err == nil {
				made[name] = r.out[i].ID
			}
		}
	}
	return made, unknown
}

// Inserts of 100 records never have more than ten calls in flight, although the org allows twenty. None is refused for
// sub-concurrency (Zoho CRM API v8, API Limits).
func TestInsertsKeepToSubConcurrency(t *testing.T) {
	t.Parallel()
	z := newZoho(t, "v8", emulator.Options{Org: rig.ReadOrg(t, `{}`), Latency: 50 * time.Millisecond}, nil)
	made, unknown := leads(t, z, 20, 30, 20)
	seen := z.emulator.Stats()
	if len(made) != 600 || len(unknown) != 0 || seen.TooManyRequests != 0 || seen.MaxInFlight > 10 ||
		seen.Credits != z.pacer.Stats().Credits || seen.Credits != 30*2 {
		t.Errorf("%d made, %d unknown, %+v", len(made), len(unknown), seen)
	}
}

// With faults nothing is inserted twice, and each known outcome is true.
func TestInsertFaults(t *testing.T) {
	t.Parallel()
	faults, err := emulator.ParseFaults("429=5%,500=5%,reset=5%,drop=5%,html=5%,truncate=5%")
	if err != nil {
		t.Fatal(err)
	}
	z := newZoho(t, "v8", emulator.Options{Org: rig.ReadOrg(t, `{}`), Faults: faults, FaultSeed: 7}, nil)
	const calls, n = 60, 12
	made, unknown := leads(t, z, 10, calls, n)
	there := map[string]string{}
	for id, name := range lastNames(t, z) {
		if there[name] != "" {
			t.Errorf("%s is there twice", name)
		}
		there[name] = id
	}
	for name, id := range made {
		if there[name] != id {
			t.Errorf("%s was inserted as %s, and is %s", name, id, there[name])
		}
	}
	for name := range there {
		if made[name] == "" && !unknown[name] {
			t.Errorf("%s is there, though its insert failed for certain", name)
		}
	}
	if len(unknown) == 0 || len(made) < calls*n/2 || len(slices.Collect(maps.Keys(there))) < len(made) {
		t.Errorf("%d made, %d unknown, %d there", len(made), len(unknown), len(there))
	}
}
