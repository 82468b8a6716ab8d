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
	"rolecall/api/emulator/rig"
)

// Many workers write to the same few deals, each to its own contacts. All writes are there afterwards, in the
// statistics and in the state file.
func TestWorkersShareDeals(t *testing.T) {
	t.Parallel()
	const workers, deals, contacts = 8, 3, 12
	o := emulator.Options{State: filepath.Join(t.TempDir(), "state"), InFlight: workers}
	r := rig.Serve(t, rig.Open(t, o))
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range deals {
				for j := range contacts {
					contact := rig.ContactID(w*contacts + j + 1)
					path := rig.RolesOf(fmt.Sprint(4150868000010000001+i)) + "/" + contact
					r.Call("PUT", path, rig.ByID(rig.Purchasing))
					r.Call("PUT", path, rig.ByID(rig.Engineering))
					if j%3 == 0 {
						r.Call("DELETE", path, "")
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
				roles[rig.ContactID(j+1)] = emulator.RoleRef{ID: rig.Engineering, Name: "Engineering Lead"}
			}
		}
		want[fmt.Sprint(4150868000010000001+i)] = roles
	}
	if diff := cmp.Diff(want, r.E.SnapshotState()); diff != "" {
		t.Errorf("state (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want, rig.Open(t, emulator.Options{State: o.State}).SnapshotState()); diff != "" {
		t.Errorf("state file (-want +got)\n%s", diff)
	}
	s := r.E.Stats()
	puts, deletes := s.Calls["PUT /Deals/{id}/Contact_Roles/{id}"], s.Calls["DELETE /Deals/{id}/Contact_Roles/{id}"]
	if puts != 2*workers*deals*contacts || deletes != workers*deals*contacts/3 || s.Credits != puts+deletes {
		t.Errorf("stats %+v", s)
	}
	if s.TooManyRequests != 0 || s.MaxInFlight > workers {
		t.Errorf("%d workers were never more: %+v", workers, s)
	}
}

// The write of a client that gives up waiting is applied, and its call is no longer in flight.
func TestClientGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := rig.NewDirect(t, emulator.Options{Latency: time.Hour, InFlight: 1, TokenTTL: 9 * time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req := httptest.NewRequestWithContext(ctx, http.MethodPut,
			"http://zoho/crm/"+rig.RolesOf(rig.Deal1)+"/"+rig.Contact1, strings.NewReader(rig.ByID(rig.Purchasing)))
		req.Header.Set("Authorization", "Zoho-oauthtoken "+d.Token)
		start := time.Now()
		resp, err := d.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if _, there := d.E.SnapshotState()[rig.Deal1][rig.Contact1]; !there {
			t.Error("the write was lost")
		}
		if status, got, err := d.Call("GET", rig.RolesOf(rig.Deal1)+"/"+rig.Contact1, ""); status != 200 || err != nil {
			t.Errorf("the next call: %d %s %v", status, got, err)
		}
	})
}

// The same over a connection: the server notices that the client is gone.
func TestClientHangsUp(t *testing.T) {
	t.Parallel()
	r := rig.New(t, emulator.Options{Latency: time.Hour, InFlight: 1})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL+"/crm/"+rig.Roles, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Zoho-oauthtoken "+r.Token)
	done := make(chan error)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		done <- err
	}()
	for r.E.Stats().MaxInFlight == 0 {
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

// The state and org pages of a large org are complete, sorted, and show one moment.
func TestLargeState(t *testing.T) {
	t.Parallel()
	const deals = 2000
	d := rig.NewDirect(t, emulator.Options{Deals: deals, Contacts: 2})
	for i := deals; i >= 1; i-- {
		deal := fmt.Sprint(4150868000010000000 + i)
		if status, got, err := d.Call("PUT", rig.RolesOf(deal),
			rig.Data(rig.Upsert(rig.Contact1, rig.Purchasing),
				rig.Upsert(rig.Contact2, rig.Engineering))); status != 200 {
			t.Fatalf("%d %s %v", status, got, err)
		}
	}
	resp, err := d.RoundTrip(httptest.NewRequest(http.MethodGet, "http://zoho/__emulator/state", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	rest, exists := string(b), false
	for i := 1; i <= deals; i++ {
		if _, rest, exists = strings.Cut(rest, fmt.Sprintf("%q: ", fmt.Sprint(4150868000010000000+i))); !exists {
			t.Fatalf("deal %d does not come after the one before", i)
		}
	}
	state, isObject := rig.Decode(t, string(b)).(map[string]any)["deals"].(map[string]any)
	if !isObject || len(state) != deals {
		t.Errorf("%d deals", len(state))
	}
}
