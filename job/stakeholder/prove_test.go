package stakeholder

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// fives are rows for some deals, contacts 1 to 5 each.
func fives(from, to int) (lines []string) {
	for deal := from; deal <= to; deal++ {
		lines = append(lines, each(deal, 1, 5, "Purchasing")...)
	}
	return lines
}

// oneWorker is an assign run whose calls come one after the other.
func (r *rig) oneWorker(lines ...string) request {
	q := r.request(Assign, jobtest.Triples(lines...))
	q.Settings.Concurrency = 1
	return q
}

// checkNotes checks the notes: each must contain its text.
func (r *rig) checkNotes(res *job.Result, says ...string) {
	r.T.Helper()
	if len(res.Summary.Notes) != len(says) {
		r.T.Fatalf("notes %q, want %d", res.Summary.Notes, len(says))
	}
	for i, text := range says {
		if !strings.Contains(res.Summary.Notes[i], text) {
			r.T.Errorf("note %q does not say %q", res.Summary.Notes[i], text)
		}
	}
}

// A proof reads the deal, sends the first row alone and the others in the collection PUT, and reads the deal again. If
// the PUT leaves other contacts alone, the run uses it from then on.
func TestProofThatMerges(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 50 Engineering Lead", "2 50 Decision Maker"), func(t *testing.T, r *rig) {
		k := newKnown("", "")
		r.batched(k)
		w := r.listen()
		res := r.run(r.oneWorker(append(fives(1, 2), each(3, 1, 250, "Decision Maker")...)...))
		want := []string{"read 1", "one 1: 1", "together 1: 2 3 4 5", "read 1", "together 2: 1 2 3 4 5"}
		if d := cmp.Diff(want, w.list()[:5]); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		var rest []wireCall
		for _, part := range [][2]int{{1, 100}, {101, 200}, {201, 250}} {
			rest = append(rest, wireCall{kind: wireTogether, deal: 3, contacts: numbers(part[0], part[1])})
		}
		same := cmp.Options{cmp.AllowUnexported(wireCall{}), cmpopts.IgnoreFields(wireCall{}, "at")}
		if d := cmp.Diff(rest, w.of(wireTogether)[2:], same); d != "" {
			t.Errorf("calls of deal 3 (-want +got):\n%s", d)
		}
		r.checkState(
			append(
				append(fives(1, 2), each(3, 1, 250, "Decision Maker")...), "1 50 Engineering Lead",
				"2 50 Decision Maker",
			)...)
		r.checkNotes(res)
		if d := cmp.Diff([]string{findingCollection + ": " + CollectionMerges}, k.log); d != "" {
			t.Errorf("remembered (-want +got):\n%s", d)
		}
		if res.Summary.Rows.Assigned != 260 || res.Summary.Plan.Way != string(wayProving) {
			t.Errorf("rows %+v, way %q", res.Summary.Rows, res.Summary.Plan.Way)
		}
		// Three calls beside the rows' own are the price that was told.
		if n := int64(len(w.list())); n != res.Summary.Plan.Calls {
			t.Errorf("%d calls, %d announced", n, res.Summary.Plan.Calls)
		}
	})
}

// A PUT that replaces takes contacts off the deal. The run puts each of them back with the earlier role, and does not
// use the PUT again.
func TestProofThatReplaces(t *testing.T) {
	t.Parallel()
	before := []string{"1 50 Engineering Lead", "1 51 Decision Maker", "1 3 Executive Sponsor", "2 50 Engineering Lead"}
	o := peopled(append(before, "1 1 Decision Maker")...)
	o.CollectionPut = "replace"
	virtually(t, o, func(t *testing.T, r *rig) {
		k := newKnown("", "")
		r.batched(k)
		w := r.listen()
		res := r.run(r.oneWorker(fives(1, 3)...))
		got := w.list()
		if d := cmp.Diff([]string{"read 1", "one 1: 1", "together 1: 2 3 4 5", "read 1"}, got[:4]); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		back := slices.Sorted(slices.Values(got[4:7])) // contact 3 is among those named, and is none of them
		if d := cmp.Diff([]string{"one 1: 1", "one 1: 50", "one 1: 51"}, back); d != "" {
			t.Errorf("put back (-want +got):\n%s", d)
		}
		var rest []string
		for deal := 2; deal <= 3; deal++ {
			for contact := 1; contact <= 5; contact++ {
				rest = append(rest, fmt.Sprintf("one %d: %d", deal, contact))
			}
		}
		if d := cmp.Diff(rest, got[7:]); d != "" {
			t.Errorf("calls after it (-want +got):\n%s", d)
		}
		r.checkState(append(fives(1, 3), "1 50 Engineering Lead", "1 51 Decision Maker", "2 50 Engineering Lead")...)
		r.checkNotes(res, "put back")
		for _, contact := range []int{1, 50, 51} {
			if !strings.Contains(res.Summary.Notes[0], jobtest.ContactID(contact)) {
				t.Errorf("note %q does not name contact %d", res.Summary.Notes[0], contact)
			}
		}
		if d := cmp.Diff([]string{findingCollection + ": " + CollectionReplaces}, k.log); d != "" {
			t.Errorf("remembered (-want +got):\n%s", d)
		}
		if res.Summary.Rows.Assigned != 15 {
			t.Errorf("rows %+v", res.Summary.Rows)
		}
	})
}

// However Zoho refuses the call, all rows go one by one, and there is one note.
func TestProofThatIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status     int
		body, says string
	}{
		"no such path":     {404, flat("INVALID_URL_PATTERN", `{}`), "INVALID_URL_PATTERN"},
		"no such method":   {400, flat("INVALID_REQUEST_METHOD", `{}`), "INVALID_REQUEST_METHOD"},
		"no scope":         {401, flat("OAUTH_SCOPE_MISMATCH", `{}`), "OAUTH_SCOPE_MISMATCH"},
		"a 405":            {405, "", "method not allowed"},
		"another shape":    {200, `{"contact_roles":{"n":4}}`, ""},
		"no JSON":          {200, `<html>fine</html>`, ""},
		"the wrong module": {400, flat("INVALID_DATA", `{"resource_path_index":2}`), "INVALID_DATA"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled("1 50 Engineering Lead"), func(t *testing.T, r *rig) {
				k := newKnown("", "")
				r.batched(k)
				w := r.listen()
				w.answer(test.status, test.body, func(c wireCall) bool { return c.kind == wireTogether })
				res := r.run(r.oneWorker(fives(1, 3)...))
				want := []string{"read 1", "one 1: 1", "together 1: 2 3 4 5", "read 1"}
				for _, line := range fives(1, 3)[1:] {
					want = append(want, fmt.Sprintf("one %s: %s", line[:1], line[2:3]))
				}
				if d := cmp.Diff(want, slices.Compact(w.list())); d != "" { // what cannot be read is asked for again
					t.Errorf("calls (-want +got):\n%s", d)
				}
				r.checkState(append(fives(1, 3), "1 50 Engineering Lead")...)
				r.checkNotes(res, "sending each row alone")
				if !strings.Contains(res.Summary.Notes[0], test.says) {
					t.Errorf("note %q does not say %q", res.Summary.Notes[0], test.says)
				}
				if d := cmp.Diff([]string{findingCollection + ": " + CollectionRefused}, k.log); d != "" {
					t.Errorf("remembered (-want +got):\n%s", d)
				}
				if res.Stop != nil || res.Summary.Rows.Assigned != 15 {
					t.Errorf("stop %v, rows %+v", res.Stop, res.Summary.Rows)
				}
			})
		})
	}
}

// What an earlier run found out is not found out again.
func TestNothingIsProvenTwice(t *testing.T) {
	t.Parallel()
	for finding, want := range map[string][]string{
		CollectionMerges:   {"together 1: 1 2 3 4 5", "together 2: 1 2 3 4 5", "together 3: 1 2 3 4 5"},
		CollectionReplaces: {"one 1: 1", "one 1: 2", "one 1: 3"},
		CollectionRefused:  {"one 1: 1", "one 1: 2", "one 1: 3"},
	} {
		t.Run(finding, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(), func(t *testing.T, r *rig) {
				k := newKnown(finding, "")
				r.batched(k)
				w := r.listen()
				res := r.run(r.oneWorker(fives(1, 3)...))
				if d := cmp.Diff(want, w.list()[:3]); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
				if n := int64(len(w.list())); n != res.Summary.Plan.Calls || len(w.of(wireRead)) != 0 {
					t.Errorf("%d calls, %d announced: %v", n, res.Summary.Plan.Calls, w.list())
				}
				if len(k.log) != 0 {
					t.Errorf("remembered again: %v", k.log)
				}
				r.checkNotes(res)
			})
		})
	}
}

// There is no proof if the user does not want it, if the API version lacks the call, or if the proof costs more than it
// saves.
func TestNothingIsProvenInVain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines    []string
		batches  bool
		oneByOne bool
	}{
		"not wanted":        {fives(1, 3), true, true},
		"not there":         {fives(1, 3), false, false},
		"it would not pay":  {fives(1, 1)[:4], true, false}, // four calls one by one, and four by the proof
		"one row in a deal": {[]string{"1 1 Purchasing", "2 1 Purchasing", "3 1 Purchasing"}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled("1 50 Engineering Lead"), func(t *testing.T, r *rig) {
				r.Org = func(o *job.Org) { o.Batches = test.batches }
				w := r.listen()
				q := r.oneWorker(test.lines...)
				q.Options.OneByOne = test.oneByOne
				res := r.run(q)
				if n := len(w.of(wireOne)); n != len(test.lines) || len(w.list()) != n ||
					res.Summary.Plan.Way != string(wayOneByOne) {
					t.Errorf("way %q, calls %v", res.Summary.Plan.Way, w.list())
				}
			})
		})
	}
}

// While one worker proves the call, the others send one by one. After the proof, the rest of their deals goes together.
func TestOthersGoOneByOneMeanwhile(t *testing.T) {
	t.Parallel()
	o := peopled("1 50 Engineering Lead", "2 50 Engineering Lead", "3 50 Engineering Lead")
	o.Latency = 100 * time.Millisecond
	virtually(t, o, func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		var mu sync.Mutex
		reads, before := 0, 0 // the calls before the second read was answered
		var proven time.Time  // when it was answered
		w.after = func(c wireCall, _ *http.Response) {
			mu.Lock()
			defer mu.Unlock()
			if c.kind == wireRead {
				if reads++; reads == 2 {
					before, proven = len(w.list()), time.Now()
				}
			}
		}
		var lines []string
		for deal := 1; deal <= 12; deal++ {
			lines = append(lines, each(deal, 1, 7, "Purchasing")...)
		}
		q := r.request(Assign, jobtest.Triples(lines...))
		q.Settings.Concurrency = 3
		res := r.run(q)
		checkProofAmongOthers(t, w.calls, before, proven)
		if got := w.of(wireRead); len(got) != 2 || got[0].deal != got[1].deal {
			t.Errorf("reads %v, want two of one deal", got)
		}
		if n := int64(len(w.list())); n > res.Summary.Plan.Calls+2 { // the same two
			t.Errorf("%d calls, about %d were announced", n, res.Summary.Plan.Calls)
		}
		if res.Summary.Rows.Assigned != int64(len(lines)) {
			t.Errorf("rows %+v", res.Summary.Rows)
		}
	})
}

func checkProofAmongOthers(t *testing.T, calls []wireCall, before int, proven time.Time) {
	t.Helper()
	prover := calls[slices.IndexFunc(calls, func(c wireCall) bool { return c.kind == wireRead })].deal
	together, meanwhile, crossed := 0, 0, 0
	for i, c := range calls {
		switch {
		case i >= before && c.kind == wireOne && c.contacts[0] != 7: // a deal's last row is alone anyway
			// The two others may have chosen their call at the moment of the answer.
			if crossed++; crossed > 2 || c.at.After(proven) {
				t.Errorf("call %d is %v, although it is proven that contacts may go together", i, c)
			}
		case i < before && c.deal != prover && c.kind != wireOne:
			t.Errorf("call %d is %v, before it was proven", i, c)
		case i < before && c.deal != prover:
			meanwhile++
		}
		together += len(c.contacts) * map[bool]int{true: 1}[c.kind == wireTogether]
	}
	if meanwhile < 6 || together < 60 { // two others, with three writes each at least
		t.Errorf("%d calls beside the proof, %d rows together: the test shows nothing", meanwhile, together)
	}
}

// If a deal proves nothing, its rows go one by one, and the next deal is tried.
func TestADealThatProvesNothing(t *testing.T) {
	t.Parallel()
	roleless := fmt.Sprintf(
		`{"data":[{"id":%q,"Contact_Role":null},{"id":%q,"Contact_Role":{"id":"1","name":"x"}}],`+
			`"info":{"more_records":false}}`,
		jobtest.ContactID(50),
		jobtest.ContactID(51),
	)
	for name, test := range map[string]struct {
		first []string // the rows of the first deal
		reads string   // what it is read as
		want  []string
	}{
		"its first row fails, and nobody is on it": {
			[]string{"1 999 Purchasing", "1 1 Purchasing", "1 2 Purchasing"}, "",
			[]string{"read 1", "one 1: 999", "one 1: 1", "one 1: 2"},
		},
		"somebody without a role could not be put back": {
			[]string{"1 1 Purchasing", "1 2 Purchasing", "1 3 Purchasing"}, roleless,
			[]string{"read 1", "one 1: 1", "one 1: 2", "one 1: 3"},
		},
		"there is no such deal": {
			[]string{"0 1 Purchasing", "0 2 Purchasing"}, "",
			[]string{"read", "one: 1", "one: 2"}, // its number is 0
		},
		"all but the first row fail": {
			[]string{"1 1 Purchasing", "1 998 Purchasing", "1 999 Purchasing"}, "",
			[]string{"read 1", "one 1: 1", "together 1: 998 999", "read 1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(), func(t *testing.T, r *rig) {
				k := newKnown("", "")
				r.batched(k)
				w := r.listen()
				w.answer(http.StatusOK, test.reads, func(c wireCall) bool {
					return c.kind == wireRead && c.deal == 1 && test.reads != ""
				})
				r.run(r.oneWorker(append(test.first, fives(2, 3)...)...))
				want := append(
					test.want, "read 2", "one 2: 1", "together 2: 2 3 4 5", "read 2", "together 3: 1 2 3 4 5",
				)
				if d := cmp.Diff(want, w.list()); d != "" {
					t.Errorf("calls (-want +got):\n%s", d)
				}
				if d := cmp.Diff([]string{findingCollection + ": " + CollectionMerges}, k.log); d != "" {
					t.Errorf("remembered (-want +got):\n%s", d)
				}
			})
		})
	}
}

// With any faults, the run finds out that a PUT replaces, and no contact is missing at the end.
func TestProofAmongFaults(t *testing.T) {
	t.Parallel()
	faults, err := emulator.ParseFaults("429=5%,500=5%,reset=5%,drop=8%,truncate=5%,html=3%")
	if err != nil {
		t.Fatal(err)
	}
	for seed := range int64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			before := append(each(1, 50, 60, "Engineering Lead"), each(2, 50, 60, "Decision Maker")...)
			o := peopled(before...)
			o.CollectionPut, o.Faults, o.FaultSeed = []string{"replace", "merge", "off"}[seed%3], faults, seed
			virtually(t, o, func(t *testing.T, r *rig) {
				r.batched(nil)
				res := r.run(r.request(Assign, jobtest.Triples(fives(1, 6)...)))
				if res.Stop != nil || res.Summary.Rows.Success != 30 {
					t.Errorf("stop %v, rows %+v", res.Stop, res.Summary.Rows)
				}
				r.checkState(append(before, fives(1, 6)...)...)
			})
		})
	}
}

// If the PUT changes the role of a contact that it does not name, the run restores the role, and the PUT counts as one
// that replaces.
func TestProofThatChangesRoles(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 50 Engineering Lead"), func(t *testing.T, r *rig) {
		k := newKnown("", "")
		r.batched(k)
		w := r.listen()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind != wireRead || len(w.of(wireTogether)) == 0 {
				return nil, nil
			}
			role := r.Emu.SnapshotState()[jobtest.DealID(1)][jobtest.ContactID(1)]
			onDeal := func(contact int) string {
				return fmt.Sprintf(
					`{"id":%q,"Contact_Role":{"id":%q,"name":%q}}`, jobtest.ContactID(contact), role.ID, role.Name,
				)
			}
			var on []string
			for _, contact := range []int{1, 2, 3, 4, 5, 50} {
				on = append(on, onDeal(contact))
			}
			return says(http.StatusOK, `{"data":[`+strings.Join(on, ",")+`],"info":{"more_records":false}}`), nil
		}
		res := r.run(r.oneWorker(fives(1, 3)...))
		if d := cmp.Diff(
			[]string{"read 1", "one 1: 1", "together 1: 2 3 4 5", "read 1", "one 1: 50", "one 2: 1"}, w.list()[:6],
		); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		r.checkNotes(res, "put back "+jobtest.ContactID(50))
		if k.Recall(findingCollection) != CollectionReplaces {
			t.Errorf("found %q", k.Recall(findingCollection))
		}
	})
}

// If Zoho refuses every collection PUT with an unknown error, the run stops trying after some deals, because each proof
// costs three calls.
func TestAProofIsNotTriedForEver(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(), func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		w.answer(400, flat("EXPECTED_FIELD_MISSING", `{}`), func(c wireCall) bool { return c.kind == wireTogether })
		res := r.run(r.oneWorker(fives(1, 40)...))
		if n := len(w.list()); n > 200+10*proofCalls {
			t.Errorf(
				"%d calls for 200 rows; announced: %d together once proven, %d one by one", n,
				res.Summary.Plan.Calls, res.Summary.Plan.OneByOne,
			)
		}
	})
}

// A contact is put back in the order of the deal, so that the note reads the same in each run.
func TestTheNoteOfThosePutBackIsOrdered(t *testing.T) {
	t.Parallel()
	o := peopled(each(1, 50, 70, "Purchasing")...)
	o.CollectionPut = "replace"
	virtually(t, o, func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		r.run(r.oneWorker(fives(1, 3)...))
		var back []int
		for _, c := range w.of(wireOne)[1:23] {
			back = append(back, c.contacts[0])
		}
		want := numbers(50, 70)
		slices.Reverse(want) // as Zoho lists them: the latest id first (Zoho CRM API v7, Get Related Records)
		if d := cmp.Diff(append([]int{1}, want...), back); d != "" {
			t.Errorf("put back (-want +got):\n%s", d)
		}
	})
}

// The deal must show the successes in the answer of the collection PUT. A contact that the deal does not show with its
// role is sent alone, and the run does not use the PUT again.
func TestProofThatDoesNothing(t *testing.T) {
	t.Parallel()
	for name, role := range map[string]string{"nobody is there": "", "with another role": "Engineering Lead"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := peopled("1 50 Engineering Lead")
			if role != "" {
				o = peopled(append(each(1, 2, 5, role), "1 50 Engineering Lead")...)
			}
			virtually(t, o, func(t *testing.T, r *rig) {
				k := newKnown("", "")
				r.batched(k)
				w := r.listen()
				w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
					if c.kind != wireTogether {
						return nil, nil
					}
					var all []string
					for _, contact := range c.contacts {
						all = append(all, fmt.Sprintf(`{"code":"SUCCESS","details":{"id":%q},`+
							`"message":"relation added","status":"success"}`, jobtest.ContactID(contact)))
					}
					return says(http.StatusOK, `{"data":[`+strings.Join(all, ",")+`]}`), nil
				}
				res := r.run(r.oneWorker(fives(1, 3)...))
				r.checkState(append(fives(1, 3), "1 50 Engineering Lead")...)
				r.checkNotes(res, "does not show 4 of them with their roles")
				if len(w.of(wireTogether)) != 1 || res.Summary.Rows.Assigned != 15 {
					t.Errorf("calls %v, rows %+v", w.list(), res.Summary.Rows)
				}
				if k.Recall(findingCollection) != CollectionRefused {
					t.Errorf("found %q", k.Recall(findingCollection))
				}
			})
		})
	}
}
