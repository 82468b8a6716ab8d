package stakeholder

import (
	stdcmp "cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// dealsState is who plays which role: deal, contact, role.
type dealsState map[string]map[string]string

// roleIDs returns the ids of the roles of a generated org that these tests use.
func roleIDs() map[string]string {
	return map[string]string{
		"Decision Maker": "4150868000000006871", "Purchasing": "4150868000000006872",
		"Engineering Lead": "4150868000000006873", "Executive Sponsor": "4150868000000006876",
	}
}

// sheetRow is a row of an exported file that an admin edits. was is the role at the export, "" for a new row.
type sheetRow struct{ deal, contact, role, was, base string }

// exportOf returns the rows of an export of a state.
func exportOf(state dealsState) (rows []sheetRow) {
	for _, deal := range slices.Sorted(maps.Keys(state)) {
		for _, contact := range slices.Sorted(maps.Keys(state[deal])) {
			role := state[deal][contact]
			rows = append(rows, sheetRow{deal, contact, role, role, hashOf(deal, state[deal])})
		}
	}
	return rows
}

// hashOf returns rc_base of a deal.
func hashOf(deal string, on map[string]string) string {
	ids := map[string]string{}
	for contact, role := range on {
		ids[contact] = roleIDs()[role]
	}
	return baseOf(deal, ids)
}

// textOf returns the rows as a file.
func textOf(rows []sheetRow) string {
	var b strings.Builder
	b.WriteString("role,rc_base,contact_id,deal_id,role_id\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "%s,%s,zcrm_%s,%s,%s\n", r.role, r.base, r.contact, r.deal, roleIDs()[r.was])
	}
	return b.String()
}

// drawEdits edits an export: other roles, rows deleted, added and moved.
func drawEdits(rt *rapid.T, who string, rows []sheetRow) []sheetRow {
	var edited []sheetRow
	named, base := map[string]bool{}, map[string]string{}
	roles := slices.Sorted(maps.Keys(roleIDs()))
	for _, r := range rows {
		base[r.deal] = r.base
		named[r.deal+r.contact] = true
		switch rapid.SampledFrom([]string{"", "", "", "role", "delete"}).Draw(rt, who+" edits") {
		case "role":
			r.role = rapid.SampledFrom(roles).Draw(rt, who+" gives")
		case "delete":
			continue
		}
		edited = append(edited, r)
	}
	for range rapid.IntRange(0, 3).Draw(rt, who+" adds") {
		r := sheetRow{
			deal:    jobtest.DealID(rapid.IntRange(1, modelDeals).Draw(rt, "deal")),
			contact: jobtest.ContactID(rapid.IntRange(1, modelContacts).Draw(rt, "contact")),
			role:    rapid.SampledFrom(roles).Draw(rt, "role"),
		}
		if named[r.deal+r.contact] {
			continue
		}
		if len(rows) > 0 && rapid.Bool().Draw(rt, "copies a row") { // with the old role_id and rc_base in it
			r.was, r.base = r.role, stdcmp.Or(base[r.deal], rows[0].base)
		}
		named[r.deal+r.contact] = true
		edited = append(edited, r)
	}
	return rapid.Permutation(edited).Draw(rt, who+" sorts")
}

// merged returns the org after an apply of an edited export, and the conflicts. base is the state at the export. merged
// follows the rules contact by contact.
func merged(base, now dealsState, rows []sheetRow, prune bool) (want dealsState, conflicts []string) {
	want = dealsState{}
	for deal, on := range now {
		want[deal] = maps.Clone(on)
	}
	file := dealsState{}
	for _, r := range rows {
		if file[r.deal] == nil {
			file[r.deal] = map[string]string{}
		}
		file[r.deal][r.contact] = r.role
	}
	exported := map[string]bool{} // deals with a row of the export
	copied := map[string]bool{}
	for _, r := range rows {
		exported[r.deal] = exported[r.deal] || r.was != ""
		copied[r.deal+r.contact] = r.was != "" && base[r.deal][r.contact] == ""
	}
	for deal, contacts := range file {
		same := maps.Equal(base[deal], now[deal]) && len(base[deal]) > 0 // else a copied row has another deal's hash
		set := func(contact, role string) {
			if want[deal] == nil {
				want[deal] = map[string]string{}
			}
			want[deal][contact] = role
		}
		for contact, role := range contacts {
			was, is := base[deal][contact], now[deal][contact]
			switch {
			case is == role:
			case !exported[deal], was == is && !copied[deal+contact], same:
				set(contact, role)
			case copied[deal+contact] && is != "": // looks as if nobody had edited it
			case was == role && (is != "" || keepsAll(base[deal], rows, deal)):
			default:
				conflicts = append(conflicts, deal+" "+contact)
			}
		}
		for contact := range now[deal] {
			if _, is := contacts[contact]; is || !prune {
				continue
			}
			if exported[deal] && !same {
				conflicts = append(conflicts, deal+" "+contact)
			} else {
				delete(want[deal], contact)
			}
		}
	}
	maps.DeleteFunc(want, func(_ string, on map[string]string) bool { return len(on) == 0 })
	slices.Sort(conflicts)
	return want, conflicts
}

// keepsAll reports whether no row of a deal was deleted or copied.
func keepsAll(base map[string]string, rows []sheetRow, deal string) bool {
	held := map[string]string{}
	for _, r := range rows {
		if r.deal == deal && r.was != "" {
			held[r.contact] = r.was
		}
	}
	return maps.Equal(base, held)
}

// applying returns a run of apply over the text of a file.
func (r *rig) applying(text, name string) request {
	q := r.request(Apply, text)
	q.Input = r.Input(name+".csv", text)
	q.RunDir, q.Yes = filepath.Join(r.Dir, name), true
	q.Options.IncludePrimary, q.Settings.Concurrency = true, 1
	q.Settings.MaxErrors = job.Threshold{Percent: 100, Number: -1, Set: true}
	return q
}

// Two admins edit the same export and apply it one after the other, with faults and kills. The second apply ends as the
// model says for each contact, and reports exactly the conflicts of the model. undo takes it back. A single admin gets
// the org that the file shows.
func TestRoundTripEqualsModel(t *testing.T) {
	t.Parallel()
	root, n := t.TempDir(), 0
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			n++
			r := drawOrg(t, rt, filepath.Join(root, fmt.Sprint(n)))
			base := dealsState(r.State())
			rows := exportOf(base)
			if rapid.Bool().Draw(rt, "two admins") {
				hers := drawEdits(rt, "she", rows)
				q := r.applying(textOf(hers), "her")
				q.Options.Prune = len(hers) > 0 && rapid.Bool().Draw(rt, "she prunes")
				r.run(q)
			}
			now := dealsState(r.State())
			edited := drawEdits(rt, "he", rows)
			prune := len(edited) > 0 && rapid.Bool().Draw(rt, "he prunes")
			want, conflicts := merged(base, now, edited, prune)
			dir := r.drawApply(rt, textOf(edited), prune)
			if d := cmp.Diff(want, dealsState(r.State())); d != "" {
				rt.Fatalf("applied (-want +got):\n%s\nfile:\n%s", d, textOf(edited))
			}
			if d := cmp.Diff(conflicts, r.conflicts(dir)); d != "" {
				rt.Fatalf("conflicts (-want +got):\n%s\nfile:\n%s", d, textOf(edited))
			}
			r.drawUndo(rt, dir, "back")
			if d := cmp.Diff(now, dealsState(r.State())); d != "" {
				rt.Fatalf("undone (-want +got):\n%s", d)
			}
		})
	})
}

// drawApply applies a file, or a saved plan of it, by a run that may be killed some times and then finishes.
func (r *rig) drawApply(rt *rapid.T, text string, prune bool) (dir string) {
	q := r.applying(text, "his")
	q.Options.Prune = prune
	if rapid.Bool().Draw(rt, "by a saved plan") {
		plan := q
		plan.Kind, plan.DryRun, plan.RunDir = kind(Plan), true, filepath.Join(r.Dir, "planned")
		plan.Options.SavePlan = filepath.Join(r.Dir, "plan.csv")
		before := r.State()
		r.run(plan)
		if d := cmp.Diff(before, r.State()); d != "" {
			rt.Fatalf("a plan wrote to Zoho: %s", d)
		}
		q.Input, q.Options.Prune = plan.Options.SavePlan, false
	}
	dir, over := r.killedTimes(rt, rapid.IntRange(0, 2).Draw(rt, "kills of apply"), q.RunDir, start(q))
	if over {
		return dir
	}
	apply := start(q)
	if dir != q.RunDir {
		apply = func(ctx context.Context) error {
			env := r.Env()
			env.Yes = true
			_, err := job.Resume(ctx, job.Again{RunDir: dir, Env: env})
			return err
		}
	}
	if err := apply(r.T.Context()); err != nil {
		rt.Fatal(err)
	}
	return dir
}

// conflicts returns the contacts that a run of apply names as conflicts. Every other row must be a success.
func (r *rig) conflicts(dir string) (named []string) {
	r.T.Helper()
	tables := []string{rundir.Results}
	if _, err := os.Stat(filepath.Join(dir, removedFile)); err == nil {
		tables = append(tables, removedFile)
	}
	for _, name := range tables {
		for _, row := range r.Table(filepath.Join(dir, name)).Rows {
			switch {
			case row["rc_code"] == job.CodeConflict:
				named = append(named, strings.ReplaceAll(row["deal_id"]+" "+row["contact_id"], "zcrm_", ""))
			case row["rc_status"] != string(job.Success):
				r.T.Errorf("%s: row %v", name, row)
			}
		}
	}
	slices.Sort(named)
	return named
}
