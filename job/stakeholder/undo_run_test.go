package stakeholder

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// undoing returns the request that takes back the run in a folder, by a run in the folder to.
func (r *rig) undoing(dir, to string, change func(*job.Request)) func(context.Context) (*job.Result, error) {
	return func(ctx context.Context) (*job.Result, error) {
		earlier, err := job.OpenEarlier(dir, r.Env())
		if err != nil {
			return nil, err
		}
		defer earlier.Close()
		kind, made, err := earlier.Inverse()
		if err != nil {
			return nil, err
		}
		q := job.Request{
			Kind: kind, Settings: job.Settings{Concurrency: 1, Options: job.Encode(Options{})}, Made: made, RunDir: to,
			Env: r.Env(),
		}
		if change != nil {
			change(&q)
		}
		return job.Start(ctx, q)
	}
}

// undo takes back the run in a folder, and returns the results.
func (r *rig) undo(dir, to string) (*job.Result, jobtest.Table) {
	r.T.Helper()
	res, err := r.undoing(dir, to, nil)(r.T.Context())
	if err != nil {
		r.T.Fatal(err)
	}
	return res, r.Table(filepath.Join(to, rundir.Results))
}

// Each change of assign and remove is taken back, each by one row in the order of the run, and the undo is taken back
// in turn. Rows that changed nothing have no row.
func TestUndo(t *testing.T) {
	t.Parallel()
	people := []string{"1 1 Purchasing", "1 2 Decision Maker", "1 3 Purchasing", "2 1 Engineering Lead"}
	for name, test := range map[string]struct {
		command, finding string
		rows             []string
		after            []string
		back, again      []string
	}{
		"assign together": {
			Assign, CollectionMerges,
			[]string{"1 1 Decision Maker", "1 2 Decision Maker", "2 1 Nobody", "1 4 Purchasing", "1 5 Purchasing"},
			[]string{
				"1 1 Decision Maker", "1 2 Decision Maker", "1 3 Purchasing", "1 4 Purchasing", "1 5 Purchasing",
				"2 1 Engineering Lead",
			},
			[]string{
				"1 success updated Decision Maker", "4 success removed Purchasing", "5 success removed Purchasing",
			},
			[]string{"1 success updated Purchasing", "2 success added ", "3 success added "},
		},
		"assign one by one": {
			Assign, CollectionRefused,
			[]string{"1 9 Purchasing", "1 1 Purchasing", "1 1 Decision Maker", "1 1 Decision Maker"},
			[]string{
				"1 1 Decision Maker", "1 2 Decision Maker", "1 3 Purchasing", "1 9 Purchasing", "2 1 Engineering Lead",
			},
			[]string{"1 success removed Purchasing", "3 success updated Decision Maker"},
			[]string{"1 success added ", "2 success updated Purchasing"},
		},
		"remove": {
			Remove, CollectionMerges,
			[]string{"1 1", "1 2", "2 1", "2 7", "1 1"},
			[]string{"1 3 Purchasing"},
			[]string{"1 success added ", "2 success added ", "3 success added "},
			[]string{
				"1 success removed Purchasing", "2 success removed Decision Maker", "3 success removed Engineering Lead",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(people...), func(t *testing.T, r *rig) {
				r.batched(newKnown(test.finding, ""))
				r.run(r.readingFirst(test.command, test.rows...))
				r.checkState(test.after...)
				for i, step := range []struct{ said, state []string }{
					{test.back, people}, {test.again, test.after}, {nil, people},
				} {
					dir := r.RunDir() + strings.Repeat(" undone", i)
					res, got := r.undo(dir, dir+" undone")
					said := got.Column("undo_row", "rc_status", "rc_action", "rc_prior_role")
					if d := cmp.Diff(step.said, said); d != "" && step.said != nil {
						t.Errorf("undo %d (-want +got):\n%s", i+1, d)
					}
					if res.Stop != nil || res.Summary.Rows.Error != 0 || res.Summary.Command != Undo {
						t.Errorf("undo %d: %v, %+v", i+1, res.Stop, res.Summary.Rows)
					}
					r.checkState(step.state...)
				}
			})
		})
	}
}

// undo does not touch contacts that somebody changed since, and their rows have the present state. A contact that is
// already as before the run is unchanged.
func TestUndoOfWhatChangedSince(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing"), func(t *testing.T, r *rig) {
		r.batched(newKnown(CollectionMerges, ""))
		r.run(r.readingFirst(
			Assign, "1 1 Decision Maker", "1 2 Decision Maker", "1 3 Decision Maker", "1 4 Purchasing",
			"1 5 Purchasing", "1 6 Purchasing", "2 1 Purchasing",
		))
		other := r.oneWorker("1 1 Engineering Lead", "1 2 Purchasing", "1 4 Decision Maker")
		other.RunDir = filepath.Join(r.Dir, "other")
		r.run(other)
		gone := r.request(Remove, jobtest.Triples("1 3", "1 5"))
		gone.RunDir = filepath.Join(r.Dir, "gone")
		r.run(gone)
		w := r.listen()
		res, got := r.undo(r.RunDir(), filepath.Join(r.Dir, "undone"))
		if d := cmp.Diff([]string{"read 1", "remove 1: 6", "read 2", "remove 2: 1"}, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		since := func(left, now string) string {
			return "error  CHANGED_SINCE the run left the contact " + left + ", and now it is " + now +
				": somebody changed it since, so it was not touched"
		}
		want := []string{
			since(`on the deal as "Decision Maker"`, `on the deal as "Engineering Lead"`),
			"success unchanged SUCCESS the contact is as before the run already",
			since(`on the deal as "Decision Maker"`, "off the deal"),
			since(`on the deal as "Purchasing"`, `on the deal as "Decision Maker"`),
			"success unchanged SUCCESS the contact is as before the run already",
			"success removed SUCCESS relation removed", "success removed SUCCESS relation removed",
		}
		if d := cmp.Diff(want, got.Column("rc_status", "rc_action", "rc_code", "rc_message")); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		if res.Summary.Rows.Error != 3 || len(res.Summary.Errors) != 1 || res.Summary.Errors[0].Advice == "" {
			t.Errorf("summary %+v, %+v", res.Summary.Rows, res.Summary.Errors)
		}
		r.checkState("1 1 Engineering Lead", "1 2 Purchasing", "1 4 Decision Maker")
	})
}

// A run that did not read first is refused. If it read some deals only, its other rows fail.
func TestUndoNeedsARunThatReadFirst(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing", "2 1 Purchasing"), func(t *testing.T, r *rig) {
		r.run(r.oneWorker("1 1 Decision Maker"))
		_, err := r.undoing(r.RunDir(), filepath.Join(r.Dir, "back"), nil)(t.Context())
		if usage, ok := errors.AsType[*job.UsageError](err); !ok || !strings.Contains(usage.Error(), "did not read") {
			t.Errorf("a run that read nothing: %v", err)
		}
		w := r.listen()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireRead && c.deal == 1 {
				return says(403, flat("NO_PERMISSION", `{}`)), nil
			}
			return nil, nil
		}
		q := r.readingFirst(Assign, "1 1 Purchasing", "2 1 Decision Maker")
		q.RunDir = filepath.Join(r.Dir, "half")
		if res := r.run(q); !slices.Contains(res.Summary.Notes, blindText) {
			t.Errorf("the notes of a run that could not read a deal: %q", res.Summary.Notes)
		}
		_, got := r.undo(q.RunDir, filepath.Join(r.Dir, "back"))
		want := []string{"error PRIOR_UNKNOWN", "success SUCCESS"}
		if d := cmp.Diff(want, got.Column("rc_status", "rc_code")); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		r.checkState("1 1 Purchasing", "2 1 Purchasing")
	})
}

// A run that did not read first is refused also if a kill hides what it changed.
func TestUndoOfAKilledRunThatDidNotRead(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		q := r.oneWorker("1 1 Decision Maker")
		left, died := r.killed(kill{1, true}, q.RunDir, "killed", start(q))
		if !died {
			t.Fatal("the run was not killed")
		}
		_, err := r.undoing(left, filepath.Join(r.Dir, "back"), nil)(t.Context())
		if usage, ok := errors.AsType[*job.UsageError](err); !ok || !strings.Contains(usage.Error(), "did not read") {
			t.Errorf("the error is %v", err)
		}
	})
}

// undo does not write to a deal that cannot be read, because it is not known whether the deal is as the run left it.
func TestUndoOfADealThatCannotBeRead(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		r.run(r.readingFirst(Assign, "1 1 Decision Maker", "1 2 Purchasing", "2 1 Purchasing"))
		w := r.listen()
		w.answer(403, flat("NO_PERMISSION", `{}`), func(c wireCall) bool { return c.kind == wireRead && c.deal == 1 })
		_, got := r.undo(r.RunDir(), filepath.Join(r.Dir, "back"))
		want := []string{"error NO_PERMISSION", "error NO_PERMISSION", "success SUCCESS"}
		if d := cmp.Diff(want, got.Column("rc_status", "rc_code")); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]string{"read 1", "read 2", "remove 2: 1"}, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		r.checkState("1 1 Decision Maker", "1 2 Purchasing")
	})
}

// A killed undo may have changed a deal that cannot be read afterwards. Then the row is OUTCOME_UNKNOWN.
func TestUndoKilledOnADealThatCannotBeReadAfterwards(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		r.batched(newKnown(CollectionRefused, ""))
		r.run(r.readingFirst(Assign, "1 1 Decision Maker", "1 2 Purchasing"))
		back := filepath.Join(r.Dir, "back")
		left, died := r.killed(kill{1, true}, back, "killed", func(ctx context.Context) error {
			_, err := r.undoing(r.RunDir(), back, nil)(ctx)
			return err
		})
		if !died {
			t.Fatal("the undo was not killed")
		}
		r.listen().answer(403, flat("NO_PERMISSION", `{}`), func(c wireCall) bool { return c.kind == wireRead })
		if err := r.resumption(left)(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := r.Table(filepath.Join(left, rundir.Results))
		want := []string{"error OUTCOME_UNKNOWN 403", "error NO_PERMISSION 403"}
		if d := cmp.Diff(want, got.Column("rc_status", "rc_code", "rc_http")); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		r.checkState("1 1 Purchasing", "1 2 Purchasing")
	})
}

// undo finds the earlier role by its id, whatever its name is now, or else by its name. If the org no longer has the
// role, the row fails.
func TestUndoFindsTheRole(t *testing.T) {
	t.Parallel()
	roles := func(roles ...emulator.OrgRole) emulator.Options {
		o := peopled("1 1 Boss", "1 2 Buyer", "1 3 =Chief")
		o.Org.Roles = roles
		return o
	}
	virtually(t, roles(
		emulator.OrgRole{ID: "11", Name: "Boss"}, emulator.OrgRole{ID: "12", Name: "Buyer"},
		emulator.OrgRole{ID: "13", Name: "=Chief"}, emulator.OrgRole{ID: "14", Name: "Other"},
	), func(t *testing.T, r *rig) {
		r.run(r.readingFirst(Remove, "1 1", "1 2", "1 3"))
		now := roles(
			emulator.OrgRole{ID: "11", Name: "Head"}, emulator.OrgRole{ID: "15", Name: "=Chief"},
			emulator.OrgRole{ID: "14", Name: "Other"},
		)
		now.Org.DealRoles = nil
		later := newVirtualRig(t, now)
		later.URL = r.URL
		_, got := later.undo(r.RunDir(), filepath.Join(r.Dir, "back"))
		want := []string{"success added 11", "error  12", "success added 15"}
		if d := cmp.Diff(want, got.Column("rc_status", "rc_action", "rc_role_id")); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		const why = `the contact had the role "Buyer" (12), which the org no longer has`
		if d := cmp.Diff([]string{"ROLE_UNKNOWN " + why}, got.Column("rc_code", "rc_message")[1:2]); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		later.checkState("1 1 Head", "1 3 =Chief")
	})
}

// Undo of a run that stopped takes back what it did so far, and says so.
func TestUndoOfARunThatStopped(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		q := r.readingFirst(Assign, "1 1 Decision Maker", "2 1 Purchasing", "3 1 Purchasing")
		q.Settings.MaxCredits = 6 // the org, the roles, two deals
		if res := r.run(q); res.Stop == nil {
			t.Fatal("the run did not stop")
		}
		earlier, err := job.OpenEarlier(q.RunDir, r.Env())
		if err != nil {
			t.Fatal(err)
		}
		const want = " is not finished (1 row not done): undo takes back what it did so far"
		if note := earlier.Unfinished(); note != q.RunDir+want {
			t.Errorf("the note is %q", note)
		}
		if _, err := job.OpenEarlier(q.RunDir, r.Env()); !errors.Is(err, job.ErrLocked) {
			t.Errorf("a run that another process holds: %v", err)
		}
		earlier.Close()
		_, got := r.undo(q.RunDir, filepath.Join(r.Dir, "back"))
		if d := cmp.Diff([]string{"updated", "removed"}, got.Column("rc_action")); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		r.checkState("1 1 Purchasing")
	})
}

// undo of a row whose effect is not known goes by the present state of the deal.
func TestUndoOfAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"it took effect": true, "it did not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled("1 1 Purchasing", "1 2 Purchasing"), func(t *testing.T, r *rig) {
				r.batched(newKnown(CollectionRefused, ""))
				q := r.readingFirst(Assign, "1 1 Decision Maker")
				left, died := r.killed(kill{1, applied}, q.RunDir, "killed", start(q))
				if !died {
					t.Fatal("the run was not killed")
				}
				want := "unknown success unchanged"
				if applied {
					want = "unknown success updated"
				}
				_, got := r.undo(left, filepath.Join(r.Dir, "back"))
				if d := cmp.Diff([]string{want}, got.Column("undo_outcome", "rc_status", "rc_action")); d != "" {
					t.Errorf("results (-want +got):\n%s", d)
				}
				r.checkState("1 1 Purchasing", "1 2 Purchasing")
			})
		})
	}
}

// Undo belongs to the org of the run.
func TestUndoOfAnotherOrg(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		r.run(r.readingFirst(Assign, "1 1 Decision Maker"))
		r.Org = func(o *job.Org) { o.Identity.OrgID = "77" }
		w := r.listen()
		_, err := r.undoing(r.RunDir(), filepath.Join(r.Dir, "back"), nil)(t.Context())
		if usage, ok := errors.AsType[*job.UsageError](err); !ok || !strings.Contains(usage.Error(), "another org") {
			t.Errorf("undo on another org: %v", err)
		}
		if calls := w.list(); len(calls) > 0 {
			t.Errorf("calls %q", calls)
		}
	})
}

// A deal costs one read, one call for the contacts that come back, and one call for the contacts that are taken off.
func TestUndoTogether(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(append(each(1, 1, 3, "Purchasing"), "1 20 Purchasing")...), func(t *testing.T, r *rig) {
		r.batched(newKnown(CollectionMerges, ""))
		r.run(r.readingFirst(Assign, append(append(
			each(1, 4, 6, "Purchasing"), each(1, 1, 3, "Decision Maker")...), each(1, 7, 9, "Purchasing")...)...))
		w := r.listen()
		res, got := r.undo(r.RunDir(), filepath.Join(r.Dir, "back"))
		if d := cmp.Diff([]string{"read 1", "together 1: 1 2 3", "remove 1: 4 5 6 7 8 9"}, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		if d := cmp.Diff(strings.Fields(strings.Repeat("success ", 9)), got.Column("rc_status")); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		if p := res.Summary.Plan; p.Calls != 2 || p.OneByOne != 4 || p.DealReads != 1 {
			t.Errorf("plan %+v", p)
		}
		r.checkState(append(each(1, 1, 3, "Purchasing"), "1 20 Purchasing")...)
	})
}

// A run was killed right after a call that took other contacts off the deal. undo names these contacts before its
// question, and puts them back before it judges any row.
func TestUndoOfARunKilledInAProof(t *testing.T) {
	t.Parallel()
	o := peopled("1 50 Engineering Lead", "1 51 Purchasing")
	o.CollectionPut = "replace"
	virtually(t, o, func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.readingFirst(Assign, each(1, 1, 12, "Purchasing")...)
		left, died := r.killed(kill{2, true}, q.RunDir, "killed", start(q))
		if state := r.State()[jobtest.DealID(1)]; !died || state[jobtest.ContactID(50)] != "" {
			t.Fatalf("died %v, the deal has %v: nobody vanished", died, state)
		}
		other := r.oneWorker("1 51 Decision Maker") // somebody's change is not touched
		other.RunDir = filepath.Join(r.Dir, "other")
		r.run(other)
		var said []string
		res, err := r.undoing(left, filepath.Join(r.Dir, "back"), func(q *job.Request) {
			q.Announce = func(f report.Forecast) { said = f.Taken.First }
		})(t.Context())
		if err != nil || res.Stop != nil || res.Summary.Rows.Error != 0 {
			t.Errorf("%+v, %v", res, err)
		}
		want := "+ " + jobtest.ContactID(50) + " on " + jobtest.DealID(1) +
			" as Engineering Lead, if a call took it off"
		if !slices.Contains(said, want) {
			t.Errorf("said %q, want %q", said, want)
		}
		r.checkState("1 50 Engineering Lead", "1 51 Decision Maker")
	})
}

// Roles whose names look like formulas are guarded in the results of undo, as in all files that people open, and come
// back as they were.
func TestUndoGuardsFormulas(t *testing.T) {
	t.Parallel()
	o := peopled("1 1 =Boss", "1 2 '=Chief", `1 3 ="Lead"`)
	o.Org.Roles = []emulator.OrgRole{
		{ID: "11", Name: "=Boss"}, {ID: "12", Name: "'=Chief"}, {ID: "13", Name: `="Lead"`}, {ID: "14", Name: "@Buyer"},
	}
	virtually(t, o, func(t *testing.T, r *rig) {
		r.run(r.readingFirst(Assign, "1 1 @Buyer", "1 2 @Buyer", "1 3 @Buyer"))
		_, got := r.undo(r.RunDir(), r.RunDir()+" undone")
		want := []string{
			"'=Boss '@Buyer success '@Buyer", "''=Chief '@Buyer success '@Buyer", `'="Lead" '@Buyer success '@Buyer`,
		}
		if d := cmp.Diff(want, got.Column("role", "left_role", "rc_status", "rc_prior_role")); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		r.checkState("1 1 =Boss", "1 2 '=Chief", `1 3 ="Lead"`)
	})
}
