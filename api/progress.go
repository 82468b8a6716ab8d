package api

import (
	"errors"
	"fmt"
)

// Progress checks that the pages of a list go on. A list that sends the same records, or the same token, again and
// again would never end. Its zero value serves one reading of a list whose records come in any order: a record may come
// twice, because the list may shift between two pages, but each page must bring a new one. It keeps every id.
type Progress struct {
	// Sorted says that each page was asked for with ids beyond the largest one so far. Progress keeps that id only.
	Sorted bool

	page   int    // the current page, from 0
	fresh  int    // records of the current page that no page had before
	last   string // the largest id, if Sorted
	seen   map[string]bool
	tokens map[string]bool
}

// New counts a record of the current page, and reports whether no page had it before.
func (p *Progress) New(id string) bool {
	isNew := false
	if p.Sorted {
		if isNew = len(id) > len(p.last) || len(id) == len(p.last) && id > p.last; isNew {
			p.last = id
		}
	} else {
		if p.seen == nil {
			p.seen = map[string]bool{}
		}
		isNew = !p.seen[id]
		p.seen[id] = true
	}
	if isNew {
		p.fresh++
	}
	return isNew
}

// Last returns the largest id of a Sorted list.
func (p *Progress) Last() string { return p.last }

// End ends the current page. more says that Zoho has more pages, and token is that of the next one, or "". An error
// says why the list would not come to an end.
func (p *Progress) End(more bool, token string) error {
	p.page++
	fresh := p.fresh
	p.fresh = 0
	switch {
	case !more:
		return nil
	case fresh == 0:
		return fmt.Errorf("page %d brings nothing new, but more_records is true", p.page)
	case token == "":
		return nil
	case p.tokens[token]:
		return fmt.Errorf("page %d names a next page that was read before (the same next_page_token)", p.page)
	}
	if p.tokens == nil {
		p.tokens = map[string]bool{}
	}
	p.tokens[token] = true
	return nil
}

// errUnpaged is the error of a list that says that it has more pages, where Zoho documents none.
var errUnpaged = errors.New("more_records is true, but this list has one page")
