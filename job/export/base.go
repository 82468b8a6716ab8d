package export

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"rolecall/csvio"
)

// baseBytes is the length of the hash in the column rc_base: two states of one deal look the same once in 2^48.
const baseBytes = 6

// Held is a contact on a deal, and the id of the contact's role there. Up to v3 Zoho may give only the role's name.
type Held struct{ Contact, Role string }

// Base returns the cell of rc_base: a short hash of the contacts on a deal and their roles, sorted by contact. The
// column tells, in any format and without state, that rolecall exported the table.
func Base(on []Held) string {
	sum := sha256.New()
	for _, h := range on {
		_, _ = fmt.Fprintf(sum, "%s %q\n", h.Contact, h.Role) // a hash never fails
	}
	// With the letter a spreadsheet never takes the hash for a number.
	return "h" + hex.EncodeToString(sum.Sum(nil)[:baseBytes])
}

// base returns the cell of rc_base of a deal. d.on is sorted by contact.
func base(d *deal) (csvio.Value, error) {
	on := make([]Held, len(d.on))
	for i := range d.on {
		var r role
		if err := decode(d.on[i].Value, &r); err != nil {
			return csvio.Value{}, err
		}
		on[i] = Held{unkey(d.on[i].Item), cmp.Or(r.ID, r.Name)}
	}
	return csvio.Value{Text: Base(on)}, nil
}
