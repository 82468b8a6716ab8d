package export

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A wanted field is not absent once some record had it, null or not; of a module without any record nothing is known.
func TestAbsent(t *testing.T) {
	t.Parallel()
	w := newAbsent([]string{"Deals.Amount", "Deals.Nonsense", "Contacts.Phone", "Contacts.Amount"})
	if got := w.list(); len(got) != 0 {
		t.Errorf("before any record: %s", got)
	}
	w.see(modDeals, map[string]json.RawMessage{"Deal_Name": json.RawMessage(`"x"`)})
	w.see(modDeals, map[string]json.RawMessage{"Amount": json.RawMessage(`null`), "Phone": json.RawMessage(`"1"`)})
	if d := cmp.Diff([]string{"Deals.Nonsense"}, w.list()); d != "" {
		t.Error(d)
	}
	w.see(modContacts, map[string]json.RawMessage{})
	if d := cmp.Diff([]string{"Deals.Nonsense", "Contacts.Phone", "Contacts.Amount"}, w.list()); d != "" {
		t.Error(d)
	}
}
