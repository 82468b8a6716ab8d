package api

import (
	"slices"
	"time"
)

// minutes are credits by the minute, counted from 1970.
type minutes map[int64]int

const (
	// windowMinutes: credits come back 24 hours after they were spent (Zoho CRM
	// API v8, API Limits). A minute counts until its last second is so old.
	windowMinutes = 24*60 + 1
	// keptMinutes are kept although they do not count, or a clock that is a day
	// ahead for a moment would wipe out what counts.
	keptMinutes = 2 * windowMinutes
)

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// sum counts also what a clock set back since says is yet to come.
func (m minutes) sum(now int64) int {
	sum := 0
	for minute, n := range m {
		if minute > now-windowMinutes {
			sum += n
		}
	}
	return sum
}

// tidy forgets what is long past, and takes what is yet to come for spent now:
// it counts, and not for longer than a day.
func (m minutes) tidy(now int64) {
	ahead := 0
	for minute, n := range m {
		switch {
		case minute > now:
			ahead += n
			delete(m, minute)
		case minute <= now-keptMinutes, n == 0:
			delete(m, minute)
		}
	}
	if ahead > 0 {
		m[now] = min(m[now]+ahead, mostCredits)
	}
}

func (m minutes) returns(now int64, n int) (at time.Time, ok bool) {
	var counted []int64
	for minute, spent := range m {
		if minute > now-windowMinutes && spent > 0 {
			counted = append(counted, minute)
		}
	}
	slices.Sort(counted)
	for _, minute := range counted {
		if n -= m[minute]; n <= 0 {
			return time.Unix((minute+windowMinutes)*60, 0), true
		}
	}
	return time.Time{}, false
}
