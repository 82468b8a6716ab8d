package job

import (
	"bytes"
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

// followed returns the row that each follower of a key follows, with "repeats" or "superseded by".
func followed(k *keyRows) (of map[int64]string) {
	for i := range k.followers {
		if of == nil {
			of = map[int64]string{}
		}
		f, how := &k.followers[i], "repeats"
		if f.superseded {
			how = "superseded by"
		}
		of[f.row.N] = fmt.Sprint(how, " ", f.of)
	}
	return of
}

func TestRepeatsAndContradictions(t *testing.T) {
	t.Parallel()
	never := func(r Row) Row { r.Unsendable, r.Done = true, &Outcome{Row: r.N, Status: Failed}; return r }
	for _, test := range []struct {
		name      string
		rows      []Row
		sent      []int64
		followers map[int64]string
	}{
		{
			"an equal row is a repeat", []Row{asking(1, "a", "1"), asking(2, "a", "1")}, []int64{1},
			map[int64]string{2: "repeats 1"},
		},
		{"another item is no repeat", []Row{asking(1, "a", "1"), asking(2, "b", "1")}, []int64{1, 2}, nil},
		{"rows without an item repeat nothing", []Row{asking(1, "", "1"), asking(2, "", "1")}, []int64{1, 2}, nil},
		{
			"only the last row of a contradiction is sent", []Row{asking(1, "a", "1"), asking(2, "a", "3")}, []int64{2},
			map[int64]string{1: "superseded by 2"},
		},
		{
			"a row that asks what the last one asks is superseded too, if a row between asks for something else",
			[]Row{asking(1, "a", "1"), asking(2, "a", "3"), asking(3, "a", "1")}, []int64{3},
			map[int64]string{1: "superseded by 3", 2: "superseded by 3"},
		},
		{
			"the last row may have repeats", []Row{
				asking(1, "a", "1"), asking(2, "a", "1"), asking(3, "a", "3"), asking(4, "b", "1"), asking(5, "a", "3"),
			}, []int64{3, 4}, map[int64]string{1: "superseded by 3", 2: "superseded by 3", 5: "repeats 3"},
		},
		{
			"a repeat of a repeat names the row before it",
			[]Row{asking(1, "a", "1"), asking(2, "a", "1"), asking(3, "a", "1")}, []int64{1},
			map[int64]string{2: "repeats 1", 3: "repeats 2"},
		},
		{
			"a row that can never be sent does not stand between equal rows",
			[]Row{asking(1, "a", "1"), never(asking(2, "a", "3")), asking(3, "a", "1")}, []int64{1},
			map[int64]string{3: "repeats 1"},
		},
		{
			"a row that can never be sent supersedes nothing", []Row{asking(1, "a", "1"), never(asking(2, "a", "3"))},
			[]int64{1}, nil,
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
		if d := cmp.Diff(test.followers, followed(k)); d != "" {
			t.Errorf("%s: followers (-want +got):\n%s", test.name, d)
		}
		if k.group.Superseded+k.group.Repeats != len(test.followers) {
			t.Errorf("%s: %d superseded, %d repeats", test.name, k.group.Superseded, k.group.Repeats)
		}
	}
}

// Without its followers a key has the effect of all its rows one by one, with one row for each item. Each row is in the
// group or follows a row that is sent.
func TestAKeyWithoutItsFollowersHasTheSameEffect(t *testing.T) {
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
			t.Fatalf("effect (-of all rows +without followers):\n%s", d)
		}
		var all []int64
		sent := map[string]int64{}
		for i := range k.group.Rows {
			r := &k.group.Rows[i]
			all = append(all, r.N)
			if IsOpen(r) && r.Item != "" {
				if sent[r.Item] != 0 {
					t.Fatalf("rows %d and %d of one item are sent", sent[r.Item], r.N)
				}
				sent[r.Item] = r.N
			}
		}
		for i := range k.followers {
			f := &k.followers[i]
			a, b := f.row, rows[f.of-1]
			all = append(all, a.N)
			switch same := bytes.Equal(a.Ask, b.Ask); {
			case a.Unsendable || b.Unsendable || a.Item != b.Item:
				t.Fatalf("row %d follows row %d", a.N, b.N)
			case f.superseded && (a.N > b.N || b.N != sent[a.Item]):
				t.Fatalf("row %d is superseded by row %d, which is not sent after it", a.N, b.N)
			case !f.superseded && (a.N < b.N || !same || b.N < sent[a.Item]):
				t.Fatalf("row %d repeats row %d", a.N, b.N)
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

// byKey groups sorted rows by their key, and passes on an error of reading them.
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

// A row that repeats another one shows the details as Zoho sent them.
func TestRepeatsKeepTheDetails(t *testing.T) {
	t.Parallel()
	for details, want := range map[string]string{
		`{"raw":"a<b&c"}`: `{"raw":"a<b&c","same_as_row":7}`, "": `{"same_as_row":7}`, "no JSON": `{"same_as_row":7}`,
	} {
		if o := RepeatOf(&Outcome{Row: 7, Details: details}, 8); o.Details != want || o.Row != 8 || o.SameAs != 7 {
			t.Errorf("%s: %+v", details, o)
		}
	}
}
