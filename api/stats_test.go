package api

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, want string }{
		{"PUT", "/Deals/4150868000000225013/Contact_Roles/4150868000000000001", "PUT /Deals/{id}/Contact_Roles/{id}"},
		{"PUT", "/Deals/1/Contact_Roles", "PUT /Deals/{id}/Contact_Roles"},
		{"GET", "/Deals/a%2Fb/Contact_Roles/x", "GET /Deals/{id}/Contact_Roles/{id}"},
		{"DELETE", "/Deals/Deals/Contact_Roles/Contact_Roles", "DELETE /Deals/{id}/Contact_Roles/{id}"},
		{"GET", "/Contacts/roles", "GET /Contacts/roles"},
		{"GET", "/Contacts/roles/4150868000000006801", "GET /Contacts/roles/{id}"},
		{"GET", "/org", "GET /org"},
		{"POST", "/__composite_requests", "POST /__composite_requests"},
		{"POST", "/coql", "POST /coql"},
		{"GET", "/Deals", "GET /Deals"},
		{"GET", "/Deals/actions/count", "GET /Deals/actions/count"},
		{"GET", "/Contacts/4150868000000006801/Deals", "GET /Contacts/{id}/Deals"},
	} {
		if got := (request{method: c.method, path: c.path}).kind(); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.method, c.path, got, c.want)
		}
	}
}

func TestCallStatsCountKinds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{latency: time.Millisecond, answer: func(n int, r *http.Request) (*http.Response, error) {
			if n == 3 {
				return nil, errDial
			}
			if r.Method == http.MethodGet {
				return response(204, ""), nil
			}
			return response(200, updated), nil
		}}
		c := newClient(t, w, Config{})
		for range 4 {
			if _, err := assignOne(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.DealContactRoles(t.Context(), "77"); err != nil {
			t.Fatal(err)
		}
		s := c.pacer.CallStats()
		want := map[string]int{"PUT /Deals/{id}/Contact_Roles/{id}": 5, "GET /Deals/{id}/Contact_Roles": 1}
		if diff := cmp.Diff(want, s.Kinds); diff != "" {
			t.Errorf("kinds (-want +got):\n%s", diff)
		}
		if s.Answered != 5 {
			t.Errorf("%d answered", s.Answered)
		}
		s.Kinds["GET /org"] = 7
		if c.pacer.CallStats().Kinds["GET /org"] != 0 {
			t.Error("the statistics can be changed from outside")
		}
	})
}
