package deals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"

	"rolecall/api"
)

// composed is what this run knows about composite requests.
type composed struct {
	turn chan struct{} // has an element while one worker tries the first composite request and the others wait

	mu    sync.Mutex
	known Composed
}

// now returns what is known now.
func (c *composed) now() Composed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known
}

// composes reports whether to use composite requests. An org that allows fewer calls in flight now than a composite
// request counts for would always refuse it.
func (r *Reader) composes() bool {
	return !r.Plain && r.composed.now() != Refused && r.Places() >= api.CompositePlaces
}

// compose reads several deals in one call. A deal that the answer does not have completely stays unread. While one
// worker tries the first composite request, the others wait for its result.
func (r *Reader) compose(ctx context.Context, ids []string, read []Reading) error {
	tries := r.composed.now() == ""
	if tries {
		r.composed.turn <- struct{}{}
		defer func() { <-r.composed.turn }()
		if r.composed.now() == Refused {
			return nil
		}
		tries = r.composed.now() == ""
	}
	refusal, err := r.five(ctx, ids, read)
	if tries && err == nil && refusal == "" {
		refusal, err = r.compare(ctx, ids, read)
	}
	if refusal != "" {
		r.settle(Refused, true)
		r.Say("Zoho does not read several deals in one call here (" + refusal + "): " +
			"reading each deal in a call of its own")
	}
	return err
}

// settle stores what this run found out about composite requests. With keep, later runs use it too.
func (r *Reader) settle(finding Composed, keep bool) {
	r.composed.mu.Lock()
	defer r.composed.mu.Unlock()
	if r.composed.known == finding {
		return
	}
	if r.composed.known = finding; keep {
		r.Remember(finding)
	}
}

// five makes a composite request. refusal is why the org does not accept such requests, or "".
func (r *Reader) five(ctx context.Context, ids []string, read []Reading) (refusal string, err error) {
	readings, err := r.Zoho.DealsContactRoles(ctx, ids, r.Fields...)
	if api.NotOffered(err) {
		return RefusalText(err), nil
	}
	if err != nil {
		_, err := ownError(err)
		return "", err
	}
	for i, reading := range readings {
		if reading.Err == nil && !reading.More {
			read[i] = Reading{Contacts: reading.Contacts, Read: true}
		}
	}
	return "", nil
}

// compare compares one deal of the first composite answer with a plain read of that deal. It clears in read what
// cannot be trusted. refusal is why composite answers cannot be trusted, or "".
func (r *Reader) compare(ctx context.Context, ids []string, read []Reading) (refusal string, err error) {
	at := slices.IndexFunc(read, func(d Reading) bool { return len(d.Contacts) > 0 })
	if at < 0 && r.EmptyProves {
		at = slices.IndexFunc(read, func(d Reading) bool { return d.Read })
	}
	if at < 0 {
		clear(read)
		return "", nil // the next answer may decide
	}
	plain, err := r.one(ctx, ids[at])
	if plain.Read && equal(plain.Contacts, read[at].Contacts) {
		r.settle(Works, len(plain.Contacts) > 0)
		return "", nil
	}
	clear(read)
	read[at] = plain
	if err != nil || !plain.Read {
		return "", err
	}
	return "the answer is not that of a plain call", nil
}

// equal reports whether two answers have the same contacts of a deal, in any order.
func equal(a, b []api.DealContact) bool {
	byID := func(x, y api.DealContact) int { return strings.Compare(x.ID, y.ID) }
	sorted := func(list []api.DealContact) []api.DealContact {
		return slices.SortedFunc(slices.Values(list), byID)
	}
	return slices.EqualFunc(sorted(a), sorted(b), func(x, y api.DealContact) bool {
		if x.ID != y.ID || x.Role != y.Role || len(x.Fields) != len(y.Fields) {
			return false
		}
		for name, value := range x.Fields {
			if other, there := y.Fields[name]; !there || !sameJSON(value, other) {
				return false
			}
		}
		return true
	})
}

// sameJSON reports whether two values are equal apart from insignificant spaces.
func sameJSON(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// RefusalText returns the code of Zoho's error, or the text of the error if it has no code.
func RefusalText(err error) string {
	if e, ok := errors.AsType[*api.Error](err); ok && e.Code != "" {
		return e.Code
	}
	return err.Error()
}

// CompositeReads returns how many calls read a number of deals with composite requests. It counts the plain call that
// the first composite answer is compared with.
func CompositeReads(deals int64) int64 {
	return (deals+api.MostDeals-1)/api.MostDeals + 1
}
