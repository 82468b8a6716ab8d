package report

import (
	"fmt"
	"io"
	"time"
)

// Plan is what the run was known to take before its first write.
type Plan struct {
	Deals          int64  `json:"deals"`
	Calls          int64  `json:"calls"` // writes by the way chosen, at most; one credit each
	Reads          int64  `json:"reads"` // before the first write, one credit each
	Sent           int64  `json:"rows_sent"`
	Repeats        int64  `json:"repeats"`
	Contradictions int64  `json:"contradictions"`
	OneByOne       int64  `json:"calls_one_by_one"`
	Together       int64  `json:"calls_together"` // with up to a hundred contacts of a deal in a call
	Way            string `json:"way"`            // that was chosen: "one by one", "together", "together once proven"

	Skips          bool  `json:"skip_unchanged"`  // each deal is read first, and only what differs is written
	DealReads      int64 `json:"deal_reads"`      // that takes, a deal to a call
	CompositeReads int64 `json:"composite_reads"` // or so many, five deals to a call
	Composite      bool  `json:"composite"`       // the latter was chosen

	InFlight         int64   `json:"in_flight"`         // calls at a time, at most
	CallMilliseconds float64 `json:"call_milliseconds"` // that a call took so far
	Seconds          float64 `json:"seconds"`           // that the calls take at the limit, if they go on so; for --skip-unchanged, if everything differs
	CreditsLeft      int64   `json:"credits_left"`      // that the run may spend; -1: not known
	Fits             bool    `json:"fits"`              // false: they do not suffice for every call
}

// Reckon fills in the time and whether the credits suffice. rate is calls a second at most, 0 for no limit; a composite request counts for so many calls in flight.
func (p *Plan) Reckon(rate float64, compositePlaces int64) {
	calls, places := p.Calls, p.Calls
	if p.Skips && p.Composite {
		calls += p.CompositeReads
		places += p.CompositeReads * compositePlaces
	} else if p.Skips {
		calls += p.DealReads
		places += p.DealReads
	}
	if atOnce := min(p.InFlight, p.Deals); atOnce > 0 { // a deal has one call at a time
		p.Seconds = float64(places) * p.CallMilliseconds / 1000 / float64(atOnce)
	}
	if rate > 0 {
		p.Seconds = max(p.Seconds, float64(calls)/rate)
	}
	p.Fits = p.CreditsLeft < 0 || calls <= p.CreditsLeft
}

// WriteText writes the price in sentences.
func (p *Plan) WriteText(w io.Writer) error {
	if p.Sent == 0 {
		_, err := fmt.Fprintln(w, "  price    no call: there is nothing to send")
		return err
	}
	ways := Plural(p.OneByOne, "call") + " one by one"
	if p.Together < p.OneByOne {
		ways += ", or " + Plural(p.Together, "call") + " with the contacts of a deal together"
	}
	_, err := fmt.Fprintf(w, "  price    %s on %s: %s; one credit a call, and %s before them\n", Plural(p.Sent, "row"), Plural(p.Deals, "deal"), ways, Plural(p.Reads, "read"))
	if err == nil {
		_, err = fmt.Fprintf(w, "           with --skip-unchanged: %s (or %s), then none to all of the calls\n", Plural(p.DealReads, "read"), Plural(p.CompositeReads, "composite read"))
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "  way      %s\n", p.wayText())
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "  time     about %s with %s in flight, if a call goes on taking %s\n", p.duration(), Plural(p.InFlight, "call"), Duration(time.Duration(p.CallMilliseconds*float64(time.Millisecond))))
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "  credits  %s\n", creditsText(p.CreditsLeft, p.Fits))
	}
	return err
}

func (p *Plan) duration() string { return Duration(time.Duration(p.Seconds * float64(time.Second))) }

func (p *Plan) wayText() string {
	text := p.Way + ", " + Plural(p.Calls, "call")
	if p.Way == "together once proven" {
		text += " (on the first deal it is looked at whether that takes anybody off it)"
	}
	switch {
	case p.Skips && p.Composite:
		return Plural(p.CompositeReads, "composite read") + ", then what differs " + text + " at most"
	case p.Skips:
		return Plural(p.DealReads, "read") + ", then what differs " + text + " at most"
	}
	return text
}

// creditsText says whether the credits that are left suffice; -1 is not known.
func creditsText(left int64, fits bool) string {
	switch {
	case left < 0:
		return "how many are left is not known"
	case fits:
		return Count(left) + " left: it fits"
	}
	return Count(left) + " left: it may not fit; what they do not suffice for, resume goes on with"
}
