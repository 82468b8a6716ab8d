package picklist

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api"
)

// letters returns a list of roles whose names and ids are the letters of a text.
func letters(word string) List {
	var l List
	for i, c := range strings.Split(word, "") {
		l = append(l, api.Role{ID: c, Name: c, Sequence: i + 1})
	}
	return l
}

func (l List) word() string { return strings.Join(l.Names(), "") }

func TestArrange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		list   string
		wishes []Wish
		want   string
	}{
		{"ABCD", nil, "ABCD"},
		{"ABCD", []Wish{{"C", 1}}, "CABD"},                               // the others move down
		{"ABCD", []Wish{{"A", 3}}, "BCAD"},                               // and up
		{"ABCD", []Wish{{"D", 1}, {"A", 4}}, "DBCA"},                     // those between keep their order
		{"ABCD", []Wish{{"A", 4}, {"B", 3}, {"C", 2}, {"D", 1}}, "DCBA"}, // a whole list
		{"ABCD", []Wish{{"C", 10}, {"A", 20}, {"D", 30}, {"B", 40}}, "CADB"},
		{"ABCD", []Wish{{"C", 2}, {"D", 2}}, "ACDB"}, // two at one place: in their order
		{"ABCD", []Wish{{"D", 2}, {"C", 2}}, "ADCB"},
		{"ABCD", []Wish{{"A", 9}}, "BCDA"},           // beyond the end is the end
		{"ABCD", []Wish{{"A", 9}, {"B", 9}}, "CDAB"}, // and leaves room for who comes after
		{"ABCD", []Wish{{"X", 1}, {"B", 1}}, "BACD"}, // nobody
		{"ABCD", []Wish{{"B", 1}, {"B", 4}}, "ACDB"}, // the later one counts
	} {
		if got := letters(test.list).Arrange(test.wishes).word(); got != test.want {
			t.Errorf("%s, %v: %s, want %s", test.list, test.wishes, got, test.want)
		}
	}
}

// permuted draws an order of the letters.
func permuted(t *rapid.T, name string, of List) List {
	return List(rapid.Permutation([]api.Role(of)).Draw(t, name))
}

func TestArrangeHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := letters("ABCDEFGHIJ")[:rapid.IntRange(1, 10).Draw(t, "roles")]
		list := permuted(t, "list", all)
		var wishes []Wish
		for _, r := range permuted(t, "wished", all)[:rapid.IntRange(0, len(all)).Draw(t, "wishes")] {
			wishes = append(wishes, Wish{r.ID, rapid.IntRange(1, 12).Draw(t, "position")})
		}
		got := list.Arrange(wishes)
		if sorted := slices.Sorted(slices.Values(got.Names())); !slices.Equal(sorted, all.Names()) {
			t.Fatalf("%s is not %s put in order", got.word(), list.word())
		}
		for _, w := range wishes {
			for _, o := range wishes {
				if w.Position < o.Position && got.At(w.ID) > got.At(o.ID) {
					t.Fatalf("%s: %v and %v", got.word(), w, o)
				}
			}
		}
		for i, a := range list {
			for _, b := range list[i+1:] {
				if !isWished(wishes, a.ID) && !isWished(wishes, b.ID) && got.At(a.ID) > got.At(b.ID) {
					t.Fatalf("%s: nobody wished %s and %s to change places", got.word(), a.ID, b.ID)
				}
			}
		}
		if again := got.Arrange(wishes); !again.SameOrder(got) {
			t.Fatalf("%s is not in order yet: %s", got.word(), again.word())
		}
	})
}

func isWished(wishes []Wish, id string) bool {
	return slices.ContainsFunc(wishes, func(w Wish) bool { return w.ID == id })
}

// The moves give the right order, however Zoho moves the other roles. No document says how Zoho moves them.
func TestMovesComeOutRight(t *testing.T) {
	t.Parallel()
	takeOutAndPutIn := func(l List, m api.RoleWrite) List {
		i := l.At(m.ID) - 1
		r := l[i]
		return slices.Insert(slices.Delete(slices.Clone(l), i, i+1), m.Sequence-1, r)
	}
	changePlaces := func(l List, m api.RoleWrite) List {
		l = slices.Clone(l)
		i := l.At(m.ID) - 1
		l[i], l[m.Sequence-1] = l[m.Sequence-1], l[i]
		return l
	}
	rapid.Check(t, func(t *rapid.T) {
		all := letters("ABCDEFGHIJ")[:rapid.IntRange(1, 10).Draw(t, "roles")]
		list, target := permuted(t, "list", all), permuted(t, "target", all)
		moves := list.Moves(target)
		if list.SameOrder(target) != (len(moves) == 0) {
			t.Fatalf("%s to %s by %v", list.word(), target.word(), moves)
		}
		ways := map[string]func(List, api.RoleWrite) List{
			"taken out and put in": takeOutAndPutIn, "places changed": changePlaces,
		}
		for name, move := range ways {
			got := list
			for _, m := range moves {
				got = move(got, m)
			}
			if !got.SameOrder(target) {
				t.Fatalf("%s: %s becomes %s by %v, want %s", name, list.word(), got.word(), moves, target.word())
			}
		}
		noted := slices.Clone(list)
		for i := range noted {
			noted[i].Sequence = i + 1
			for _, m := range moves {
				if m.ID == noted[i].ID {
					noted[i].Sequence = m.Sequence
				}
			}
		}
		slices.SortStableFunc(noted, func(a, b api.Role) int { return a.Sequence - b.Sequence })
		if !noted.SameOrder(target) {
			t.Fatalf("numbers noted: %s becomes %s by %v, want %s", list.word(), noted.word(), moves, target.word())
		}
	})
}

func TestMovesTellTheName(t *testing.T) {
	t.Parallel()
	want := []api.RoleWrite{{ID: "C", Name: "C", Sequence: 2}, {ID: "B", Name: "B", Sequence: 3}}
	if d := cmp.Diff(want, letters("ABCD").Moves(letters("ACBD"))); d != "" {
		t.Error(d)
	}
}

// Stay returns a largest possible set: none of the other roles could stay too, and no larger set could stay.
func TestStay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ list, wanted, stay string }{
		{
			"ABCD", "ABCD", "ABCD"}, {"ABCD", "BCDA", "BCD"}, {"ABCD", "DABC", "ABC"}, {"ABCD", "CA", "C"}, {"ABCD", "",
			"",
		},
	} {
		var wanted []string
		if test.wanted != "" {
			wanted = strings.Split(test.wanted, "")
		}
		stay := letters(test.list).Stay(wanted)
		if len(stay) != len(test.stay) {
			t.Errorf("%s to %s: %v, want %s", test.list, test.wanted, stay, test.stay)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		all := letters("ABCDEFG")
		list, target := permuted(t, "list", all), permuted(t, "target", all)
		stay := list.Stay(target.Names())
		most := 0
		for mask := range 1 << len(all) {
			var kept List
			for i, r := range target {
				if mask>>i&1 == 1 {
					kept = append(kept, r)
				}
			}
			if slices.IsSortedFunc(kept, func(a, b api.Role) int { return list.At(a.ID) - list.At(b.ID) }) {
				most = max(most, len(kept))
			}
		}
		if len(stay) != most {
			t.Fatalf("%s to %s: %v stay, %d could", list.word(), target.word(), stay, most)
		}
	})
}
