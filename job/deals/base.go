package deals

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
