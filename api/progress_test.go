package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A list ends, whatever pages a server repeats. It ends with an error unless every record came. A list that only shifts
// between two pages is read whole.
func TestPagingEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pages := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(1, 9), 0, 3), 1, 5).Draw(t, "pages")
		repeat := rapid.IntRange(0, len(pages)-1).Draw(t, "goes back to")
		sorted := rapid.Bool().Draw(t, "sorted")
		p := Progress{Sorted: sorted}
		seen, turns := map[int]bool{}, 0
		for at := 0; ; turns++ {
			if turns > 20 {
				t.Fatal("the list does not end")
			}
			fresh := 0
			for _, id := range pages[at] {
				if isNew := p.New(fmt.Sprint(id)); !sorted && isNew == seen[id] {
					t.Fatalf("record %d: new %v", id, isNew)
				}
				if !seen[id] {
					fresh++
				}
				seen[id] = true
			}
			err := p.End(true, "")
			if err == nil && fresh == 0 {
				t.Fatalf("page %v is taken for progress", pages[at])
			}
			if err != nil {
				if !sorted && fresh > 0 {
					t.Fatalf("page %v is refused: %v", pages[at], err)
				}
				return
			}
			if at++; at == len(pages) {
				at = repeat
			}
		}
	})
}

// A longer id is a larger one.
func TestSortedPagingComparesNumbers(t *testing.T) {
	t.Parallel()
	p := Progress{Sorted: true}
	for _, c := range []struct {
		id    string
		isNew bool
	}{{"9", true}, {"10", true}, {"9", false}, {"10", false}, {"11", true}} {
		if got := p.New(c.id); got != c.isNew {
			t.Errorf("%s: new %v", c.id, got)
		}
	}
	if p.Last() != "11" {
		t.Error(p.Last())
	}
}

func TestPagingRefusesATokenTwice(t *testing.T) {
	t.Parallel()
	var p Progress
	p.New("1")
	if err := p.End(true, "a"); err != nil {
		t.Fatal(err)
	}
	p.New("2")
	if err := p.End(true, "a"); err == nil || !strings.Contains(err.Error(), "page 2") {
		t.Errorf("%v", err)
	}
}

// If a list has one page by Zoho's documents, and its answer announces more, the result is an error.
func TestListsOfOnePageHaveNoMore(t *testing.T) {
	t.Parallel()
	body := `{"contact_roles":[{"id":"1","name":"x"}],"info":{"more_records":true}}`
	roles, err := newClient(t, script(says(http.StatusOK, body)), Config{}).Roles(t.Context())
	if e := failure(t, err); roles != nil || !strings.Contains(e.Error(), "more_records is true") {
		t.Errorf("%v, %v", roles, err)
	}
}
