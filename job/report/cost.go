package report

import (
	"io"
	"time"
)

// Cost is the time and the credits of a price.
type Cost struct {
	InFlight         int64   `json:"in_flight"`         // most calls in flight
	CallMilliseconds float64 `json:"call_milliseconds"` // time of a call so far
	Seconds          float64 `json:"seconds"`           // longest time with InFlight calls of that length
	CreditsLeft      int64   `json:"credits_left"`      // credits that the run may spend; -1: not known
	Fits             bool    `json:"fits"`              // CreditsLeft is enough for every call, or not known
}

// reckon sets Seconds and Fits. places is the number of calls, with a composite request counted as several. atOnce is
// the most calls in flight. rate is the most calls a second, or 0 for no limit.
func (c *Cost) reckon(places, atOnce, calls, credits int64, rate float64) {
	if atOnce = min(c.InFlight, atOnce); atOnce > 0 {
		c.Seconds = float64(places) * c.CallMilliseconds / 1000 / float64(atOnce)
	}
	if rate > 0 {
		c.Seconds = max(c.Seconds, float64(calls)/rate)
	}
	c.Fits = c.CreditsLeft < 0 || credits <= c.CreditsLeft
}

func (c *Cost) duration() string { return Duration(time.Duration(c.Seconds * float64(time.Second))) }

func (c *Cost) call() string {
	return Duration(time.Duration(c.CallMilliseconds * float64(time.Millisecond)))
}

// A small run has at most smallCalls and takes less than smallSeconds. Its price is one line.
const (
	smallCalls   = 10
	smallSeconds = 10
)

// small reports whether a run of so many calls is small, and has credits for all of them.
func (c *Cost) small(calls int64) bool {
	return calls <= smallCalls && c.Seconds < smallSeconds && c.Fits
}

// left returns the end of the line of a small run: the credits that are left, or "" if they are not known.
func (c *Cost) left() string {
	if c.CreditsLeft < 0 {
		return ""
	}
	return "; " + Plural(c.CreditsLeft, "credit") + " left"
}

// writeText writes the cost in sentences.
func (c *Cost) writeText(w io.Writer) error {
	return Printf(w, "  time     about %s with %s in flight, if a call goes on taking %s\n  credits  %s\n",
		c.duration(), Plural(c.InFlight, "call"), c.call(), creditsText(c.CreditsLeft, c.Fits))
}

// creditsText returns a sentence about the credits that are left. left is -1 if their number is not known.
func creditsText(left int64, fits bool) string {
	switch {
	case left < 0:
		return "it is not known how many are left"
	case fits:
		return Count(left) + " left: it fits"
	}
	return Count(left) + " left: it may not fit; resume sends the rest later"
}
