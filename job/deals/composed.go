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

// composed is what this run knows of composite requests.
type composed struct {
	turn chan struct{} // holds one while the first composite request is tried: the others wait for what comes of it

	mu    sync.Mutex
	known Composed
}

func (c *composed) now() Composed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known
}

// composes says whether composite requests are to be used: an org that allows fewer calls in flight at the moment than one counts for would refuse it for ever.
func (r *Reader) composes() bool {
	return !r.Plain && r.composed.now() != Refused && r.Places() >= api.CompositePlaces
}

// compose reads several deals in one call. Those that it does not tell all of stay unread. Whoever comes while the first of all such calls is tried waits for what comes of it.
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
		r.Say("Zoho does not read several deals in one call here (" + refusal + "): from here on each deal is a call of its own")
	}
	return err
}

// settle takes note of what was found; keep says that it holds for later runs as well.
func (r *Reader) settle(found Composed, keep bool) {
	r.composed.mu.Lock()
	defer r.composed.mu.Unlock()
	if r.composed.known == found {
		return
	}
	if r.composed.known = found; keep {
		r.Remember(found)
	}
}

// five makes a composite request. refusal says why such requests do not serve.
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

// compare holds one part of the first composite answer to that of a plain call, and keeps of the answer only what is to be believed.
func (r *Reader) compare(ctx context.Context, ids []string, read []Reading) (refusal string, err error) {
	at := slices.IndexFunc(read, func(d Reading) bool { return len(d.Contacts) > 0 })
	if at < 0 && r.EmptyProves {
		at = slices.IndexFunc(read, func(d Reading) bool { return d.Read })
	}
	if at < 0 {
		clear(read)
		return "", nil // the next answer may tell
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

// equal says whether two answers tell the same of a deal, in whatever order.
func equal(a, b []api.DealContact) bool {
	sorted := func(list []api.DealContact) []api.DealContact {
		return slices.SortedFunc(slices.Values(list), func(x, y api.DealContact) int { return strings.Compare(x.ID, y.ID) })
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

// sameJSON says whether two values are one, apart from the spaces between their parts.
func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	return bytes.Equal(a, b) || json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// RefusalText is an error of Zoho's in as few words as tell it.
func RefusalText(err error) string {
	if e, ok := errors.AsType[*api.Error](err); ok && e.Code != "" {
		return e.Code
	}
	return err.Error()
}

// CompositeReads is how many composite requests read so many deals, with the plain call that the first of them is held to.
func CompositeReads(deals int64) int64 {
	return (deals+api.MostDeals-1)/api.MostDeals + 1
}
