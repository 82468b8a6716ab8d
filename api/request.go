package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"rolecall/api/auth"
	"rolecall/api/pace"
)

const (
	// largestBody is how many bytes of an answer are read at most: 2,000 deals with all fields are some megabytes, and
	// with a long text in each ten times that.
	largestBody = 32 << 20
	// attemptTimeout bounds one attempt.
	attemptTimeout = time.Minute
	// shortestAttempt is the time that every attempt has: Zoho's slow answers take some seconds.
	shortestAttempt = 5 * time.Second
	// probeTimeout bounds an attempt that only asks whether the service is there.
	probeTimeout = 5 * time.Second
)

// request is one call, before it is sent.
type request struct {
	method   string
	path     string // after the version, escaped
	query    string // encoded
	body     []byte
	form     bool   // the body is a form, not JSON
	modified string // If-Modified-Since, as Zoho writes times; "": none
	due      due
	reads    bool  // it changes nothing, although it is not a GET
	paged    bool  // the caller reads the further pages, or reports that there are some
	creates  bool  // it must not happen twice: never sent again once it may have been applied
	places   int   // calls in flight that it counts for; 0: one
	credits  int   // that it costs; 0: one
	heavy    bool  // it counts for sub-concurrency
	invalid  error // why the call cannot be sent to any server
}

func (q request) isWrite() bool { return q.method != http.MethodGet && !q.reads }

// call is a request under way.
type call struct {
	request
	trial

	mark      time.Time // of the last failure, or of when the call was first sent
	sent      int       // attempts, without those that count for none
	number    int       // all attempts
	uncertain bool      // the answer to an earlier attempt was lost
}

// do sends a call. It makes attempts until one is answered, the policy or the pacer stops, or the context ends.
func (c *Client) do(ctx context.Context, q request) (*reply, *call, *Error) {
	k := &call{request: q, mark: time.Now()}
	if q.invalid != nil {
		return nil, k, notSent(q.invalid)
	}
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
			a.Wait = c.pacer.GateWait()
		}
		if a.Number > 0 {
			c.report(a)
		}
		if v.action == actStop {
			return nil, k, k.fail(f, v)
		}
		k.uncertain = k.uncertain || f.lost && q.isWrite()
		if v.action == actWait {
			if stop := c.pacer.Pause(ctx, v.wait); stop != nil {
				return nil, k, k.stopped(stop)
			}
		}
	}
}

// decide counts a failed attempt and asks the policy.
func (c *Client) decide(ctx context.Context, k *call, f *fault, took time.Duration) verdict {
	if f.kind == kindTransient || f.kind == kindTokenServer {
		k.failed++
		k.away, k.unanswered = c.pacer.Health(k.mark)
		late := k.failed >= probeFrom || k.unanswered >= c.policy.outage
		if k.away && f.kind == kindTransient && late && c.probe(ctx) {
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
		c.pacer.End(pace.Outage, "not sent: "+v.reason)
	}
	return v
}

// probe makes a small call once, and reports whether Zoho answered, whatever the answer. For the CRM it reads the org's
// data (Zoho CRM API v8, Get Organization Data; one credit).
func (c *Client) probe(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	_, f, a := c.attempt(ctx, &call{request: c.ping})
	a.Final = true
	if a.Number > 0 {
		c.report(a)
	}
	return f.answered
}

// attempt gets a token, waits for the pacer and sends once. The pacer comes last: nothing waits between it and sending.
func (c *Client) attempt(ctx context.Context, k *call) (*reply, *fault, Attempt) {
	a := Attempt{Method: k.method, Path: k.path}
	began := time.Now()
	token, f := c.token(ctx)
	if f != nil {
		if f.kind == kindTokenServer {
			c.pacer.FailToken(began)
		}
		return nil, f, a
	}
	claim := pace.Claim{Kind: k.kind(), Places: k.places, Credits: k.credits, Heavy: k.heavy, Retry: k.number > 0}
	t, stop := c.pacer.Acquire(ctx, claim)
	if stop != nil {
		return nil, &fault{kind: kindCancelled, unsent: true, stop: stop}, a
	}
	if k.number++; k.number == 1 {
		k.mark = time.Now() // answers that came while the call waited do not count
	}
	r, status, f := c.send(ctx, k, token)
	f.status = status
	c.pacer.Release(t, f.result())
	if f.kind == kindToken {
		c.tokens.Invalidate(token)
	}
	if f.kind != kindThrottle && f.kind != kindToken {
		k.sent++
	}
	a.Number, a.HTTP, a.Took = k.number, status, time.Since(t.Started)
	a.Code, a.Message, a.Err = string(f.refusal.Code), string(f.refusal.Message), f.err
	if a.Code == "" {
		a.Message = f.message
	}
	if r != nil {
		a.refusedItems(r.items)
	}
	return r, f, a
}

// send makes one HTTP exchange and decodes its answer.
func (c *Client) send(ctx context.Context, k *call, token string) (*reply, int, *fault) {
	bounded, cancel := context.WithTimeout(ctx, c.patience(k))
	defer cancel()
	req, err := c.newRequest(bounded, k.request, token)
	if err != nil {
		return nil, 0, &fault{kind: kindRow, unsent: true, message: "the request cannot be made", err: err}
	}
	scrub := c.scrubber(req.URL, token)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, 0, classifyTransport(ctx, err).scrub(scrub)
	}
	defer resp.Body.Close()
	c.readClock(resp.Header)
	r, f := c.readAnswer(ctx, req, resp, k.due, scrub)
	if c.tokens == nil {
		f.fromGateway(resp.StatusCode)
	}
	f.scrub(scrub)
	f.credits, f.saysCredits = parseCredits(resp.Header)
	return r, resp.StatusCode, f
}

// scrubber returns the Scrubber of the token and of a proxy's password.
func (c *Client) scrubber(to *url.URL, token string) *auth.Scrubber {
	if last := c.scrub.Load(); last != nil && last.token == token {
		return last.Scrubber
	}
	now := &tokenScrubber{auth.NewScrubber(append(auth.ProxySecrets(to), token)...), token}
	c.scrub.Store(now)
	return now.Scrubber
}

// tokenScrubber is the scrubber of one access token.
type tokenScrubber struct {
	*auth.Scrubber

	token string
}

// patience bounds an attempt: by the time that its call has left, and, while calls fail, by the time to an outage.
func (c *Client) patience(k *call) time.Duration {
	d := min(attemptTimeout, c.policy.budget-k.spent)
	if _, failing := c.pacer.Health(time.Now()); failing > 0 {
		d = min(d, max(c.policy.outage-failing, shortestAttempt))
	}
	return d
}

// readAnswer reads an answer and decodes it.
func (c *Client) readAnswer(
	ctx context.Context, req *http.Request, resp *http.Response, wants due, scrub *auth.Scrubber,
) (*reply, *fault) {
	body, err := readBody(resp)
	if err != nil {
		f := classifyTransport(ctx, err)
		f.unsent, f.lost = false, true
		return nil, f
	}
	body = scrub.Bytes(body)
	if resp.StatusCode == http.StatusNotModified && req.Header.Get("If-Modified-Since") != "" {
		return &reply{status: resp.StatusCode}, &fault{answered: true}
	}
	if resp.StatusCode >= http.StatusMultipleChoices && resp.StatusCode < http.StatusBadRequest {
		return nil, classifyRedirect(req.URL.Host, resp.Header.Get("Location"))
	}
	r, f := c.decode(resp.StatusCode, body, wants)
	if f.kind == kindThrottle {
		f.after = waitAskedFor(resp.Header, f.refusal, time.Now())
		if f.lock.For > 0 && f.after > 0 {
			f.lock.For = f.after
		}
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
	if token != "" {
		req.Header["Authorization"] = []string{"Zoho-oauthtoken " + token}
	}
	req.Header["User-Agent"] = []string{c.agent}
	req.Header["Accept"] = []string{"application/json"}
	if q.modified != "" {
		req.Header["If-Modified-Since"] = []string{q.modified}
	}
	switch {
	case q.form:
		req.Header["Content-Type"] = []string{"application/x-www-form-urlencoded"}
	case q.body != nil:
		req.Header["Content-Type"] = []string{"application/json"}
	}
	return req, nil
}

// errTooLarge is the cause of an answer that is too large to read.
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

// creditsHeader is sent once half the credits are used (Zoho CRM API v8, API Limits).
const creditsHeader = "X-Api-Credits-Remaining" // #nosec G101 -- of the API's credits; spelt as net/http does

// parseCredits reads how many credits remain by the header; ok is false if it does not say so.
func parseCredits(h http.Header) (credits int, ok bool) {
	text := h.Get(creditsHeader)
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return max(0, n), err == nil
}
