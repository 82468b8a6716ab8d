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

// Base returns the cell of rc_base: a short hash of a deal, the contacts on it and their roles, sorted by contact. The
// column tells, in any format and without state, that rolecall exported the table. With the deal in it, a row that
// people copied to another deal is never taken for one of that deal's export.
func Base(deal string, on []Held) string {
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, deal)
	for _, h := range on {
		_, _ = fmt.Fprintf(sum, "%s %q\n", h.Contact, h.Role) // a hash never fails
	}
	// With the letter a spreadsheet never takes the hash for a number.
	return "h" + hex.EncodeToString(sum.Sum(nil)[:baseBytes])
}
