package report

import (
	"fmt"
	"io"
	"strings"
)

// Records is the price of a run over the records of a module.
type Records struct {
	Cost

	Module    string `json:"module"`
	Do        string `json:"do"`         // insert, update, upsert or delete
	Records   int64  `json:"records"`    // rows that are written, at most unless Exact is set
	Keys      int64  `json:"keys"`       // different records in these rows, before any was read
	Calls     int64  `json:"calls"`      // calls that write the records
	Reads     int64  `json:"reads"`      // calls that read records, a credit each
	Credits   int64  `json:"credits"`    // credits of writes and reads
	ReadFirst bool   `json:"read_first"` // the run reads each record first and writes only what differs
	CanRead   bool   `json:"can_read"`   // the run could read each record first
	ReadCost  int64  `json:"read_cost"`  // calls that read each record once; 0: Zoho lets none be read
	Exact     bool   `json:"exact"`      // the records are read, so the calls are exact
	Voice     bool   `json:"voice,omitempty"`
}

// Reckon sets Seconds and Fits. rate is the most calls a second, or 0 for no limit.
func (p *Records) Reckon(rate float64) {
	calls := p.Calls + p.Reads
	p.reckon(calls, calls, calls, p.Credits, rate)
}

// WriteText writes the price in sentences.
func (p *Records) WriteText(w io.Writer) error {
	if p.Records == 0 {
		return Printf(w, "  price    no write: there is nothing to %s\n", p.Do)
	}
	if p.Voice {
		return p.voiceText(w)
	}
	most := ""
	if p.ReadFirst && !p.Exact && p.Do != "delete" {
		most = " at most: unchanged records are not written"
	}
	small, left := p.small(p.Calls+p.Reads), ""
	if small {
		left = p.left()
	}
	err := Printf(w, "  price    %s to %s: %s%s%s\n", Plural(p.Records, p.Module+" record"), p.Do,
		p.costs(), most, left)
	if err == nil && p.CanRead && !p.ReadFirst {
		instead := ""
		if p.ReadCost > 0 {
			instead = ": --read-first on costs " + Plural(p.ReadCost, "read") + " more"
		}
		err = Printf(w, "           this run cannot be undone, because it does not read the records first%s\n", instead)
	}
	if err == nil && !small {
		err = p.writeText(w)
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

// voiceText writes the price of a run over the contacts of Zoho Voice, whose calls cost no credits.
func (p *Records) voiceText(w io.Writer) error {
	text := Plural(p.Calls, "write")
	if p.Reads > 0 {
		text += ", " + Plural(p.Reads, "read")
	}
	if !p.Exact {
		text = "at most " + text
	}
	err := Printf(w, "  price    %s to %s: %s; calls to Voice cost no credits\n",
		Plural(p.Records, "Voice contact"), p.Do, text)
	if err == nil && p.CallMilliseconds >= 1 && !p.small(p.Calls+p.Reads) {
		err = Printf(w, "  time     about %s with %s in flight, if a call goes on taking %s\n",
			p.duration(), Plural(p.InFlight, "call"), p.call())
	}
	return err
}

// TakeBackVoice returns what an undo of contacts of Zoho Voice does, in words.
func TakeBackVoice(updated, deleted, created int64) string {
	return fmt.Sprintf("take back %s (%s)", Plural(updated+deleted+created, "change"), strings.Join(notZero(
		part{updated, "to give earlier values"}, part{deleted, "to delete"},
		part{created, "to create again with new ids"}), ", "))
}

// TakeBack returns what an undo of records does, in words.
func TakeBack(updated, deleted, restored int64) string {
	return fmt.Sprintf("take back %s (%s)", Plural(updated+deleted+restored, "change"), strings.Join(notZero(
		part{updated, "to give earlier values"}, part{deleted, "to delete"}, part{restored, "to restore"}), ", "))
}
