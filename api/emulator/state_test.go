package emulator_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

// open makes an emulator on a state file, without closing it at the end: a
// process that is killed closes nothing either.
func open(t *testing.T, o emulator.Options) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestStateOutlivesAKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.jsonl")
	o := emulator.Options{State: file, Deals: 3, Contacts: 9}
	r := serve(t, open(t, o))
	r.run([]step{
		{"PUT", rolesOf(deal1), data(upsert(contact1, purchasing), upsert(contact2, purchasing)), 200, data(relation(contact1, "added"), relation(contact2, "added"))},
		{"PUT", rolesOf(deal2) + "/" + contact1, byID(purchasing), 200, data(relation(contact1, "updated"))},
		{"PUT", rolesOf(deal2) + "/" + contact1, byID(engineering), 200, data(relation(contact1, "updated"))},
		{"DELETE", rolesOf(deal1) + "/" + contact1, "", 200, data(relation(contact1, "removed"))},
		{"POST", roles, roleItems(`{"name":"Lead","sequence_number":1}`), 200, roleItems(roleDone("4150868000000006878", "contact role added"))},
		{"DELETE", roles + "/4150868000000006878", "", 200, roleItems(roleDone("4150868000000006878", "contact role deleted"))},
		{"DELETE", roles + "/" + engineering, "", 200, roleItems(roleDone(engineering, "contact role deleted"))},
	})
	state, org := r.inspect("state"), r.inspect("org")

	// Killed: nothing was closed. Twice, as the first start rewrites the file.
	for range 2 {
		again := serve(t, open(t, emulator.Options{State: file}))
		if diff := cmp.Diff(state, again.inspect("state")); diff != "" {
			t.Errorf("state (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(org, again.inspect("org")); diff != "" {
			t.Errorf("org (-want +got)\n%s", diff)
		}
		// Tokens do not outlive the process.
		token := again.token
		again.token = r.token
		if status, _ := again.call("GET", roles, ""); status != 401 {
			t.Errorf("an old token: %d", status)
		}
		again.token = token
		// The id of the deleted role is not given again.
		if status, got := again.call("POST", roles, roleItems(`{"name":"Purchasing"}`)); status != 400 {
			t.Errorf("%d %s", status, got)
		}
	}
	last := serve(t, open(t, o))
	last.want("POST", roles, roleItems(`{"name":"Next"}`), 200, roleItems(roleDone("4150868000000006879", "contact role added")))
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Dir(file) + "/*"); len(left) != 1 {
		t.Errorf("beside the file: %v", left)
	}
}

// A line that a kill tore was never answered: it is dropped, and the file goes
// on without it. Every place to tear at is tried.
func TestTornLine(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.jsonl")
	r := serve(t, open(t, emulator.Options{State: file}))
	r.want("PUT", rolesOf(deal1)+"/"+contact1, byID(purchasing), 200, data(relation(contact1, "updated")))
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before := r.e.SnapshotState()
	r.want("PUT", rolesOf(deal1)+"/"+contact2, byID(purchasing), 200, data(relation(contact2, "updated")))
	more, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := len(whole); n < len(more)-1; n++ {
		torn := filepath.Join(t.TempDir(), "torn.jsonl")
		if err := os.WriteFile(torn, more[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, open(t, emulator.Options{State: torn}).SnapshotState()); diff != "" {
			t.Fatalf("torn after %d of %d bytes (-want +got)\n%s", n-len(whole), len(more)-len(whole), diff)
		}
		if b, _ := os.ReadFile(torn); strings.Count(string(b), "\n") != 2 || !json.Valid([]byte("["+strings.ReplaceAll(strings.TrimSpace(string(b)), "\n", ",")+"]")) {
			t.Fatalf("the file still holds\n%s", b)
		}
	}
}

func TestStateConflicts(t *testing.T) {
	t.Parallel()
	file := func(o emulator.Options) string {
		o.State = filepath.Join(t.TempDir(), "state")
		if err := open(t, o).Close(); err != nil {
			t.Fatal(err)
		}
		return o.State
	}
	generated := file(emulator.Options{Deals: 5, Contacts: 7})
	seeded := file(emulator.Options{Org: readOrg(t, seed)})
	other := readOrg(t, strings.Replace(seed, "Ng", "Nguyen", 1))
	for _, c := range []struct {
		name string
		o    emulator.Options
		fine bool
	}{
		{"same numbers", emulator.Options{State: generated, Deals: 5, Contacts: 7}, true},
		{"no numbers", emulator.Options{State: generated}, true},
		{"one number", emulator.Options{State: generated, Contacts: 7}, true},
		{"another number", emulator.Options{State: generated, Deals: 6}, false},
		{"a seed instead", emulator.Options{State: generated, Org: readOrg(t, seed)}, false},
		{"same seed", emulator.Options{State: seeded, Org: readOrg(t, seed)}, true},
		{"no seed", emulator.Options{State: seeded}, true},
		{"another seed", emulator.Options{State: seeded, Org: other}, false},
		{"numbers instead", emulator.Options{State: seeded, Deals: 5}, false},
	} {
		_, err := emulator.New(c.o)
		if c.fine && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if !c.fine && (err == nil || !strings.Contains(err.Error(), "--reset")) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	e := open(t, emulator.Options{State: seeded, Deals: 5, Reset: true})
	if got := e.SnapshotState(); len(got) != 0 {
		t.Errorf("after a reset: %v", got)
	}
}

func TestStateFileTroubles(t *testing.T) {
	t.Parallel()
	write := func(s string) string {
		name := filepath.Join(t.TempDir(), "state")
		if err := os.WriteFile(name, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	if e := open(t, emulator.Options{State: write("")}); len(e.SnapshotState()) != 0 {
		t.Error("an empty file is a new one")
	}
	head := `{"head":{"rolecall_emulator":1,"source":{},"org":{"org":{},"contact_roles":null,"generated":{"deals":1,"contacts":1}},"next_role_id":"1"}}` + "\n"
	for name, s := range map[string]string{
		"not JSON":     "deal_id,contact_id\n1,2\n",
		"other JSON":   `{"a": 1}`,
		"other format": strings.Replace(head, `rolecall_emulator":1`, `rolecall_emulator":2`, 1),
		"bad middle":   head + "{\"deal\":\n]\n{}\n",
		"bad id":       head + `{"deal":"x"}` + "\n",
		"bad roles":    head + `{"roles":{"contact_roles":[{"id":"0","name":""}]}}` + "\n",
	} {
		if _, err := emulator.New(emulator.Options{State: write(s)}); err == nil || !strings.Contains(err.Error(), "--reset") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := emulator.New(emulator.Options{State: filepath.Join(t.TempDir(), "no", "such")}); err == nil {
		t.Error("a file in no folder")
	}
}

// What cannot be kept is not done.
func TestClosedStateFile(t *testing.T) {
	t.Parallel()
	r := serve(t, open(t, emulator.Options{State: filepath.Join(t.TempDir(), "state")}))
	r.want("PUT", rolesOf(deal1)+"/"+contact1, byID(purchasing), 200, data(relation(contact1, "updated")))
	for range 2 {
		if err := r.e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	before := r.e.SnapshotState()
	const internal = `{"code":"INTERNAL_ERROR","details":{},"message":"Internal Server Error","status":"error"}`
	r.run([]step{
		{"PUT", rolesOf(deal1) + "/" + contact2, byID(purchasing), 500, internal},
		{"PUT", rolesOf(deal1), data(upsert(contact2, purchasing)), 500, internal},
		{"DELETE", rolesOf(deal1) + "/" + contact1, "", 500, internal},
		{"DELETE", rolesOf(deal1) + "?ids=" + contact1, "", 500, internal},
		{"POST", roles, roleItems(`{"name":"x"}`), 500, internal},
		{"DELETE", roles + "/" + purchasing, "", 500, internal},
	})
	if diff := cmp.Diff(before, r.e.SnapshotState()); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
}
