package pace

import (
	"slices"
	"time"
)

// Day is the credits that were spent in each minute. Minutes are counted from 1970.
type Day map[int64]int

// Lease is one request to a record of credits. It gives credits back and takes new ones.
type Lease struct {
	Minute int64 // now
	Back   int   // credits of the last lease that were not spent; below zero: spent without a lease
	Of     int64 // the minute of the last lease
	Want   int   // credits to take
	Least  int   // if fewer than these are free, the request takes none
	Most   int   // the most that may be spent in 24 hours
}

const (
	// windowMinutes is how long a minute counts. Credits come back 24 hours after they were spent (Zoho CRM API v8, API
	// Limits), so a minute counts until its last second is that old.
	windowMinutes = 24*60 + 1
	// storedMinutes is how long a minute stays in the record. A minute that no longer counts stays for another day:
	// otherwise a clock that is a day ahead for a moment would delete minutes that count.
	storedMinutes = 2 * windowMinutes
	// MostCredits is more than any org can spend in a minute (Zoho CRM API v8, API Limits). It bounds every sum.
	MostCredits = 1 << 30
)

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// Lease executes a request and returns how many credits it takes.
func (d Day) Lease(l Lease) (granted int) {
	d.tidy(l.Minute)
	if l.Back < 0 {
		d[l.Minute] -= l.Back
	} else if back := min(l.Back, d[l.Of]); back > 0 { // the rest of a refund is of an earlier minute, which still counts
		d[l.Of] -= back
	}
	granted = max(0, min(l.Want, l.Most-d.sum(l.Minute)))
	if granted < l.Least {
		granted = 0
	}
	d[l.Minute] += granted
	return granted
}

// sum returns the credits of the last 24 hours. Minutes in the future count too: somebody set the clock back.
func (d Day) sum(now int64) int {
	sum := 0
	for minute, n := range d {
		if minute > now-windowMinutes {
			sum += n
		}
	}
	return sum
}

// tidy deletes old minutes. It moves the credits of future minutes to now, so that they count for at most a day.
func (d Day) tidy(now int64) {
	ahead := 0
	for minute, n := range d {
		switch {
		case minute > now:
			ahead += n
			delete(d, minute)
		case minute <= now-storedMinutes, n == 0:
			delete(d, minute)
		}
	}
	if ahead > 0 {
		d[now] = min(d[now]+ahead, MostCredits)
	}
}

// returns computes when n credits will have come back at the latest. ok is false if fewer were spent.
func (d Day) returns(now int64, n int) (at time.Time, ok bool) {
	var counted []int64
	for minute, spent := range d {
		if minute > now-windowMinutes && spent > 0 {
			counted = append(counted, minute)
		}
	}
	slices.Sort(counted)
	for _, minute := range counted {
		if n -= d[minute]; n <= 0 {
			return time.Unix((minute+windowMinutes)*60, 0), true
		}
	}
	return time.Time{}, false
}
