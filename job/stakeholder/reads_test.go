package stakeholder

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/jobtest"
)

// composing is a run that reads its deals five to a call.
func (r *rig) composing(lines ...string) request {
	q := r.readingFirst(Assign, lines...)
	q.Settings.Concurrency, q.Options.Composite = 5, job.On
	return q
}

// onEach is one line for each deal from one number to another.
func onEach(from, to, contact int, role string) (lines []string) {
	for deal := from; deal <= to; deal++ {
		lines = append(lines, fmt.Sprintf("%d %d %s", deal, contact, role))
	}
	return lines
}

// composites are the deals of each composite request, by the first of them.
func composites(w *wire) (deals [][]int) {
	for _, c := range w.of(wireComposite) {
		deals = append(deals, c.contacts)
	}
	slices.SortFunc(deals, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return deals
}

// One call reads five deals. The first answer is compared with that of a plain call, and the finding is stored.
func TestCompositeReads(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		finding  string
		plain    int
		remember []string
	}{
		"not known yet": {"", 1, []string{deals.Finding + ": " + deals.Works}},
		"known":         {deals.Works, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := peopled(onEach(3, 12, 1, "Purchasing")...)
			o.Latency = 20 * time.Millisecond
			virtually(t, o, func(t *testing.T, r *rig) {
				k := newKnown(CollectionRefused, test.finding)
				r.batched(k)
				w := r.listen()
				res := r.run(r.composing(append(onEach(1, 12, 1, "Purchasing"), onEach(12, 12, 2, "Purchasing")...)...))
				if d := gocmp.Diff([][]int{numbers(1, 5), numbers(6, 10), numbers(11, 12)}, composites(w)); d != "" {
					t.Errorf("composite requests (-want +got):\n%s", d)
				}
				plain := w.of(wireRead) // of the first deal of the first call to be answered that has somebody
				if len(plain) != test.plain || len(plain) == 1 && !slices.Contains([]int{3, 6, 11}, plain[0].deal) {
					t.Errorf("plain reads %v, want %d", plain, test.plain)
				}
				if d := gocmp.Diff(test.remember, k.log); d != "" {
					t.Errorf("remembered (-want +got):\n%s", d)
				}
				rows, plan := res.Summary.Rows, res.Summary.Plan
				if rows.Unchanged != 10 || rows.Added != 3 || plan.CompositeReads != 4 || !plan.Composite {
					t.Errorf("rows %+v, plan %+v", rows, plan)
				}
				r.checkNotes(res)
			})
		})
	}
}

// If Zoho refuses composite requests in any way, or answers differently than to a plain call, there is one note and one
// finding, and each deal is read by a call of its own.
func TestCompositeReadsThatAreRefused(t *testing.T) {
	t.Parallel()
	sub := func(status int, body string) string {
		return fmt.Sprintf(
			`{"code":"SUCCESS","details":{"response":{"headers":{},"status_code":%d,"body":%s}},`+
				`"message":"m","status":"success"}`,
			status,
			body,
		)
	}
	five := func(s string) string { return `{"__composite_requests":[` + strings.Repeat(s+",", 4) + s + `]}` }
	for name, test := range map[string]struct {
		status     int
		body, says string
	}{
		"no such path":         {404, flat("INVALID_URL_PATTERN", `{}`), "INVALID_URL_PATTERN"},
		"no scope":             {401, flat("OAUTH_SCOPE_MISMATCH", `{}`), "OAUTH_SCOPE_MISMATCH"},
		"not in this version":  {400, flat("API_NOT_SUPPORTED", `{}`), "API_NOT_SUPPORTED"},
		"another shape":        {200, `{"data":[]}`, ""},
		"one answer too few":   {200, `{"__composite_requests":[` + sub(200, `{"data":[]}`) + `]}`, ""},
		"each part is refused": {200, five(sub(400, flat("NOT_SUPPORTED", `{}`))), "NOT_SUPPORTED"},
		"another answer": {
			200, five(sub(200, `{"data":[{"id":"5","Contact_Role":{"id":"7","name":"x"}}]}`)),
			"does not name its sub-request",
		},
		"nobody on any of them": {200, five(sub(204, `null`)), "not that of a plain call"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(onEach(1, 10, 1, "Purchasing")...), func(t *testing.T, r *rig) {
				k := newKnown(CollectionRefused, "")
				r.batched(k)
				w := r.listen()
				w.answer(test.status, test.body, func(c wireCall) bool { return c.kind == wireComposite })
				res := r.run(r.composing(append(onEach(1, 10, 1, "Purchasing"), onEach(1, 10, 2, "Purchasing")...)...))
				r.checkNotes(res, "reading each deal in a call of its own")
				if !strings.Contains(res.Summary.Notes[0], test.says) {
					t.Errorf("note %q does not say %q", res.Summary.Notes[0], test.says)
				}
				if d := gocmp.Diff([]string{deals.Finding + ": " + deals.Refused}, k.log); d != "" {
					t.Errorf("remembered (-want +got):\n%s", d)
				}
				if n := len(w.of(wireRead)); n != 10 || len(w.of(wireOne)) != 10 || res.Summary.Rows.Unchanged != 10 ||
					res.Summary.Rows.Added != 10 {
					t.Errorf("%d plain reads of 10 deals, rows %+v", n, res.Summary.Rows)
				}
			})
		})
	}
}

// A composite answer and a plain answer must have the same contacts with the same roles.
func TestCompositeReadsAreHeldToAPlainOne(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"another contact": {jobtest.ContactID(1), jobtest.ContactID(2)},
		"another role":    {`"name":"Purchasing"`, `"name":"Sales"`},
		"somebody more":   {`"data":[`, `"data":[{"id":"` + jobtest.ContactID(3) + `","Contact_Role":null},`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(onEach(1, 5, 1, "Purchasing")...), func(t *testing.T, r *rig) {
				r.batched(nil)
				w := r.listen()
				w.instead = func(c wireCall, q *http.Request) (*http.Response, error) {
					if c.kind != wireComposite {
						return nil, nil
					}
					answer, err := w.by.RoundTrip(q)
					if err != nil {
						return nil, err
					}
					body, err := io.ReadAll(answer.Body)
					if !bytes.Contains(body, []byte(change[0])) {
						t.Errorf("no %s in %s", change[0], body)
					}
					return says(answer.StatusCode, strings.ReplaceAll(string(body), change[0], change[1])), err
				}
				res := r.run(r.composing(onEach(1, 5, 1, "Purchasing")...))
				r.checkNotes(res, "not that of a plain call")
				if len(w.of(wireRead)) != 5 || res.Summary.Rows.Unchanged != 5 {
					t.Errorf("calls %v, rows %+v", w.list(), res.Summary.Rows)
				}
			})
		})
	}
}

// A deal that the answer has only in part, or refuses, is read by a call of its own, unlike the other deals. So is a
// deal without contacts, because neither its answer nor a refusal names its deal.
func TestCompositeReadsOfSomeDeals(t *testing.T) {
	t.Parallel()
	virtually(
		t,
		peopled(append(each(2, 1, 40, "Purchasing"), "1 1 Purchasing", "3 1 Purchasing")...),
		func(t *testing.T, r *rig) {
			k := newKnown(CollectionRefused, "")
			r.batched(k)
			w := r.listen()
			res := r.run(
				r.composing(
					append(
						append(onEach(0, 4, 1, "Purchasing"), each(2, 2, 41, "Purchasing")...),
						onEach(1, 4, 1, "purchasing")...)...),
			)
			calls := w.list()
			slices.Sort(calls[5:]) // deals that are read together are written side by side
			want := []string{
				"composite: 0 1 2 3 4", "read 1", "read", "read 2", "read 4", "one 2: 41", "one 4: 1", "one: 1",
			}
			if d := gocmp.Diff(want, calls); d != "" {
				t.Errorf("calls (-want +got):\n%s", d)
			}
			if rows := res.Summary.Rows; rows.Error != 1 || rows.Added != 2 || rows.Unchanged != 46 {
				t.Errorf("rows %+v", rows)
			}
			r.checkNotes(res, "some ids may be rounded") // the id of deal 0 ends in 0000
		},
	)
}

// A composite request takes five calls in flight: where fewer are allowed, now or ever, deals are read one by one, also
// if that was asked for.
func TestNoCompositeReadsBelowFiveInFlight(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(), func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		q := r.composing(onEach(1, 12, 1, "Purchasing")...)
		q.Settings.Concurrency = 4
		if res := r.run(q); len(w.of(wireComposite)) != 0 || len(w.of(wireRead)) != 12 || res.Summary.Plan.Composite {
			t.Errorf("calls %v, plan %+v", w.list(), res.Summary.Plan)
		}
	})
}

// If only one deal is to be read, there is no composite request.
func TestOneDealIsNotComposed(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(), func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		r.run(r.composing(append(onEach(1, 5, 1, "Nobody"), "3 2 Purchasing")...))
		if d := gocmp.Diff([]string{"read 3", "one 3: 2"}, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
	})
}

// While one worker tries the first composite request, the others wait for its result. So a refusal costs one request.
func TestCompositeReadsAreTriedOnce(t *testing.T) {
	t.Parallel()
	o := peopled(onEach(1, 50, 1, "Purchasing")...)
	o.Composite, o.Latency = "off", 100*time.Millisecond
	virtually(t, o, func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		q := r.composing(onEach(1, 50, 1, "Purchasing")...)
		q.Settings.Concurrency = 20
		res := r.run(q)
		if n := len(w.of(wireComposite)); n != 1 || len(w.of(wireRead)) != 50 || res.Summary.Rows.Unchanged != 50 {
			t.Errorf("%d composite requests, rows %+v", n, res.Summary.Rows)
		}
		r.checkNotes(res, "INVALID_URL_PATTERN")
	})
}

// The reads of 5,000 deals cost as announced: a call per five deals, and one plain read for the comparison.
func TestCompositeReadsCostAFifth(t *testing.T) {
	t.Parallel()
	o := peopled()
	o.Org.Generated.Deals = 500
	virtually(t, o, func(t *testing.T, r *rig) {
		r.batched(nil)
		r.run(r.oneWorker(onEach(1, 500, 1, "Purchasing")...))
		q := r.composing(onEach(1, 500, 1, "Purchasing")...)
		q.RunDir += "-again"
		res := r.run(q)
		if spent, plan := res.Summary.Spent, res.Summary.Plan; spent.Credits != plan.Reads+plan.CompositeReads ||
			plan.CompositeReads != 101 ||
			res.Summary.Rows.Unchanged != 500 {
			t.Errorf("%d credits for 500 deals, plan %+v", spent.Credits, plan)
		}
	})
}

// An empty deal proves nothing about composite requests. remove must not believe answers in which all deals are empty.
func TestCompositeReadsAreNotProvenByAnEmptyDeal(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(onEach(6, 10, 1, "Purchasing")...), func(t *testing.T, r *rig) {
		r.batched(nil)
		empty := `{"code":"SUCCESS","details":{"response":{"headers":{},"status_code":204,"body":null}},` +
			`"message":"m","status":"success"}`
		w := r.listen()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireComposite {
				return says(
					200,
					`{"__composite_requests":[`+strings.Join(slices.Repeat([]string{empty}, len(c.contacts)), ",")+`]}`,
				), nil
			}
			return nil, nil
		}
		q := r.readingFirst(Remove, onEach(1, 10, 1, "")...)
		q.Settings.Concurrency, q.Options.Composite = 5, job.On
		res := r.run(q)
		if res.Summary.Rows.Removed != 5 || len(r.State()) != 0 {
			t.Errorf("rows %+v, and still on deals: %v", res.Summary.Rows, r.State())
		}
	})
}
