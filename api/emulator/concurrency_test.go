package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
)

// Many workers write to the same few deals, each to contacts of its own: all
// of it is there afterwards, counted, and in the state file.
func TestWorkersShareDeals(t *testing.T) {
	t.Parallel()
	const workers, deals, contacts = 8, 3, 12
	o := emulator.Options{State: filepath.Join(t.TempDir(), "state"), InFlight: workers}
	r := serve(t, open(t, o))
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range deals {
				for j := range contacts {
					contact := contactID(w*contacts + j + 1)
					path := rolesOf(fmt.Sprint(4150868000010000001+i)) + "/" + contact
					r.call("PUT", path, byID(purchasing))
					r.call("PUT", path, byID(engineering))
					if j%3 == 0 {
						r.call("DELETE", path, "")
					}
				}
			}
		})
	}
	all.Wait()
	want := map[string]map[string]emulator.RoleRef{}
	for i := range deals {
		roles := map[string]emulator.RoleRef{}
		for j := range workers * contacts {
			if j%contacts%3 != 0 {
				roles[contactID(j+1)] = emulator.RoleRef{ID: engineering, Name: "Engineering Lead"}
			}
		}
		want[fmt.Sprint(4150868000010000001+i)] = roles
	}
	if diff := cmp.Diff(want, r.e.SnapshotState()); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want, open(t, emulator.Options{State: o.State}).SnapshotState()); diff != "" {
		t.Errorf("state file (-want +got)\n%s", diff)
	}
	s := r.e.Stats()
	puts, deletes := s.Calls["PUT /Deals/{id}/Contact_Roles/{id}"], s.Calls["DELETE /Deals/{id}/Contact_Roles/{id}"]
	if puts != 2*workers*deals*contacts || deletes != workers*deals*contacts/3 || s.Credits != puts+deletes {
		t.Errorf("stats %+v", s)
	}
	if s.TooManyRequests != 0 || s.MaxInFlight > workers {
		t.Errorf("%d workers were never more: %+v", workers, s)
	}
}

// A client that gives up waiting has written all the same, and its call is in
// flight no more.
func TestClientGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDirect(t, emulator.Options{Latency: time.Hour, InFlight: 1, TokenTTL: 9 * time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req := httptest.NewRequestWithContext(ctx, http.MethodPut, "http://zoho/crm/"+rolesOf(deal1)+"/"+contact1, strings.NewReader(byID(purchasing)))
		req.Header.Set("Authorization", "Zoho-oauthtoken "+d.token)
		start := time.Now()
		resp, err := d.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if _, there := d.e.SnapshotState()[deal1][contact1]; !there {
			t.Error("the write was lost")
		}
		if status, got, err := d.call("GET", rolesOf(deal1)+"/"+contact1, ""); status != 200 || err != nil {
			t.Errorf("the next call: %d %s %v", status, got, err)
		}
	})
}

// The same over a connection: the server notices that the client has gone.
func TestClientHangsUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Latency: time.Hour, InFlight: 1})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/crm/"+roles, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Zoho-oauthtoken "+r.token)
	done := make(chan error)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		done <- err
	}()
	for r.e.Stats().MaxInFlight == 0 {
		select {
		case err := <-done:
			t.Fatalf("answered at once: %v", err)
		default:
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// State and org pages of a large org come whole, sorted, and from one moment.
func TestLargeState(t *testing.T) {
	t.Parallel()
	const deals = 2000
	d := newDirect(t, emulator.Options{Deals: deals, Contacts: 2})
	for i := deals; i >= 1; i-- {
		deal := fmt.Sprint(4150868000010000000 + i)
		if status, got, err := d.call("PUT", rolesOf(deal), data(upsert(contact1, purchasing), upsert(contact2, engineering))); status != 200 {
			t.Fatalf("%d %s %v", status, got, err)
		}
	}
	resp, err := d.RoundTrip(httptest.NewRequest(http.MethodGet, "http://zoho/__emulator/state", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	rest, found := string(b), false
	for i := 1; i <= deals; i++ {
		if _, rest, found = strings.Cut(rest, fmt.Sprintf("%q: ", fmt.Sprint(4150868000010000000+i))); !found {
			t.Fatalf("deal %d does not come after the one before", i)
		}
	}
	state, isObject := decode(t, string(b)).(map[string]any)["deals"].(map[string]any)
	if !isObject || len(state) != deals {
		t.Errorf("%d deals", len(state))
	}
}
