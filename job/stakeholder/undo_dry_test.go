package stakeholder

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
)

// dryUndo takes back the run in a folder by a dry run, and returns what people see of its changes and its repairs.
func (r *rig) dryUndo(dir string) (res *job.Result, changes, repairs []string) {
	r.T.Helper()
	res, err := r.undoing(dir, filepath.Join(r.Dir, "dry"), func(q *job.Request) { q.DryRun = true })(r.T.Context())
	if err != nil || res.Summary.State != report.DryRun || res.Summary.Changes == nil {
		r.T.Fatalf("%+v, %v", res, err)
	}
	for _, c := range res.Summary.Changes.List {
		c.Contact, c.Deal = "", "" // the emulator makes names up
		changes = append(changes, c.String())
	}
	return res, changes, res.Summary.Taken.First
}

// on names a contact on a deal as a change does if it has no names.
func on(deal, contact int) string { return jobtest.ContactID(contact) + " on " + jobtest.DealID(deal) }

// A dry run of undo reads each deal once, lists what the undo would do, and writes nothing. A contact that the run
// added is listed as a removal.
func TestDryRunOfUndo(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing"), func(t *testing.T, r *rig) {
		r.run(r.readingFirst(Assign,
			"1 1 Decision Maker", "1 2 Decision Maker", "1 3 Decision Maker", "1 5 Purchasing", "2 1 Purchasing"))
		other := r.oneWorker("1 2 Purchasing", "1 3 Engineering Lead")
		other.RunDir = filepath.Join(r.Dir, "other")
		r.run(other)
		state := r.State()
		w := r.listen()
		res, changes, repairs := r.dryUndo(r.RunDir())
		if d := cmp.Diff([]string{"read 1", "read 2"}, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		want := []string{
			"~ " + on(1, 1) + " Decision Maker -> Purchasing",
			"! " + on(1, 3) + `: CHANGED_SINCE, now on the deal as "Engineering Lead"`,
			"- " + on(1, 5) + " as Purchasing", "- " + on(2, 1) + " as Purchasing",
		}
		if d := cmp.Diff(want, changes); d != "" {
			t.Errorf("changes (-want +got):\n%s", d)
		}
		sum := res.Summary
		if c := sum.Changes; c.Updated != 1 || c.Removed != 2 || c.ChangedSince != 1 || c.Added+c.Unknown != 0 {
			t.Errorf("counts %+v", c)
		}
		if sum.Rows.Unchanged != 1 || sum.Rows.Error != 1 || sum.Rows.NotAttempted != 3 || len(repairs) > 0 {
			t.Errorf("rows %+v, repairs %q", sum.Rows, repairs)
		}
		if d := cmp.Diff(state, r.State()); d != "" {
			t.Errorf("the org (-before +after):\n%s", d)
		}
	})
}

// After a run that was killed in a proof, the dry run puts nobody back, and shows whom the undo may put back. It lists
// the changes as if they were back, so a vanished contact does not count as changed by somebody.
func TestDryRunOfUndoAfterAnOpenProof(t *testing.T) {
	t.Parallel()
	o := peopled("1 50 Engineering Lead")
	o.CollectionPut = "replace"
	virtually(t, o, func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.readingFirst(Assign, each(1, 1, 12, "Purchasing")...)
		left, died := r.killed(kill{2, true}, q.RunDir, "killed", start(q))
		state := r.State()
		if on := state[jobtest.DealID(1)]; !died || on[jobtest.ContactID(50)] != "" || on[jobtest.ContactID(1)] != "" {
			t.Fatalf("died %v, the deal has %v: nobody vanished", died, on)
		}
		res, changes, repairs := r.dryUndo(left)
		want := []string{"- " + on(1, 1) + " as Purchasing"} // alone in its call, and taken off by the next
		for i := 2; i <= 12; i++ {
			want = append(want, "- "+on(1, i)+" as Purchasing")
		}
		if d := cmp.Diff(want, changes); d != "" {
			t.Errorf("changes (-want +got):\n%s", d)
		}
		wantRepairs := []string{
			"+ " + on(1, 1) + " as Purchasing, if a call took it off",
			"+ " + on(1, 50) + " as Engineering Lead, if a call took it off",
		}
		if d := cmp.Diff(wantRepairs, repairs); d != "" || res.Summary.Rows.Error != 0 {
			t.Errorf("repairs (-want +got):\n%s%+v", d, res.Summary.Rows)
		}
		if d := cmp.Diff(state, r.State()); d != "" {
			t.Errorf("the org (-before +after):\n%s", d)
		}
	})
}
