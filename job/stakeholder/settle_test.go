package stakeholder

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// loseAnswers applies the first n writes and then cuts before their answer; refuse, if set, is what every later write
// is answered without being applied.
func loseAnswers(by http.RoundTripper, n int64, method string, refuse *http.Response) http.RoundTripper {
	var writes atomic.Int64
	return jobtest.RoundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method != method {
			return by.RoundTrip(r)
		}
		number := writes.Add(1)
		if number > n && refuse != nil {
			answer := *refuse
			answer.Body = io.NopCloser(strings.NewReader(refusal))
			return &answer, nil
		}
		resp, err := by.RoundTrip(r)
		if err != nil || number > n {
			return resp, err
		}
		resp.Body.Close()
		return nil, jobtest.ErrCut
	})
}

const refusal = `{"code":"INTERNAL_ERROR","details":{},"message":"Internal Server Error","status":"error"}`

// A DELETE whose answer was lost is repeated. Zoho refuses the repeat, because the contact is gone. A read of the deal
// then shows a success, and the row says so. This holds for both forms of the call.
func TestRemoveWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]string{"one": {"1 1"}, "several": {"1 1", "1 2"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := seeded(t)
			r.Transport = loseAnswers(http.DefaultTransport, 1, http.MethodDelete, nil)
			res := r.run(r.request(Remove, jobtest.Triples(rows...)))
			if res.Summary.Rows.Removed != int64(len(rows)) {
				t.Errorf("rows %+v, state %v", res.Summary.Rows, r.State())
			}
			for _, row := range r.Results().Rows {
				if row["rc_code"] != "SUCCESS" || !strings.Contains(row["rc_message"], "read afterwards") {
					t.Errorf("row %s: %s %s", row["rc_row"], row["rc_code"], row["rc_message"])
				}
			}
		})
	}
}

// After a kill the row is settled in the same way, because it was recorded as sent before its DELETE.
func TestRemoveWhoseOutcomeAKillTook(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rows, want []string
	}{
		"one": {[]string{"1 1"}, []string{"removed success SUCCESS"}},
		"several": {
			[]string{"1 1", "1 2", "1 3"},
			[]string{"removed success SUCCESS", "removed success SUCCESS", " error NOT_ON_DEAL"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := seeded(t)
			q := r.request(Remove, jobtest.Triples(test.rows...))
			r.run(q)
			// What the kill leaves: the notes, and no outcome.
			r.ChangeDB(q.RunDir, "DELETE FROM outcomes; DELETE FROM sent WHERE row = 3; "+
				"DELETE FROM facts WHERE key IN ('finished', 'summary', 'worked')")
			if _, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()}); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, r.Results().Column("rc_action", "rc_status", "rc_code")); d != "" {
				t.Errorf("results (-want +got):\n%s", d)
			}
		})
	}
}

// internalError is what Zoho answers when it is in trouble.
func internalError() *http.Response {
	return &http.Response{
		StatusCode: http.StatusInternalServerError,
		Header:     http.Header{"Content-Type": {"application/json"}},
	}
}

func TestAssignIsSettledByReadingTheDeal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newVirtualRig(t, emulator.Options{})
		// The first PUT is applied and its answer lost; all repeats are refused. The role is in place all the same.
		r.Transport = loseAnswers(r.Transport, 1, http.MethodPut, internalError())
		r.run(r.request(Assign, jobtest.Triples("1 1 Purchasing")))
		row := r.Results().Rows[0]
		if row["rc_status"] != "success" || row["rc_action"] != "assigned" ||
			!strings.Contains(row["rc_message"], "read afterwards") ||
			row["rc_attempts"] != "8" {
			t.Errorf("got %v", row)
		}
	})
}

func TestARowThatIsAlwaysRefusedIsAnErrorAsSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newVirtualRig(t, emulator.Options{})
		r.Transport = loseAnswers(r.Transport, 0, http.MethodPut, internalError())
		r.run(r.request(Assign, jobtest.Triples("1 1 Purchasing")))
		row := r.Results().Rows[0]
		if row["rc_status"] != "error" || row["rc_code"] != "INTERNAL_ERROR" ||
			row["rc_message"] != "Internal Server Error" ||
			row["rc_http"] != "500" {
			t.Errorf("got %v", row)
		}
	})
}

// If a write is refused after a lost answer, and the read of the deal is refused in the same way, the row is refused,
// because the deal does not exist.
func TestAssignToNoDealAfterALostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newVirtualRig(t, emulator.Options{})
		r.Transport = loseAnswers(r.Transport, 1, http.MethodPut, nil)
		r.run(r.request(Assign, jobtest.Triples("9999 1 Purchasing", "1 1 Purchasing")))
		if got := r.Results().Column("rc_status", "rc_code"); !cmp.Equal(
			got, []string{"error INVALID_DATA", "success SUCCESS"},
		) {
			t.Errorf("got %v", got)
		}
	})
}
