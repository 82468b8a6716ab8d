package emulator

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Emulator is a Zoho account behind an http.Handler. It is safe for
// concurrent use.
type Emulator struct {
	latency       time.Duration
	collectionPut string
	roleMoves     string
	denied        []string
	coql          string
	coqlRows      int
	edition       string

	gate     *gate
	accounts *accounts
	chooser  *chooser
	store    *store
	routes   []route
}

// New makes an emulator of the org in o.Org, or of a generated one.
//
// With o.State it keeps that org in a file: every change is in the file before
// its answer goes out, so that a killed process has lost nothing it answered.
// Where the file exists its org is taken up; one that o.Org, o.Deals,
// o.Contacts or o.RolesPerDeal contradict is an error, unless o.Reset says to replace it.
func New(o Options) (*Emulator, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s, err := openStore(&o)
	if err != nil {
		return nil, err
	}
	edition := o.Edition
	if edition == "" {
		edition = s.base.edition
	}
	limit, _ := inFlightOf(edition)
	if o.InFlight > 0 {
		limit = o.InFlight
	}
	g := newGate(limit, o.Credits, o.Now)
	return &Emulator{
		latency:       o.Latency,
		collectionPut: o.CollectionPut,
		roleMoves:     o.RoleMoves,
		denied:        o.Denied,
		coql:          o.Coql,
		coqlRows:      o.CoqlRows,
		edition:       edition,
		gate:          g,
		accounts:      newAccounts(&o, s, g),
		chooser:       newChooser(o.Faults, o.FaultSeed),
		store:         s,
		routes:        routes(o.Composite),
	}, nil
}

// Close flushes and closes the state file. Writes that come later are
// answered INTERNAL_ERROR.
func (e *Emulator) Close() error { return e.store.close() }

// ServeHTTP answers accounts, CRM and inspection requests.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/crm/"):
		e.serveAPI(w, r)
	case strings.HasPrefix(path, "/oauth/"):
		e.accounts.serve(w, r)
	case strings.HasPrefix(path, "/__emulator/"):
		e.serveInspection(w, r)
	default:
		refused(invalidURL()).write(w)
	}
}

// serveAPI is the one path of an API call: limits, fault, answer, latency. A
// call is in flight until its answer is ready: one that sent the next call on
// seeing the answer must not count twice.
func (e *Emulator) serveAPI(w http.ResponseWriter, r *http.Request) {
	c := e.match(r)
	if !e.gate.enter(c) {
		refused(tooManyRequests()).write(w)
		return
	}
	f := e.chooser.next()
	a := e.answer(c, f)
	arrived := e.wait(r.Context(), f)
	e.gate.leave(c)
	if !arrived {
		cut(w) // the client has gone
		return
	}
	if remaining, said := e.gate.remaining(c); said && f != fault429 && f != faultHTML {
		w.Header().Set("X-API-CREDITS-REMAINING", strconv.Itoa(remaining))
	}
	switch f {
	case faultReset, faultDrop:
		cut(w)
	case faultHTML:
		writeGatewayPage(w)
	case faultTruncate:
		a.truncate(w)
	default:
		a.write(w)
	}
}

// answer applies the call and says what to send, unless its fault forbids.
func (e *Emulator) answer(c *call, f fault) answer {
	switch f {
	case fault429:
		e.gate.refund(c, true)
		return refused(tooManyRequests())
	case fault500:
		return refused(internalError())
	case faultReset:
		e.gate.refund(c, false)
		return answer{}
	case faultHTML:
		return answer{}
	}
	a, err := e.handle(c)
	if err != nil {
		return refused(err)
	}
	return a
}

func (e *Emulator) handle(c *call) (answer, error) {
	var err error
	if c.scopes, err = e.accounts.authorise(c.r); err != nil {
		return answer{}, err
	}
	return e.perform(c)
}

// perform runs a call whose token is good, a sub-request too: every one needs
// its own scopes.
func (e *Emulator) perform(c *call) (answer, error) {
	switch {
	case c.refusal != nil:
		return answer{}, c.refusal
	case !c.scopes.allow(c.needs):
		return answer{}, unauthorised("OAUTH_SCOPE_MISMATCH", "Unauthorized")
	case slices.Contains(e.denied, c.right):
		return answer{}, denied(c.right)
	}
	return c.handler(e, c)
}

// slowest is the least that a slow answer takes.
const slowest = 500 * time.Millisecond

// wait lets the latency pass; false means that the client did not wait.
func (e *Emulator) wait(ctx context.Context, f fault) bool {
	d := e.latency
	switch f {
	case faultSlow:
		d = max(5*d, slowest)
	case fault429:
		d = 0 // Zoho's gate answers before any work is done
	}
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
