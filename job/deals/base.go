package deals

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// baseBytes is the length of the hash in the column rc_base: two states of one deal look the same once in 2^48.
const baseBytes = 6

// Held is a contact on a deal, and the id of the contact's role there. Role is the role's name if Zoho sends no id, as
// it may up to v3.
type Held struct{ Contact, Role string }

// Base returns the cell of rc_base: a short hash of a deal, the contacts on it and their roles, sorted by contact. The
// column also shows, in any format, that rolecall exported the table. The hash includes the deal, so that a row which
// people copied to another deal does not look exported with that deal.
func Base(deal string, on []Held) string {
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, deal)
	for _, h := range on {
		_, _ = fmt.Fprintf(sum, "%s %q\n", h.Contact, h.Role) // a hash never fails
	}
	// With the letter a spreadsheet never takes the hash for a number.
	return "h" + hex.EncodeToString(sum.Sum(nil)[:baseBytes])
}
