package stakeholder

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// readingFirst is a run of one worker that reads each deal first.
func (r *rig) readingFirst(command string, lines ...string) request {
	q := r.request(command, jobtest.Triples(lines...))
	q.Settings.Concurrency, q.Options.ReadFirst = 1, job.On
	return q
}

// said returns the columns of results.csv about the change and the prior role.
func (r *rig) said() []string {
	r.T.Helper()
	return r.Results().Column("rc_status", "rc_action", "rc_prior_role")
}

// Each deal is read once. A row that is already right costs no write, and each row that is no repeat has the prior
// role.
func TestReadFirst(t *testing.T) {
	t.Parallel()
	before := []string{
		"1 1 Purchasing", "1 2 Decision Maker", "2 1 Purchasing", "2 2 Purchasing", "3 50 Engineering Lead",
	}
	rows := []string{
		"1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing", "2 1 purchasing", "2 2 PURCHASING",
		"3 1 Decision Maker", "1 2 Purchasing", "1 1 Purchasing", "3 1 Nobody", "4 1 Nobody", "3 999 Purchasing",
	}
	for name, test := range map[string]struct {
		finding string
		calls   []string
	}{
		"one by one": {
			CollectionRefused,
			[]string{"read 1", "one 1: 2", "one 1: 3", "read 2", "read 3", "one 3: 1", "one 3: 999"},
		},
		"together": {
			CollectionMerges, []string{"read 1", "together 1: 2 3", "read 2", "read 3", "together 3: 1 999"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(before...), func(t *testing.T, r *rig) {
				r.batched(newKnown(test.finding, ""))
				w := r.listen()
				res := r.run(r.readingFirst(Assign, rows...))
				if d := cmp.Diff(test.calls, w.list()); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
				want := []string{
					"success unchanged Purchasing", "success updated Decision Maker", "success added ",
					"success unchanged Purchasing", "success unchanged Purchasing", "success added ",
					"success unchanged ", "success unchanged ", "error  ", "error  ", "error  ",
				}
				if d := cmp.Diff(want, r.said()); d != "" {
					t.Errorf("results (-want +got):\n%s", d)
				}
				r.checkState(
					"1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing", "2 1 Purchasing", "2 2 Purchasing",
					"3 1 Decision Maker", "3 50 Engineering Lead",
				)
				rows := res.Summary.Rows
				if rows.Added != 2 || rows.Updated != 1 || rows.Unchanged != 5 || rows.Assigned != 0 ||
					rows.Error != 3 {
					t.Errorf("rows %+v", rows)
				}
				first := r.Results().Rows[0] // no call was made for it, and it says so
				if first["rc_http"] != "" || first["rc_attempts"] != "" || first["rc_code"] != "SUCCESS" {
					t.Errorf("the first row: %v", first)
				}
			})
		})
	}
}

// If all rows are already right, the run writes nothing and costs one read per deal.
func TestReadFirstOfWhatIsInPlace(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(fives(1, 6)...), func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		res := r.run(r.readingFirst(Assign, fives(1, 6)...))
		if d := cmp.Diff([]string{"read 1", "read 2", "read 3", "read 4", "read 5", "read 6"}, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		if res.Summary.Rows.Unchanged != 30 || res.Summary.Plan.DealReads != 6 || res.Summary.Files.Undo != "" {
			t.Errorf("rows %+v, plan %+v, undo in %q", res.Summary.Rows, res.Summary.Plan, res.Summary.Files.Undo)
		}
		if _, err := os.Stat(filepath.Join(r.Dir, "run", undoFile)); !os.IsNotExist(err) {
			t.Errorf("undo.csv of nothing: %v", err)
		}
	})
}

// Of rows that contradict each other only the last is sent. Its prior role is that of before the run.
func TestReadFirstOfContradictions(t *testing.T) {
	t.Parallel()
	for name, finding := range map[string]string{"one by one": CollectionRefused, "together": CollectionMerges} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled("1 1 Executive Sponsor", "1 2 Purchasing"), func(t *testing.T, r *rig) {
				r.batched(newKnown(finding, ""))
				r.run(r.readingFirst(
					Assign, "1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing", "1 1 Decision Maker",
					"1 2 Decision Maker", "1 3 Decision Maker", "1 2 Purchasing", "1 1 Decision Maker",
				))
				want := []string{
					"error  ", "error  ", "error  ", "success updated Executive Sponsor", "error  ", "success added ",
					"success unchanged Purchasing", "success unchanged ",
				}
				if d := cmp.Diff(want, r.said()); d != "" {
					t.Errorf("results (-want +got):\n%s", d)
				}
				r.checkState("1 1 Decision Maker", "1 2 Purchasing", "1 3 Decision Maker")
				wantUndo := []string{"3  added", "1 Executive Sponsor updated"}
				if d := cmp.Diff(wantUndo, r.undone()); d != "" {
					t.Errorf("undo.csv (-want +got):\n%s", d)
				}
			})
		})
	}
}

// undone is the contacts, roles and actions of undo.csv.
func (r *rig) undone() (lines []string) {
	r.T.Helper()
	for _, row := range r.Table(filepath.Join(r.Dir, "run", undoFile)).Rows {
		lines = append(lines, fmt.Sprintf("%d %s %s", numberOf(row["contact_id"]), row["role"], row["rc_action"]))
	}
	return lines
}

// If the last row of a contact fails, the contact keeps its role: earlier rows do not take effect instead. Only the
// last row is in failed.csv.
func TestTheWinnerFails(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		r.batched(newKnown(CollectionRefused, ""))
		w := r.listen()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireOne && len(w.of(wireOne)) == 1 {
				return says(400, data(item("RECORD_LOCKED", `{}`))), nil
			}
			return nil, nil
		}
		r.run(r.readingFirst(Assign, "1 1 Decision Maker", "1 1 Purchasing", "1 1 Engineering Lead"))
		if d := cmp.Diff(
			[]string{"error SUPERSEDED", "error SUPERSEDED", "error RECORD_LOCKED"},
			r.Results().Column("rc_status", "rc_code"),
		); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		r.checkState("1 1 Purchasing")
		failed := r.Table(filepath.Join(r.Dir, "run", rundir.Failed)).Column("rc_row", "rc_code")
		if d := cmp.Diff([]string{"3 RECORD_LOCKED"}, failed); d != "" {
			t.Errorf("failed.csv (-want +got):\n%s", d)
		}
	})
}

// If Zoho refuses to show a deal, the run writes to it anyway, and its rows are like those of a run without reading. If
// the refusal is temporary, the rows fail, because their change could not be undone.
func TestReadFirstOfADealThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"not allowed": {403, flat("NO_PERMISSION", `{}`), "success assigned "},
		"in trouble":  {500, refusal, "error  "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled("1 1 Purchasing", "2 1 Purchasing"), func(t *testing.T, r *rig) {
				w := r.listen()
				w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
					if c.kind == wireRead && c.deal == 1 {
						return says(test.status, test.body), nil
					}
					return nil, nil
				}
				res := r.run(r.readingFirst(Assign, "0 1 Purchasing", "1 1 Purchasing", "1 2 Purchasing", "2 1 Purchasing"))
				if d := cmp.Diff(
					[]string{"error  ", test.want, test.want, "success unchanged Purchasing"},
					r.said(),
				); d != "" {
					t.Errorf("results (-want +got):\n%s", d)
				}
				if row := r.Results().Rows[0]; row["rc_code"] != "INVALID_DATA" {
					t.Errorf("of a deal that is not there: %v", row)
				}
				if _, err := os.Stat(filepath.Join(r.Dir, "run", undoFile)); res.Stop != nil || !os.IsNotExist(err) {
					t.Errorf("stop %v, undo.csv: %v", res.Stop, err)
				}
			})
		})
	}
}

// Up to v3 a deal has only the id or only the name of a role. Either is enough to see that a row is already right (Zoho
// CRM API v3, Get Contact Roles of a Specific Deal).
func TestReadFirstByNameOrID(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		id := r.Emu.SnapshotState()[jobtest.DealID(1)][jobtest.ContactID(1)].ID
		onDeal := func(contact int, role string) string {
			return fmt.Sprintf(`{"id":%q,"Contact_Role":%s}`, jobtest.ContactID(contact), role)
		}
		w := r.listen()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireRead {
				return says(200, `{"data":[`+strings.Join([]string{
					onDeal(1, `"Purchasing"`), onDeal(2, `"`+id+`"`), onDeal(3, `"Decision Maker"`), onDeal(4, `null`),
					onDeal(5, `{"name":"Purchasing"}`), onDeal(6, `{"id":"`+id+`"}`),
					onDeal(7, `{"id":"99","name":"Purchasing"}`), onDeal(8, `{"id":"`+id+`","name":"its old name"}`),
				}, ",")+`],"info":{"more_records":false}}`), nil
			}
			return nil, nil
		}
		r.run(r.readingFirst(Assign, each(1, 1, 9, "Purchasing")...))
		want := []string{
			"success unchanged Purchasing", "success unchanged Purchasing", "success updated Decision Maker",
			"success updated ", "success unchanged Purchasing", "success unchanged Purchasing",
			"success updated Purchasing", "success unchanged its old name", "success added ",
		}
		if d := cmp.Diff(want, r.said()); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
	})
}

// remove reads all deals before its first write, and each deal again right before its write. A contact who is not on
// the deal, and a deal that does not exist, cost no write. A contact whose role is known can be put back.
func TestReadFirstRemove(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ignore bool
		absent string
	}{
		"an error": {false, "error  NOT_ON_DEAL"}, "ignored": {true, "success unchanged  SUCCESS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			people := peopled("1 1 Purchasing", "1 2 Decision Maker", "1 3 Purchasing", "2 1 Purchasing")
			virtually(t, people, func(t *testing.T, r *rig) {
				w := r.listen()
				q := r.readingFirst(Remove, "1 1", "1 50", "1 2", "2 50", "2 51", "1 1", "0 1", "1 51", "1 50")
				q.Options.IgnoreNotFound = test.ignore
				r.run(q)
				want := []string{"read", "read 1", "read 2", "read 1", "remove 1: 1 2"}
				if d := cmp.Diff(want, w.list()); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
				want = []string{
					"success removed Purchasing SUCCESS", test.absent, "success removed Decision Maker SUCCESS",
					test.absent, test.absent, "success unchanged  SUCCESS", "error   INVALID_DATA", test.absent,
					test.absent,
				}
				got := r.Results().Column("rc_status", "rc_action", "rc_prior_role", "rc_code")
				if d := cmp.Diff(want, got, cmp.Transformer("spaces", func(s string) string {
					return strings.Join(strings.Fields(s), " ")
				})); d != "" {
					t.Errorf("results (-want +got):\n%s", d)
				}
				if d := cmp.Diff([]string{"2 Decision Maker removed", "1 Purchasing removed"}, r.undone()); d != "" {
					t.Errorf("undo.csv (-want +got):\n%s", d)
				}
				r.checkState("1 3 Purchasing", "2 1 Purchasing")
			})
		})
	}
}

// Somebody changes a deal between the look stage and the write. The prior role is the new one, and a contact who left
// meanwhile costs no write.
func TestWhatChangesBeforeTheWrite(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing", "1 2 Purchasing", "2 1 Purchasing"), func(t *testing.T, r *rig) {
		q := r.readingFirst(Remove, "1 1", "1 2")
		q.Confirm = func(context.Context, report.Forecast) error {
			other := r.oneWorker("1 1 Decision Maker")
			other.RunDir = filepath.Join(r.Dir, "other")
			r.run(other)
			gone := r.readingFirst(Remove, "1 2")
			gone.RunDir = filepath.Join(r.Dir, "gone")
			r.run(gone)
			return nil
		}
		w := r.listen()
		r.run(q)
		if d := cmp.Diff([]string{"success removed Decision Maker", "error  "}, r.said()); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		if removes := w.of(wireRemove); len(removes) != 2 { // that of the other run, and that of contact 1
			t.Errorf("calls %q", w.list())
		}
		r.checkState("2 1 Purchasing")
	})
}

// Resume reads only the deals that have rows left, as they are now.
func TestReadFirstGoesOn(t *testing.T) {
	t.Parallel()
	virtually(
		t,
		peopled("1 1 Executive Sponsor", "2 1 Executive Sponsor", "3 1 Executive Sponsor"),
		func(t *testing.T, r *rig) {
			w := r.listen()
			q := r.readingFirst(
				Assign, "1 1 Purchasing", "2 1 Purchasing", "2 2 Decision Maker", "3 1 Purchasing",
				"1 1 Purchasing",
			)
			q.Settings.MaxCredits = 6 // the org, the roles, deal 1 with its row, deal 2 with its first
			if res := r.run(q); res.Stop == nil || res.Stop.Reason != job.OutOfBudget ||
				res.Summary.Rows.NotAttempted != 2 {
				t.Fatalf("stop %v, rows %+v", res.Stop, res.Summary.Rows)
			}
			w.forget()
			res, err := job.Resume(
				t.Context(),
				job.Again{RunDir: q.RunDir, Env: r.Env(), Change: func(s *job.Settings) { s.MaxCredits = 0 }},
			)
			if err != nil || res.Stop != nil {
				t.Fatal(err, res)
			}
			if d := cmp.Diff([]string{"read 2", "one 2: 2", "read 3", "one 3: 1"}, w.list()); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			want := []string{
				"success updated Executive Sponsor", "success updated Executive Sponsor",
				"success added ", "success updated Executive Sponsor", "success unchanged ",
			}
			if d := cmp.Diff(want, r.said()); d != "" {
				t.Errorf("results (-want +got):\n%s", d)
			}
			if d := cmp.Diff(
				[]string{
					"1 Executive Sponsor updated", "2  added", "1 Executive Sponsor updated",
					"1 Executive Sponsor updated",
				},
				r.undone(),
			); d != "" {
				t.Errorf("undo.csv (-want +got):\n%s", d)
			}
		},
	)
}
