package cli

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/export"
)

// exportsFolder is the folder of the exports' working files, in the state folder.
const exportsFolder = "exports"

// exportCmd exports stakeholders to a file.
type exportCmd struct {
	limitFlags
	talkFlags
	pinFlags

	Output string `short:"o" placeholder:"FILE" help:"Where to write; - is stdout (default: stakeholders.csv, or as --format says)."`
	Format string `enum:"csv,jsonl,xlsx," default:"" placeholder:"csv|jsonl|xlsx" help:"Format of the file (default: by the ending of its name, else csv)."`
	Shape  string `enum:"long,wide" default:"long" help:"A row for each stakeholder (long), or one for each deal with a column for each role (wide)."`

	Deals         string    `xor:"selection" placeholder:"FILE" help:"Only the deals of this table, which has a deal_id column; - is stdin."`
	Where         string    `xor:"selection" placeholder:"CONDITION" help:"Only the deals that meet this condition of Zoho's query language, such as \"Stage = 'Negotiation'\"."`
	ModifiedSince timeValue `xor:"selection" placeholder:"TIME" help:"Only the deals that were modified since: 2026-11-01, 2026-11-01T06:00:00Z, or 36h. It may miss deals of which only a role was changed: Zoho does not say whether that counts as a modification."`
	Deal          []string  `xor:"selection" placeholder:"ID" help:"Only this deal; may be repeated."`

	AcceptRoundedIDs bool              `name:"accept-rounded-ids" env:"-" help:"Take ids of --deals that look as if a spreadsheet or a program had rounded them."`
	Map              map[string]string `mapsep:"none" placeholder:"FIELD=HEADER" help:"Which column of --deals has the deals: deal_id=\"Opportunity ID\"."`
	Encoding         string            `placeholder:"NAME" help:"Encoding of --deals, such as windows-1252 (default: UTF-8, or UTF-16 by its BOM)."`
	Delimiter        string            `placeholder:"CHAR" help:"Delimiter of --deals: , ; | or tab (default: found from the header)."`

	Fields         []string      `placeholder:"FIELD,..." help:"More columns: Deals.X or Contacts.X, with X an API name of Zoho's, such as Deals.Amount."`
	Via            string        `enum:"deals,contacts" default:"deals" help:"Read each deal's contacts, or each contact's deals: that is cheaper where there are fewer contacts than deals."`
	Composite      string        `enum:"auto,on,off" default:"auto" help:"Read five deals for one credit: auto does so when credits are what binds."`
	SkipEmpty      bool          `help:"Leave out deals that have no stakeholder."`
	IDs            string        `name:"ids" enum:"auto,zcrm,bare" default:"auto" help:"Ids with zcrm_ before them, which keeps spreadsheets from rounding them, or bare (auto: zcrm in csv and xlsx, bare in jsonl)."`
	NoFormulaGuard bool          `help:"Leave texts as they are that a spreadsheet would run as a formula."`
	MinRows        int64         `placeholder:"N" help:"Do not replace the file by one of fewer rows (exit code 3)."`
	MaxShrink      job.Threshold `placeholder:"N%" help:"Do not replace the file by one that is shorter by more than this (exit code 3)."`
	Changes        string        `placeholder:"FILE" help:"Also write who was added, removed or given another role since the last export of the same name with --changes, as csv or jsonl."`

	profileFlag

	Afresh bool `help:"Begin anew, also if an export of the same deals and fields to this file stopped in the last twelve hours."`
	DryRun bool `short:"n" help:"List the deals and say the price; read nobody on them, and write nothing."`
}

// Help is the part of --help below the flags.
func (*exportCmd) Help() string {
	return `All deals are exported, unless --deals, --where, --modified-since or --deal selects some. The file is
written whole or not at all: whatever happens, the one that is there stays until the new one is complete.
The long shape can be given back to assign and remove.

Example:
  rolecall export -o stakeholders.csv --changes changes.csv --min-rows 1000 --max-shrink 10%`
}

// Validate refuses flags that contradict each other.
func (c *exportCmd) Validate() error {
	if err := c.limitFlags.Validate(); err != nil {
		return err
	}
	if err := c.dealsTable().Validate(); err != nil {
		return err
	}
	if c.MaxShrink.Set && !c.MaxShrink.Relative() {
		return errors.New("--max-shrink is a percentage, such as 10%")
	}
	if _, err := formatOf(c.Output, c.Format); err != nil {
		return err
	}
	if c.MinRows < 0 {
		return errors.New("--min-rows must be at least 0")
	}
	if f, ok := csvio.FormatOf(c.Changes); c.Changes != "" && (!ok || f == csvio.FormatXLSX) {
		return fmt.Errorf("--changes %s: the name must end in .csv or .jsonl", c.Changes)
	}
	if c.Changes != "" && c.Output == export.Stdout {
		return errors.New("--changes compares with the last export of the same name, and - is none: give -o a file")
	}
	return export.CheckFields(c.Fields)
}

// dealsTable returns the flags that say how to read --deals. The environment and the profile set them for other
// commands as well, so of the fields of --map only deal_id is used.
func (c *exportCmd) dealsTable() *fileFlags {
	return &fileFlags{File: c.Deals, Map: c.Map, tableFlags: tableFlags{Encoding: c.Encoding, Delimiter: c.Delimiter}}
}

// options returns the options of the export.
func (c *exportCmd) options() export.Options {
	format, _ := formatOf(c.Output, c.Format) // Validate has checked both
	changes, _ := csvio.FormatOf(c.Changes)
	o := export.Options{
		Output: cmp.Or(c.Output, "stakeholders."+string(format)), Format: format,
		Shape: export.Shape(c.Shape), Where: c.Where,
		Since: time.Time(c.ModifiedSince), Fields: c.Fields, ViaContacts: c.Via == "contacts", SkipEmpty: c.SkipEmpty,
		NoGuard: c.NoFormulaGuard, MinRows: c.MinRows, MaxShrink: c.MaxShrink,
		Changes: c.Changes, ChangesFormat: changes,
	}
	if c.IDs != "auto" {
		o.IDs = export.IDs(c.IDs)
	}
	if c.Composite != "auto" {
		o.Composite = job.Choice(c.Composite)
	}
	return o
}

// Run does the command.
func (c *exportCmd) Run(p *process) error {
	if c.JSON && c.Output == export.Stdout {
		return &errUsage{errors.New("--json and --output - both write to stdout: give one of them a file")}
	}
	options, table := c.options(), c.dealsTable().settings()
	a := asked{
		talkFlags: c.talkFlags, pinFlags: c.pinFlags, profile: c.Profile,
		kind: export.Name, options: options,
	}
	a.settings.AcceptRoundedIDs = c.AcceptRoundedIDs
	c.change(&a.settings)
	return p.start(a, func(q job.Request) (*job.Result, error) {
		state, err := p.stateFolder()
		if err != nil {
			return nil, err
		}
		return export.Start(p.ctx, export.Request{
			Kind: q.Kind, Settings: q.Settings, Options: options, DealsFile: c.Deals, Deals: c.Deal,
			DealsTable: csvio.Options{Encoding: table.Encoding, Delimiter: table.Delimiter, Map: table.Map},
			Afresh:     c.Afresh, DryRun: c.DryRun, State: filepath.Join(state, exportsFolder), Env: q.Env,
		})
	})
}

// formatOf returns the format of an output file: the given one, or else that of the ending of the name, or else CSV.
func formatOf(output, given string) (csvio.Format, error) {
	named, known := csvio.FormatOf(output)
	switch ending := filepath.Ext(output); {
	case given != "":
		return csvio.Format(given), nil
	case known:
		return named, nil
	case ending != "" && output != export.Stdout:
		return "", fmt.Errorf("-o %s: %s is the ending of no format here: "+
			"let the name end in .csv, .jsonl or .xlsx, or give --format", output, ending)
	}
	return csvio.FormatCSV, nil
}

// timeValue is a time as the user types it.
type timeValue time.Time

// UnmarshalText reads a date, a time with its zone, or a duration before now.
func (v *timeValue) UnmarshalText(b []byte) error {
	s := string(b)
	if ago, err := time.ParseDuration(s); err == nil && ago > 0 {
		*v = timeValue(time.Now().Add(-ago).Truncate(time.Second))
		return nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		*v = timeValue(t)
		return nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		*v = timeValue(t)
		return nil
	}
	return fmt.Errorf("%q is no time: give a date such as 2026-11-01, a time such as 2026-11-01T06:00:00Z, "+
		"or how long ago, such as 36h", s)
}
