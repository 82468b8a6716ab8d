package stakeholder

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// replacing is an org whose collection PUT takes off contacts that it does not name. Deal 1 has contacts.
func replacing() emulator.Options {
	o := peopled("1 50 Engineering Lead", "1 51 Decision Maker")
	o.CollectionPut = "replace"
	return o
}

// stays is exactly the state that the org must have after fives(1, 3).
func stays() []string { return append(fives(1, 3), "1 50 Engineering Lead", "1 51 Decision Maker") }

// stopAt does a run that a signal stops during the first call of a kind. The call is answered normally.
func (r *rig) stopAt(kind string, q request, atIt func()) *job.Result {
	r.T.Helper()
	ctx, cancel := context.WithCancelCause(r.T.Context())
	defer cancel(nil)
	w := r.listen()
	defer func() { r.Transport = w.by }()
	w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
		if c.kind == kind && ctx.Err() == nil {
			if atIt != nil {
				atIt()
			}
			cancel(job.ErrInterrupted)
			synctest.Wait() // until it has stopped the calls
		}
		return nil, nil
	}
	res, err := job.Start(ctx, q.with())
	if err != nil {
		r.T.Fatal(err)
	}
	return res
}

// resume goes on with a run, which must finish.
func (r *rig) resume(dir string) *job.Result {
	r.T.Helper()
	res, err := job.Resume(r.T.Context(), job.Again{RunDir: dir, Env: r.Env()})
	if err != nil || res.Stop != nil {
		r.T.Fatalf("resume: %v, %+v", err, res)
	}
	return res
}

// checkRefused checks that a refusal stopped the run, and that the reason has some words.
func (r *rig) checkRefused(res *job.Result, words ...string) {
	r.T.Helper()
	if res.Stop == nil || res.Stop.Reason != job.Refused {
		r.T.Fatalf("stop %+v, rows %+v", res.Stop, res.Summary.Rows)
	}
	for _, word := range words {
		if !strings.Contains(res.Stop.Error(), word) {
			r.T.Errorf("%q does not say %q", res.Stop, word)
		}
	}
}

// killedInAProof starts a run and copies its folder during the first collection PUT. It returns the path of the copy,
// which is what a kill at that moment leaves.
func (r *rig) killedInAProof() (folder string) {
	r.T.Helper()
	folder = filepath.Join(r.Dir, "killed")
	q := r.oneWorker(fives(1, 3)...)
	var copied error
	r.stopAt(wireTogether, q, func() { copied = os.CopyFS(folder, os.DirFS(q.RunDir)) })
	if copied != nil {
		r.T.Fatal(copied)
	}
	return folder
}

// After a kill during the collection PUT, run.db has the contacts that may vanish. resume puts them back.
func TestKilledInAProof(t *testing.T) {
	t.Parallel()
	virtually(t, replacing(), func(t *testing.T, r *rig) {
		r.batched(nil)
		killed := r.killedInAProof()
		r.checkState(each(1, 2, 5, "Purchasing")...) // what the call left
		k := newKnown("", "")
		r.batched(k)
		w := r.listen()
		res := r.resume(killed)
		r.checkState(stays()...)
		r.checkNotes(res, "put back")
		if k.Recall(findingCollection) != CollectionReplaces || len(w.of(wireTogether)) != 0 {
			t.Errorf("found %q, calls %v", k.Recall(findingCollection), w.list())
		}
		if calls := w.list(); calls[0] != "read 1" {
			t.Errorf("the first call is %s: nothing may come before those who vanished", calls[0])
		}
		if res.Summary.Rows.Assigned != 15 {
			t.Errorf("rows %+v", res.Summary.Rows)
		}
	})
}

// If the PUT of the killed proof merges, resume finds all contacts on the deal, and then proves the PUT on another deal
// or not at all.
func TestKilledInAProofThatMerges(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 50 Engineering Lead"), func(t *testing.T, r *rig) {
		r.batched(nil)
		killed := r.killedInAProof()
		w := r.listen()
		res := r.resume(killed)
		r.checkState(append(fives(1, 3), "1 50 Engineering Lead")...)
		r.checkNotes(res)
		want := []string{
			"read 1", "read 1", "one 1: 2", "together 1: 3 4 5", "read 1", "together 2: 1 2 3 4 5",
			"together 3: 1 2 3 4 5",
		}
		if d := cmp.Diff(want, w.list()); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
	})
}

// A run stops between the collection PUT and the read that checks it. The summary says so, no row is a success by the
// answer alone, and resume finishes the proof.
func TestStoppedInAProof(t *testing.T) {
	t.Parallel()
	virtually(t, replacing(), func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.oneWorker(fives(1, 3)...)
		res := r.stopAt(wireTogether, q, nil)
		if res.Stop == nil || res.Stop.Reason != job.Interrupted || res.Summary.Rows.Assigned != 1 {
			t.Fatalf("stop %v, rows %+v", res.Stop, res.Summary.Rows)
		}
		r.checkNotes(res, "took others off deal "+jobtest.DealID(1)+": resume checks")
		w := r.listen()
		res = r.resume(q.RunDir)
		r.checkState(stays()...)
		if n := len(res.Summary.Notes); n != 1 || !strings.Contains(res.Summary.Notes[0], "put back") {
			t.Errorf("notes %q", res.Summary.Notes)
		}
		if w.list()[0] != "read 1" || len(w.of(wireTogether)) != 0 {
			t.Errorf("calls %v", w.list())
		}
	})
}

// After a stop before the collection PUT, there is nothing to put back.
func TestStoppedBeforeTheCallOfAProof(t *testing.T) {
	t.Parallel()
	virtually(t, replacing(), func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.oneWorker(fives(1, 3)...)
		res := r.stopAt(wireOne, q, nil)
		if res.Stop == nil || res.Stop.Reason != job.Interrupted || res.Summary.Rows.Assigned != 1 {
			t.Fatalf("stop %v, rows %+v", res.Stop, res.Summary.Rows)
		}
		r.checkNotes(res)
		r.resume(q.RunDir)
		r.checkState(stays()...)
	})
}

// If Zoho refuses to put a contact back, the run stops and names the contact and the deal. Each resume tries again
// until it works.
func TestPuttingBackIsRefused(t *testing.T) {
	t.Parallel()
	virtually(t, replacing(), func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		refuses := true
		w.answer(http.StatusBadRequest, `{"data":[`+flat("RECORD_LOCKED", `{}`)+`]}`, func(c wireCall) bool {
			return refuses && c.kind == wireOne && c.contacts[0] == 50
		})
		q := r.oneWorker(fives(1, 3)...)
		res := r.run(q)
		for try := range 2 {
			r.checkRefused(res, jobtest.DealID(1), jobtest.ContactID(50), "Engineering Lead", "RECORD_LOCKED")
			if res.Summary.Rows.NotAttempted != 10 {
				t.Fatalf("try %d: rows %+v", try+1, res.Summary.Rows)
			}
			w.forget()
			var err error
			if refuses = try == 0; !refuses {
				break
			}
			if res, err = job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()}); err != nil {
				t.Fatal(err)
			}
			if calls := w.list(); len(calls) > 3 || calls[0] != "read 1" {
				t.Errorf("resume sent %v: no row may be sent before everybody is back", calls)
			}
		}
		r.resume(q.RunDir)
		r.checkState(stays()...)
	})
}

// If the deal of a proof cannot be read again, the run stops, because a contact may be missing from the deal.
func TestTheSecondReadIsRefused(t *testing.T) {
	t.Parallel()
	virtually(t, replacing(), func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		w.answer(http.StatusForbidden, flat("NO_PERMISSION", `{}`), func(c wireCall) bool {
			return c.kind == wireRead && len(w.of(wireTogether)) > 0
		})
		q := r.oneWorker(fives(1, 3)...)
		r.checkRefused(r.run(q), jobtest.DealID(1), "NO_PERMISSION")
		w.instead = nil
		r.resume(q.RunDir)
		r.checkState(stays()...)
	})
}

// resume finishes an open proof also if the user now sends each row alone.
func TestAProofIsMendedWithoutBatches(t *testing.T) {
	t.Parallel()
	virtually(t, replacing(), func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.oneWorker(fives(1, 3)...)
		r.stopAt(wireTogether, q, nil)
		res, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env(), Change: oneByOne})
		if err != nil || res.Stop != nil {
			t.Fatal(err, res)
		}
		r.checkState(stays()...)
	})
}

// A run stops during a proof with all of its rows. All rows have outcomes, but the run is not finished, because
// contacts are missing from the deal.
func TestStoppedInAProofOfTheLastRows(t *testing.T) {
	t.Parallel()
	virtually(t, replacing(), func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.oneWorker(each(1, 1, 6, "Purchasing")...)
		res := r.stopAt(wireTogether, q, nil)
		if res.Stop == nil {
			t.Errorf("it ended as %s, with the notes %q", res.Summary.State, res.Summary.Notes)
		}
		_, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()})
		if err != nil && !errors.Is(err, job.ErrFinished) {
			t.Fatal(err)
		}
		r.checkState(append(each(1, 1, 6, "Purchasing"), "1 50 Engineering Lead", "1 51 Decision Maker")...)
	})
}

// The same after a kill, once all outcomes are recorded and before the deal is read again.
func TestKilledInAProofOfTheLastRows(t *testing.T) {
	t.Parallel()
	virtually(t, replacing(), func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.oneWorker(each(1, 1, 6, "Purchasing")...)
		killed := filepath.Join(r.Dir, "killed")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		w := r.listen()
		var copied error
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireRead && len(w.of(wireRead)) == 2 {
				copied = os.CopyFS(killed, os.DirFS(q.RunDir))
				cancel(job.ErrInterrupted)
				synctest.Wait() // until it has stopped the calls: this process puts nobody back
			}
			return nil, nil
		}
		if _, err := job.Start(ctx, q.with()); err != nil || copied != nil {
			t.Fatal(err, copied)
		}
		r.resume(killed)
		r.checkState(append(each(1, 1, 6, "Purchasing"), "1 50 Engineering Lead", "1 51 Decision Maker")...)
	})
}
