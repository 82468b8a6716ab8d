package report

import (
	"fmt"
	"io"
)

// Plan is the price of a run over deals: the calls, credits and time that it takes, known before its first write.
type Plan struct {
	Cost

	Deals          int64  `json:"deals"`
	Calls          int64  `json:"calls"` // most writes in the chosen way, one credit each
	Reads          int64  `json:"reads"` // reads before the first write, one credit each
	Sent           int64  `json:"rows_sent"`
	Repeats        int64  `json:"repeats"`
	Contradictions int64  `json:"contradictions"`   // rows not sent, because a later row of their contact counts
	OneByOne       int64  `json:"calls_one_by_one"` // writes with one contact in each call
	Together       int64  `json:"calls_together"`   // writes with up to a hundred contacts of a deal in a call
	Way            string `json:"way"`              // the chosen way: "one by one", "together", "together once proven"

	ReadFirst      bool  `json:"read_first"`           // the run reads each deal first and writes only what differs
	Looks          bool  `json:"reads_all_first"`      // all deals before its first write, and each again at its write
	DealReads      int64 `json:"deal_reads"`           // plain reads of the deals, one deal each
	CompositeReads int64 `json:"composite_reads"`      // composite reads instead of DealReads, five deals each
	Composite      bool  `json:"composite"`            // the run uses composite reads
	OnlyReads      bool  `json:"only_reads,omitempty"` // the run writes nothing
	Exact          bool  `json:"exact,omitempty"`      // the deals are read, so the calls are exact
}

// Reckon sets Seconds and Fits. rate is the most calls a second, or 0 for no limit. compositePlaces is how many calls
// in flight one composite request counts for. With ReadFirst it assumes that every deal differs.
func (p *Plan) Reckon(rate float64, compositePlaces int64) {
	reads, each := int64(0), int64(1)
	switch {
	case p.ReadFirst && p.Composite:
		reads, each = p.CompositeReads, compositePlaces
	case p.ReadFirst:
		reads = p.DealReads
	}
	if p.Looks {
		reads *= 2
	}
	calls := p.Calls + reads
	p.reckon(p.Calls+reads*each, p.Deals, calls, calls, rate) // a deal has one call at a time
}

// WriteText writes the price in sentences.
func (p *Plan) WriteText(w io.Writer) error {
	if p.OnlyReads {
		if !p.Composite && p.small(p.DealReads) {
			return Printf(w, "  price    %s: %s%s\n", Plural(p.Deals, "deal"), Plural(p.DealReads+p.Reads, "read"), p.left())
		}
		reads := Plural(p.DealReads, "read")
		if p.Composite {
			reads = Plural(p.CompositeReads, "composite read")
		}
		err := Printf(w, "  price    %s: %s, one credit a call, and %s before them\n",
			Plural(p.Deals, "deal"), reads, Plural(p.Reads, "read"))
		if err == nil {
			err = p.writeText(w)
		}
		return err
	}
	if p.Sent == 0 {
		_, err := fmt.Fprintln(w, "  price    no call: there is nothing to send")
		return err
	}
	reads := p.DealReads
	if p.Composite {
		reads = p.CompositeReads
	}
	if p.Looks && !p.Exact {
		reads *= 2
	}
	if p.ReadFirst && p.small(p.Calls+reads) {
		return Printf(w, "  price    %s on %s: at most %s and %s%s\n", Plural(p.Sent, "row"), Plural(p.Deals, "deal"),
			Plural(p.Calls, "write"), Plural(reads+p.Reads, "read"), p.left())
	}
	ways := Plural(p.OneByOne, "call") + " one by one"
	if p.Together < p.OneByOne {
		ways += ", or " + Plural(p.Together, "call") + " with the contacts of a deal together"
	}
	err := Printf(w, "  price    %s on %s: %s; one credit a call, and %s before them\n",
		Plural(p.Sent, "row"), Plural(p.Deals, "deal"), ways, Plural(p.Reads, "read"))
	if err == nil && !p.ReadFirst {
		err = Printf(w, "           this run cannot be undone, because it does not read the deals first: "+
			"--read-first on costs %s more (or %s)\n",
			Plural(p.DealReads, "read"), Plural(p.CompositeReads, "composite read"))
	}
	if err == nil {
		err = Printf(w, "  way      %s\n", p.wayText())
	}
	if err == nil {
		err = p.writeText(w)
	}
	return err
}

func (p *Plan) wayText() string {
	text := p.Way + ", " + Plural(p.Calls, "call")
	if p.Way == "together once proven" {
		text += " (the first deal shows whether such a call removes other contacts)"
	}
	reads := Plural(p.DealReads, "read")
	if p.Composite {
		reads = Plural(p.CompositeReads, "composite read")
	}
	switch {
	case p.Exact:
		return reads + " in all, the changed deals twice, then " + text
	case p.Looks:
		return reads + " before the first write, then what is there " + text + ", each deal read again right before: " +
			reads + " more, all at most"
	case p.ReadFirst:
		return reads + ", then what differs " + text + " at most"
	}
	return text
}
