package stakeholder

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

const undoFile = rundir.Undo

// undo.csv is a table for people. It has ids as digits, the latest change first, and a column that marks it. Only its
// owner can read it, and the summary names it.
func TestUndoTable(t *testing.T) {
	t.Parallel()
	o := peopled("1 1 =Boss", "2 1 Buyer")
	o.Org.Roles = []emulator.OrgRole{{ID: "11", Name: "=Boss"}, {ID: "12", Name: "Buyer"}, {ID: "13", Name: "'=Chief"}}
	virtually(t, o, func(t *testing.T, r *rig) {
		res := r.run(r.readingFirst(Assign, "1 1 Buyer", "2 1 '=Chief", "2 2 =Boss"))
		path := filepath.Join(r.Dir, "run", undoFile)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := "deal_id,contact_id,role,role_id,rc_action,undo_row\n"
		for _, row := range []struct {
			deal, contact int
			rest          string
			// text of Zoho's that a spreadsheet would run is guarded
		}{{2, 2, ",,added,3"}, {2, 1, "Buyer,12,updated,2"}, {1, 1, "'=Boss,11,updated,1"}} {
			want += jobtest.DealID(row.deal) + "," + jobtest.ContactID(row.contact) + "," + row.rest + "\n"
		}
		if d := cmp.Diff(want, string(text)); d != "" {
			t.Errorf("undo.csv (-want +got):\n%s", d)
		}
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if res.Summary.Files.Undo != path {
			t.Errorf("the summary names %q, want %q", res.Summary.Files.Undo, path)
		}
	})
}

// A run that does not read first writes no undo.csv.
func TestNoUndoWithoutReading(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Decision Maker"), func(t *testing.T, r *rig) {
		res := r.run(r.oneWorker("1 1 Purchasing"))
		if _, err := os.Stat(filepath.Join(r.Dir, "run", undoFile)); !os.IsNotExist(err) ||
			res.Summary.Files.Undo != "" {
			t.Errorf("undo.csv: %v, %q", err, res.Summary.Files.Undo)
		}
	})
}

// Applying the rows of undo.csv in their order restores the org, for any rows and any interruptions.
func TestUndoLeadsBack(t *testing.T) {
	t.Parallel()
	dir, n := t.TempDir(), 0
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			var people []string
			for range rapid.IntRange(0, 30).Draw(rt, "people") {
				people = append(
					people,
					fmt.Sprintf(
						"%d %d %s",
						rapid.IntRange(1, modelDeals).Draw(rt, "deal"),
						rapid.IntRange(1, modelContacts).Draw(rt, "contact"),
						rapid.SampledFrom([]string{"Purchasing", "Decision Maker", "Executive Sponsor"}).
							Draw(rt, "role"),
					),
				)
			}
			o := peopled(people...)
			o.Org.Generated = emulator.Generated{Deals: modelDeals, Contacts: modelContacts}
			o.CollectionPut = rapid.SampledFrom([]string{"merge", "replace", "off"}).Draw(rt, "collection put")
			r := newVirtualRig(t, o)
			n++
			r.Dir = filepath.Join(dir, fmt.Sprint(n))
			if err := os.Mkdir(r.Dir, 0o700); err != nil {
				rt.Fatal(err)
			}
			r.batched(nil)
			r.set = func(q *request) { q.Options.ReadFirst, q.Settings.Concurrency = job.On, 6 }
			command := rapid.SampledFrom([]string{Assign, Remove}).Draw(rt, "command")
			before := r.State()
			r.runToTheEnd(rt, command, drawRows(rt), "run")
			after := r.State()
			if _, err := os.Stat(filepath.Join(r.Dir, "run", undoFile)); err == nil {
				undo(after, r.Table(filepath.Join(r.Dir, "run", undoFile)))
			}
			if d := cmp.Diff(before, after); d != "" {
				rt.Fatalf("%s, undone (-before +after):\n%s", command, d)
			}
		})
	})
}

// undo puts the roles of undo.csv back, row by row.
func undo(state map[string]map[string]string, t jobtest.Table) {
	for _, row := range t.Rows {
		deal, contact := row["deal_id"], row["contact_id"]
		if state[deal] == nil {
			state[deal] = map[string]string{}
		}
		if row["role"] == "" {
			delete(state[deal], contact)
		} else {
			state[deal][contact] = row["role"]
		}
	}
	maps.DeleteFunc(state, func(_ string, contacts map[string]string) bool { return len(contacts) == 0 })
}

// No job accepts undo.csv as its input, in whatever folder it is. The error names the undo command.
func TestUndoTableIsNoInput(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		r.run(r.readingFirst(Assign, "1 1 Decision Maker"))
		table, err := os.ReadFile(filepath.Join(r.Dir, "run", undoFile))
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{
			filepath.Join(r.Dir, "run", undoFile): "rolecall undo " + filepath.Join(r.Dir, "run"),
			r.Input("moved.csv", string(table)):   "rolecall undo RUN",
		} {
			for _, name := range []string{Assign, Remove} {
				q := r.request(name, "")
				q.Input, q.RunDir = path, filepath.Join(r.Dir, "back")
				_, err := job.Start(t.Context(), q.with())
				if usage, ok := errors.AsType[*job.UsageError](err); !ok || !strings.HasSuffix(usage.Error(), want) {
					t.Errorf("%s of %s: %v", name, path, err)
				}
			}
		}
		r.checkState("1 1 Decision Maker")
	})
}
