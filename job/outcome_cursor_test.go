package job

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Recorded in any order, and with rows between that have no outcome: each is found, and what nobody asked for is told.
func TestOutcomesAreFoundInRowOrder(t *testing.T) {
	t.Parallel()
	const rows = runRecords + 5_000
	for name, order := range map[string][]int{
		"in order":    ascending(rows),
		"backwards":   descending(rows),
		"any":         rand.New(rand.NewPCG(1, 2)).Perm(rows),
		"a bit mixed": mixed(rows, 40),
		"none":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, r := recordedIn(t, t.TempDir())
			has := make([]bool, rows)
			for part := range slices.Chunk(order, 1000) {
				var outcomes []outcome
				for _, row := range part {
					if has[row] = row%10 != 3; has[row] {
						outcomes = append(outcomes, outcome{row: int64(row + 1), answer: answer{status: StatusSuccess, http: row % 7}, attempts: row})
					}
				}
				if err := r.add(outcomes...); err != nil {
					t.Fatal(err)
				}
				r.write()
			}
			if err := r.close(); err != nil {
				t.Fatal(err)
			}
			c := s.outcomesInOrder()
			for row := range rows {
				if row == 17 && len(order) > 0 {
					continue // nobody asks for it
				}
				o, ok, err := c.take(int64(row + 1))
				if err != nil || ok != has[row] || ok && (o.row != int64(row+1) || o.attempts != row || o.http != row%7) {
					t.Fatalf("row %d: %+v, %v, %v", row+1, o, ok, err)
				}
			}
			if row, ok, err := c.left(); err != nil || ok != (len(order) > 0) || ok && row != 18 {
				t.Errorf("left: %d, %v, %v", row, ok, err)
			}
		})
	}
}

// mixed is nearly in order: each number stands at most so many places from where it belongs.
func mixed(n, most int) []int {
	all := ascending(n)
	for part := range slices.Chunk(all, most) {
		rand.New(rand.NewPCG(1, uint64(part[0]))).Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	return all
}
