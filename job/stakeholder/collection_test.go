package stakeholder

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/job/jobtest"
)

// item is a refusal of one contact, or its success, in a collection's answer.
func item(code, details string) string {
	status := "error"
	if code == "SUCCESS" {
		status = "success"
	}
	return fmt.Sprintf(`{"code":%q,"details":%s,"message":"about %s","status":%q}`, code, details, code, status)
}

func of(contact int) string { return fmt.Sprintf(`{"id":%q}`, jobtest.ContactID(contact)) }

func atPath(i int) string { return fmt.Sprintf(`{"api_name":"id","json_path":"$.data[%d].id"}`, i) }

func data(items ...string) string { return `{"data":[` + strings.Join(items, ",") + `]}` }

// merging is a rig with one worker, whose org is known to merge.
func (r *rig) merging() *wire {
	r.batched(newKnown(CollectionMerges, ""))
	return r.listen()
}

// once answers the first collection PUT of a deal itself.
func once(w *wire, status int, body string) {
	w.answer(status, body, func(c wireCall) bool { return c.kind == wireTogether && len(w.of(wireTogether)) == 1 })
}

// An answer with an item for each contact gives each row its own outcome, whatever the order of the items is (Zoho's
// OpenAPI file for v8, related records: 207 if some failed, 400 if all failed).
func TestMixedAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   []string
	}{
		"207": {
			207, data(
				item("SUCCESS", of(1)), item("INVALID_DATA", of(2)), item("MANDATORY_NOT_FOUND", atPath(2)),
				item("SUCCESS", of(4)),
			),
			[]string{
				"success assigned SUCCESS 207 about SUCCESS", "error  INVALID_DATA 207 about INVALID_DATA",
				"error  MANDATORY_NOT_FOUND 207 about MANDATORY_NOT_FOUND",
				"success assigned SUCCESS 207 about SUCCESS",
			},
		},
		"207 in another order": {
			207, data(
				item("SUCCESS", of(4)), item("RECORD_LOCKED", of(3)), item("INVALID_DATA", atPath(1)),
				item("SUCCESS", of(1)),
			),
			[]string{
				"success assigned SUCCESS 207 about SUCCESS", "error  INVALID_DATA 207 about INVALID_DATA",
				"error  RECORD_LOCKED 207 about RECORD_LOCKED", "success assigned SUCCESS 207 about SUCCESS",
			},
		},
		"400 with items": {
			400, data(
				item("INVALID_DATA", atPath(0)), item("INVALID_DATA", atPath(1)), item("RECORD_LOCKED", atPath(2)),
				item("NOT_APPROVED", of(4)),
			),
			[]string{
				"error  INVALID_DATA 400 about INVALID_DATA", "error  INVALID_DATA 400 about INVALID_DATA",
				"error  RECORD_LOCKED 400 about RECORD_LOCKED", "error  NOT_APPROVED 400 about NOT_APPROVED",
			},
		},
		"200 with a refusal": {
			200, data(
				item("SUCCESS", of(1)), item("SUCCESS", of(2)), item("SUCCESS", of(3)), item("NOT_APPROVED", of(4)),
			),
			[]string{
				"success assigned SUCCESS 200 about SUCCESS", "success assigned SUCCESS 200 about SUCCESS",
				"success assigned SUCCESS 200 about SUCCESS", "error  NOT_APPROVED 200 about NOT_APPROVED",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(), func(t *testing.T, r *rig) {
				w := r.merging()
				once(w, test.status, test.body)
				r.run(r.oneWorker(each(1, 1, 4, "Purchasing")...))
				if d := cmp.Diff(
					test.want, r.Results().Column("rc_status", "rc_action", "rc_code", "rc_http", "rc_message"),
				); d != "" {
					t.Errorf("results (-want +got):\n%s", d)
				}
				if d := cmp.Diff([]string{"together 1: 1 2 3 4"}, w.list()); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
			})
		})
	}
}

// The emulator answers with a mixture of refusals and successes, which must agree with the org.
func TestMixedAnswersOfTheEmulator(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 50 Engineering Lead"), func(t *testing.T, r *rig) {
		w := r.merging()
		r.run(
			r.oneWorker(
				"1 1 Purchasing", "1 999 Purchasing", "1 2 Decision Maker", "2 998 Purchasing", "2 999 Purchasing",
			),
		)
		want := []string{
			"assigned success SUCCESS 207", " error INVALID_DATA 207", "assigned success SUCCESS 207",
			" error INVALID_DATA 400", " error INVALID_DATA 400",
		}
		if d := cmp.Diff(want, r.Results().Column("rc_action", "rc_status", "rc_code", "rc_http")); d != "" {
			t.Errorf("results (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]string{"together 1: 1 999 2", "together 2: 998 999"}, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		r.checkState("1 1 Purchasing", "1 2 Decision Maker", "1 50 Engineering Lead")
	})
}

// Rows that the answer does not name are settled by a read of the deal. A row that the deal shows is a success, with a
// message that says so. The other rows are sent alone.
func TestUnnamedItemsAreSettledByTheDeal(t *testing.T) {
	t.Parallel()
	for name, unnamed := range map[string]string{
		"neither id nor path": item("SUCCESS", `{}`) + "," + item("INVALID_DATA", `{}`) + "," + item("SUCCESS", `{}`),
		"too few items":       item("SUCCESS", `{}`),
		"no items for them":   "",
		"another record":      item("SUCCESS", of(77)) + "," + item("SUCCESS", of(78)) + "," + item("SUCCESS", of(79)),
		"an item comes twice": strings.Join([]string{
			item("SUCCESS", of(2)), item("SUCCESS", of(3)), item("SUCCESS", of(4)), item("INVALID_DATA", of(2)),
			item("INVALID_DATA", of(3)), item("INVALID_DATA", of(4)),
		}, ","),
		"trouble, not refusals": strings.Join([]string{
			item("INTERNAL_ERROR", of(2)), item("TOO_MANY_REQUESTS", of(3)), item("INTERNAL_ERROR", of(4)),
		}, ","),
		"paths out of bounds": strings.Join([]string{
			item("SUCCESS", atPath(17)), item("SUCCESS", `{"json_path":"$.data[-1]"}`),
			item("SUCCESS", `{"json_path":"$.data"}`),
		}, ","),
		"details of no object": strings.Join([]string{
			item("SUCCESS", `[]`), item("SUCCESS", `null`), item("INVALID_DATA", `"x"`),
		}, ","),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(
				t,
				peopled("1 2 Purchasing", "1 4 Decision Maker"),
				func(t *testing.T, r *rig) { // as if of the call only contact 2 had been done
					w := r.merging()
					body := item("SUCCESS", of(1))
					if unnamed != "" {
						body += "," + unnamed
					}
					once(w, 207, data(body))
					r.run(r.oneWorker(each(1, 1, 4, "Purchasing")...))
					if d := cmp.Diff(
						[]string{"together 1: 1 2 3 4", "read 1", "one 1: 3", "one 1: 4"}, w.list(),
					); d != "" {
						t.Errorf("calls (-want +got):\n%s", d)
					}
					got := r.Results()
					if d := cmp.Diff(
						[]string{"assigned success", "assigned success", "assigned success", "assigned success"},
						got.Column("rc_action", "rc_status"),
					); d != "" {
						t.Errorf("results (-want +got):\n%s", d)
					}
					for i, row := range got.Rows {
						if says := strings.Contains(row["rc_message"], "read afterwards"); says != (i == 1) {
							t.Errorf("row %d: %q", i+1, row["rc_message"])
						}
					}
					r.checkState(append(each(1, 2, 4, "Purchasing"), "1 2 Purchasing")[:3]...)
				},
			)
		})
	}
}

// A deal that cannot be read back settles nothing: its rows are sent alone.
func TestUnnamedItemsOfADealThatCannotBeRead(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(), func(t *testing.T, r *rig) {
		w := r.merging()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			switch c.kind {
			case wireTogether:
				return says(207, data(item("SUCCESS", `{}`), item("SUCCESS", of(2)))), nil
			case wireRead:
				return says(http.StatusForbidden, flat("NO_PERMISSION", `{}`)), nil
			}
			return nil, nil
		}
		res := r.run(r.oneWorker(each(1, 1, 3, "Purchasing")...))
		if d := cmp.Diff([]string{"together 1: 1 2 3", "read 1", "one 1: 1", "one 1: 3"}, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		if res.Summary.Rows.Assigned != 3 {
			t.Errorf("rows %+v", res.Summary.Rows)
		}
	})
}

// If Zoho refuses a whole call because of the deal or the user, each row has the refusal, and there is no further call.
// After another refusal each row is sent alone.
func TestRefusalsOfAWholeCall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		shared bool
		code   string
	}{
		"the deal": {400, flat("INVALID_DATA", `{"resource_path_index":1}`), true, "INVALID_DATA"},
		"the deal, by another": {
			400, flat("MANDATORY_NOT_FOUND", `{"resource_path_index":1}`), true, "MANDATORY_NOT_FOUND",
		},
		"no permission":        {403, flat("NO_PERMISSION", `{}`), true, "NO_PERMISSION"},
		"no permission, a 400": {400, flat("AUTHORIZATION_FAILED", `{}`), true, "AUTHORIZATION_FAILED"},
		"it names no deal":     {400, flat("INVALID_DATA", `{}`), false, ""},
		"it names a contact": {
			400, flat("INVALID_DATA", fmt.Sprintf(`{"id":%q}`, jobtest.ContactID(2))), false, "",
		},
		"too many contacts":        {400, flat("LIMIT_EXCEEDED", `{"maximum_length":100}`), false, ""},
		"twice the same":           {400, flat("DUPLICATE_DATA", `{"api_name":"id"}`), false, ""},
		"the deal's record locked": {400, flat("RECORD_LOCKED", `{}`), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(), func(t *testing.T, r *rig) {
				w := r.merging()
				once(w, test.status, test.body)
				res := r.run(r.oneWorker(append(each(1, 1, 3, "Purchasing"), each(2, 1, 2, "Purchasing")...)...))
				calls, want := []string{
					"together 1: 1 2 3", "one 1: 1", "one 1: 2", "one 1: 3", "together 2: 1 2",
				}, "assigned SUCCESS 200 about"
				if test.shared {
					calls, want = slices.Delete(calls, 1, 4), fmt.Sprintf(" %s %d", test.code, test.status)
				}
				if d := cmp.Diff(calls, w.list()); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
				for i, got := range r.Results().Column("rc_action", "rc_code", "rc_http")[:3] {
					if !strings.HasPrefix(want, got) {
						t.Errorf("row %d: %q, want %q", i+1, got, want)
					}
				}
				r.checkNotes(res) // the next deal goes together again
			})
		})
	}
}

// A deal that does not exist costs one call, and each of its rows has Zoho's refusal.
func TestRowsOfADealThatIsNotThere(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(), func(t *testing.T, r *rig) {
		w := r.merging()
		r.run(r.oneWorker("0 1 Purchasing", "1 1 Purchasing", "0 2 Purchasing", "1 2 Purchasing"))
		if d := cmp.Diff([]string{"together: 1 2", "together 1: 1 2"}, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		bad := `error INVALID_DATA 400 {"resource_path_index":1}`
		got := r.Results().Column("rc_status", "rc_code", "rc_http", "rc_details")
		if got[0] != bad || got[2] != bad || !strings.HasPrefix(got[1], "success") ||
			!strings.HasPrefix(got[3], "success") {
			t.Errorf("results %q", got)
		}
	})
}

// A PUT whose answer is lost is sent again, because it may be repeated. If the answers stay lost, its rows are sent
// alone.
func TestLostAnswersOfABatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lost  int // collection PUTs that are done, and whose answers are lost
		fails int // those that are not even done, after them
		alone bool
	}{
		"one lost":               {1, 0, false},
		"all lost":               {1000, 0, true},
		"done, then never again": {1, 1000, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(), func(t *testing.T, r *rig) {
				w := r.merging()
				w.instead = func(c wireCall, q *http.Request) (*http.Response, error) {
					n := len(w.of(wireTogether))
					switch {
					case c.kind != wireTogether:
						return nil, nil
					case n <= test.lost:
						_, err := w.by.RoundTrip(q)
						return nil, errors.Join(jobtest.ErrCut, err)
					case n <= test.lost+test.fails:
						return says(500, refusal), nil
					}
					return nil, nil
				}
				res := r.run(r.oneWorker(each(1, 1, 4, "Purchasing")...))
				if alone := len(w.of(wireOne)) == 4; alone != test.alone || res.Summary.Rows.Assigned != 4 {
					t.Errorf("rows %+v, calls %v", res.Summary.Rows, w.list())
				}
				r.checkNotes(res)
				r.checkState(each(1, 1, 4, "Purchasing")...)
			})
		})
	}
}

// The rows of a deal go together in file order, wherever they are in the file. A contact that comes again goes in a
// later call.
func TestScatteredRowsTravelTogether(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(), func(t *testing.T, r *rig) {
		w := r.merging()
		r.run(r.oneWorker(
			"2 9 Purchasing", "1 5 Purchasing", "3 1 Purchasing", "1 4 Purchasing", "2 1 Purchasing",
			"1 5 purchasing", "1 3 Nobody", "1 5 Decision Maker", "1 9 Purchasing", "1 4 Engineering Lead",
			"2 2 Purchasing", "1 5 Purchasing", "1 x Purchasing",
		))
		want := []string{"together 1: 9 4 5", "together 2: 9 1 2", "one 3: 1"}
		if d := cmp.Diff(want, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		r.checkState(
			"1 5 Purchasing", "1 4 Engineering Lead", "1 9 Purchasing", "2 9 Purchasing", "2 1 Purchasing",
			"2 2 Purchasing", "3 1 Purchasing",
		)
	})
}

// Zoho begins to refuse the call during a run, for several workers at once. There is one note and one finding, and no
// row is lost.
func TestRefusedInMidRun(t *testing.T) {
	t.Parallel()
	o := peopled()
	o.Latency = 100 * time.Millisecond
	virtually(t, o, func(t *testing.T, r *rig) {
		k := newKnown(CollectionMerges, "")
		r.batched(k)
		w := r.listen()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireTogether && len(w.of(wireTogether)) > 6 {
				later(100 * time.Millisecond)
				return says(400, flat("INVALID_REQUEST_METHOD", `{}`)), nil
			}
			return nil, nil
		}
		q := r.request(Assign, jobtest.Triples(fives(1, 30)...))
		q.Settings.Concurrency = 5
		res := r.run(q)
		r.checkNotes(res, "INVALID_REQUEST_METHOD")
		if d := cmp.Diff([]string{findingCollection + ": " + CollectionRefused}, k.log); d != "" {
			t.Errorf("remembered (-want +got):\n%s", d)
		}
		// Five were in flight, and one more was prepared.
		if n := len(w.of(wireTogether)); n > 6+5+1 || res.Summary.Rows.Assigned != 150 {
			t.Errorf("%d calls together, rows %+v", n, res.Summary.Rows)
		}
		r.checkState(fives(1, 30)...)
	})
}
