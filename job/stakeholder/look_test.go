package stakeholder

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
)

// A run of at most 1,000 deals reads first unless the user says no. A resumed run keeps this decision, however many
// rows are left.
func TestAutoReadsSmallRuns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		deals  int64
		choice job.Choice
		want   bool
	}{
		{1, "", true}, {1000, "", true}, {1001, "", false}, {1001, job.On, true}, {1, job.Off, false},
	} {
		notes := notebookOf{}
		w := &work{
			job: Assign, Options: Options{ReadFirst: test.choice}, price: price{deals: test.deals},
			desk: job.Desk{Notebook: notes},
		}
		if err := w.decideReads(); err != nil || w.reads != test.want || notes[keyReads] != test.want {
			t.Errorf("%+v: reads %v, noted %v, %v", test, w.reads, notes[keyReads], err)
		}
		w.price.deals = 5000 - test.deals*2
		if err := w.decideReads(); err != nil || w.reads != test.want {
			t.Errorf("%+v, asked again: reads %v, %v", test, w.reads, err)
		}
	}
}

// notebookOf is a notebook in memory.
type notebookOf map[string]any

func (n notebookOf) Put(key string, value any) error { n[key] = value; return nil }
func (notebookOf) Get(string, any) error             { return nil }
func (n notebookOf) Forget(key string) error         { delete(n, key); return nil }

// resume reads first if and only if the run did.
func TestResumeReadsFirstAsTheRunDid(t *testing.T) {
	t.Parallel()
	for choice, want := range map[job.Choice][]string{
		"": {"read 2", "one 2: 1"}, job.Off: {"one 2: 1"},
	} {
		t.Run(string(choice), func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled("1 1 Purchasing", "2 1 Purchasing"), func(t *testing.T, r *rig) {
				r.batched(newKnown(CollectionRefused, ""))
				q := r.oneWorker("1 1 Decision Maker", "2 1 Decision Maker")
				q.Options.ReadFirst = choice
				left, _ := r.killed(kill{2, false}, q.RunDir, "killed", start(q))
				w := r.listen()
				if err := r.resumption(left)(t.Context()); err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(want, w.list()); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
			})
		})
	}
}

// limitOf reads a --max-delete.
func limitOf(t *testing.T, text string) (l job.Threshold) {
	t.Helper()
	if err := l.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return l
}

// The guard of a remove counts the deals that it would leave without any stakeholder. Deals that are empty already,
// that keep somebody or that cannot be read do not count.
func TestTheGuardCountsDealsLeftEmpty(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		deals, emptied, kept int // of the file
		limit                string
		refused              bool
	}{
		{12, 10, 2, "", false}, {12, 11, 1, "", true}, // at least 10
		{40, 10, 30, "", false}, {40, 11, 29, "", true},
		{3, 1, 2, "0", true}, {3, 0, 3, "0", false}, {3, 2, 1, "2", false}, {3, 3, 0, "2", true},
		{5, 3, 2, "50%", false}, {5, 4, 1, "50%", true}, {40, 40, 0, "100%", false},
	} {
		t.Run(fmt.Sprintf("%+v", test), func(t *testing.T) {
			t.Parallel()
			var people, rows []string
			for i := range test.deals {
				rows = append(rows, fmt.Sprintf("%d 1", i+1))
				people = append(people, fmt.Sprintf("%d 1 Purchasing", i+1))
				if i >= test.emptied {
					people = append(people, fmt.Sprintf("%d 2 Purchasing", i+1))
				}
			}
			virtually(t, peopled(people...), func(t *testing.T, r *rig) {
				q := r.request(Remove, jobtest.Triples(append(rows, "55 1", "0 1")...)) // an empty deal, and none
				q.Settings.MaxDelete = limitOf(t, test.limit)
				w := r.listen()
				res := r.run(q)
				refused := res.Stop != nil && res.Stop.Reason == job.Refused
				if refused != test.refused || refused == (len(w.of(wireRemove)) > 0) {
					t.Errorf("stop %v, calls %q", res.Stop, w.list())
				}
				if d := res.Summary.Deletions; d.Count != int64(test.deals) || d.Emptied != int64(test.emptied) {
					t.Errorf("the question: %+v", d)
				}
			})
		})
	}
}

// More than 10 % of many deals is refused too.
func TestTheGuardOfManyDeals(t *testing.T) {
	t.Parallel()
	w := &work{job: Remove}
	for emptied, refused := range map[int64]bool{19: false, 20: false, 21: true} {
		if err := w.tooMany(&report.Deletions{Emptied: emptied}, 200); (err != nil) != refused {
			t.Errorf("%d of 200 deals: %v", emptied, err)
		}
	}
}

// Without agreement nothing is written, and the run stays, so that resume asks again. After agreement resume does not
// ask.
func TestAgreementIsKept(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing", "2 1 Purchasing"), func(t *testing.T, r *rig) {
		q := r.readingFirst(Remove, "1 1", "2 1")
		asked, no := 0, error(&job.UsageError{Err: errors.New("no")})
		var about *report.Deletions
		env := r.Env()
		env.Confirm = func(_ context.Context, f report.Forecast) error { asked++; about = f.Deletions; return no }
		q.Env = env
		w := r.listen()
		res := r.run(q)
		if res.Stop == nil || res.Stop.Reason != job.Unconfirmed || len(w.of(wireRemove)) > 0 || asked != 1 {
			t.Fatalf("stop %v, calls %q, asked %d times", res.Stop, w.list(), asked)
		}
		if about.Count != 2 || about.Deals != 2 || len(about.First) != 2 {
			t.Errorf("asked about %+v", about)
		}
		w.forget()
		resume := func(change func(*job.Settings)) *job.Result {
			t.Helper()
			res, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: env, Change: change})
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		if res = resume(nil); res.Stop == nil || asked != 2 || len(w.list()) > 0 {
			t.Errorf("stop %v, calls %q, asked %d times: want no read again", res.Stop, w.list(), asked)
		}
		no = nil
		if res = resume(func(s *job.Settings) { s.MaxCredits = 3 }); res.Stop == nil || asked != 3 {
			t.Errorf("stop %v, asked %d times", res.Stop, asked)
		}
		if res = resume(func(s *job.Settings) { s.MaxCredits = 0 }); res.Stop != nil || asked != 3 {
			t.Errorf("stop %v, asked %d times", res.Stop, asked)
		}
		r.checkState()
	})
}

// A user who agreed before the deals were read is not asked when the run is resumed.
func TestAgreementInAdvanceIsKept(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing", "2 1 Purchasing"), func(t *testing.T, r *rig) {
		q := r.readingFirst(Remove, "1 1", "2 1")
		env := r.Env()
		env.Confirm = func(context.Context, report.Forecast) error { t.Error("asked"); return nil }
		q.Env = env
		q.Yes = true
		q.Settings.MaxCredits = 2 // the org and one deal
		if res := r.run(q); res.Stop == nil {
			t.Fatal("the run came to its end")
		}
		w := r.listen()
		res, err := job.Resume(t.Context(), job.Again{
			RunDir: q.RunDir, Env: env, Change: func(s *job.Settings) { s.MaxCredits = 0 },
		})
		if err != nil || res.Stop != nil {
			t.Fatal(res, err)
		}
		want := []string{"read 2", "read 1", "remove 1: 1", "read 2", "remove 2: 1"}
		if d := cmp.Diff(want, w.list()); d != "" {
			t.Errorf("calls of resume (-want +got):\n%s", d)
		}
	})
}

// A process that dies during the look stage has written nothing. resume reads only the other deals, asks once, and ends
// like a run without a kill.
func TestKilledWhileItReads(t *testing.T) {
	t.Parallel()
	people := []string{"1 1 Purchasing", "2 1 Decision Maker", "2 2 Purchasing", "3 1 Purchasing"}
	for at := 1; at <= 3; at++ {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(people...), func(t *testing.T, r *rig) {
				q := r.readingFirst(Remove, "1 1", "2 1", "3 1", "3 9")
				by, reads, left := r.Transport, 0, ""
				ctx, cancel := context.WithCancelCause(t.Context())
				r.Transport = jobtest.RoundTripper(func(req *http.Request) (*http.Response, error) {
					if strings.HasSuffix(req.URL.Path, "/Contact_Roles") {
						if reads++; reads == at {
							left = r.Copy(q.RunDir, "killed")
							cancel(job.ErrInterrupted)
						}
					}
					if left != "" {
						return nil, jobtest.ErrCut
					}
					return by.RoundTrip(req)
				})
				if _, err := job.Start(ctx, q.with()); err != nil {
					t.Fatal(err)
				}
				r.Transport = by
				asked := 0
				env := r.Env()
				env.Confirm = func(_ context.Context, f report.Forecast) error {
					if asked++; f.Deletions.Count != 3 || f.Deletions.Emptied != 2 {
						t.Errorf("asked about %+v", f.Deletions)
					}
					return nil
				}
				w := r.listen()
				if _, err := job.Resume(t.Context(), job.Again{RunDir: left, Env: env}); err != nil {
					t.Fatal(err)
				}
				all := []string{"read 1", "read 2", "read 3"}
				if got := w.list()[:4-at]; asked != 1 || !slices.Equal(all[at-1:], got) {
					t.Errorf("asked %d times, read %q", asked, got)
				}
				said, _ := r.tables(left)
				want := []string{
					"success removed Purchasing", "success removed Decision Maker", "success removed Purchasing", "error  ",
				}
				if d := cmp.Diff(want, said); d != "" {
					t.Errorf("results (-want +got):\n%s", d)
				}
				r.checkState("2 2 Purchasing")
			})
		})
	}
}

// Rows that fail during the look stage count for --max-errors, so the run stops before its first write. resume counts
// from 0 again, and asks.
func TestMaxErrorsWhileItReads(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("6 1 Purchasing", "6 2 Purchasing"), func(t *testing.T, r *rig) {
		q := r.readingFirst(Remove, "1 1", "2 1", "3 1", "4 1", "5 1", "6 1")
		q.Settings.MaxErrors = limitOf(t, "2")
		asked := 0
		env := r.Env()
		env.Confirm = func(context.Context, report.Forecast) error { asked++; return nil }
		q.Env = env
		w := r.listen()
		res := r.run(q)
		if res.Stop == nil || res.Stop.Reason != job.TooManyErrors || res.Summary.Rows.Error != 3 || asked > 0 {
			t.Fatalf("stop %v, rows %+v, asked %d times", res.Stop, res.Summary.Rows, asked)
		}
		res, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: env})
		if err != nil || res.Stop != nil || res.Summary.Rows.Removed != 1 || asked != 1 {
			t.Errorf("%v, stop %v, rows %+v, asked %d times", err, res.Stop, res.Summary.Rows, asked)
		}
		if n := len(w.of(wireRead)); n != 7 { // 6 deals, and one again at its write
			t.Errorf("calls %q", w.list())
		}
	})
}

// A dry run shows, for each row, the change that the run then makes, and writes nothing.
func TestADryRunTellsWhatTheRunDoes(t *testing.T) {
	t.Parallel()
	root, n := t.TempDir(), 0
	rapid.Check(t, func(rt *rapid.T) {
		people := map[[2]int]string{}
		for range rapid.IntRange(0, 12).Draw(rt, "people") {
			at := [2]int{rapid.IntRange(1, 4).Draw(rt, "deal"), rapid.IntRange(1, 4).Draw(rt, "contact")}
			people[at] = rapid.SampledFrom([]string{"Purchasing", "Decision Maker"}).Draw(rt, "role")
		}
		var on, rows []string
		for at, role := range people {
			on = append(on, fmt.Sprintf("%d %d %s", at[0], at[1], role))
		}
		for range rapid.IntRange(1, 15).Draw(rt, "rows") {
			rows = append(rows, fmt.Sprintf("%d %d %s", rapid.IntRange(1, 4).Draw(rt, "deal"),
				rapid.IntRange(1, 5).Draw(rt, "contact"),
				rapid.SampledFrom([]string{"Purchasing", "PURCHASING", "Decision Maker", "Nobody"}).Draw(rt, "role")))
		}
		r := newVirtualRig(t, peopled(on...))
		n++
		if r.Dir = filepath.Join(root, fmt.Sprint(n)); os.Mkdir(r.Dir, 0o700) != nil {
			rt.Fatal("no folder")
		}
		command := rapid.SampledFrom([]string{Assign, Remove}).Draw(rt, "command")
		q := r.request(command, "")
		q.Input = r.Input(fmt.Sprint("in", n, ".csv"), jobtest.Triples(rows...))
		q.Options.ReadFirst, q.Settings.LastWins = job.On, rapid.Bool().Draw(rt, "last wins")
		dry := q
		dry.DryRun = true
		w := r.listen()
		said := r.run(dry).Summary
		if len(w.of(wireOne))+len(w.of(wireTogether))+len(w.of(wireRemove)) > 0 {
			rt.Fatalf("calls %q", w.list())
		}
		did := r.run(q).Summary.Rows
		c := said.Changes
		repeats := said.Rows.NotAttempted - c.Added - c.Updated - c.Removed
		if c.Added != did.Added || c.Updated != did.Updated || c.Removed != did.Removed ||
			said.Rows.Unchanged+repeats != did.Unchanged || said.Rows.Error != did.Error {
			rt.Fatalf("dry %+v %+v, done %+v", c, said.Rows, did)
		}
		actions := map[string]string{"add": "added", "update": "updated", "remove": "removed"}
		results := r.Results().Rows
		for _, one := range c.List {
			row := results[one.Row-1]
			if row["rc_action"] != actions[one.Do] || row["rc_prior_role"] != one.PriorRole ||
				row["rc_contact_id"] != one.ContactID || row["rc_deal_id"] != one.DealID {
				rt.Fatalf("dry %+v, done %v", one, row)
			}
		}
	})
}
