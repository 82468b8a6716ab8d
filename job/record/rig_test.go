package record

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// module is the custom module of most tests: a field of each type, and a unique one.
const module = `{"api_name": "Things", "fields": [
	{"api_name": "Code", "unique": true}, {"api_name": "Note", "data_type": "textarea"},
	{"api_name": "Page", "data_type": "richtextarea", "length": 50000}, {"api_name": "Mail", "data_type": "email"}, {"api_name": "Count", "data_type": "integer"},
	{"api_name": "Big", "data_type": "bigint"}, {"api_name": "Price", "data_type": "currency"},
	{"api_name": "Share", "data_type": "percent"}, {"api_name": "Rate", "data_type": "double"},
	{"api_name": "Done", "data_type": "boolean"}, {"api_name": "Day", "data_type": "date"},
	{"api_name": "At", "data_type": "datetime"}, {"api_name": "Seen", "read_only": true},
	{"api_name": "Kind", "data_type": "picklist", "pick_list_values": ["-None-", "Blue", "Dark red", "Green"]},
	{"api_name": "Tags", "data_type": "multiselectpicklist", "pick_list_values": ["a", "b", "c d"]},
	{"api_name": "Company", "data_type": "lookup", "lookup": "Accounts"}]}`

const seed = `{"org": {"edition": "enterprise"}, "contact_roles": [{"id": "4150868000000006871", "name": "User"}],
	"accounts": [{"id": "4150868000030000001", "Account_Name": "Acme"},
		{"id": "4150868000030000002", "Account_Name": "O'Hara (West), Inc"},
		{"id": "4150868000030000003", "Account_Name": "Twin"}, {"id": "4150868000030000004", "Account_Name": "twin"}],
	"users": [{"id": "4150868000000000501", "last_name": "Ito", "email": "ito@x.example"},
		{"id": "4150868000000000502", "last_name": "Gone", "email": "gone@x.example", "status": "inactive"}],
	"modules": [` + module + `, {"api_name": "Twice", "fields": [
		{"api_name": "Code", "unique": true}, {"api_name": "Serial", "unique": true}, {"api_name": "Note"}]}]}`

type rig struct {
	*jobtest.Rig

	mapped  map[csvio.Field]string // --map of the next runs
	ahead   atomic.Int64           // how far the emulator's clock is ahead, in nanoseconds
	stopped time.Time              // the emulator's clock shows this always; zero: it goes
	quick   bool                   // the call that lose loses comes in the second in which the run began
}

func newRig(t testing.TB) *rig {
	t.Helper()
	org, err := emulator.ReadOrg(strings.NewReader(seed))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{}
	r.Rig = jobtest.New(t, emulator.Options{
		Org: org, Now: func() time.Time {
			if !r.stopped.IsZero() {
				return r.stopped
			}
			return time.Now().Add(time.Duration(r.ahead.Load()))
		},
	})
	r.Kinds = Kinds()
	r.Front.Keep = true
	return r
}

// request returns a run of a job over a file with the given text, in a folder of its own.
func (r *rig) request(name, text string, o Options) job.Request {
	r.T.Helper()
	if o.Module == "" {
		o.Module = "Things"
	}
	folder := filepath.Join(r.Dir, fmt.Sprintf("run%d", r.runs()))
	env := r.Env()
	env.Yes = true
	return job.Request{
		Kind: kind(name), Settings: job.Settings{Concurrency: 4, Options: job.Encode(o), Map: r.mapped},
		Input: r.Input("input.csv", text), RunDir: folder, Env: env,
	}
}

func (r *rig) runs() int {
	all, err := filepath.Glob(filepath.Join(r.Dir, "run*"))
	if err != nil {
		r.T.Fatal(err)
	}
	return len(all)
}

// do does a run and returns its results.
func (r *rig) do(name, text string, o Options) (jobtest.Table, *job.Result) {
	r.T.Helper()
	q := r.request(name, text, o)
	res := r.Start(q)
	return r.Table(filepath.Join(q.RunDir, "results.csv")), res
}

// refused does a run that must not start, and returns its error.
func (r *rig) refused(name, text string, o Options) string {
	r.T.Helper()
	r.Front.Sent()
	_, err := job.Start(r.T.Context(), r.request(name, text, o))
	if err == nil {
		r.T.Fatal("the run started")
	}
	if writes := jobtest.Writes(r.Front.Sent()); len(writes) > 0 {
		r.T.Errorf("sent %v", writes)
	}
	return err.Error()
}

// undo takes back the run of a folder.
func (r *rig) undo(folder string) (jobtest.Table, *job.Result) {
	r.T.Helper()
	env := r.Env()
	env.Yes = true
	earlier, err := job.OpenEarlier(folder, env)
	if err != nil {
		r.T.Fatal(err)
	}
	defer earlier.Close()
	k, made, err := earlier.Inverse()
	if err != nil {
		r.T.Fatal(err)
	}
	q := job.Request{
		Kind: k, Settings: job.Settings{Concurrency: 4, Options: json.RawMessage("{}")}, Made: made,
		RunDir: filepath.Join(r.Dir, fmt.Sprintf("run%d", r.runs())), Env: env,
	}
	res := r.Start(q)
	return r.Table(filepath.Join(q.RunDir, "results.csv")), res
}

// things returns the records of the module Things as the org has them, by the value of a field, without what Zoho
// stamps.
func (r *rig) things(by string) map[string]map[string]any {
	r.T.Helper()
	w := httptest.NewRecorder()
	r.Emu.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/__emulator/org", nil))
	var org struct {
		Modules []struct {
			Name    string           `json:"api_name"`
			Records []map[string]any `json:"records"`
		} `json:"modules"`
		Deleted map[string][]struct {
			ID string `json:"id"`
		} `json:"deleted_records"`
	}
	d := json.NewDecoder(w.Body)
	d.UseNumber()
	if err := d.Decode(&org); err != nil {
		r.T.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, m := range org.Modules {
		if m.Name != "Things" {
			continue
		}
		for _, record := range m.Records {
			if slices.ContainsFunc(org.Deleted["Things"], func(d struct {
				ID string `json:"id"`
			}) bool {
				return d.ID == record["id"]
			}) {
				continue
			}
			key := fmt.Sprint(record[by])
			for name, value := range record {
				if value == nil {
					delete(record, name)
				}
			}
			if all[key] != nil {
				r.T.Errorf("two records have the %s %s", by, key)
			}
			for _, stamp := range []string{"Created_Time", "Modified_Time", "Created_By", "Modified_By", "Owner"} {
				delete(record, stamp)
			}
			all[key] = record
		}
	}
	return all
}

// lastRun is the folder of the latest run.
func (r *rig) lastRun() string { return filepath.Join(r.Dir, fmt.Sprintf("run%d", r.runs()-1)) }

// writes returns the writes among the calls since the last time, without the queries.
func (r *rig) writes() []string {
	return slices.DeleteFunc(jobtest.Writes(r.Front.Sent()), func(c string) bool {
		return strings.HasPrefix(c, "POST /coql")
	})
}
