package stakeholder

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// kill is the moment at which a process dies: at its n-th write, before or after the org has applied it. The answer
// never arrives.
type kill struct {
	write   int
	applied bool
}

// killed does a run in the folder dir by a process that dies. It returns a copy of the folder as the process leaves it.
// died is false if the run finished before.
func (r *rig) killed(k kill, dir, name string, start func(context.Context) error) (left string, died bool) {
	r.T.Helper()
	ctx, cancel := context.WithCancelCause(r.T.Context())
	defer cancel(nil)
	by, writes := r.Transport, 0
	defer func() { r.Transport = by }()
	r.Transport = jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
		if died {
			return nil, jobtest.ErrCut
		}
		if q.Method != http.MethodGet {
			writes++
		}
		if q.Method == http.MethodGet || writes < k.write {
			return by.RoundTrip(q)
		}
		if k.applied {
			if answer, err := by.RoundTrip(q); err == nil {
				answer.Body.Close()
			} else if !errors.Is(err, jobtest.ErrCut) { // ErrCut is a fault of the org
				r.T.Error(err)
				return nil, err
			}
		}
		died, left = true, r.Copy(dir, name)
		cancel(job.ErrInterrupted) // this process does nothing more
		return nil, jobtest.ErrCut
	})
	if err := start(ctx); err != nil {
		r.T.Error(err)
	}
	return left, died
}

// start returns a function that starts a run. resumption returns one that resumes the run in a folder.
func start(q request) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := job.Start(ctx, q.with())
		return err
	}
}

func (r *rig) resumption(dir string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := job.Resume(ctx, job.Again{RunDir: dir, Env: r.Env()})
		return err
	}
}

// tables returns status, action and prior role of each row of the run in a folder, and the rows of its undo.csv.
func (r *rig) tables(dir string) (said, undone []string) {
	r.T.Helper()
	said = r.Table(filepath.Join(dir, rundir.Results)).Column("rc_status", "rc_action", "rc_prior_role")
	if _, err := os.Stat(filepath.Join(dir, undoFile)); err == nil {
		undone = r.Table(filepath.Join(dir, undoFile)).Column("deal_id", "contact_id", "role", "rc_action")
	}
	return said, undone
}

// A change that was applied just before a kill is not "unchanged": resume finds it on the deal, and says added, updated
// or removed, with the role before. undo.csv has the change too. This holds wherever the kill comes, and whether the
// org applied the write or not.
func TestAChangeBeforeAKillIsNotUnchanged(t *testing.T) {
	t.Parallel()
	people := []string{"1 1 Decision Maker", "1 3 Purchasing", "2 1 Engineering Lead"}
	for name, test := range map[string]struct {
		job     string
		finding string
		rows    []string
		writes  int
	}{
		"assign one by one": {
			Assign, CollectionRefused,
			[]string{
				"1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing", "2 1 Purchasing", "1 1 Executive Sponsor",
			}, 3,
		},
		"assign together": {
			Assign, CollectionMerges,
			[]string{
				"1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing", "2 1 Purchasing", "1 1 Executive Sponsor",
			}, 2,
		},
		"remove": {Remove, CollectionRefused, []string{"1 1", "1 2", "1 3", "2 1"}, 2},
	} {
		for write := range test.writes {
			for _, applied := range []bool{true, false} {
				k := kill{write + 1, applied}
				t.Run(fmt.Sprintf("%s %+v", name, k), func(t *testing.T) {
					t.Parallel()
					virtually(t, peopled(people...), func(t *testing.T, r *rig) {
						r.batched(newKnown(test.finding, ""))
						q := r.readingFirst(test.job, test.rows...)
						want, undo := r.undisturbed(t, people, q)
						left, died := r.killed(k, q.RunDir, "killed", start(q))
						if !died {
							t.Fatal("the run came to its end before the kill")
						}
						if err := r.resumption(left)(t.Context()); err != nil {
							t.Fatal(err)
						}
						said, undone := r.tables(left)
						if d := cmp.Diff(want, said); d != "" {
							t.Errorf("results (-without a kill +with):\n%s", d)
						}
						if d := cmp.Diff(undo, undone); d != "" {
							t.Errorf("undo.csv (-without a kill +with):\n%s", d)
						}
					})
				})
			}
		}
	}
}

// Somebody changes the contact between the kill and resume. The row's prior role is still the role before rolecall
// changed the contact.
func TestTheStateBeforeTheFirstSendingCounts(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Decision Maker"), func(t *testing.T, r *rig) {
		r.batched(newKnown(CollectionRefused, ""))
		q := r.readingFirst(Assign, "1 1 Purchasing")
		left, _ := r.killed(kill{1, true}, q.RunDir, "killed", start(q))
		other := r.oneWorker("1 1 Engineering Lead")
		other.RunDir = filepath.Join(r.Dir, "other")
		r.run(other)
		if err := r.resumption(left)(t.Context()); err != nil {
			t.Fatal(err)
		}
		said, undone := r.tables(left)
		wantUndo := []string{jobtest.DealID(1) + " " + jobtest.ContactID(1) + " Decision Maker updated"}
		if !slices.Equal(said, []string{"success updated Decision Maker"}) || !slices.Equal(undone, wantUndo) {
			t.Errorf("results %q, undo.csv %q", said, undone)
		}
		r.checkState("1 1 Purchasing")
	})
}

// undisturbed does the same run, without a kill, on an equal org. It returns the results and the undo.csv.
func (r *rig) undisturbed(t *testing.T, people []string, q request) (said, undone []string) {
	t.Helper()
	other := newVirtualRig(t, peopled(people...))
	other.Org = r.Org
	q.RunDir, q.Env = other.RunDir(), other.Env()
	other.run(q)
	said, undone = other.tables(q.RunDir)
	if len(undone) < 3 {
		t.Errorf("undo.csv %q: the test shows nothing", undone)
	}
	return said, undone
}

// For any file and any kills, the org ends as if the rows were done one by one. The results have the actions and prior
// roles of a run without kills, and undo.csv restores the org.
func TestKilledRunEqualsRowByRow(t *testing.T) {
	t.Parallel()
	root, n := t.TempDir(), 0
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(noDeadline{t}, func(rt *rapid.T) {
			r := newVirtualRig(t, emulator.Options{
				Deals: modelDeals, Contacts: modelContacts,
				CollectionPut: rapid.SampledFrom([]string{"merge", "replace", "off"}).Draw(rt, "collection put"),
			})
			n++
			if r.Dir = filepath.Join(root, fmt.Sprint(n)); os.Mkdir(r.Dir, 0o700) != nil {
				rt.Fatal("no folder")
			}
			r.batched(nil)
			skips, state := rapid.Bool().Draw(rt, "read first"), map[string]map[string]string{}
			for _, name := range []string{Assign, Remove} {
				rows, before := drawRows(rt), r.State()
				want := model(name, skips, false, rows, state)
				dir := r.killedToTheEnd(rt, name, skips, rows)
				got := r.Table(filepath.Join(dir, rundir.Results)).Column("rc_status", "rc_action")
				if d := differ(want, got, name, name == Assign && !skips); d != "" {
					rt.Fatalf("%s:\n%s", name, d)
				}
				if d := cmp.Diff(state, r.State()); d != "" {
					rt.Fatalf("%s: state (-want +got):\n%s", name, d)
				}
				if _, err := os.Stat(filepath.Join(dir, undoFile)); skips || name == Remove {
					after := r.State()
					if err == nil {
						undo(after, r.Table(filepath.Join(dir, undoFile)))
					}
					if d := cmp.Diff(before, after); d != "" {
						rt.Fatalf("%s, undone (-before +after):\n%s", name, d)
					}
				}
			}
		})
	})
}

// killedToTheEnd does a run that is killed some times and then finishes. It returns the folder of the finished run.
func (r *rig) killedToTheEnd(rt *rapid.T, name string, skips bool, rows []modelRow) (dir string) {
	var lines []string
	for _, row := range rows {
		lines = append(lines, fmt.Sprintf("%d %d %s", row.deal, row.contact, row.role))
	}
	q := r.request(name, jobtest.Triples(lines...))
	q.Settings.Concurrency, q.Options.ReadFirst = 1, onOff(skips)
	q.RunDir = filepath.Join(r.Dir, name)
	dir, over := r.killedTimes(rt, rapid.IntRange(1, 3).Draw(rt, "kills"), q.RunDir, start(q))
	if !over {
		if err := r.resumption(dir)(r.T.Context()); err != nil {
			rt.Fatal(err)
		}
	}
	return dir
}

// killedTimes does a run that begins in the folder dir and is killed some times. It returns the folder of the last
// kill. over is true if the run finished before the last kill.
func (r *rig) killedTimes(
	rt *rapid.T, kills int, dir string, next func(context.Context) error,
) (left string, over bool) {
	for i := range kills {
		k := kill{rapid.IntRange(1, 12).Draw(rt, "at write"), rapid.Bool().Draw(rt, "applied")}
		left, died := r.killed(k, dir, fmt.Sprint(filepath.Base(dir), " killed ", i), next)
		if !died {
			return dir, true
		}
		dir, next = left, r.resumption(left)
	}
	return dir, false
}
