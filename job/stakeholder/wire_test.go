package stakeholder

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/jobtest"
)

// Kinds of calls on the wire.
const (
	wireRead      = "read"      // who is on a deal
	wireContact   = "contact"   // one contact of it
	wireOne       = "one"       // a PUT of one contact
	wireTogether  = "together"  // a collection PUT
	wireRemove    = "remove"    // a DELETE
	wireComposite = "composite" // the reads of several deals
	wireOther     = "other"     // the org, its roles
)

// wireCall is a call of the API as it is sent, with the numbers of generated deals and contacts.
type wireCall struct {
	kind     string
	deal     int
	contacts []int // in the order of the call; of a composite request: the deals
	at       time.Time
}

func (c wireCall) String() string {
	text := c.kind
	if c.deal != 0 {
		text += " " + strconv.Itoa(c.deal)
	}
	for i, contact := range c.contacts {
		if text += " "; i == 0 {
			text = strings.TrimSuffix(text, " ") + ": "
		}
		text += strconv.Itoa(contact)
	}
	return text
}

// wire records the calls in the order in which they are sent. If instead returns an answer, the org does not get the
// call.
type wire struct {
	by      http.RoundTripper
	instead func(c wireCall, q *http.Request) (*http.Response, error) // nil, nil: ask the org
	after   func(c wireCall, answer *http.Response)                   // called with each answer of the org

	mu    sync.Mutex
	calls []wireCall
}

// listen puts a wire into the rig.
func (r *rig) listen() *wire {
	w := &wire{by: r.Transport}
	if w.by == nil {
		w.by = http.DefaultTransport
	}
	r.Transport = w
	return w
}

func (w *wire) RoundTrip(q *http.Request) (*http.Response, error) {
	c := wireCallOf(q)
	c.at = time.Now()
	if c.kind != wireOther {
		w.mu.Lock()
		w.calls = append(w.calls, c)
		w.mu.Unlock()
	}
	if w.instead != nil {
		if answer, err := w.instead(c, q); answer != nil || err != nil {
			return answer, err
		}
	}
	answer, err := w.by.RoundTrip(q)
	if err == nil && w.after != nil {
		w.after(c, answer)
	}
	return answer, err
}

// list is the calls so far.
func (w *wire) list() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := []string{}
	for _, c := range w.calls {
		list = append(list, c.String())
	}
	return list
}

// of is the calls of some kinds.
func (w *wire) of(kinds ...string) (calls []wireCall) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if slices.Contains(kinds, c.kind) {
			calls = append(calls, c)
		}
	}
	return calls
}

// forget begins a new list.
func (w *wire) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = nil
}

// numberOf is the number of a generated deal or contact.
func numberOf(id string) int {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return -1
	}
	return int(n % 10_000_000)
}

// wireCallOf reads a request, and leaves it as it was.
func wireCallOf(q *http.Request) wireCall {
	_, path, _ := strings.Cut(q.URL.Path, "/crm/v8/")
	var body []byte
	if q.Body != nil {
		body, _ = io.ReadAll(q.Body)
		q.Body = io.NopCloser(bytes.NewReader(body))
	}
	if path == "__composite_requests" {
		return compositeCall(body)
	}
	parts := strings.Split(path, "/")
	if len(parts) < 3 || parts[0] != "Deals" {
		return wireCall{kind: wireOther}
	}
	c := wireCall{deal: numberOf(parts[1])}
	switch {
	case q.Method == http.MethodGet && len(parts) == 3:
		c.kind = wireRead
	case q.Method == http.MethodGet:
		c.kind, c.contacts = wireContact, []int{numberOf(parts[3])}
	case q.Method == http.MethodDelete && len(parts) == 4:
		c.kind, c.contacts = wireRemove, []int{numberOf(parts[3])}
	case q.Method == http.MethodDelete:
		c.kind = wireRemove
		for id := range strings.SplitSeq(q.URL.Query().Get("ids"), ",") {
			c.contacts = append(c.contacts, numberOf(id))
		}
	case len(parts) == 4:
		c.kind, c.contacts = wireOne, []int{numberOf(parts[3])}
	default:
		c.kind, c.contacts = wireTogether, dataIDs(body)
	}
	return c
}

func compositeCall(body []byte) wireCall {
	var b struct {
		Requests []struct {
			URI string `json:"uri"`
		} `json:"__composite_requests"`
	}
	_ = json.Unmarshal(body, &b)
	c := wireCall{kind: wireComposite}
	for _, sub := range b.Requests {
		parts := strings.Split(sub.URI, "/")
		c.contacts = append(c.contacts, numberOf(parts[len(parts)-2]))
	}
	return c
}

func dataIDs(body []byte) (numbers []int) {
	var b struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	_ = json.Unmarshal(body, &b)
	for _, item := range b.Data {
		numbers = append(numbers, numberOf(item.ID))
	}
	return numbers
}

// answer answers the calls for which when returns true. The other calls go on to the org.
func (w *wire) answer(status int, body string, when func(wireCall) bool) {
	w.instead = func(c wireCall, _ *http.Request) (*http.Response, error) {
		if when(c) {
			return says(status, body), nil
		}
		return nil, nil
	}
}

// says is an answer of the API.
func says(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(body)),
	}
}

// flat is a refusal of a whole call.
func flat(code, details string) string {
	return fmt.Sprintf(`{"code":%q,"details":%s,"message":"m","status":"error"}`, code, details)
}

// batched gives the rig an org whose version has the collection PUT and composite requests, with earlier findings.
func (r *rig) batched(known *known) {
	r.Org = func(o *job.Org) {
		o.Batches, o.Composes = true, true
		if known != nil {
			o.Findings = known
		}
	}
}

// known is Findings in memory.
type known struct {
	mu  sync.Mutex
	all map[string]string
	log []string // what was remembered, in order
}

func newKnown(collection, composite string) *known {
	return &known{all: map[string]string{findingCollection: collection, deals.Finding: composite}}
}

func (k *known) Recall(what string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all[what]
}

func (k *known) Remember(what, finding string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all[what] = finding
	k.log = append(k.log, what+": "+finding)
}

// peopled is a generated org with people on its deals: "deal contact role" lines.
func peopled(lines ...string) emulator.Options {
	o := emulator.Options{
		Org: &emulator.Org{
			Generated: emulator.Generated{Deals: 60, Contacts: 600},
			DealRoles: map[string]map[string]emulator.RoleRef{},
		},
	}
	for _, line := range lines {
		var deal, contact int
		parts := strings.SplitN(line, " ", 3)
		if _, err := fmt.Sscan(parts[0]+" "+parts[1], &deal, &contact); err != nil {
			panic(err)
		}
		if o.Org.DealRoles[jobtest.DealID(deal)] == nil {
			o.Org.DealRoles[jobtest.DealID(deal)] = map[string]emulator.RoleRef{}
		}
		o.Org.DealRoles[jobtest.DealID(deal)][jobtest.ContactID(contact)] = emulator.RoleRef{Name: parts[2]}
	}
	return o
}

// checkState compares who plays which role with "deal contact role" lines.
func (r *rig) checkState(lines ...string) {
	r.T.Helper()
	got := []string{}
	for deal, contacts := range r.State() {
		for contact, role := range contacts {
			got = append(got, fmt.Sprintf("%02d %03d %s", numberOf(deal), numberOf(contact), role))
		}
	}
	want := []string{}
	for _, line := range lines {
		parts := strings.SplitN(line, " ", 3)
		deal, _ := strconv.Atoi(parts[0])
		contact, _ := strconv.Atoi(parts[1])
		want = append(want, fmt.Sprintf("%02d %03d %s", deal, contact, parts[2]))
	}
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" {
		r.T.Errorf("state (-want +got):\n%s", d)
	}
}

// each makes "deal contact role" lines for the contacts from one number to another.
func each(deal, from, to int, role string) (lines []string) {
	for contact := from; contact <= to; contact++ {
		lines = append(lines, fmt.Sprintf("%d %d %s", deal, contact, role))
	}
	return lines
}

// numbers from one to another.
func numbers(from, to int) (n []int) {
	for ; from <= to; from++ {
		n = append(n, from)
	}
	return n
}

// virtually runs a test in virtual time against an emulator.
func virtually(t *testing.T, o emulator.Options, f func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newVirtualRig(t, o)) })
}
