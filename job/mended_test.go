package job

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"rolecall/api/emulator"

	"github.com/google/go-cmp/cmp"
)

// A stop in the middle of a proof that has all the rows of the run: they all have outcomes, and yet the run is not finished, since people are missing from the deal.
func TestStoppedInAProofOfTheLastRows(t *testing.T) {
	t.Parallel()
	virtually(t, replacing(), func(t *testing.T, r *rig) {
		r.batched(nil)
		q := r.oneWorker(each(1, 1, 6, "Purchasing")...)
		res := r.stopAt(wireTogether, q, nil)
		if res.Stop == nil {
			t.Errorf("it ended as %s, with the notes %q", res.Summary.State, res.Summary.Notes)
		}
		_, err := Resume(t.Context(), Again{RunDir: q.RunDir, Env: r.env()})
		if err != nil && !errors.Is(err, ErrFinished) {
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
		killed := filepath.Join(r.dir, "killed")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		w := r.listen()
		var copied error
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireRead && len(w.of(wireRead)) == 2 {
				copied = os.CopyFS(killed, os.DirFS(q.RunDir))
				cancel(ErrInterrupted)
				synctest.Wait() // until it has stopped the calls: this process puts nobody back
			}
			return nil, nil
		}
		if _, err := Start(ctx, q); err != nil || copied != nil {
			t.Fatal(err, copied)
		}
		r.resume(killed)
		r.checkState(append(each(1, 1, 6, "Purchasing"), "1 50 Engineering Lead", "1 51 Decision Maker")...)
	})
}

// A row whose outcome is not known may have changed its contact: the next row of the contact is not held to what was read before it.
func TestSkipUnchangedAfterAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		r.batched(newKnown(CollectionRefused, ""))
		w := r.listen()
		w.instead = func(c wireCall, q *http.Request) (*http.Response, error) {
			n := len(w.of(wireOne))
			switch {
			case c.kind == wireContact: // what became of the first row cannot be read
				return says(http.StatusForbidden, flat("NO_PERMISSION", `{}`)), nil
			case c.kind == wireOne && n == 1: // it is done, and its answer lost
				_, err := w.by.RoundTrip(q)
				return nil, errors.Join(errCut, err)
			case c.kind == wireOne && n <= 8: // and its repeats break
				return says(http.StatusInternalServerError, refusal), nil
			}
			return nil, nil
		}
		r.run(r.skipping(Assign, "1 1 Decision Maker", "1 1 Purchasing"))
		if got := r.results().column("rc_code"); got[0] != CodeOutcomeUnknown {
			t.Fatalf("%v", got)
		}
		r.checkState("1 1 Purchasing")
	})
}

// An empty deal proves nothing of composite requests: if they say of every deal that nobody is on it, remove must not believe them.
func TestCompositeReadsAreNotProvenByAnEmptyDeal(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(onEach(6, 10, 1, "Purchasing")...), func(t *testing.T, r *rig) {
		r.batched(nil)
		empty := `{"code":"SUCCESS","details":{"response":{"headers":{},"status_code":204,"body":null}},"message":"m","status":"success"}`
		w := r.listen()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireComposite {
				return says(200, `{"__composite_requests":[`+strings.Join(slices.Repeat([]string{empty}, len(c.contacts)), ",")+`]}`), nil
			}
			return nil, nil
		}
		q := r.skipping(Remove, onEach(1, 10, 1, "")...)
		q.Settings.Concurrency, q.Settings.Composite = 5, On
		res := r.run(q)
		if res.Summary.Rows.Removed != 5 || len(r.state()) != 0 {
			t.Errorf("rows %+v, and still on deals: %v", res.Summary.Rows, r.state())
		}
	})
}

// A refusal that is on no list, of every collection PUT, while each contact alone is taken: trying it on every deal costs three calls each time, and the price was another.
func TestAProofIsNotTriedForEver(t *testing.T) {
	t.Parallel()
	virtually(t, peopled(), func(t *testing.T, r *rig) {
		r.batched(nil)
		w := r.listen()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireTogether {
				return says(400, flat("EXPECTED_FIELD_MISSING", `{}`)), nil
			}
			return nil, nil
		}
		res := r.run(r.oneWorker(fives(1, 40)...))
		if n := len(w.list()); n > 200+10*proofCalls {
			t.Errorf("%d calls for 200 rows; announced: %d together once proven, %d one by one", n, res.Summary.Plan.Calls, res.Summary.Plan.OneByOne)
		}
	})
}

// So many per cent of a whole number of credits are not one less for the way in which computers reckon.
func TestThresholdOfIsExact(t *testing.T) {
	t.Parallel()
	for percent := range int64(101) {
		l := Threshold{Percent: float64(percent), Number: -1, Set: true}
		if got := l.Of(50_000); got != percent*500 {
			t.Errorf("%d%% of 50000 is %d", percent, got)
		}
	}
	if l, err := ParseThreshold("33.3%"); err != nil || l.Of(50_000) != 16_650 {
		t.Errorf("33.3%% of 50000 is %d, %v", l.Of(50_000), err)
	}
}

// Whatever text Zoho has as a role, undo.csv is one that can be read.
func TestUndoOfBrokenText(t *testing.T) {
	t.Parallel()
	virtually(t, peopled("1 1 Purchasing"), func(t *testing.T, r *rig) {
		w := r.listen()
		w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
			if c.kind == wireRead {
				return says(200, `{"data":[{"id":"`+contactID(1)+`","Contact_Role":{"id":"7","name":"a\u0000b"}}],"info":{"more_records":false}}`), nil
			}
			return nil, nil
		}
		r.run(r.skipping(Assign, "1 1 Decision Maker"))
		q := r.request(Assign, "")
		q.Input, q.RunDir, q.DryRun = filepath.Join(r.dir, "run", undoFile), filepath.Join(r.dir, "back"), true
		if _, err := Start(t.Context(), q); err != nil {
			t.Errorf("undo.csv is refused: %v", err)
		}
	})
}

// What undo.csv guards from spreadsheets is the same role when it is read back.
func TestUndoOfAGuardedRole(t *testing.T) {
	t.Parallel()
	o := peopled("1 1 =Boss")
	o.Org.Roles = []emulator.OrgRole{{ID: "11", Name: "=Boss"}, {ID: "12", Name: "Buyer"}}
	virtually(t, o, func(t *testing.T, r *rig) {
		r.run(r.skipping(Assign, "1 1 Buyer"))
		q := r.request(Assign, "")
		q.Input, q.RunDir = filepath.Join(r.dir, "run", undoFile), filepath.Join(r.dir, "back")
		if res := r.run(q); res.Summary.Rows.Error != 0 {
			t.Errorf("rows %+v, errors %+v", res.Summary.Rows, res.Summary.Errors)
		}
		r.checkState("1 1 =Boss")
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
