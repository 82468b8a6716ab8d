package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// Export is the summary of an export: the last line on stdout with --json. New versions only add fields. The job fills
// in Output to Plan. The other fields come from the Summary.
type Export struct {
	Version string     `json:"version"` // of rolecall
	Command string     `json:"command"`
	State   string     `json:"state"`
	Stopped string     `json:"stopped_because,omitempty"`
	Process *Process   `json:"process,omitempty"` // works on the export now
	Output  string     `json:"output"`
	Format  string     `json:"format"`
	Shape   string     `json:"shape"`            // "" for records and users
	Module  string     `json:"module,omitempty"` // of an export of records
	Rows    int64      `json:"rows"`             // rows of the file, without its header
	Counts  ExportRows `json:"counts"`
	Changes *Changes   `json:"changes,omitempty"`
	Plan    ExportPlan `json:"plan"`
	Spent   Spent      `json:"spent"`
	Notes   []string   `json:"notes,omitempty"` // what people should know

	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Seconds  float64   `json:"seconds"` // working time of all processes of the run, without the time between them

	Log string `json:"log,omitempty"` // the log, which stays only with --verbose

	RunDir string `json:"run_dir,omitempty"` // set if resume can continue the export
	Next   string `json:"next,omitempty"`    // the command that continues the export
}

// export returns the summary as that of an export.
func (s *Summary) export() *Export {
	e := *s.Export
	e.Version, e.Command, e.State, e.Stopped = s.Version, s.Command, s.State, s.Stopped
	e.Process = s.Process
	e.Spent, e.Notes, e.Started, e.Finished, e.Seconds = s.Spent, s.Notes, s.Started, s.Finished, s.Seconds
	if s.Next != "" {
		e.RunDir, e.Next = s.RunDir, s.Next
	}
	return &e
}

// ExportRows counts what was exported.
type ExportRows struct {
	Deals        int64 `json:"deals"`
	Empty        int64 `json:"deals_without_stakeholders"`
	Gone         int64 `json:"deals_deleted_meanwhile"` // deleted between listing and reading: not in the file
	Stakeholders int64 `json:"stakeholders"`
	Records      int64 `json:"records,omitempty"` // of an export of records or users
}

// Changes is what changed since the last export of the same name.
type Changes struct {
	File     string `json:"file"`
	Compared bool   `json:"compared"` // false: there was no earlier export
	Added    int64  `json:"added"`
	Removed  int64  `json:"removed"`
	Changed  int64  `json:"changed"`
}

// ExportPlan is the price of an export: the calls, credits and time that reading the deals' contacts takes.
type ExportPlan struct {
	Cost

	Deals    int64 `json:"deals"`
	Contacts int64 `json:"contacts"` // contacts to read, if the export reads contacts; else 0
	Left     int64 `json:"left"`     // deals or contacts that are not read yet

	Module      string `json:"module,omitempty"`       // of an export of records or users
	Records     int64  `json:"records,omitempty"`      // all records; -1: not known
	PageRows    int64  `json:"page_rows,omitempty"`    // records of a page
	PageCredits int64  `json:"page_credits,omitempty"` // credits of a page
	Voice       bool   `json:"voice,omitempty"`        // contacts of Zoho Voice, whose calls cost no credits
	Pages       int64  `json:"pages,omitempty"`        // pages that are not read yet
	ByID        int64  `json:"by_id,omitempty"`        // reads of fields that a page does not have, a credit each

	Before         int64 `json:"credits_before"`  // credits that the listing took
	Reads          int64 `json:"reads"`           // plain reads, one credit each
	Looks          int64 `json:"looks"`           // calls that check whether deals still exist, 50 or 100 deals each
	CompositeReads int64 `json:"composite_reads"` // composite reads instead of Reads, five deals each
	Composite      bool  `json:"composite"`       // the export uses composite reads
}

// Page adds the pages that list some records, and reads by id, to the price.
func (p *ExportPlan) Page(records, byID int64) {
	p.Pages += (records + p.PageRows - 1) / p.PageRows
	p.ByID += byID
	p.Left = p.Pages + p.ByID
	p.Reads = p.Pages*p.PageCredits + p.ByID
}

// Credits returns how many credits the reads cost.
func (p *ExportPlan) Credits() int64 {
	if p.Composite {
		return p.CompositeReads
	}
	return p.Reads
}

// Reckon sets Seconds and Fits. rate is the most calls a second, or 0 for no limit. compositePlaces is how many calls
// in flight one composite request counts for.
func (p *ExportPlan) Reckon(rate float64, compositePlaces int64) {
	places := p.Reads
	if p.Module != "" {
		places = p.Left
	}
	if p.Composite {
		places = p.CompositeReads * compositePlaces
	}
	p.reckon(places, p.Left, p.Credits(), p.Credits(), rate)
}

// WriteText writes the price in sentences.
func (p *ExportPlan) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	if p.Module != "" {
		p.listText(b)
		return b.Flush()
	}
	what, reads := Plural(p.Deals, "deal"), Plural(p.Reads, "read")
	if p.Contacts > 0 {
		what += " by way of " + Plural(p.Contacts, "contact")
		reads += fmt.Sprintf(", and at most %d more to check whether deals without stakeholders still exist", p.Looks)
	} else {
		reads += fmt.Sprintf(" (or %s of five deals)", Plural(p.CompositeReads, "composite read"))
	}
	if p.small(p.Reads + p.Looks) {
		most := ""
		if p.Looks > 0 {
			most = "at most "
		}
		_ = Printf(b, "  price    %s: %s%s%s\n", what, most, Plural(p.Credits()+p.Looks, "read"), p.left())
		return b.Flush()
	}
	_ = Printf(b, "  price    %s: %s; one credit each, and %d for the list\n", what, reads, p.Before)
	if p.Composite {
		_ = Printf(b, "  way      %s, five deals to a call\n", Plural(p.CompositeReads, "composite read"))
	}
	_ = p.writeText(b)
	return b.Flush()
}

// listText writes the price of a list in sentences.
func (p *ExportPlan) listText(w io.Writer) {
	if p.Voice {
		p.voiceText(w)
		return
	}
	switch {
	case p.Records < 0:
		_ = Printf(w, "  price    %s: their number is not known; %s for each %s\n", p.Module,
			Plural(p.PageCredits, "credit"), Count(p.PageRows))
	case p.Left == 0:
		_ = Printf(w, "  price    %s: %s, and nothing more to read; %s spent\n", p.Module,
			Plural(p.Records, "record"), Plural(p.Before, "credit"))
	default:
		byID := ""
		if p.ByID > 0 {
			byID = fmt.Sprintf(" and %s of fields that a page cannot have", Plural(p.ByID, "read"))
		}
		_ = Printf(w, "  price    %s: %s, %s more%s for %s; %s spent so far\n", p.Module, Plural(p.Records, "record"),
			Plural(p.Pages, "page"), byID, Plural(p.Credits(), "credit"), Count(p.Before))
		if !p.small(p.Left) {
			_ = Printf(w, "  time     about %s, if a call goes on taking %s\n", p.duration(), p.call())
		}
	}
	_ = Printf(w, "  credits  %s\n", creditsText(p.CreditsLeft, p.Fits))
}

// voiceText writes the price of a list of contacts of Zoho Voice in sentences.
func (p *ExportPlan) voiceText(w io.Writer) {
	if p.Records < 0 {
		_ = Printf(w, "  price    voice contacts: their number is not known; a call for each %s\n", Count(p.PageRows))
		return
	}
	calls := Plural(p.Pages, "page") + " more"
	if p.ByID > 0 {
		calls += ", " + Plural(p.ByID, "read") + " of single contacts"
	}
	_ = Printf(w, "  price    %s: %s; calls to Voice cost no credits\n", Plural(p.Records, "voice contact"), calls)
	if p.CallMilliseconds >= 1 && !p.small(p.Left) {
		_ = Printf(w, "  time     about %s, if a call goes on taking %s\n", p.duration(), p.call())
	}
}

// writeText writes the summary in sentences.
func (s *Export) writeText(b io.Writer) {
	ink := InksOf(b)
	switch s.State {
	case DryRun:
		read := "the deals were listed, and nobody on them was read"
		if s.Module != "" {
			read = "the first page was read, and nothing was written"
		}
		_ = Printf(b, "dry run of %s: %s\n", s.Command, read)
		_ = s.Plan.WriteText(b) // a page takes everything
	case Stopped:
		_ = Printf(b, ink.Bad+"stopped:"+ink.Off+" %s\n", strings.Join(strings.Fields(s.Stopped), " "))
	case AtWork:
		soFar := strings.Join(strings.Fields(s.Stopped), " ")
		_ = Printf(b, "%s is at work: %s\n  so far   %s\n", s.Command, s.Process, soFar)
	default:
		_ = Printf(b, ink.Good+"%s finished in %s"+ink.Off+"\n", s.Command, Duration(time.Duration(s.Seconds*float64(time.Second))))
		s.exported(b)
	}
	for _, note := range s.Notes {
		_ = Printf(b, "  note     %s\n", note)
	}
	if s.Spent.Calls > 0 && s.State != DryRun {
		_ = Printf(b, "  spent    %s\n", s.Spent.text())
	}
	if s.Log != "" {
		_ = Printf(b, "  log      %s\n", s.Log)
	}
	if s.Next != "" {
		goOn(b, s.Next)
	}
}

// exported writes the counts of a finished export.
func (s *Export) exported(w io.Writer) {
	c := s.Counts
	if s.Module == "" {
		_ = Printf(w, "  deals    %s: %s without stakeholders", Count(c.Deals), Count(c.Empty))
		if c.Gone > 0 {
			_ = Printf(w, "; %s more deleted meanwhile and left out", Count(c.Gone))
		}
		_ = Printf(w, "\n  people   %s on them\n", Count(c.Stakeholders))
	} else {
		_ = Printf(w, "  records  %s: %s\n", s.Module, Count(c.Records))
	}
	_ = Printf(w, "  file     %s, %s\n", s.Output, Plural(s.Rows, "row"))
	if s.Changes != nil && s.Changes.Compared {
		_ = Printf(w, "  changes  %s: %s added, %s removed, %s changed\n", s.Changes.File,
			Count(s.Changes.Added), Count(s.Changes.Removed), Count(s.Changes.Changed))
	}
}
