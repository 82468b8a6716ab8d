package export

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"rolecall/api/emulator"
)

// An export reads the list of roles once, by deals and by contacts, also in a version whose answers have only the name
// of a role.
func TestTheListOfRolesIsReadOnce(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v3", "v8"} {
		for _, contacts := range []bool{false, true} {
			var reads atomic.Int64
			r := newRigBehind(
				t,
				emulator.Options{Deals: 40, Contacts: 30, RolesPerDeal: 3},
				func(h http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
						if strings.HasSuffix(q.URL.Path, "/Contacts/roles") {
							reads.Add(1)
						}
						h.ServeHTTP(w, q)
					})
				},
			)
			r.Version = version
			q := r.request("out.csv")
			q.Options.ViaContacts = contacts
			r.export(q)
			if n := reads.Load(); n != 1 {
				t.Errorf("%s, by contacts %v: it was read %d times", version, contacts, n)
			}
		}
	}
}
