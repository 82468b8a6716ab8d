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

// base returns the cell of rc_base: a short hash of the contacts on the deal and their roles. The column tells, in any
// format and without state, that rolecall exported the table. d.on is sorted by contact.
func base(d *deal) (csvio.Value, error) {
	sum := sha256.New()
	for i := range d.on {
		var r role
		if err := decode(d.on[i].Value, &r); err != nil {
			return csvio.Value{}, err
		}
		// Up to v3 Zoho gives only the name of a role. A hash never fails.
		_, _ = fmt.Fprintf(sum, "%s %q\n", unkey(d.on[i].Item), cmp.Or(r.ID, r.Name))
	}
	// With the letter a spreadsheet never takes the hash for a number.
	return csvio.Value{Text: "h" + hex.EncodeToString(sum.Sum(nil)[:baseBytes])}, nil
}
