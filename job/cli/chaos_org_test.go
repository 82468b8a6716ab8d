package cli_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rolecall/api/emulator"
)

// chaosOrg is an emulator over real HTTP that writes down every write that a process sends.
type chaosOrg struct {
	t      *testing.T
	emu    *emulator.Emulator
	other  *emulator.Emulator // another org
	server *httptest.Server
	roles  map[string]string // names by id

	replaces   bool // the collection PUT takes away whom it does not name
	composites atomic.Int64

	mu     sync.Mutex
	writes []chaosWrite // of the process now at work
	came   int          // calls of it to the API, reads included
	calls  int          // being answered
	open   map[net.Conn]bool
	gate   chan struct{} // calls wait until it is closed; nil: none does
	away   bool          // the other org answers
}

func newChaosOrg(t *testing.T, f *chaosFile, o emulator.Options) *chaosOrg {
	t.Helper()
	o.Org = &emulator.Org{Generated: emulator.Generated{Deals: f.deals, Contacts: f.contacts},
		DealRoles: map[string]map[string]emulator.RoleRef{}}
	for deal, contacts := range f.before {
		o.Org.DealRoles[deal] = map[string]emulator.RoleRef{}
		for contact, role := range contacts {
			o.Org.DealRoles[deal][contact] = emulator.RoleRef{Name: role}
		}
	}
	o.TokenRequests = -1
	emu, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	other, err := emulator.New(emulator.Options{Org: &emulator.Org{Org: emulator.OrgInfo{ID: "77"}}, TokenRequests: -1})
	if err != nil {
		t.Fatal(err)
	}
	org := &chaosOrg{t: t, emu: emu, other: other, roles: roleNames(t, emu), replaces: o.CollectionPut == "replace",
		open: map[net.Conn]bool{}}
	org.server = httptest.NewUnstartedServer(org)
	org.server.Config.ConnState = org.connection
	org.server.Start()
	t.Cleanup(func() {
		org.release()
		org.server.CloseClientConnections()
		org.server.Close()
		_ = errors.Join(emu.Close(), other.Close())
	})
	return org
}

// roleNames asks an emulator for its roles.
func roleNames(t *testing.T, emu *emulator.Emulator) map[string]string {
	t.Helper()
	w := httptest.NewRecorder()
	emu.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/__emulator/org", nil))
	org, err := emulator.ReadOrg(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, role := range org.Roles {
		names[role.ID] = role.Name
	}
	return names
}

func (o *chaosOrg) connection(c net.Conn, s http.ConnState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch s {
	case http.StateNew:
		o.open[c] = true
	case http.StateClosed, http.StateHijacked:
		delete(o.open, c)
	}
}

// ServeHTTP writes a write down before anything can go wrong with it.
func (o *chaosOrg) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // its process was killed while it sent this: nothing is applied
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	gate, emu := o.arrived(r, body)
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.calls--
	}()
	if gate != nil {
		select {
		case <-gate:
		case <-r.Context().Done():
			return
		}
	}
	emu.ServeHTTP(w, r)
}

func (o *chaosOrg) arrived(r *http.Request, body []byte) (gate chan struct{}, emu *emulator.Emulator) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls++
	if emu = o.emu; o.away {
		emu = o.other
	}
	if !strings.HasPrefix(r.URL.Path, "/crm/") {
		return nil, emu
	}
	o.came++
	if strings.HasSuffix(r.URL.Path, "/__composite_requests") {
		o.composites.Add(1)
		if err := readsOnly(body); err != nil {
			o.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		return o.gate, emu
	}
	if r.Method != http.MethodGet && !strings.HasSuffix(r.URL.Path, "/coql") { // a query names the deals of a question
		write, err := o.read(r, body)
		if err != nil {
			o.t.Errorf("a write that no row asks for: %v", err)
		}
		if write.together && o.replaces {
			write.before = o.emu.SnapshotState()[write.deal]
		}
		o.writes = append(o.writes, write)
	}
	return o.gate, emu
}

// hold lets no call be answered until release.
func (o *chaosOrg) hold() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gate = make(chan struct{})
}

func (o *chaosOrg) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gate != nil {
		close(o.gate)
	}
	o.gate = nil
}

// swap puts the other org behind the address, or the first one again.
func (o *chaosOrg) swap() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.away = !o.away
}

// written is how many writes of the process now at work have come.
func (o *chaosOrg) written() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.writes)
}

// arrivedSoFar is how many calls to the API, reads included, the process now at work has sent.
func (o *chaosOrg) arrivedSoFar() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.came
}

// take waits until everything that a process had sent when it ended has been dealt with, and returns its writes.
func (o *chaosOrg) take() []chaosWrite {
	o.t.Helper()
	// Connections are taken up in the order in which they came: with this one all others have been.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	res, err := client.Get(o.server.URL + "/__emulator/stats")
	if err != nil {
		o.t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		o.t.Fatal(err)
	}
	idle := func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.calls == 0 && len(o.open) == 0
	}
	tick, late := time.NewTicker(time.Millisecond), time.NewTimer(patience)
	defer tick.Stop()
	defer late.Stop()
	for !idle() {
		select {
		case <-tick.C:
		case <-late.C:
			o.t.Fatal("the calls of a process that has ended are not dealt with")
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	writes := o.writes
	o.writes, o.came = nil, 0
	return writes
}

// state is who plays which role now: deal, contact, role name.
func (o *chaosOrg) state() map[string]map[string]string {
	state := map[string]map[string]string{}
	for deal, contacts := range o.emu.SnapshotState() {
		for contact, role := range contacts {
			put(state, deal, contact, role.Name)
		}
	}
	return state
}
