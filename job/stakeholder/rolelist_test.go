package stakeholder

import (
	"net/http"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/job/jobtest"
)

// A run reads the list of roles once, however many rows it has and however they are sent.
func TestTheListOfRolesIsReadOnce(t *testing.T) {
	t.Parallel()
	for name, skips := range map[string]bool{"assign": false, "assign, reading first": true} {
		r := newRig(t, emulator.Options{})
		reads := 0
		r.attemptsOf(func(method, path string) {
			if method == http.MethodGet && strings.HasSuffix(path, "/Contacts/roles") {
				reads++
			}
		})
		q := r.request(Assign, jobtest.Triples(many(60)...))
		q.Options.ReadFirst, q.Settings.Concurrency = onOff(skips), 1
		if res := r.run(q); res.Stop != nil || res.Summary.Rows.Success != 60 {
			t.Errorf("%s: %+v", name, res)
		}
		if reads != 1 {
			t.Errorf("%s: it was read %d times", name, reads)
		}
	}
}

// attemptsOf makes the rig report each attempt.
func (r *rig) attemptsOf(tell func(method, path string)) {
	r.Transport = jobtest.RoundTripper(func(q *http.Request) (*http.Response, error) {
		tell(q.Method, q.URL.Path)
		return http.DefaultTransport.RoundTrip(q)
	})
}
