package csvio

import (
	"strings"
	"testing"
)

// A malformed row in a table that rolecall wrote looks like a proper row, because its cells were padded or cut. It
// stays malformed until somebody corrects it.
func TestAMalformedRowStaysMalformed(t *testing.T) {
	t.Parallel()
	const header = "deal_id,contact_id,role,RC_Row,RC_Code\n"
	for _, test := range []struct {
		row       string
		malformed bool
	}{
		{"1,2,Purchasing,1,ROW_MALFORMED\n", true},
		{"1,2,Purchasing,1,\n", false},
		{"1,2,Purchasing,1,INVALID_DATA\n", false},
	} {
		r, err := NewReader(
			strings.NewReader(header+test.row),
			Options{Needs: [][]Field{{DealID}}, Vocabulary: Stakeholders()},
		)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		if (rec.Malformed != nil) != test.malformed ||
			test.malformed && !strings.Contains(rec.Malformed.Reason, "rc_code") {
			t.Errorf("%s: %v", test.row, rec.Malformed)
		}
	}
}
