package api

import (
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
