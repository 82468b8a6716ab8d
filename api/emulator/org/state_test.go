package org_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestStateOutlivesAKill(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.jsonl")
	o := emulator.Options{State: file, Deals: 3, Contacts: 9}
	r := rig.Serve(t, rig.Open(t, o))
	r.Run([]rig.Step{
		{"PUT", rig.RolesOf(rig.Deal1), rig.Data(rig.Upsert(rig.Contact1, rig.Purchasing),
			rig.Upsert(rig.Contact2, rig.Purchasing)), 200,
			rig.Data(rig.Relation(rig.Contact1, "added"), rig.Relation(rig.Contact2, "added"))},
		{"PUT", rig.RolesOf(rig.Deal2) + "/" + rig.Contact1, rig.ByID(rig.Purchasing), 200,
			rig.Data(rig.Relation(rig.Contact1, "updated"))},
		{"PUT", rig.RolesOf(rig.Deal2) + "/" + rig.Contact1, rig.ByID(rig.Engineering), 200,
			rig.Data(rig.Relation(rig.Contact1, "updated"))},
		{"DELETE", rig.RolesOf(rig.Deal1) + "/" + rig.Contact1, "", 200,
			rig.Data(rig.Relation(rig.Contact1, "removed"))},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"Lead","sequence_number":1}`), 200,
			rig.RoleItems(rig.RoleDone("4150868000000006878", "contact role added"))},
		{"DELETE", rig.Roles + "/4150868000000006878", "", 200,
			rig.RoleItems(rig.RoleDone("4150868000000006878", "contact role deleted"))},
		{"DELETE", rig.Roles + "/" + rig.Engineering, "", 200,
			rig.RoleItems(rig.RoleDone(rig.Engineering, "contact role deleted"))},
	})
	state, org := r.Inspect("state"), r.Inspect("org")

	// A killed process closed nothing. Two starts, because the first one rewrites the file.
	for range 2 {
		second := rig.Serve(t, rig.Open(t, emulator.Options{State: file}))
		if diff := cmp.Diff(state, second.Inspect("state")); diff != "" {
			t.Errorf("state (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(org, second.Inspect("org")); diff != "" {
			t.Errorf("org (-want +got)\n%s", diff)
		}
		// Tokens do not outlive the process.
		token := second.Token
		second.Token = r.Token
		if status, _ := second.Call("GET", rig.Roles, ""); status != 401 {
			t.Errorf("an old token: %d", status)
		}
		second.Token = token
		// The id of the deleted role is not reused.
		if status, got := second.Call("POST", rig.Roles, rig.RoleItems(`{"name":"Purchasing"}`)); status != 400 {
			t.Errorf("%d %s", status, got)
		}
	}
	last := rig.Serve(t, rig.Open(t, o))
	last.Want("POST", rig.Roles, rig.RoleItems(`{"name":"Next"}`), 200,
		rig.RoleItems(rig.RoleDone("4150868000000006879", "contact role added")))
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Dir(file) + "/*"); len(left) != 1 {
		t.Errorf("beside the file: %v", left)
	}
}

// A torn last line was never answered. The next start drops it and continues the file. The test tears at every byte.
func TestTornLine(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.jsonl")
	r := rig.Serve(t, rig.Open(t, emulator.Options{State: file}))
	r.Want("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.Contact1, rig.ByID(rig.Purchasing), 200,
		rig.Data(rig.Relation(rig.Contact1, "updated")))
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before := r.E.SnapshotState()
	r.Want("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.Contact2, rig.ByID(rig.Purchasing), 200,
		rig.Data(rig.Relation(rig.Contact2, "updated")))
	more, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := len(whole); n < len(more)-1; n++ {
		torn := filepath.Join(t.TempDir(), "torn.jsonl")
		if err := os.WriteFile(torn, more[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, rig.Open(t, emulator.Options{State: torn}).SnapshotState()); diff != "" {
			t.Fatalf("torn after %d of %d bytes (-want +got)\n%s", n-len(whole), len(more)-len(whole), diff)
		}
		if b, _ := os.ReadFile(torn); strings.Count(string(b), "\n") != 2 ||
			!json.Valid([]byte("["+strings.ReplaceAll(strings.TrimSpace(string(b)), "\n", ",")+"]")) {
			t.Fatalf("the file still holds\n%s", b)
		}
	}
}

func TestStateConflicts(t *testing.T) {
	t.Parallel()
	file := func(o emulator.Options) string {
		o.State = filepath.Join(t.TempDir(), "state")
		if err := rig.Open(t, o).Close(); err != nil {
			t.Fatal(err)
		}
		return o.State
	}
	generated := file(emulator.Options{Deals: 5, Contacts: 7})
	seeded := file(emulator.Options{Org: rig.ReadOrg(t, rig.Seed)})
	other := rig.ReadOrg(t, strings.Replace(rig.Seed, "Ng", "Nguyen", 1))
	for _, c := range []struct {
		name string
		o    emulator.Options
		fine bool
	}{
		{"same numbers", emulator.Options{State: generated, Deals: 5, Contacts: 7}, true},
		{"no numbers", emulator.Options{State: generated}, true},
		{"one number", emulator.Options{State: generated, Contacts: 7}, true},
		{"another number", emulator.Options{State: generated, Deals: 6}, false},
		{"a seed instead", emulator.Options{State: generated, Org: rig.ReadOrg(t, rig.Seed)}, false},
		{"same seed", emulator.Options{State: seeded, Org: rig.ReadOrg(t, rig.Seed)}, true},
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
	e := rig.Open(t, emulator.Options{State: seeded, Deals: 5, Reset: true})
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
	if e := rig.Open(t, emulator.Options{State: write("")}); len(e.SnapshotState()) != 0 {
		t.Error("an empty file is a new one")
	}
	head := `{"head":{"rolecall_emulator":1,"source":{},"org":{"org":{},"contact_roles":null,"generated":{"deals":1,` +
		`"contacts":1}},"next_role_id":"1"}}` + "\n"
	for name, s := range map[string]string{
		"not JSON":     "deal_id,contact_id\n1,2\n",
		"other JSON":   `{"a": 1}`,
		"other format": strings.Replace(head, `rolecall_emulator":1`, `rolecall_emulator":2`, 1),
		"bad middle":   head + "{\"deal\":\n]\n{}\n",
		"bad id":       head + `{"deal":"x"}` + "\n",
		"bad roles":    head + `{"roles":{"contact_roles":[{"id":"0","name":""}]}}` + "\n",
	} {
		if _, err := emulator.New(emulator.Options{State: write(s)}); err == nil ||
			!strings.Contains(err.Error(), "--reset") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := emulator.New(emulator.Options{State: filepath.Join(t.TempDir(), "no", "such")}); err == nil {
		t.Error("a file in no folder")
	}
}

// A change that the file cannot take does not happen.
func TestClosedStateFile(t *testing.T) {
	t.Parallel()
	r := rig.Serve(t, rig.Open(t, emulator.Options{State: filepath.Join(t.TempDir(), "state")}))
	r.Want("PUT", rig.RolesOf(rig.Deal1)+"/"+rig.Contact1, rig.ByID(rig.Purchasing), 200,
		rig.Data(rig.Relation(rig.Contact1, "updated")))
	for range 2 {
		if err := r.E.Close(); err != nil {
			t.Fatal(err)
		}
	}
	before := r.E.SnapshotState()
	const internal = `{"code":"INTERNAL_ERROR","details":{},"message":"Internal Server Error","status":"error"}`
	r.Run([]rig.Step{
		{"PUT", rig.RolesOf(rig.Deal1) + "/" + rig.Contact2, rig.ByID(rig.Purchasing), 500, internal},
		{"PUT", rig.RolesOf(rig.Deal1), rig.Data(rig.Upsert(rig.Contact2, rig.Purchasing)), 500, internal},
		{"DELETE", rig.RolesOf(rig.Deal1) + "/" + rig.Contact1, "", 500, internal},
		{"DELETE", rig.RolesOf(rig.Deal1) + "?ids=" + rig.Contact1, "", 500, internal},
		{"POST", rig.Roles, rig.RoleItems(`{"name":"x"}`), 500, internal},
		{"DELETE", rig.Roles + "/" + rig.Purchasing, "", 500, internal},
	})
	if diff := cmp.Diff(before, r.E.SnapshotState()); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
}
