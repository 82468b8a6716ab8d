package stakeholder

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/job"
	"rolecall/job/jobtest"
)

// locked is a refusal of a write that does not show whether an earlier write was applied.
func locked() *http.Response {
	const body = `{"code":"RECORD_LOCKED","details":{},"message":"locked","status":"error"}`
	return &http.Response{
		StatusCode: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

// loseThenStop applies the first write of a method and loses its answer. Then it calls after with each later answer.
func loseThenStop(r *rig, method string, after func(*http.Response) *http.Response) (whole http.RoundTripper) {
	whole = r.Transport
	writes := 0
	r.Transport = jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
		answer, err := whole.RoundTrip(q)
		if q.Method != method || err != nil {
			return answer, err
		}
		if writes++; writes == 1 {
			return nil, jobtest.ErrCut
		}
		return after(answer), nil
	})
	return whole
}

// If a run stops between a write whose answer was lost and the read that settles it, the row stays recorded as sent,
// and resume settles it.
func TestAStopBeforeTheSettlingRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		job, method string
		on, rows    []string
		known       string
		stop        func(cancel func(), answer *http.Response) *http.Response
		want, undo  []string
	}{
		"remove": {
			job: Remove, method: http.MethodDelete, on: []string{"1 1 Decision Maker"}, rows: []string{"1 1"},
			known: CollectionRefused,
			stop: func(cancel func(), answer *http.Response) *http.Response {
				cancel()
				synctest.Wait()
				return answer
			},
			want: []string{"success removed Decision Maker"},
		},
		"assign": {
			job: Assign, method: http.MethodPut, on: []string{"1 1 Decision Maker"}, rows: []string{"1 1 Purchasing"},
			known: CollectionRefused,
			stop: func(cancel func(), _ *http.Response) *http.Response {
				cancel()
				synctest.Wait()
				return locked()
			},
			want: []string{"success updated Decision Maker"}, undo: []string{"Decision Maker"},
		},
		"assign of rows that a call for several left open": {
			job: Assign, method: http.MethodPut, known: CollectionMerges,
			on:   []string{"1 1 Decision Maker", "1 2 Decision Maker", "1 3 Decision Maker"},
			rows: []string{"1 1 Purchasing", "1 2 Purchasing"},
			stop: func(cancel func(), _ *http.Response) *http.Response {
				time.AfterFunc(500*time.Millisecond, cancel)
				return locked()
			},
			want: []string{"success updated Decision Maker", "success updated Decision Maker"},
			undo: []string{"Decision Maker", "Decision Maker"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, peopled(test.on...), func(t *testing.T, r *rig) {
				r.batched(newKnown(test.known, ""))
				q := r.request(test.job, jobtest.Triples(test.rows...))
				q.Settings.Concurrency, q.Settings.Rate, q.Options.ReadFirst = 1, 1, onOff(test.job == Assign)
				ctx, cancel := context.WithCancelCause(t.Context())
				whole := loseThenStop(r, test.method, func(answer *http.Response) *http.Response {
					return test.stop(func() { cancel(job.ErrInterrupted) }, answer)
				})
				if err := start(q)(ctx); err != nil {
					t.Fatal(err)
				}
				if n := len(r.Sent(q.RunDir)); n != len(test.rows) {
					t.Errorf("after the stop %d rows are recorded as sent, want %d", n, len(test.rows))
				}
				r.Transport = whole
				if err := r.resumption(q.RunDir)(t.Context()); err != nil {
					t.Fatal(err)
				}
				got := r.Results().Column("rc_status", "rc_action", "rc_prior_role")
				if d := cmp.Diff(test.want, got); d != "" {
					t.Errorf("results (-want +got):\n%s", d)
				}
				if test.undo == nil {
					return
				}
				undo := r.Table(r.RunDir() + "/" + undoFile).Column("role")
				if d := cmp.Diff(test.undo, undo); d != "" {
					t.Errorf("undo.csv (-want +got):\n%s", d)
				}
			})
		})
	}
}
