package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Export is what became of an export: the last line on stdout with --json. Fields are only ever added.
type Export struct {
	Version string     `json:"version"` // of rolecall
	Command string     `json:"command"`
	State   string     `json:"state"`
	Stopped string     `json:"stopped_because,omitempty"`
	Output  string     `json:"output"`
	Format  string     `json:"format"`
	Shape   string     `json:"shape"`
	Rows    int64      `json:"rows"` // of the file, its header left out
	Counts  ExportRows `json:"counts"`
	Changes *Changes   `json:"changes,omitempty"`
	Plan    ExportPlan `json:"plan"`
	Spent   Spent      `json:"spent"`
	Notes   []string   `json:"notes,omitempty"` // what was found out on the way, and people should know

	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Seconds  float64   `json:"seconds"` // in the processes that worked on the export, the time between them left out

	RunDir string `json:"run_dir,omitempty"` // as long as the export is not finished
	Next   string `json:"next,omitempty"`    // the command to go on with
}

// ExportRows counts what was exported.
type ExportRows struct {
	Deals        int64 `json:"deals"`
	Empty        int64 `json:"deals_without_stakeholders"`
	Gone         int64 `json:"deals_deleted_meanwhile"` // listed, and not there any more when they were read: left out
	Stakeholders int64 `json:"stakeholders"`
}

// Changes is what changed since the last export of the same name.
type Changes struct {
	File     string `json:"file"`
	Compared bool   `json:"compared"` // false: there was no earlier export
	Added    int64  `json:"added"`
	Removed  int64  `json:"removed"`
	Changed  int64  `json:"changed"`
}

// ExportPlan is what an export was known to take before it read who is on deals.
type ExportPlan struct {
	Deals    int64 `json:"deals"`
	Contacts int64 `json:"contacts"` // that are read, when the export goes by them
	Left     int64 `json:"left"`     // deals or contacts that are not read yet

	Before         int64 `json:"credits_before"`  // that the listing took
	Reads          int64 `json:"reads"`           // one to a call; a credit each
	Looks          int64 `json:"looks"`           // at most, by way of contacts: whether deals that nobody is on are still there, 50 or 100 to a call
	CompositeReads int64 `json:"composite_reads"` // or so many, five deals to a call
	Composite      bool  `json:"composite"`       // the latter was chosen

	InFlight         int64   `json:"in_flight"`         // calls at a time, at most
	CallMilliseconds float64 `json:"call_milliseconds"` // that a call took so far
	Seconds          float64 `json:"seconds"`           // that the reads take at the limit, if they go on so
	CreditsLeft      int64   `json:"credits_left"`      // that the export may spend; -1: not known
	Fits             bool    `json:"fits"`              // false: they do not suffice for every read
}

// Credits is what the reads cost.
func (p *ExportPlan) Credits() int64 {
	if p.Composite {
		return p.CompositeReads
	}
	return p.Reads
}

// Reckon fills in the time and whether the credits suffice. rate is calls a second at most, 0 for no limit; a composite request counts for so many calls in flight.
func (p *ExportPlan) Reckon(rate float64, compositePlaces int64) {
	places := p.Reads
	if p.Composite {
		places = p.CompositeReads * compositePlaces
	}
	if atOnce := min(p.InFlight, p.Left); atOnce > 0 {
		p.Seconds = float64(places) * p.CallMilliseconds / 1000 / float64(atOnce)
	}
	if rate > 0 {
		p.Seconds = max(p.Seconds, float64(p.Credits())/rate)
	}
	p.Fits = p.CreditsLeft < 0 || p.Credits() <= p.CreditsLeft
}

// WriteText writes the price in sentences.
func (p *ExportPlan) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	what, reads := Plural(p.Deals, "deal"), Plural(p.Reads, "read")
	if p.Contacts > 0 {
		what += " by way of " + Plural(p.Contacts, "contact")
		reads += fmt.Sprintf(", and at most %d more to look whether deals that nobody is on are still there", p.Looks)
	} else {
		reads += fmt.Sprintf(" (or %s of five deals)", Plural(p.CompositeReads, "composite read"))
	}
	_, _ = fmt.Fprintf(b, "  price    %s: %s; one credit each, and %d for the list\n", what, reads, p.Before)
	if p.Composite {
		_, _ = fmt.Fprintf(b, "  way      %s, five deals to a call\n", Plural(p.CompositeReads, "composite read"))
	}
	_, _ = fmt.Fprintf(b, "  time     about %s with %s in flight, if a call goes on taking %s\n", Duration(time.Duration(p.Seconds*float64(time.Second))), Plural(p.InFlight, "call"),
		Duration(time.Duration(p.CallMilliseconds*float64(time.Millisecond))))
	_, _ = fmt.Fprintf(b, "  credits  %s\n", creditsText(p.CreditsLeft, p.Fits))
	return b.Flush()
}

// WriteJSON writes the summary as one JSON object on one line.
func (s *Export) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(s)
}

// WriteText writes the summary in sentences.
func (s *Export) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	switch s.State {
	case DryRun:
		_, _ = fmt.Fprintf(b, "dry run of export: the deals were listed, and nobody on them was read\n")
		_ = s.Plan.WriteText(b) // as the rest: b keeps the first error
	case Stopped:
		_, _ = fmt.Fprintf(b, "stopped: %s\n", strings.Join(strings.Fields(s.Stopped), " "))
	default:
		_, _ = fmt.Fprintf(b, "export finished in %s\n", Duration(time.Duration(s.Seconds*float64(time.Second))))
		s.exported(b)
	}
	for _, note := range s.Notes {
		_, _ = fmt.Fprintf(b, "  note     %s\n", note)
	}
	if s.Spent.Calls > 0 && s.State != DryRun {
		_, _ = fmt.Fprintf(b, "  spent    %s\n", s.Spent.text())
	}
	if s.Next != "" {
		_, _ = fmt.Fprintf(b, "go on with: %s\n", s.Next)
	}
	return b.Flush()
}

func (s *Export) exported(w io.Writer) {
	c := s.Counts
	_, _ = fmt.Fprintf(w, "  deals    %s: %s without stakeholders", Count(c.Deals), Count(c.Empty))
	if c.Gone > 0 {
		_, _ = fmt.Fprintf(w, "; %s more deleted meanwhile and left out", Count(c.Gone))
	}
	_, _ = fmt.Fprintf(w, "\n  people   %s on them\n  file     %s, %s\n", Count(c.Stakeholders), s.Output, Plural(s.Rows, "row"))
	if s.Changes != nil && s.Changes.Compared {
		_, _ = fmt.Fprintf(w, "  changes  %s: %s added, %s removed, %s changed\n", s.Changes.File, Count(s.Changes.Added), Count(s.Changes.Removed), Count(s.Changes.Changed))
	}
}
