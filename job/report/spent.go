package report

import (
	"maps"
	"strings"
)

// Spent is the cost of a run.
type Spent struct {
	Calls    int64            `json:"calls"` // attempts of every kind, with reads and retries
	Kinds    map[string]int64 `json:"calls_by_kind"`
	Credits  int64            `json:"credits"`
	Retries  int64            `json:"retries"`
	Episodes int64            `json:"too_many_requests_episodes"`
	AtLimit  float64          `json:"seconds_at_the_limit"` // time with as many calls in flight as allowed
	Waiting  float64          `json:"seconds_waiting"`      // waits for a 429, credits, other processes or the rate
	P50      float64          `json:"milliseconds_p50"`     // median time of a call, in the latest process
	P99      float64          `json:"milliseconds_p99"`     // 99th percentile of it
}

// Add returns the sum of s and o, where o is what a later process of the run spent. The percentiles are those of o.
func (s Spent) Add(o Spent) Spent {
	sum := Spent{
		Calls: s.Calls + o.Calls, Credits: s.Credits + o.Credits, Retries: s.Retries + o.Retries,
		Episodes: s.Episodes + o.Episodes, AtLimit: s.AtLimit + o.AtLimit, Waiting: s.Waiting + o.Waiting,
		P50: o.P50, P99: o.P99, Kinds: map[string]int64{},
	}
	maps.Copy(sum.Kinds, s.Kinds)
	for kind, n := range o.Kinds {
		sum.Kinds[kind] += n
	}
	return sum
}

// text returns the cost in words.
func (s Spent) text() string {
	line := Plural(s.Calls, "call") + ", " + Plural(s.Credits, "credit")
	retries, times := "retries", "times"
	if s.Retries == 1 {
		retries = "retry"
	}
	if s.Episodes == 1 {
		times = "time"
	}
	more := notZero(part{s.Retries, retries}, part{s.Episodes, times + " told to slow down (429)"})
	if len(more) > 0 {
		line += "; " + strings.Join(more, ", ")
	}
	return line
}
