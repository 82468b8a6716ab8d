package job

import (
	"context"
	"maps"
	"slices"
	"sync"

	"rolecall/api"
)

// CompositeWorks and CompositeRefused are what is known of an org's composite requests, by which five deals are read for one credit. Zoho's documents do not say that contact roles may be read in
// them: the first answer is held to that of a plain call.
const (
	CompositeWorks   = "works"
	CompositeRefused = "refused"
)

// dealReader reads who is on deals before they are written to. A nil one reads none.
type dealReader struct {
	zoho     Zoho
	remember func(finding string)
	say      func(text string)

	places func() int    // calls in flight allowed now
	plain  bool          // each deal by a call of its own, because the user or the version says so
	empty  bool          // a deal without anybody proves enough: nothing is lost by believing that nobody is on a deal
	turn   chan struct{} // holds one while the first composite request is tried: the others wait for what comes of it

	mu      sync.Mutex
	finding string // "": not known yet
}

// together is how many deals one call may read.
func (r *dealReader) together() int {
	if r == nil || r.plain {
		return 1
	}
	return api.MostDeals
}

// read returns who is on each deal of a group: nil for a deal that is not read, and for one that Zoho does not let read, whose writes tell why. An error ends the run.
func (c *caller) read(ctx context.Context, group []dealRows) ([]dealRoles, error) {
	on := make([]dealRoles, len(group))
	if c.reader == nil {
		return on, nil
	}
	var wanted []int
	for i, d := range group {
		if c.pending(d) {
			wanted = append(wanted, i)
		}
	}
	if len(wanted) > 1 && c.reader.composes() {
		deals := make([]string, len(wanted))
		for k, i := range wanted {
			deals[k] = group[i].deal.String()
		}
		read, err := c.reader.compose(ctx, deals)
		if err != nil {
			return nil, err
		}
		for k, i := range wanted {
			on[i] = read[k]
		}
	}
	for _, i := range wanted {
		if on[i] != nil || c.over() {
			continue
		}
		var err error
		if on[i], err = c.reader.one(ctx, group[i].deal.String()); err != nil {
			return nil, err
		}
	}
	return on, nil
}

// pending says whether any row of a deal is to be sent.
func (c *caller) pending(d dealRows) bool {
	for _, r := range c.plan(d) {
		if r.sendable(c.done.has) {
			return true
		}
	}
	return false
}

// one reads one deal by a call of its own.
func (r *dealReader) one(ctx context.Context, deal string) (dealRoles, error) {
	contacts, err := r.zoho.DealContactRoles(ctx, deal)
	if err != nil {
		_, err := ownError(err)
		return nil, err
	}
	return newDealRoles(contacts), nil
}

// composes says whether composite requests are to be used: an org that allows fewer calls in flight at the moment than one counts for would refuse it for ever.
func (r *dealReader) composes() bool {
	return !r.plain && r.known() != CompositeRefused && r.places() >= api.CompositePlaces
}

func (r *dealReader) known() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.finding
}

// compose reads several deals in one call. Those that it does not tell of are nil. Whoever comes while the first of all such calls is tried waits for what comes of it.
func (r *dealReader) compose(ctx context.Context, deals []string) ([]dealRoles, error) {
	tries := r.known() == ""
	if tries {
		r.turn <- struct{}{}
		defer func() { <-r.turn }()
		if r.known() == CompositeRefused {
			return make([]dealRoles, len(deals)), nil
		}
		tries = r.known() == ""
	}
	on, refusal, err := r.five(ctx, deals)
	if tries && err == nil && refusal == "" {
		refusal, err = r.compare(ctx, deals, on)
	}
	if refusal != "" {
		r.settle(CompositeRefused, true)
		r.say("Zoho does not read several deals in one call here (" + refusal + "): from here on each deal is a call of its own")
	}
	return on, err
}

// settle takes note of what was found; keep says that it holds for later runs as well.
func (r *dealReader) settle(finding string, keep bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.finding == finding {
		return
	}
	if r.finding = finding; keep {
		r.remember(finding)
	}
}

// five makes a composite request. refusal says why such requests do not serve.
func (r *dealReader) five(ctx context.Context, deals []string) (on []dealRoles, refusal string, err error) {
	on = make([]dealRoles, len(deals))
	readings, err := r.zoho.DealsContactRoles(ctx, deals)
	if api.NotOffered(err) {
		return on, refusalText(err), nil
	}
	if err != nil {
		_, err := ownError(err)
		return on, "", err
	}
	for i, reading := range readings {
		if reading.Err == nil && !reading.More {
			on[i] = newDealRoles(reading.Contacts)
		}
	}
	return on, "", nil
}

// compare holds one part of the first composite answer to that of a plain call, and keeps of the answer only what is to be believed.
func (r *dealReader) compare(ctx context.Context, deals []string, on []dealRoles) (refusal string, err error) {
	at := slices.IndexFunc(on, func(d dealRoles) bool { return len(d) > 0 })
	if at < 0 && r.empty {
		at = slices.IndexFunc(on, func(d dealRoles) bool { return d != nil })
	}
	if at < 0 {
		clear(on)
		return "", nil // the next answer may tell
	}
	plain, err := r.one(ctx, deals[at])
	if plain != nil && maps.Equal(plain, on[at]) {
		r.settle(CompositeWorks, len(plain) > 0)
		return "", nil
	}
	clear(on)
	on[at] = plain
	if err != nil || plain == nil {
		return "", err
	}
	return "the answer is not that of a plain call", nil
}
