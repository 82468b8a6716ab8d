package job

import (
	"context"
	"net/http"
	"testing"

	"rolecall/api/emulator"
)

// A DELETE that a dead process may have sent stays noted, also when a later process was stopped before it could send it again.
func TestRemoveStaysNoted(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{})
	if res := r.run(r.request(Assign, triples("1 1 Purchasing"))); res.Summary.Rows.Success != 1 {
		t.Fatal(res)
	}
	q := r.request(Remove, triples("1 1"))
	q.RunDir += "-remove"
	// stopped stops the run at its DELETE, which is applied or refused, its answer lost or not.
	stopped := func(apply bool) context.Context {
		ctx, cancel := context.WithCancelCause(context.Background())
		r.transport = roundTripper(func(q *http.Request) (*http.Response, error) {
			if q.Method != http.MethodDelete {
				return http.DefaultTransport.RoundTrip(q)
			}
			cancel(ErrInterrupted)
			if apply {
				res, err := http.DefaultTransport.RoundTrip(q)
				if err == nil {
					res.Body.Close()
				}
				return nil, errCut
			}
			return &http.Response{StatusCode: 429, Header: http.Header{}, Body: http.NoBody, Request: q}, nil
		})
		return ctx
	}
	res, err := Start(stopped(true), q)
	if err != nil || res.Stop == nil {
		t.Fatal(res, err)
	}
	res, err = Resume(stopped(false), Again{RunDir: q.RunDir, Env: r.env()})
	if err != nil || res.Stop == nil {
		t.Fatal(res, err)
	}
	r.transport = nil
	res, err = Resume(t.Context(), Again{RunDir: q.RunDir, Env: r.env()})
	if err != nil || res.Summary.Rows.Success != 1 {
		t.Errorf("the contact that rolecall took off is an error: %+v, %v", res.Summary.Errors, err)
	}
}
