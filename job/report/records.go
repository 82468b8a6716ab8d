package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Records is the price of a run over the records of a module.
type Records struct {
	Module    string `json:"module"`
	Do        string `json:"do"`         // insert, update, upsert or delete
	Records   int64  `json:"records"`    // rows that are written, at most unless Exact is set
	Keys      int64  `json:"keys"`       // records of these rows, before any was read
	Calls     int64  `json:"calls"`      // that write them
	Reads     int64  `json:"reads"`      // of records, a credit each
	Credits   int64  `json:"credits"`    // of writes and reads
	ReadFirst bool   `json:"read_first"` // the run reads each record first and writes only what differs
	CanRead   bool   `json:"can_read"`   // the run could read each record first
	ReadCost  int64  `json:"read_cost"`  // the calls that read each record once
	Exact     bool   `json:"exact"`      // the records are read

	InFlight         int64   `json:"in_flight"`
	CallMilliseconds float64 `json:"call_milliseconds"` // time of a call so far
	Seconds          float64 `json:"seconds"`
	Left             int64   `json:"credits_left"` // -1: not known
	Fits             bool    `json:"fits"`         // Left is enough, or not known
}

// Reckon sets the time and Fits. call is how long a call takes, and rate the most calls a second, or 0 for no limit.
func (p *Records) Reckon(rate float64, inFlight int64, call time.Duration) {
	p.InFlight, p.CallMilliseconds = inFlight, float64(call)/float64(time.Millisecond)
	calls := p.Calls + p.Reads
	if atOnce := min(inFlight, calls); atOnce > 0 {
		p.Seconds = float64(calls) * call.Seconds() / float64(atOnce)
	}
	if rate > 0 {
		p.Seconds = max(p.Seconds, float64(calls)/rate)
	}
	p.Fits = p.Left < 0 || p.Credits <= p.Left
}

// WriteText writes the price in sentences.
func (p *Records) WriteText(w io.Writer) error {
	if p.Records == 0 {
		return Printf(w, "  price    no write: there is nothing to %s\n", p.Do)
	}
	most := ""
	if p.ReadFirst && !p.Exact && p.Do != "delete" {
		most = " at most: unchanged records are not written"
	}
	err := Printf(w, "  price    %s to %s: %s%s\n", Plural(p.Records, p.Module+" record"), p.Do,
		p.costs(), most)
	if err == nil && p.CanRead && !p.ReadFirst {
		err = Printf(w, "           this run cannot be undone, because it does not read the records first: "+
			"--read-first on costs %s more\n", Plural(p.ReadCost, "read"))
	}
	if err == nil {
		err = Printf(w, "  time     about %s with %s in flight, if a call goes on taking %s\n",
			Duration(time.Duration(p.Seconds*float64(time.Second))), Plural(p.InFlight, "call"),
			Duration(time.Duration(p.CallMilliseconds*float64(time.Millisecond))))
	}
	if err == nil {
		err = Printf(w, "  credits  %s\n", creditsText(p.Left, p.Fits))
	}
	return err
}

// costs returns the calls and their credits, in words.
func (p *Records) costs() string {
	text := Plural(p.Calls, "write") + ", "
	if p.Reads > 0 {
		text += Plural(p.Reads, "read") + ", "
	}
	return text + Plural(p.Credits, "credit")
}

// TakeBack returns what an undo of records does, in words.
func TakeBack(updated, deleted, restored int64) string {
	return fmt.Sprintf("take back %s (%s)", Plural(updated+deleted+restored, "change"), strings.Join(notZero(
		part{updated, "to give earlier values"}, part{deleted, "to delete"}, part{restored, "to restore"}), ", "))
}
