package pace

import (
	"fmt"
	"time"
)

// Lock is a limit on the calls of one kind in a minute, and the time for which Zoho refuses the kind after more calls.
type Lock struct {
	For       time.Duration // how long no call of the kind may start
	PerMinute int           // calls of the kind in any minute after it
}

// minute is a minute, and a second for the time that calls travel.
const minute = 61 * time.Second

// lane is a kind of call with a limit of its own. A nil lane has none.
type lane struct {
	until  time.Time   // locked until then
	most   int         // starts in a minute
	starts []time.Time // the latest, at most that many
}

// closed returns how long no call of the kind may start.
func (l *lane) closed(now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	until := l.until
	if len(l.starts) >= l.most {
		until = latest(until, l.starts[len(l.starts)-l.most].Add(minute))
	}
	return max(0, until.Sub(now))
}

// start counts a call.
func (l *lane) start(now time.Time) {
	if l == nil {
		return
	}
	if len(l.starts) >= l.most {
		l.starts = append(l.starts[:0], l.starts[1:]...)
	}
	l.starts = append(l.starts, now)
}

// lock closes the lane of a kind. Calls of other kinds go on. The 429 of a call that was in flight when the lane closed
// is not news.
func (p *Pacer) lock(now time.Time, kind string, k Lock) {
	l := p.lanes[kind]
	if l == nil {
		l = &lane{}
		p.lanes[kind] = l
	}
	isNews := !l.until.After(now)
	l.most = max(1, k.PerMinute)
	l.starts = nil // the lock is longer than a minute
	if !isNews {
		return
	}
	l.until = now.Add(k.For).Round(0) // the wall clock's time: see longestLook
	p.tellWait(l.until, fmt.Sprintf("Zoho locks %s, which is limited to %d calls a minute", kind, l.most))
}
