package job

import (
	"cmp"
	"math/rand/v2"
	"testing"
)

// However many runs there are, and whatever their order: each record comes once and in order.
func TestSorter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		records int
		less    func(n int) []int
	}{
		"none":               {0, nil},
		"one":                {1, nil},
		"a part":             {partRecords, nil},
		"a run":              {runRecords, nil},
		"a run and one":      {runRecords + 1, nil},
		"three and a bit":    {3*runRecords + partRecords + 1, nil},
		"in order":           {2*runRecords + 3, ascending},
		"in the other order": {2*runRecords + 3, descending},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			order := rand.New(rand.NewPCG(1, 2)).Perm(test.records)
			if test.less != nil {
				order = test.less(test.records)
			}
			sorter := s.dealSorter()
			err := s.InTransaction(func() error {
				for _, n := range order {
					if err := sorter.add(orderedRow{dealRow{row: int64(n + 1), contact: recordID{n: 3}}, recordID{n: int64(n/7 + 1)}}); err != nil {
						return err
					}
				}
				return sorter.flush()
			})
			if err != nil {
				t.Fatal(err)
			}
			m, err := s.dealSorter().merged()
			if err != nil {
				t.Fatal(err)
			}
			for n := range test.records + 1 {
				r, ok, err := m.next()
				want := orderedRow{dealRow{row: int64(n + 1), contact: recordID{n: 3}}, recordID{n: int64(n/7 + 1)}}
				if err != nil || ok != (n < test.records) || ok && cmp.Or(compareOrdered(r, want), cmp.Compare(r.contact.n, 3)) != 0 {
					t.Fatalf("record %d: %+v, %v, %v", n, r, ok, err)
				}
			}
		})
	}
}

func ascending(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func descending(n int) []int {
	all := ascending(n)
	for i := range all {
		all[i] = n - 1 - i
	}
	return all
}
