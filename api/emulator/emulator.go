package emulator

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"rolecall/api/emulator/accounts"
	"rolecall/api/emulator/bulk"
	"rolecall/api/emulator/crm"
	"rolecall/api/emulator/gateway"
	"rolecall/api/emulator/meta"
	"rolecall/api/emulator/org"
	"rolecall/api/emulator/records"
	"rolecall/api/emulator/voice"
	"rolecall/api/emulator/wire"
)

// An Emulator is a Zoho account behind an http.Handler. It is safe for concurrent use.
type Emulator struct {
	latency  time.Duration
	denied   map[string]string // the rights that the user lacks, with the code of their refusal
	edition  string
	accounts *accounts.Server
	chooser  *chooser
	store    *org.Store
	front    *gateway.Gateway
	crm      service
	voice    service
}

// A service is an API with limits and refusals of its own.
type service struct {
	gate    *gate
	limit   voice.Limit // on calls of one kind
	match   func(*http.Request) *call
	refused func(error) wire.Answer
}

// New makes an emulator of the org in o.Org, or of a generated one.
//
// With o.State a file keeps that org: every change is in the file before its answer goes out, so a killed process loses
// no answered change. If the file exists, the emulator continues with its org. If o.Org, o.Deals, o.Contacts or
// o.RolesPerDeal contradict that org, New fails, unless o.Reset replaces it.
func New(o Options) (*Emulator, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	e := &Emulator{latency: o.Latency, chooser: newChooser(o.Faults, o.FaultSeed)}
	registry := new(accounts.Registry)
	var err error
	if e.accounts, err = accounts.New(registry, o.accounts(), func() { e.crm.gate.tokenIssued() }); err != nil {
		return nil, err
	}
	if e.store, err = org.Open(o.wanted(), registry); err != nil {
		return nil, err
	}
	if e.denied, err = readDenied(o.Denied, e.store.Modules()); err != nil {
		return nil, errors.Join(err, e.store.Close())
	}
	if e.edition = o.Edition; e.edition == "" {
		e.edition = e.store.Info.Edition
	}
	limit := o.InFlight
	if limit == 0 {
		limit, _ = org.InFlight(e.edition) // both editions were checked
	}
	routes := slices.Concat(
		crm.New(e.store, o.crm()).Routes(), meta.New(e.store, e.edition).Routes(),
		records.New(e.store, o.Now, o.SearchLag).Routes(), bulk.New(e.store, o.Now).Routes(),
	)
	if o.Composite == "on" {
		routes = append(routes, e.compositeRoute())
	}
	o.Gateway.Modules = e.moduleNames()
	e.front = gateway.New(o.Gateway, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.serveAPI(w, r, &e.crm)
	}))
	crmRoutes := newRouter(routes)
	e.crm = service{gate: newGate(limit, o.Credits, o.Now), match: crmRoutes.match, refused: wire.Refused}
	voiceRoutes := newRouter(voice.New(e.store, o.voice()).Routes())
	e.voice = service{
		gate: newGate(o.VoiceInFlight, 0, o.Now), match: voiceRoutes.matchVoice, refused: voice.Refused,
		limit: voice.Limit{PerMinute: o.VoiceRate, Lock: o.VoiceLock, Now: o.Now},
	}
	return e, nil
}

// moduleNames returns the API names of the org's modules.
func (e *Emulator) moduleNames() (names []string) {
	for _, m := range e.store.Modules() {
		names = append(names, m.Name())
	}
	return names
}

// Close flushes and closes the state file. Later writes are answered INTERNAL_ERROR.
func (e *Emulator) Close() error { return e.store.Close() }

// ServeHTTP answers accounts, CRM, Voice and inspection requests.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/crm/"):
		e.serveAPI(w, r, &e.crm)
	case strings.HasPrefix(path, voice.Prefix):
		e.serveAPI(w, r, &e.voice)
	case strings.HasPrefix(path, "/oauth/"):
		e.accounts.ServeHTTP(w, r)
	case strings.HasPrefix(path, "/__emulator/"):
		e.serveInspection(w, r)
	case strings.HasPrefix(path, gateway.Prefix):
		e.front.ServeHTTP(w, r)
	default:
		wire.Refused(wire.InvalidURL()).Write(w)
	}
}

// serveAPI answers an API call: limits, fault, answer, latency. A call leaves the gate before its answer goes out, so
// that a client's next call does not count as a second one in flight.
func (e *Emulator) serveAPI(w http.ResponseWriter, r *http.Request, s *service) {
	w.Header().Set("Date", s.gate.now().UTC().Format(http.TimeFormat)) // the clock of all times in answers
	c := s.match(r)
	c.service = s
	if !s.gate.enter(c) {
		s.refused(wire.TooManyRequests()).Write(w)
		return
	}
	if err := s.limit.Enter(c.Label); err != nil {
		s.gate.refund(c, true)
		s.gate.leave(c)
		s.refused(err).Write(w)
		return
	}
	began := time.Now()
	f := e.chooser.next()
	a := e.answer(c, f)
	waited := e.wait(r.Context(), began, f)
	s.gate.leave(c)
	if !waited {
		cut(w) // the client is gone
		return
	}
	if remaining, shown := s.gate.remaining(c); shown && f != fault429 && f != faultHTML {
		w.Header().Set("X-API-CREDITS-REMAINING", strconv.Itoa(remaining))
	}
	switch f {
	case faultReset, faultDrop:
		cut(w)
	case faultHTML:
		writeGatewayPage(w)
	case faultTruncate:
		truncate(w, a)
	default:
		a.Write(w)
	}
}

// answer applies the call, unless its fault forbids that.
func (e *Emulator) answer(c *call, f fault) wire.Answer {
	switch f {
	case fault429:
		c.service.gate.refund(c, true)
		return c.service.refused(wire.TooManyRequests())
	case fault500:
		return c.service.refused(wire.InternalError())
	case faultReset:
		c.service.gate.refund(c, false)
		return wire.Answer{}
	case faultHTML:
		return wire.Answer{}
	}
	if gateway.Through(c.Request) {
		c.Gateway, c.Allows = true, func(string) bool { return true }
		return e.perform(c)
	}
	scopes, err := e.accounts.Authorise(c.Request)
	if err != nil {
		return c.service.refused(err)
	}
	c.Allows = scopes.Allow
	return e.perform(c)
}

// perform runs a call with a good token. A sub-request needs its own scopes and rights.
func (e *Emulator) perform(c *call) wire.Answer {
	c.Charge = func(credits int) { c.service.gate.charge(c, credits) }
	c.Heavy = func() bool { return c.service.gate.makeHeavy(c) }
	err := e.refusal(c)
	var a wire.Answer
	if err == nil {
		a, err = c.route.Handler(&c.Call)
	}
	if err != nil {
		return c.service.refused(err)
	}
	return a
}

// slowest is the least latency of a slow answer.
const slowest = 500 * time.Millisecond

// wait waits for the rest of the latency of a call. It reports whether the client waited too.
func (e *Emulator) wait(ctx context.Context, began time.Time, f fault) bool {
	d := e.latency
	switch f {
	case faultSlow:
		d = max(5*d, slowest)
	case fault429:
		d = 0 // Zoho's gate answers before any work is done
	}
	if d -= time.Since(began); d <= 0 {
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
