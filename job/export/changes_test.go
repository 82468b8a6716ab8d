package export

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// state is an org: who is on its deals with which role, and which deals were deleted while it was read.
type state struct {
	deals map[string]map[string]string
	gone  map[string]bool
}

func drawState(t *rapid.T, name string) state {
	id := rapid.SampledFrom([]string{"1", "2", "9", "10", "11", "99999999999999999999"})
	return state{
		rapid.MapOfN(id, rapid.MapOfN(id, rapid.SampledFrom([]string{"", "7", "8"}), 0, 5), 0, 6).Draw(t, name),
		rapid.MapOfN(id, rapid.Bool(), 0, 2).Draw(t, name+" gone"),
	}
}

func (s state) covers(deal string) bool { _, listed := s.deals[deal]; return listed && !s.gone[deal] }

// modelChanges returns the changes between two states, in the order of the file.
func modelChanges(before, after state) (rows []string, count report.Changes) {
	var deals []string
	for deal := range after.deals {
		if before.covers(deal) && after.covers(deal) {
			deals = append(deals, deal)
		}
	}
	slices.SortFunc(deals, byNumber)
	for _, deal := range deals {
		was, is := before.deals[deal], after.deals[deal]
		contacts := map[string]bool{}
		for c := range was {
			contacts[c] = true
		}
		for c := range is {
			contacts[c] = true
		}
		var sorted []string
		for c := range contacts {
			sorted = append(sorted, c)
		}
		slices.SortFunc(sorted, byNumber)
		for _, c := range sorted {
			old, wasOn := was[c]
			now, isOn := is[c]
			begin := "," + deal + ",deal " + deal + "," + c + ",N " + c + ",,"
			switch {
			case !wasOn:
				count.Added++
				rows = append(rows, "added"+begin+"role "+now+","+now+",,")
			case !isOn:
				count.Removed++
				rows = append(rows, "removed"+begin+",,role "+old+","+old)
			case old != now:
				count.Changed++
				rows = append(rows, "changed"+begin+"role "+now+","+now+",role "+old+","+old)
			}
		}
	}
	return rows, count
}

// TestChangesProperty compares the change feed with a model, for any two states of an org.
func TestChangesProperty(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		before, after := drawState(t, "before"), drawState(t, "after")
		home, err := os.MkdirTemp(root, "") //nolint:usetesting // t.TempDir is one folder for all draws
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(home, runFolder)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		exported(t, filepath.Join(home, lastFile), before.deals, before.gone)
		exported(t, filepath.Join(dir, rundir.Database), after.deals, after.gone)
		o := &output{
			Output: &job.Output{Rows: results(t, filepath.Join(dir, rundir.Database)), Folder: &rundir.Dir{Path: dir}},
			set:    Options{Format: csvio.FormatXLSX, IDs: Bare, Changes: filepath.Join(home, "changes.csv")},
		}
		got, err := o.changes(changeColumns(), (&changeFeed{}).compare)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(o.set.Changes)
		if err != nil {
			t.Fatal(err)
		}
		rows, want := modelChanges(before, after)
		want.File, want.Compared = o.set.Changes, true
		header := "change,deal_id,deal_name,contact_id,contact_name,contact_email,role,role_id,prior_role,prior_role_id"
		lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		if diff := cmp.Diff(append([]string{header}, rows...), lines); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	})
}

// With a last.db that is damaged, or from another version of rolecall, the export succeeds without a comparison. The
// next export can compare again.
func TestChangesWithoutSnapshot(t *testing.T) {
	t.Parallel()
	r := newRig(t, someDeals())
	q := r.request("out.csv")
	q.Options.Changes = filepath.Join(r.Dir, "changes.csv")
	r.export(q)
	last := filepath.Join(homeOf(filepath.Join(r.Dir, "state"), realOf(t, q.Options.Output)), lastFile)
	whole, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) func() error {
		return func() error { return os.WriteFile(last, []byte(text), 0o600) }
	}
	for name, spoil := range map[string]func() error{
		"not a database": write(strings.Repeat("x", 5000)),
		"empty":          write(""),
		"cut":            write(string(whole[:len(whole)/2])),
		"gone":           func() error { return os.Remove(last) },
	} {
		for _, quiet := range []bool{false, true} {
			if err := spoil(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			// The summary has the warning too, so only a user who does not see the summary gets it separately. A missing
			// snapshot is like a first export, which needs no warning.
			var shown []string
			q.Tell, q.Quiet = func(text string) { shown = append(shown, text) }, quiet
			_, res := r.export(q)
			if c := res.Summary.Export.Changes; c == nil || c.Added+c.Removed+c.Changed != 0 ||
				len(res.Summary.Notes) == 0 {
				t.Errorf("%s: %+v, %q", name, c, res.Summary.Notes)
			}
			warned := len(shown) == 1 && strings.HasPrefix(shown[0], "warning: ")
			if warned != (quiet && name != "gone") {
				t.Errorf("%s: quiet %v: %q", name, quiet, shown)
			}
			_, res = r.export(q)
			if c := res.Summary.Export.Changes; c == nil || !c.Compared {
				t.Errorf("after %s: %+v, %q", name, c, res.Summary.Notes)
			}
		}
	}
}

func realOf(t *testing.T, path string) string {
	t.Helper()
	path, err := rundir.OutputPlace("--output", path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
