package api

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What Zoho's page "Related Lists Metadata" shows, cut down.
const relatedLists = `{"related_lists":[{"id":"1","api_name":"Contact_Roles","status":"visible"},{"id":"2","api_name":"Notes","status":"user_hidden"}]}`

func answering(r *http.Response) *world {
	return &world{answer: func(int, *http.Request) (*http.Response, error) { return r, nil }}
}

func TestRelatedLists(t *testing.T) {
	t.Parallel()
	var asked string
	w := &world{answer: func(_ int, r *http.Request) (*http.Response, error) {
		asked = r.Method + " " + r.URL.RequestURI()
		return response(200, relatedLists), nil
	}}
	got, err := newClient(t, w, Config{}).RelatedLists(t.Context(), "Deals")
	if diff := cmp.Diff([]RelatedList{{"Contact_Roles", "visible"}, {"Notes", "user_hidden"}}, got); err != nil ||
		diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if want := "GET /crm/v8/settings/related_lists?module=Deals"; asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
	none := newClient(t, answering(response(204, "")), Config{})
	if got, err := none.RelatedLists(t.Context(), "Deals"); got != nil || err != nil {
		t.Errorf("none: got %v, %v", got, err)
	}
}

// TestOnce sends one call into each failure that would pass, and wants it back after one attempt, without a run's end;
// a stale token is renewed all the same.
func TestOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		want   int
	}{
		"429":     {429, tooMany, 1},
		"500":     {500, broken, 1},
		"html":    {502, "<html>", 1},
		"expired": {401, expired, 2},
	} {
		w := &world{answer: func(int, *http.Request) (*http.Response, error) { return response(c.status, c.body), nil }}
		_, err := newClient(t, w, Config{Once: true}).Org(t.Context())
		var e *Error
		if !errors.As(err, &e) || w.count() != c.want {
			t.Errorf("%s: %v after %d attempts, want %d", name, err, w.count(), c.want)
		}
	}
}
