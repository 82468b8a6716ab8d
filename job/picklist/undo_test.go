package picklist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// undo takes back the run in a folder, by a run in the folder to.
func (r *rig) undo(ctx context.Context, dir, to string) (*job.Result, error) {
	earlier, err := job.OpenEarlier(dir, r.Env())
	if err != nil {
		return nil, err
	}
	defer earlier.Close()
	kind, made, err := earlier.Inverse()
	if err != nil {
		return nil, err
	}
	return job.Start(ctx, job.Request{Kind: kind, Made: made, RunDir: to, Env: r.Env()})
}

// undone takes back the run in a folder. The undo must finish. It returns action and code of each row.
func (r *rig) undone(dir, to string) (*job.Result, []string) {
	r.T.Helper()
	res, err := r.undo(r.T.Context(), dir, to)
	if err != nil || res.Stop != nil {
		r.T.Fatalf("%+v, %v", res, err)
	}
	var all []string
	for _, line := range r.Table(filepath.Join(to, rundir.Results)).Column("undo_action", "rc_action", "rc_code") {
		all = append(all, strings.TrimSpace(line))
	}
	return res, all
}

// For any table and job, undo restores the list, and the undo of the undo restores the roles of the change. The order
// may differ: two roles that are created again may exchange positions, and some Zoho models do not move roles. A
// deleted role has a new id, and every other role keeps its id.
func TestUndoEqualsBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		names := drawList(rt, true)
		r := newVirtualRig(t, emulator.Options{
			Org:       orgOf(names...),
			RoleMoves: rapid.SampledFrom([]string{"shift", "swap", "keep"}).Draw(rt, "role moves"),
		})
		before := r.roles()
		command := rapid.SampledFrom([]string{Import, Sync, Delete}).Draw(rt, "command")
		q := r.request(command, linesOf(drawModelRows(rt, len(names), command == Import))...)
		q.Options.Prune = command == Sync && rapid.Bool().Draw(rt, "prune")
		res, err := start(r.T.Context(), q)
		if err != nil { // a sync whose table contradicts itself
			rt.SkipNow()
		}
		after := r.roles()
		_, said := r.undone(q.RunDir, filepath.Join(r.Dir, "back"))
		if d := differ(before, r.roles()); d != "" {
			rt.Fatalf("%s of\n%sundone (-before +after):\n%s%q\n%+v", command, read(t, q.Input), d, said,
				res.Summary.Rows)
		}
		between := r.roles()
		r.undone(filepath.Join(r.Dir, "back"), filepath.Join(r.Dir, "again"))
		if d := differ(byName(after), byName(r.roles())); d != "" {
			rt.Fatalf("%s of\n%sundone twice (-after +now):\n%s", command, read(t, q.Input), d)
		}
		r.undone(filepath.Join(r.Dir, "again"), filepath.Join(r.Dir, "third"))
		if d := differ(byName(between), byName(r.roles())); d != "" {
			rt.Fatalf("undone three times:\n%s", d)
		}
	})
}

// byName returns the roles in the order of their names, with positions to match.
func byName(roles []emulator.OrgRole) []emulator.OrgRole {
	roles = slices.Clone(roles)
	slices.SortFunc(roles, func(a, b emulator.OrgRole) int { return strings.Compare(a.Name, b.Name) })
	for i := range roles {
		roles[i].Sequence = i + 1
	}
	return roles
}

// differ compares two lists by names and positions.
func differ(want, got []emulator.OrgRole) string {
	lines := func(roles []emulator.OrgRole) (all []string) {
		roles = slices.Clone(roles)
		slices.SortStableFunc(roles, func(a, b emulator.OrgRole) int { return a.Sequence - b.Sequence })
		for _, r := range roles {
			all = append(all, r.Name)
		}
		return all
	}
	return gocmp.Diff(lines(want), lines(got))
}

// undo does not touch roles that somebody changed since, and their rows say so. It takes back the rest.
func TestUndoOfWhatChangedSince(t *testing.T) {
	t.Parallel()
	r := newVirtualRig(t, emulator.Options{Org: orgOf("A", "B", "C", "D", "E")})
	r.run(r.request(Import, "id,name", idOf(1)+",A2", idOf(2)+",B2", idOf(3)+",C2", ",New", ",Other"))
	gone := r.request(Delete, "name", "D")
	gone.RunDir = filepath.Join(r.Dir, "gone")
	r.run(gone)
	other := r.request(Import, "id,name", idOf(1)+",A3", idOf(2)+",B", newID(1)+",Mine", ",D")
	other.RunDir = filepath.Join(r.Dir, "other")
	r.run(other)
	removed := r.request(Delete, "name", "C2")
	removed.RunDir = filepath.Join(r.Dir, "removed")
	r.run(removed)

	_, got := r.undone(r.RunDir(), filepath.Join(r.Dir, "back"))
	want := []string{
		"update  CHANGED_SINCE", "update unchanged SUCCESS", "update  CHANGED_SINCE", "delete  CHANGED_SINCE",
		"delete deleted SUCCESS",
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
	_, got = r.undone(gone.RunDir, filepath.Join(r.Dir, "second"))
	if !slices.Equal(got, []string{"create  CHANGED_SINCE"}) {
		t.Errorf("a deleted role whose name is taken: %q", got)
	}
	if d := gocmp.Diff([]string{"A3", "B", "E", "Mine", "D"}, r.list()); d != "" {
		t.Errorf("list (-want +got):\n%s", d)
	}
}

// If somebody changed the order since, the order stays as it is, and rows that only moved a role say so.
func TestUndoOfAnOrderThatChangedSince(t *testing.T) {
	t.Parallel()
	r := newVirtualRig(t, emulator.Options{Org: orgOf("A", "B", "C", "D")})
	r.run(r.request(Import, "id,name,sequence_number", idOf(4)+",D,1", idOf(2)+",B2,"))
	other := r.request(Import, "id,name,sequence_number", idOf(1)+",A,4")
	other.RunDir = filepath.Join(r.Dir, "other")
	r.run(other)
	_, got := r.undone(r.RunDir(), filepath.Join(r.Dir, "back"))
	if d := gocmp.Diff([]string{"update  CHANGED_SINCE", "update updated SUCCESS"}, got); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
	if d := gocmp.Diff([]string{"D", "B", "C", "A"}, r.list()); d != "" {
		t.Errorf("list (-want +got):\n%s", d)
	}
}

// A deleted role comes back at its position, with a new id. undo says what this means before it asks.
func TestUndoOfDeletions(t *testing.T) {
	t.Parallel()
	r := newVirtualRig(t, emulator.Options{Org: orgOf("A", "B", "C", "D")})
	q := r.request(Sync, "name", "C", "New")
	q.Options.Prune = true
	r.run(q)
	res, got := r.undone(q.RunDir, filepath.Join(r.Dir, "back"))
	if !strings.Contains(strings.Join(res.Summary.Notes, "\n"), "deals that used it are not given it back") {
		t.Errorf("notes %q", res.Summary.Notes)
	}
	const again = "create created SUCCESS"
	want := []string{"delete deleted SUCCESS", again, again, again}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
	if d := gocmp.Diff([]string{"A", "B", "C", "D"}, r.list()); d != "" {
		t.Errorf("list (-want +got):\n%s", d)
	}
	if ids := r.idsOf(); ids["C"] != idOf(3) || ids["A"] == idOf(1) {
		t.Errorf("ids %v", ids)
	}
}

// Roles whose names differ only in case are created again together, in their order, each with its own name: Zoho may
// not let anybody move them afterwards.
func TestUndoOfDeletionsOfNamesThatDifferInCase(t *testing.T) {
	t.Parallel()
	r := newVirtualRig(t, emulator.Options{Org: orgOf("ANN", "Ann", "bob", "ann", "Bob", "aNN"), RoleMoves: "keep"})
	before := r.idsOf()
	q := r.request(Delete, "id", idOf(5), idOf(3), idOf(4))
	r.run(q)
	_, got := r.undone(q.RunDir, filepath.Join(r.Dir, "back"))
	const again = "create created SUCCESS"
	if d := gocmp.Diff([]string{again, again, again}, got); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
	if d := gocmp.Diff([]string{"ANN", "Ann", "bob", "ann", "Bob", "aNN"}, r.list()); d != "" {
		t.Errorf("list (-want +got):\n%s", d)
	}
	ids := r.Table(filepath.Join(r.Dir, "back", rundir.Results)).Column("name", "rc_role_id")
	now := r.idsOf()
	if d := gocmp.Diff([]string{"Bob " + now["Bob"], "bob " + now["bob"], "ann " + now["ann"]}, ids); d != "" {
		t.Errorf("ids (-want +got):\n%s", d)
	}
	if now["Bob"] == before["Bob"] {
		t.Errorf("ids %v", now)
	}
}

// A sync whose row fails may leave a role that no row names with a name for a while: undo gives its name back.
func TestUndoOfANameForAWhile(t *testing.T) {
	t.Parallel()
	r := newVirtualRig(t, emulator.Options{Org: orgOf("A", "bob", "B"), RoleMoves: "keep"})
	q := r.request(Sync, "id,name", ",Bob", idOf(1)+",B")
	q.Options.Prune = true
	r.run(q)
	if !slices.Contains(r.list(), "B~") {
		t.Fatalf("list %q: no role has a name for a while", r.list())
	}
	r.undone(q.RunDir, filepath.Join(r.Dir, "back"))
	if d := gocmp.Diff([]string{"A", "bob", "B"}, r.list()); d != "" {
		t.Errorf("list (-want +got):\n%s", d)
	}
}

// undo of a run that was killed before an answer came goes by the present list, whether the call was applied or not.
func TestUndoOfAKilledRun(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{true, false} {
		for _, command := range []string{Import, Delete} {
			t.Run(fmt.Sprintf("%s applied %v", command, applied), func(t *testing.T) {
				t.Parallel()
				r := newVirtualRig(t, emulator.Options{Org: orgOf("A", "B", "C")})
				q := r.request(command, "id,name,sequence_number", idOf(1)+",A2,", ",New,1")
				if command == Delete {
					q = r.request(command, "name", "A", "C")
				}
				by, left := r.Transport, ""
				ctx, cancel := context.WithCancelCause(t.Context())
				r.Transport = jobtest.RoundTripper(func(c *http.Request) (*http.Response, error) {
					if left != "" {
						return nil, errors.New("the process is dead")
					}
					if c.Method == http.MethodGet || strings.Contains(c.URL.Path, "oauth") {
						return by.RoundTrip(c)
					}
					if applied {
						if answer, err := by.RoundTrip(c); err == nil {
							answer.Body.Close()
						}
					}
					left = r.Copy(q.RunDir, "killed")
					cancel(job.ErrInterrupted)
					return nil, errors.New("the process is dead")
				})
				if _, err := start(ctx, q); err != nil || left == "" {
					t.Fatal(err)
				}
				r.Transport = by
				r.undone(left, filepath.Join(r.Dir, "back"))
				if d := gocmp.Diff([]string{"A", "B", "C"}, r.list()); d != "" {
					t.Errorf("list (-want +got):\n%s", d)
				}
			})
		}
	}
}

// Roles whose names look like formulas are guarded in the results of undo, and come back as they were.
func TestUndoGuardsFormulas(t *testing.T) {
	t.Parallel()
	names := []string{"=Boss", "'=Chief", `="Lead"`}
	r := newVirtualRig(t, emulator.Options{Org: orgOf(names...)})
	r.run(r.request(Import, "id,name", idOf(1)+",@A", idOf(2)+",@B", idOf(3)+",@C"))
	back := filepath.Join(r.Dir, "back")
	r.undone(r.RunDir(), back)
	want := []string{"'=Boss '@A", "''=Chief '@B", `'="Lead" '@C`}
	if d := gocmp.Diff(want, r.Table(filepath.Join(back, rundir.Results)).Column("name", "left_name")); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
	if d := gocmp.Diff(names, r.list()); d != "" {
		t.Errorf("list (-want +got):\n%s", d)
	}
}
