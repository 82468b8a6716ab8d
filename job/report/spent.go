package report

import (
	"maps"
	"strings"
)

// Spent is what the run cost.
type Spent struct {
	Calls    int64            `json:"calls"` // attempts of every kind, reads included
	Kinds    map[string]int64 `json:"calls_by_kind"`
	Credits  int64            `json:"credits"`
	Retries  int64            `json:"retries"`
	Episodes int64            `json:"too_many_requests_episodes"`
	AtLimit  float64          `json:"seconds_at_the_limit"` // as many calls in flight as allowed
	Waiting  float64          `json:"seconds_waiting"`      // for a 429 to pass, for credits, for other processes, for the rate
	P50      float64          `json:"milliseconds_p50"`     // half of the calls of the latest process were answered in so long
	P99      float64          `json:"milliseconds_p99"`     // 99 of 100 of them were
}

// Add adds what another, later process of the run spent.
func (s Spent) Add(o Spent) Spent {
	sum := Spent{
		Calls: s.Calls + o.Calls, Credits: s.Credits + o.Credits, Retries: s.Retries + o.Retries, Episodes: s.Episodes + o.Episodes,
		AtLimit: s.AtLimit + o.AtLimit, Waiting: s.Waiting + o.Waiting, P50: o.P50, P99: o.P99, Kinds: map[string]int64{},
	}
	maps.Copy(sum.Kinds, s.Kinds)
	for kind, n := range o.Kinds {
		sum.Kinds[kind] += n
	}
	return sum
}

// text is what was spent, in words.
func (s Spent) text() string {
	line := Plural(s.Calls, "call") + ", " + Plural(s.Credits, "credit")
	if more := notZero(part{s.Retries, "retries"}, part{s.Episodes, "times told to slow down (429)"}); len(more) > 0 {
		line += "; " + strings.Join(more, ", ")
	}
	return line
}
