package deals

import (
	"encoding/json"
	"testing"

	"rolecall/api"
)

// A composite request counts for five calls in flight. A reader makes none while the org allows fewer, because the org
// would always refuse it.
func TestComposes(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]bool{1: false, 4: false, 5: true, 25: true} {
		for known, serves := range map[Composed]bool{"": true, Works: true, Refused: false} {
			r := New(Options{Known: known, Places: func() int { return limit }})
			if got := r.composes(); got != (want && serves) {
				t.Errorf("with %d calls in flight, known %q: %v", limit, known, got)
			}
		}
	}
	if r := New(Options{Plain: true, Places: func() int { return 25 }}); r.composes() || r.Together() != 1 {
		t.Error("one that reads each deal by itself composes")
	}
	if got := New(Options{}).Together(); got != api.MostDeals {
		t.Errorf("reads %d together, want %d", got, api.MostDeals)
	}
}

// Two answers are equal if they have the same contacts with the same values, whatever their order and spacing is.
func TestEqual(t *testing.T) {
	t.Parallel()
	person := func(id, role, email string) api.DealContact {
		return api.DealContact{
			ID: id, Role: api.RoleRef{ID: role}, Fields: map[string]json.RawMessage{"Email": json.RawMessage(email)},
		}
	}
	one, two := person("1", "7", `"a@example.com"`), person("2", "7", `{"a": 1}`)
	for name, test := range map[string]struct {
		a, b []api.DealContact
		want bool
	}{
		"the same":        {[]api.DealContact{one, two}, []api.DealContact{one, two}, true},
		"another order":   {[]api.DealContact{one, two}, []api.DealContact{two, one}, true},
		"other spaces":    {[]api.DealContact{two}, []api.DealContact{person("2", "7", `{"a":1}`)}, true},
		"nobody":          {nil, []api.DealContact{}, true},
		"one less":        {[]api.DealContact{one, two}, []api.DealContact{one}, false},
		"somebody else":   {[]api.DealContact{one}, []api.DealContact{person("3", "7", `"a@example.com"`)}, false},
		"another role":    {[]api.DealContact{one}, []api.DealContact{person("1", "8", `"a@example.com"`)}, false},
		"another field":   {[]api.DealContact{one}, []api.DealContact{person("1", "7", `"b@example.com"`)}, false},
		"no field at all": {[]api.DealContact{one}, []api.DealContact{{ID: "1", Role: api.RoleRef{ID: "7"}}}, false},
	} {
		if got := equal(test.a, test.b); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
