package voice

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"rolecall/api/emulator/wire"
)

// A Limit is how often calls of one kind may come. Zoho Voice's pages of call logs and recordings name one: 30 calls a
// minute, and a lock of 10 minutes. Those of contacts name none.
type Limit struct {
	PerMinute int // 0: no limit
	Lock      time.Duration
	Now       func() time.Time

	mu    sync.Mutex
	kinds map[string]*kind
}

// A kind is the calls with one method and path.
type kind struct {
	calls []time.Time // of the last minute, refused ones not included
	until time.Time   // locked until then
}

// Enter counts a call, or refuses it. The text of the refusal is ours, in the words of the pages.
func (l *Limit) Enter(label string) error {
	if l.PerMinute == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kinds == nil {
		l.kinds = make(map[string]*kind)
	}
	k, now := l.kinds[label], l.Now()
	if k == nil {
		k = &kind{}
		l.kinds[label] = k
	}
	for len(k.calls) > 0 && now.Sub(k.calls[0]) >= time.Minute {
		k.calls = k.calls[1:]
	}
	if !now.Before(k.until) && len(k.calls) >= l.PerMinute {
		k.until = now.Add(l.Lock)
	}
	if now.Before(k.until) {
		return wire.Refuse(http.StatusTooManyRequests, "ZVCONTACT-4029",
			fmt.Sprintf("You have exceeded %d calls per min; lock period %s", l.PerMinute, l.Lock), wire.Details{})
	}
	k.calls = append(k.calls, now)
	return nil
}
