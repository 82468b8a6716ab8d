package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// asking returns a row that asks something of an item.
func asking(n int64, item, ask string) Row {
	return Row{N: n, Key: "k", Item: item, Ask: json.RawMessage(ask)}
}

// originals returns the row that each repeat of a key repeats.
func originals(k *keyRows) (of map[int64]int64) {
	for i := range k.repeats {
		if of == nil {
			of = map[int64]int64{}
		}
		of[k.repeats[i].row.N] = k.repeats[i].of
	}
	return of
}

func TestRepeatsAndContradictions(t *testing.T) {
	t.Parallel()
	never := func(r Row) Row { r.Unsendable, r.Done = true, &Outcome{Row: r.N, Status: Failed}; return r }
	for _, test := range []struct {
		name           string
		rows           []Row
		sent           []int64
		repeats        map[int64]int64
		contradictions int
	}{
		{
			"an equal row is a repeat", []Row{asking(1, "a", "1"), asking(2, "a", "1")}, []int64{1},
			map[int64]int64{2: 1}, 0,
		},
		{"another item is no repeat", []Row{asking(1, "a", "1"), asking(2, "b", "1")}, []int64{1, 2}, nil, 0},
		{"rows without an item repeat nothing", []Row{asking(1, "", "1"), asking(2, "", "1")}, []int64{1, 2}, nil, 0},
		{
			"only the latest earlier row counts", []Row{asking(1, "a", "1"), asking(2, "a", "3"), asking(3, "a", "1")},
			[]int64{1, 2, 3}, nil, 2,
		},
		{
			"a repeat of a repeat names the row before it",
			[]Row{
				asking(1, "a", "1"), asking(2, "a", "1"), asking(3, "a", "1"),
			}, []int64{1}, map[int64]int64{2: 1, 3: 2}, 0,
		},
		{
			"a row that can never be sent is no original",
			[]Row{asking(1, "a", "1"), never(asking(2, "a", "1")), asking(3, "a", "1")}, []int64{1, 3}, nil, 0,
		},
		{
			"a row that can never be sent contradicts nothing", []Row{asking(1, "a", "1"), never(asking(2, "a", "3"))},
			[]int64{1}, nil, 0,
		},
	} {
		k := newKey(test.rows)
		var sent []int64
		for i := range k.group.Rows {
			if IsOpen(&k.group.Rows[i]) {
				sent = append(sent, k.group.Rows[i].N)
			}
		}
		if d := cmp.Diff(test.sent, sent); d != "" {
			t.Errorf("%s: sent (-want +got):\n%s", test.name, d)
		}
		if d := cmp.Diff(test.repeats, originals(k)); d != "" {
			t.Errorf("%s: repeats (-want +got):\n%s", test.name, d)
		}
		if k.group.Contradictions != test.contradictions || k.group.Repeats != len(test.repeats) {
			t.Errorf("%s: %d contradictions, %d repeats", test.name, k.group.Contradictions, k.group.Repeats)
		}
	}
}

// Without its repeats a key has the effect of all its rows one by one, and each row is either sent, a repeat, or can
// never be sent. A repeat asks what the latest earlier row of its item asks.
func TestAKeyWithoutItsRepeatsHasTheSameEffect(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var rows []Row
		for i := range rapid.IntRange(1, 60).Draw(t, "rows") {
			item := rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "item")
			r := asking(int64(i+1), item, fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "ask")))
			if r.Unsendable = rapid.IntRange(0, 9).Draw(t, "bad") == 0; r.Unsendable {
				r.Done = &Outcome{Row: r.N, Status: Failed}
			}
			rows = append(rows, r)
		}
		effect := func(rows []Row) map[string]string {
			state := map[string]string{}
			for i := range rows {
				if !rows[i].Unsendable && rows[i].Item != "" {
					state[rows[i].Item] = string(rows[i].Ask)
				}
			}
			return state
		}
		k := newKey(rows)
		if d := cmp.Diff(effect(rows), effect(k.group.Rows)); d != "" {
			t.Fatalf("effect (-of all rows +without repeats):\n%s", d)
		}
		var all []int64
		for i := range k.group.Rows {
			all = append(all, k.group.Rows[i].N)
		}
		for row, of := range originals(k) {
			all = append(all, row)
			a, b := rows[row-1], rows[of-1]
			if of >= row || a.Item != b.Item || string(a.Ask) != string(b.Ask) || b.Unsendable {
				t.Fatalf("row %d repeats row %d", row, of)
			}
			between := func(r Row) bool { return r.Item == rows[row-1].Item && r.N > of && r.N < row }
			if slices.ContainsFunc(rows, between) {
				t.Fatalf("row %d repeats row %d, which is not the latest", row, of)
			}
		}
		slices.Sort(all)
		for i, n := range all {
			if n != int64(i+1) || len(all) != len(rows) {
				t.Fatalf("%d rows became %v", len(rows), all)
			}
		}
	})
}

// Rows that come by key are gathered key by key, and an error of reading them reaches whoever gathers.
func TestRowsAreGatheredByKey(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	rows := func(yield func(Row, error) bool) {
		for i, key := range []string{"a", "a", "b", "c", "c"} {
			if !yield(Row{N: int64(i + 1), Key: key}, nil) {
				return
			}
		}
		yield(Row{}, broken)
	}
	var got []string
	var failed error
	for k, err := range byKey(rows) {
		if err != nil {
			failed = err
			break
		}
		got = append(got, fmt.Sprint(k.group.Key, len(k.group.Rows)))
	}
	if d := cmp.Diff([]string{"a2", "b1"}, got); d != "" || !errors.Is(failed, broken) {
		t.Errorf("error %v, keys (-want +got):\n%s", failed, d)
	}
}
