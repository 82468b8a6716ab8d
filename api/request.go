package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// largestBody bounds what is read of an answer, in bytes: 2,000 records of
	// all a deal's fields are some megabytes, and a long text in each may make
	// them ten times that.
	largestBody = 32 << 20
	// attemptTimeout ends one attempt.
	attemptTimeout = time.Minute
	// shortestAttempt is what every attempt gets: Zoho's slow answers take some
	// seconds.
	shortestAttempt = 5 * time.Second
	// probeTimeout ends one that only asks whether anybody is there.
	probeTimeout = 5 * time.Second
)

// request is one call, before it is sent.
type request struct {
	method   string
	path     string // after the version, escaped
	query    string // encoded
	body     []byte
	modified string // If-Modified-Since, as Zoho writes times; "": not asked
	due      due
	reads    bool // it changes nothing, though it is no GET
	creates  bool // done twice it is not as done once: never sent again once it may have been applied
	places   int  // calls in flight that it counts for; 0: one
	credits  int  // that it costs; 0: one
}

func (q request) isWrite() bool { return q.method != http.MethodGet && !q.reads }

// call is a request under way.
type call struct {
	request
	trial

	mark      time.Time // of the failure before; of the call's start, before any
	sent      int       // attempts, those that cost none left out
	number    int       // attempts, all
	uncertain bool      // an earlier attempt's answer was lost
}

// do is the one path of every call: attempts until one is answered, the policy
// says stop, the pacer stops, or the context ends.
func (c *Client) do(ctx context.Context, q request) (*reply, *call, *Error) {
	k := &call{request: q, mark: time.Now()}
	for {
		r, f, a := c.attempt(ctx, k)
		if f.kind == kindNone {
			a.Final = true
			c.report(a)
			return r, k, nil
		}
		v := c.decide(ctx, k, f, a.Took)
		a.Wait, a.Final = v.wait, v.action == actStop
		if v.action == actGate {
			a.Wait = c.pacer.gateWait()
		}
		if a.Number > 0 {
			c.report(a)
		}
		if v.action == actStop {
			return nil, k, k.fail(f, v)
		}
		k.uncertain = k.uncertain || f.lost && q.isWrite()
		if v.action == actWait {
			if stop := c.pacer.pause(ctx, v.wait); stop != nil {
				return nil, k, k.stopped(stop)
			}
		}
	}
}

// decide counts a failed attempt and asks the policy.
func (c *Client) decide(ctx context.Context, k *call, f *fault, took time.Duration) verdict {
	if f.kind == kindTransient || f.kind == kindTokenServer {
		k.failed++
		k.away, k.unanswered = c.pacer.look(k.mark)
		if k.away && f.kind == kindTransient && (k.failed >= probeFrom || k.unanswered >= c.policy.outage) && c.probe(ctx) {
			k.away = false
		}
		k.mark = time.Now()
		if !k.away && f.kind == kindTransient {
			k.counted++
			k.spent += took
		}
	}
	k.applied = k.creates && f.lost
	v := c.policy.next(f.kind, k.trial, c.jitter)
	if v.action == actWait && !k.away && f.kind == kindTransient {
		k.spent += v.wait
	}
	if f.kind == kindToken {
		k.refreshed = true
	}
	if v.end == EndOutage {
		c.pacer.end(&Error{Ends: EndOutage, Message: "not sent: " + v.reason})
	}
	return v
}

// probe asks something cheap once and reports whether it was answered, with
// whatever: the org's data (Zoho CRM API v8, Get Organization Data; one credit).
func (c *Client) probe(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	_, f, a := c.attempt(ctx, &call{request: request{method: http.MethodGet, path: "/org", due: dueOrg}})
	a.Final = true
	if a.Number > 0 {
		c.report(a)
	}
	return f.answered
}

// attempt gets a token, waits for the pacer and sends once. The pacer comes
// last, so that nothing is waited for between its leave and the sending.
func (c *Client) attempt(ctx context.Context, k *call) (*reply, *fault, Attempt) {
	a := Attempt{Method: k.method, Path: k.path}
	began := time.Now()
	token, f := c.token(ctx)
	if f != nil {
		if f.kind == kindTokenServer {
			c.pacer.failToken(began)
		}
		return nil, f, a
	}
	t, stop := c.pacer.acquire(ctx, claim{kind: k.kind(), places: k.places, credits: k.credits, retry: k.number > 0})
	if stop != nil {
		return nil, &fault{kind: kindCancelled, unsent: true, stop: stop}, a
	}
	k.number++
	r, status, f := c.send(ctx, k, token)
	f.status = status
	c.pacer.release(t, f)
	if f.kind == kindToken {
		c.tokens.Invalidate(token)
	}
	if f.kind != kindThrottle && f.kind != kindToken {
		k.sent++
	}
	a.Number, a.HTTP, a.Took = k.number, status, time.Since(t.started)
	a.Code, a.Message, a.Err = string(f.refusal.Code), string(f.refusal.Message), f.err
	if a.Code == "" {
		a.Message = f.message
	}
	if r != nil {
		a.refusedItems(r.items)
	}
	return r, f, a
}

// send does one HTTP exchange and reads what it meant.
func (c *Client) send(ctx context.Context, k *call, token string) (*reply, int, *fault) {
	bounded, cancel := context.WithTimeout(ctx, c.patience(k))
	defer cancel()
	req, err := c.newRequest(bounded, k.request, token)
	if err != nil {
		return nil, 0, &fault{kind: kindRow, unsent: true, message: "the request cannot be made", err: err}
	}
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, 0, classifyTransport(ctx, err)
	}
	defer resp.Body.Close()
	r, f := read(ctx, req, resp, k.due, token)
	f.credits, f.saysCredits = parseCredits(resp.Header)
	return r, resp.StatusCode, f
}

// patience bounds an attempt: by what its call has left, and while calls are
// failing by the time after which the service is taken for away.
func (c *Client) patience(k *call) time.Duration {
	d := min(attemptTimeout, c.policy.budget-k.spent)
	if failing := c.pacer.unanswered(); failing > 0 {
		d = min(d, max(c.policy.outage-failing, shortestAttempt))
	}
	return d
}

// read takes what an answer means.
func read(ctx context.Context, req *http.Request, resp *http.Response, wants due, token string) (*reply, *fault) {
	body, err := readBody(resp)
	if err != nil {
		f := classifyTransport(ctx, err)
		f.unsent, f.lost = false, true
		return nil, f
	}
	if bytes.Contains(body, []byte(token)) {
		body = bytes.ReplaceAll(body, []byte(token), []byte("[token]"))
	}
	if resp.StatusCode == http.StatusNotModified && req.Header.Get("If-Modified-Since") != "" {
		return &reply{status: resp.StatusCode}, &fault{answered: true}
	}
	if resp.StatusCode >= http.StatusMultipleChoices && resp.StatusCode < http.StatusBadRequest {
		return nil, classifyRedirect(req.URL.Host, resp.Header.Get("Location"))
	}
	r, f := decode(resp.StatusCode, body, wants)
	if f.kind == kindThrottle {
		f.after = waitAskedFor(resp.Header, f.refusal, time.Now())
	}
	return r, f
}

func (c *Client) newRequest(ctx context.Context, q request, token string) (*http.Request, error) {
	target := c.base + q.path
	if q.query != "" {
		target += "?" + q.query
	}
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, target, body)
	if err != nil {
		return nil, err
	}
	req.Header["Authorization"] = []string{"Zoho-oauthtoken " + token}
	req.Header["User-Agent"] = []string{c.agent}
	req.Header["Accept"] = []string{"application/json"}
	if q.modified != "" {
		req.Header["If-Modified-Since"] = []string{q.modified}
	}
	if q.body != nil {
		req.Header["Content-Type"] = []string{"application/json"}
	}
	return req, nil
}

// errTooLarge is the cause of an answer that is not read to its end.
var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", largestBody>>20)

func readBody(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestBody+1))
	if err != nil {
		return nil, fmt.Errorf("the answer broke off: %w", err)
	}
	if len(body) > largestBody {
		return nil, errTooLarge
	}
	return body, nil
}

func (c *Client) report(a Attempt) {
	if c.trace != nil {
		c.trace(a)
	}
}
