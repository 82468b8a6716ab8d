package stakeholder

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// instead answers the requests of one method by another transport.
func instead(method string, answer, by http.RoundTripper) http.RoundTripper {
	return jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
		if q.Method == method {
			return answer.RoundTrip(q)
		}
		return by.RoundTrip(q)
	})
}

// seeded is a rig whose deal 1 has the contacts 1 and 2.
func seeded(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, emulator.Options{})
	setup := r.request(Assign, jobtest.Triples("1 1 Purchasing", "1 2 Purchasing"))
	setup.RunDir = filepath.Join(r.Dir, "setup")
	r.run(setup)
	return r
}

// --ignore-not-found does not hide that a deal does not exist, whatever the shape of Zoho's refusal is (Zoho CRM API
// v8, Add Contact Roles to a Specific Deal: resource_path_index 1 is the deal).
func TestIgnoreNotFoundWantsTheDeal(t *testing.T) {
	t.Parallel()
	item := func(code, details string) string {
		return fmt.Sprintf(`{"code":%q,"details":%s,"message":"m","status":"error"}`, code, details)
	}
	ofDeal := fmt.Sprintf(`{"id":%q,"resource_path_index":1}`, jobtest.ContactID(1))
	for _, test := range []struct{ name, body, want string }{
		{
			"no deal, in data[]", `{"data":[` + item("INVALID_DATA", `{"resource_path_index":1}`) + `]}`,
			"error  INVALID_DATA",
		},
		{
			"no deal, in data[], with the contact", `{"data":[` + item("INVALID_DATA", ofDeal) + `]}`,
			"error  INVALID_DATA",
		},
		{"no deal, flat", item("INVALID_DATA", `{"resource_path_index":1}`), "error  INVALID_DATA"},
		{
			"no deal, by the other code",
			`{"data":[` + item("MANDATORY_NOT_FOUND", `{"resource_path_index":1}`) + `]}`,
			"error  MANDATORY_NOT_FOUND",
		},
		{
			"no relation", `{"data":[` + item("MANDATORY_NOT_FOUND", `{}`) + `]}`,
			"success unchanged MANDATORY_NOT_FOUND",
		},
		{"no relation, flat", item("MANDATORY_NOT_FOUND", `{}`), "success unchanged MANDATORY_NOT_FOUND"},
		// Zoho CRM API v6, Remove Contact Role from a Specific Deal: a contact who was taken off already, and an id
		// that is no contact's.
		{"gone already, flat", item("INVALID_DATA", `{}`), "success unchanged INVALID_DATA"},
		{
			"no relation, by the other code",
			`{"data":[` + item("INVALID_DATA", fmt.Sprintf(`{"id":%q}`, jobtest.ContactID(1))) + `]}`,
			"success unchanged INVALID_DATA",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, peopled("1 1 Purchasing"))
			r.Transport = instead(
				http.MethodDelete, answers(http.StatusBadRequest, "application/json", test.body),
				http.DefaultTransport,
			)
			q := r.request(Remove, jobtest.Triples("1 1"))
			q.Options.IgnoreNotFound = true
			r.run(q)
			if d := cmp.Diff([]string{test.want}, r.Results().Column("rc_status", "rc_action", "rc_code")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// The refusal of a call for several contacts, without an item for each, says nothing about any of them.
func TestIgnoreNotFoundOfSeveral(t *testing.T) {
	t.Parallel()
	for _, code := range []string{codeInvalidData, codeMandatoryNotFound} {
		r := newRig(t, peopled("1 1 Purchasing", "1 2 Purchasing"))
		r.Transport = instead(
			http.MethodDelete, answers(http.StatusBadRequest, "application/json", flat(code, `{}`)),
			http.DefaultTransport,
		)
		q := r.request(Remove, jobtest.Triples("1 1", "1 2"))
		q.Options.IgnoreNotFound = true
		r.run(q)
		want := []string{"error  " + code, "error  " + code}
		if d := cmp.Diff(want, r.Results().Column("rc_status", "rc_action", "rc_code")); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

// A single contact is in the path, as in Zoho's samples, and several contacts are a parameter (Zoho CRM API v6, Remove
// Contact Role from a Specific Deal). Each call costs one credit, and the announced calls equal the calls that are
// made.
func TestRemoveInTheFormOfTheSamples(t *testing.T) {
	t.Parallel()
	r := newRig(t, peopled("1 1 Purchasing", "1 2 Purchasing", "2 3 Purchasing", "3 1 Purchasing"))
	w := r.listen()
	res := r.run(r.request(Remove, jobtest.Triples("1 1", "2 3", "1 2", "2 3", "3 1", "3 1")))
	w.calls = w.of(wireRemove)
	slices.SortFunc(w.calls, func(a, b wireCall) int { return a.deal - b.deal })
	if d := cmp.Diff([]string{"remove 1: 1 2", "remove 2: 3", "remove 3: 1"}, w.list()); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	calls := r.Emu.Stats().Calls
	several, single := calls["DELETE /Deals/{id}/Contact_Roles"], calls["DELETE /Deals/{id}/Contact_Roles/{id}"]
	if several != 1 || single != 2 || res.Summary.Plan.Calls != 3 {
		t.Errorf("%d of several, %d of one, %d announced", several, single, res.Summary.Plan.Calls)
	}
	want := []string{
		"removed SUCCESS relation removed", "removed SUCCESS relation removed", "removed SUCCESS relation removed",
		"unchanged SUCCESS same as row 2", "removed SUCCESS relation removed", "unchanged SUCCESS same as row 5",
	}
	if d := cmp.Diff(want, r.Results().Column("rc_action", "rc_code", "rc_message")); d != "" {
		t.Errorf("results (-want +got):\n%s", d)
	}
}

// removing is a Zoho whose deal has some contacts, and which answers each DELETE with the same refusals.
type removing struct {
	zoho

	on    []string
	code  string // of each item
	reads int
}

func (z *removing) RemoveContactRoles(_ context.Context, _ string, contacts []string) ([]api.Outcome, error) {
	out := make([]api.Outcome, len(contacts))
	for i, c := range contacts {
		out[i] = api.Outcome{
			ID: c, Known: true, Answer: api.Answer{HTTP: http.StatusOK, Code: z.code, Attempts: 1},
			Err: &api.Error{HTTP: http.StatusBadRequest, Code: z.code, Attempts: 1},
		}
	}
	return out, nil
}

func (z *removing) DealContactRoles(context.Context, string, ...string) (now []api.DealContact, err error) {
	z.reads++
	for _, c := range z.on {
		now = append(now, api.DealContact{ID: c})
	}
	return now, nil
}

// If an earlier process may have sent the DELETE of a row, the deal decides after a refusal. For other rows the refusal
// decides.
func TestNotedRowsAreSettledByTheDeal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		noted []int64
		on    []string
		want  []string
		reads int
	}{
		{"none", nil, nil, []string{" error", " error", " error"}, 0},
		{"gone", []int64{1, 3}, nil, []string{"removed success", " error", "removed success"}, 1},
		{"still there", []int64{1, 2}, []string{"1"}, []string{" error", "removed success", " error"}, 1},
	} {
		z := &removing{on: test.on, code: codeInvalidData}
		d := &deal{work: &work{job: Remove, zoho: z}, id: "7"}
		var batch []job.Row
		for n := int64(1); n <= 3; n++ {
			batch = append(batch, job.Row{N: n, Item: fmt.Sprint(n), Sent: slices.Contains(test.noted, n)})
		}
		answered, err := z.RemoveContactRoles(t.Context(), "7", []string{"1", "2", "3"})
		if err != nil {
			t.Fatal(err)
		}
		outcomes, err := d.settleRemove(t.Context(), batch, answered, true)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range outcomes {
			got = append(got, o.Action+" "+string(o.Status))
		}
		if d := cmp.Diff(test.want, got); d != "" || z.reads != test.reads {
			t.Errorf("%s: %d reads (-want +got):\n%s", test.name, z.reads, d)
		}
	}
}

// After a kill during the DELETE, run.db has its rows recorded as sent. resume knows that the contacts may be gone, and
// finds that they are.
func TestRemoveIsNotedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	r := seeded(t)
	killed := filepath.Join(r.Dir, "killed")
	var copied error
	r.Transport = instead(http.MethodDelete, jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
		copied = os.CopyFS(killed, os.DirFS(filepath.Join(r.Dir, "run")))
		return http.DefaultTransport.RoundTrip(q)
	}), http.DefaultTransport)
	res := r.run(r.request(Remove, jobtest.Triples("1 1", "1 2")))
	if copied != nil || res.Summary.Rows.Removed != 2 || len(r.State()) != 0 {
		t.Fatalf("%v, %+v", copied, res.Summary.Rows)
	}
	r.Transport = nil
	again, err := job.Resume(t.Context(), job.Again{RunDir: killed, Env: r.Env()})
	if err != nil || again.Summary.Rows.Removed != 2 {
		t.Errorf("from the copy: %v, %+v", err, again)
	}
}

// The record of a DELETE that was certainly not sent is deleted. The record of a DELETE whose answer was lost stays.
func TestNotesOfWhatWasNotSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want int
	}{
		"never sent":  {&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, 0},
		"answer lost": {jobtest.ErrCut, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := newVirtualRig(t, peopled("1 1 Purchasing", "1 2 Purchasing"))
				up, down := r.Transport, jobtest.RoundTripper(
					func(*http.Request) (*http.Response, error) { return nil, test.err },
				)
				var away atomic.Bool // with the first DELETE everything goes
				r.Transport = jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
					if away.Load() || q.Method == http.MethodDelete {
						away.Store(true)
						return down.RoundTrip(q)
					}
					return up.RoundTrip(q)
				})
				q := r.request(Remove, jobtest.Triples("1 1", "1 2"))
				if res := r.run(q); res.Stop == nil || res.Stop.Reason != job.Outage ||
					res.Summary.Rows.NotAttempted != 2 {
					t.Errorf("%+v", res)
				}
				if sent := r.Sent(q.RunDir); len(sent) != test.want {
					t.Errorf("rows %v are recorded as sent, want %d", sent, test.want)
				}
			})
		})
	}
}
