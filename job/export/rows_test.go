package export

import (
	"errors"
	"fmt"
	"testing"
)

// Rows come in their order, all of them; whoever wants no more is not held up, and the store is free again.
func TestEachRow(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const deals = 5*rowsAhead + 7
	ids, fields := make([]string, deals), make([]string, deals)
	for i := range ids {
		ids[i] = fmt.Sprint(1000 + i)
	}
	if err := s.list(modDeals, ids, fields); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := s.eachRow(func(r *row) error { got = append(got, r.deal); return nil }); err != nil || len(got) != deals {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	for i, id := range ids {
		if got[i] != id {
			t.Fatalf("row %d is %s, want %s", i, got[i], id)
		}
	}
	enough := errors.New("enough")
	for _, after := range []int{1, rowsAhead, deals} {
		n := 0
		err := s.eachRow(func(*row) error {
			if n++; n == after {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || n != after {
			t.Errorf("after %d rows: %d, %v", after, n, err)
		}
		if _, err := s.listed(modDeals); err != nil {
			t.Error(err)
		}
	}
}
