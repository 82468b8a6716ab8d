package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
	"rolecall/api/pace"
)

// The role picklist against the emulator.

// names are the roles that the emulator has, whatever its faults.
func names(t *testing.T, e *emulator.Emulator) []string {
	t.Helper()
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/__emulator/org", nil))
	org, err := emulator.ReadOrg(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]string, len(org.Roles))
	for i, r := range org.Roles {
		all[i] = r.Name
	}
	return all
}

func parseFaults(t *testing.T, s string) emulator.Faults {
	t.Helper()
	f, err := emulator.ParseFaults(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Over a real connection that breaks, a creation arrives exactly once, applied or not. Its outcome is not known.
func TestLostCreationArrivesOnce(t *testing.T) {
	t.Parallel()
	for fault, applied := range map[string]bool{
		"drop": true, "truncate": true, "reset": false, "500": false, "html": false,
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			sent := 0
			z := newZoho(t, "v8", emulator.Options{Faults: parseFaults(t, fault+"=100%")}, func(api.Attempt) { sent++ })
			out, err := z.CreateRoles(t.Context(), []api.RoleWrite{{Name: "New", Sequence: 1}, {Name: "Newer"}})
			e, ok := errors.AsType[*api.Error](err)
			if !ok || out != nil || !e.Uncertain || e.Ends != api.EndNone || e.Attempts != 1 || sent != 1 {
				t.Errorf("%d told of: %+v, %#v", sent, out, err)
			}
			if diff := gocmp.Diff(map[string]int{"POST /Contacts/roles": 1}, z.emulator.Stats().Calls); diff != "" {
				t.Errorf("arrived (-want +got)\n%s", diff)
			}
			if got := slices.Contains(names(t, z.emulator), "New"); got != applied {
				t.Errorf("applied: %v", got)
			}
		})
	}
}

// bubble is a client in a synctest bubble, on an emulator behind no socket.
func bubble(t *testing.T, o emulator.Options) zoho {
	t.Helper()
	e := rig.Open(t, o)
	return signIn(t, e, "https://accounts.zoho.test", api.Config{
		BaseURL: "https://www.zohoapis.test", Pacer: pace.New(pace.Config{}), Transport: &rig.Direct{T: t, E: e},
	})
}

// faulty is a bubble with faults of all kinds.
func faulty(t *testing.T, seed int64) zoho {
	t.Helper()
	faults := parseFaults(t, "429=10%,500=8%,reset=8%,drop=12%,html=5%,truncate=8%")
	return bubble(t, emulator.Options{Faults: faults, FaultSeed: seed})
}

// With faults of all kinds, a caller creates every role exactly once if it reads the list after an uncertain creation,
// and creates only the missing roles. No role is refused because it exists.
func TestCreationsAmongFaults(t *testing.T) {
	t.Parallel()
	for seed := range int64(20) {
		synctest.Test(t, func(t *testing.T) {
			z := faulty(t, seed)
			var want []string
			uncertain := 0
			for i := range 15 {
				batch := []string{fmt.Sprint("Role ", i, "a"), fmt.Sprint("Role ", i, "b"), fmt.Sprint("Role ", i, "c")}
				want = append(want, batch...)
				for missing := batch; len(missing) > 0; missing = lacking(t, z, batch) {
					writes := make([]api.RoleWrite, len(missing))
					for j, name := range missing {
						writes[j].Name = name
					}
					out, err := z.CreateRoles(t.Context(), writes)
					if e, ok := errors.AsType[*api.Error](err); ok && e.Uncertain && e.Ends == api.EndNone {
						uncertain++
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					for _, o := range out {
						if !o.Known || o.Err != nil || o.Answer.Uncertain {
							t.Errorf("%+v", o)
						}
					}
				}
			}
			if diff := gocmp.Diff(want, names(t, z.emulator)[7:]); diff != "" || uncertain == 0 {
				t.Errorf("seed %d, %d uncertain (-want +got)\n%s", seed, uncertain, diff)
			}
		})
	}
}

// lacking reads the list and returns the names that are not in it.
func lacking(t *testing.T, z zoho, names []string) (missing []string) {
	t.Helper()
	list, err := z.Roles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !slices.ContainsFunc(list, func(r api.Role) bool { return r.Name == name }) {
			missing = append(missing, name)
		}
	}
	return missing
}

// With faults, updates and deletions have the same effect as without. A deletion that looks refused is Uncertain.
func TestRoleChangesAmongFaults(t *testing.T) {
	t.Parallel()
	for seed := range int64(20) {
		synctest.Test(t, func(t *testing.T) {
			z := faulty(t, seed)
			role := func(i int) string { return fmt.Sprint(4150868000000006870 + i) }
			out, err := z.UpdateRoles(t.Context(), []api.RoleWrite{
				{ID: role(7), Name: "G", Sequence: 1}, {ID: role(2), Name: "B"},
			})
			for _, o := range out {
				if !o.Known || o.Err != nil {
					t.Errorf("%+v", o)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := z.UpdateRole(t.Context(), api.RoleWrite{ID: role(1), Name: "A", Sequence: 2}); err != nil {
				t.Error(err)
			}
			_, err = z.DeleteRole(t.Context(), role(3))
			if e, ok := errors.AsType[*api.Error](err); err != nil &&
				(!ok || !e.Uncertain || e.Code != "INVALID_DATA") {
				t.Errorf("%#v", err)
			}
			out, err = z.DeleteRoles(t.Context(), []string{role(4), role(5), role(6)})
			for _, o := range out {
				if !o.Known || o.Err != nil && (!o.Err.Uncertain || o.Err.Code != "INVALID_DATA") {
					t.Errorf("%+v", o)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff([]string{"G", "A", "B"}, names(t, z.emulator)); diff != "" {
				t.Errorf("seed %d (-want +got)\n%s", seed, diff)
			}
		})
	}
}

// If a token has expired, Zoho refuses it, and the client sends the creation again with a new one, over a real
// connection. If Zoho refuses every token, the run ends.
func TestCreationWithAStaleToken(t *testing.T) {
	t.Parallel()
	var late atomic.Bool
	now := func() time.Time {
		if late.Load() {
			return time.Now().Add(2 * time.Hour)
		}
		return time.Now()
	}
	z := newZoho(t, "v8", emulator.Options{Now: now}, nil)
	if _, err := z.Roles(t.Context()); err != nil {
		t.Fatal(err)
	}
	late.Store(true)
	out, err := z.CreateRoles(t.Context(), []api.RoleWrite{{Name: "New"}})
	check(t, err, out, "4150868000000006878")
	if a := out[0].Answer; a.Uncertain || a.Attempts != 1 || z.emulator.Stats().Calls["POST /Contacts/roles"] != 2 {
		t.Errorf("%v: %+v", z.emulator.Stats().Calls, a)
	}
	z = newZoho(t, "v8", emulator.Options{TokenTTL: time.Nanosecond}, nil)
	_, err = z.CreateRoles(t.Context(), []api.RoleWrite{{Name: "New"}})
	e, ok := errors.AsType[*api.Error](err)
	if !ok || e.Ends != api.EndSignIn || e.Uncertain || z.emulator.Stats().Calls["POST /Contacts/roles"] != 2 {
		t.Errorf("%v: %#v", z.emulator.Stats().Calls, err)
	}
}

// The calls on roles work in every version, with successes and refusals mixed, and with each way to move roles.
func TestRolesInEveryVersion(t *testing.T) {
	t.Parallel()
	for i, version := range []string{"v2", "v2.1", "v3", "v4", "v5", "v6", "v7", "v8"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			moves := []string{"shift", "swap", "keep"}[i%3]
			z := newZoho(t, version, emulator.Options{RoleMoves: moves}, nil)
			role := func(i int) string { return fmt.Sprint(4150868000000006870 + i) }
			out, err := z.CreateRoles(t.Context(), []api.RoleWrite{
				{Name: "Purchasing"}, {Name: "A"}, {}, {Name: "B", Sequence: 1}, {Name: "A"},
				{Name: strings.Repeat("ü", 51)}, {Name: strings.Repeat("ü", 50)},
			})
			check(
				t, err, out, "DUPLICATE_DATA", role(8), "MANDATORY_NOT_FOUND", role(9), "DUPLICATE_DATA",
				"INVALID_DATA", role(10),
			)
			out, err = z.UpdateRoles(t.Context(), []api.RoleWrite{
				{ID: "77", Name: "x"}, {ID: role(8), Name: "a"}, {ID: role(9), Name: "Purchasing"},
				{ID: role(7), Sequence: 1},
			})
			check(t, err, out, "77 INVALID_DATA", role(8), role(9)+" DUPLICATE_DATA", role(7))
			list := strings.Join(names(t, z.emulator), ",")
			for way, want := range map[string]string{
				"shift": "Developer/Evaluator,B,Decision Maker", "swap": "Developer/Evaluator,Decision Maker,",
				"keep": "B,Decision Maker,",
			} {
				if way == moves && !strings.HasPrefix(list, want) {
					t.Errorf("%s: %s", moves, list)
				}
			}
			out, err = z.DeleteRoles(t.Context(), []string{"77", role(8), role(9), "78", role(10)})
			check(t, err, out, "77 INVALID_DATA", role(8), role(9), "78 INVALID_DATA", role(10))
			out, err = z.DeleteRoles(t.Context(), []string{"77", "78"})
			check(t, err, out, "77 INVALID_DATA", "78 INVALID_DATA")
			out, err = z.DeleteRoles(t.Context(), []string{
				role(1), role(2), role(3), role(4), role(5), role(6), role(7),
			})
			check(t, err, out, role(1), role(2), role(3), role(4), role(5), role(6), role(7)+" LOWER_LIMIT_REACHED")
		})
	}
}

// check compares outcomes with "id" for a success, and "CODE" or "id CODE".
func check(t *testing.T, err error, outcomes []api.Outcome, want ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range outcomes {
		code := ""
		if o.Err != nil {
			code = o.Err.Code
		}
		if !o.Known {
			code = "not known"
		}
		got = append(got, strings.TrimSpace(o.ID+" "+code))
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// One call takes 100 roles, and an org has at most 100.
func TestHundredRoles(t *testing.T) {
	t.Parallel()
	z := newZoho(t, "v8", emulator.Options{}, nil)
	writes, rest := make([]api.RoleWrite, 93), make([]api.RoleWrite, 100)
	for i := range writes {
		writes[i].Name = fmt.Sprint("Role ", i)
	}
	out, err := z.CreateRoles(t.Context(), writes)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range out {
		if o.ID != fmt.Sprint(4150868000000006878+i) || !o.Known || o.Err != nil {
			t.Fatalf("%d: %+v", i, o)
		}
	}
	for i := range rest {
		rest[i].Name = fmt.Sprint("No room ", i)
	}
	if out, err = z.CreateRoles(t.Context(), rest); err != nil {
		t.Fatal(err)
	}
	for i, o := range out {
		if !o.Known || o.Err == nil || o.Err.Code != "LIMIT_EXCEEDED" || o.ID != "" {
			t.Fatalf("%d: %+v", i, o)
		}
	}
	list, err := z.Roles(t.Context())
	if err != nil || len(list) != 100 {
		t.Fatal(len(list), err)
	}
	// In reverse order: the last role gets the first position, and so on.
	updates, ids := make([]api.RoleWrite, 100), make([]string, 100)
	for i, r := range list {
		ids[i] = r.ID
		updates[99-i] = api.RoleWrite{ID: r.ID, Name: r.Name + "!", Sequence: 100 - i}
	}
	if out, err = z.UpdateRoles(t.Context(), updates); err != nil ||
		slices.ContainsFunc(out, func(o api.Outcome) bool { return !o.Known || o.Err != nil }) {
		t.Fatal(out, err)
	}
	turned, err := z.Roles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range turned {
		if want := (api.Role{ID: list[99-i].ID, Name: list[99-i].Name + "!", Sequence: i + 1}); r != want {
			t.Fatalf("%+v, want %+v", r, want)
		}
	}
	if out, err = z.DeleteRoles(t.Context(), ids); err != nil || out[99].Err == nil ||
		out[99].Err.Code != "LOWER_LIMIT_REACHED" || out[98].Err != nil {
		t.Fatal(out, err)
	}
	if s := z.emulator.Stats(); s.Credits != 6 || z.pacer.Stats().Credits != 6 {
		t.Errorf("%d credits, %d counted", s.Credits, z.pacer.Stats().Credits)
	}
}

// If the user lacks a right, the call is refused, and the run goes on.
func TestRolesDenied(t *testing.T) {
	t.Parallel()
	calls := map[string][]func(*api.Client) error{
		"roles.read": {
			func(c *api.Client) error { _, err := c.Roles(t.Context()); return err },
			func(c *api.Client) error { _, _, err := c.Role(t.Context(), "4150868000000006871"); return err },
		},
		"roles.create": {
			func(c *api.Client) error {
				_, err := c.CreateRoles(t.Context(), []api.RoleWrite{{Name: "x"}})
				return err
			},
		},
		"roles.update": {
			func(c *api.Client) error {
				_, err := c.UpdateRoles(t.Context(), []api.RoleWrite{{ID: "4150868000000006871", Name: "y"}})
				return err
			},
			func(c *api.Client) error {
				return second(c.UpdateRole(t.Context(), api.RoleWrite{ID: "4150868000000006871", Name: "z"}))
			},
		},
		"roles.delete": {
			func(c *api.Client) error {
				_, err := c.DeleteRoles(t.Context(), []string{"4150868000000006872"})
				return err
			},
			func(c *api.Client) error { return second(c.DeleteRole(t.Context(), "4150868000000006873")) },
		},
	}
	for denied := range calls {
		z := newZoho(t, "v8", emulator.Options{Denied: []string{denied}}, nil)
		for right, all := range calls {
			for i, call := range all {
				err := call(z.Client)
				if right != denied {
					if err != nil {
						t.Errorf("%s denied, %s %d: %v", denied, right, i, err)
					}
					continue
				}
				e, ok := errors.AsType[*api.Error](err)
				if !ok || e.Code != "NO_PERMISSION" || e.HTTP != 403 || e.Ends != api.EndNone || e.Temporary() ||
					e.Uncertain || e.Attempts != 1 || !strings.Contains(e.Error(), "Permission denied") {
					t.Errorf("%s %d: %#v", right, i, err)
				}
			}
		}
	}
}
