package stakeholder

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// A DELETE that a dead process may have sent stays recorded, also if a later process stops before it sends the DELETE
// again.
func TestRemoveStaysNoted(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	if res := r.run(r.request(Assign, jobtest.Triples("1 1 Purchasing"))); res.Summary.Rows.Success != 1 {
		t.Fatal(res)
	}
	q := r.request(Remove, jobtest.Triples("1 1"))
	q.RunDir += "-remove"
	// stopped stops the run at its DELETE, which is either applied with a lost answer, or refused. The deal cannot be
	// read then, because a read would settle the row.
	stopped := func(apply bool) context.Context {
		ctx, cancel := context.WithCancelCause(context.Background())
		r.Transport = jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
			if !apply && q.Method == http.MethodGet && strings.HasSuffix(q.URL.Path, "/Contact_Roles") {
				return says(http.StatusForbidden, flat("NO_PERMISSION", `{}`)), nil
			}
			if q.Method != http.MethodDelete {
				return http.DefaultTransport.RoundTrip(q)
			}
			cancel(job.ErrInterrupted)
			if apply {
				res, err := http.DefaultTransport.RoundTrip(q)
				if err == nil {
					res.Body.Close()
				}
				return nil, jobtest.ErrCut
			}
			return &http.Response{StatusCode: 429, Header: http.Header{}, Body: http.NoBody, Request: q}, nil
		})
		return ctx
	}
	res, err := job.Start(stopped(true), q.with())
	if err != nil || res.Stop == nil {
		t.Fatal(res, err)
	}
	res, err = job.Resume(stopped(false), job.Again{RunDir: q.RunDir, Env: r.Env()})
	if err != nil || res.Stop == nil {
		t.Fatal(res, err)
	}
	r.Transport = nil
	res, err = job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()})
	if err != nil || res.Summary.Rows.Success != 1 {
		t.Errorf("the contact that rolecall took off is an error: %+v, %v", res.Summary.Errors, err)
	}
}
