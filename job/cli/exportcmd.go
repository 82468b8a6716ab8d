package cli

import (
	"cmp"
	"context"
	"time"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/export"
)

// exportCmd exports stakeholders to a file.
type exportCmd struct {
	command.ExportFlags

	Shape string `enum:"long,wide" default:"long" help:"A row for each stakeholder (long), or a row for each deal with a column for each role (wide)."`

	Deals         string            `xor:"selection" placeholder:"FILE" help:"Only the deals of this table, which has a column deal_id or deal_name; - is stdin."`
	Where         string            `xor:"selection" placeholder:"CONDITION" help:"Only the deals that meet this condition of Zoho's query language, such as \"Stage = 'Negotiation'\"."`
	ModifiedSince command.TimeValue `xor:"selection" placeholder:"TIME" help:"Only the deals modified since this time: 2026-11-01, 2026-11-01T06:00:00Z, or 36h. It may miss a deal if only a role changed: Zoho does not say whether that modifies the deal."`
	Deal          []string          `xor:"selection" placeholder:"ID" help:"Only this deal; may be repeated."`

	command.ExternalFlag

	RepairIDs        bool              `name:"repair-ids" env:"-" help:"Restore an id of --deals that a spreadsheet or a program rounded, if exactly one deal with the row's deal_name could have it; otherwise rolecall exports nothing."`
	AcceptRoundedIDs bool              `name:"accept-rounded-ids" env:"-" help:"Accept ids of --deals that look rounded by a spreadsheet or a program."`
	Map              map[string]string `mapsep:"none" placeholder:"FIELD=HEADER" help:"Column of --deals that has the deals: deal_id=\"Opportunity ID\"."`
	Encoding         string            `placeholder:"NAME" help:"Encoding of --deals, such as windows-1252 (default: UTF-8, or UTF-16 by its BOM)."`
	Delimiter        string            `placeholder:"CHAR" help:"Delimiter of --deals: , ; | or tab (default: found from the header)."`

	Fields    []string `placeholder:"FIELD,..." help:"More columns: Deals.X or Contacts.X, with X an API name of Zoho's, such as Deals.Amount."`
	Via       string   `enum:"deals,contacts" default:"deals" help:"Read each deal's contacts (deals), or each contact's deals (contacts). contacts costs less if the org has fewer contacts than deals."`
	Composite string   `enum:"auto,on,off" default:"auto" help:"Read five deals for one credit (on). auto does so only if the credits would not suffice otherwise."`
	SkipEmpty bool     `help:"Leave out deals that have no stakeholder."`
}

// Help is the part of --help below the flags.
func (*exportCmd) Help() string {
	return `The command exports all deals, unless --deals, --where, --modified-since or --deal selects some. It writes the
file whole or not at all: an existing file stays until the new one is complete.
You can edit a file of the long shape and give it back: plan shows what your edits change, and apply makes the changes.
The second sheet of a workbook says what each edit means.

Example:
  rolecall export -o stakeholders.csv --changes changes.csv --min-rows 1000 --max-shrink 10%`
}

// Validate refuses flags that contradict each other, and fields that no export has.
func (c *exportCmd) Validate() error {
	if err := c.ExportFlags.Validate(); err != nil {
		return err
	}
	if err := cmp.Or(c.dealsTable().Validate(), c.Check()); err != nil {
		return err
	}
	if c.RepairIDs && c.AcceptRoundedIDs {
		return errBothRounded
	}
	return export.CheckFields(c.Fields)
}

// dealsTable returns the flags that say how to read --deals. The environment and the profile set them for other
// commands as well, so dealsTable uses only the deals' part of --map and --external-id.
func (c *exportCmd) dealsTable() *command.FileFlags {
	return &command.FileFlags{
		File: c.Deals, Map: c.Map, TableFlags: command.TableFlags{Encoding: c.Encoding, Delimiter: c.Delimiter},
	}
}

// options returns the options of the export.
func (c *exportCmd) options() export.Options {
	o := c.Options("stakeholders")
	o.Shape, o.Where, o.Since, o.Fields = export.Shape(c.Shape), c.Where, time.Time(c.ModifiedSince), c.Fields
	o.ViaContacts, o.SkipEmpty, o.Composite = c.Via == "contacts", c.SkipEmpty, command.Choice(c.Composite)
	return o
}

// Run does the command.
func (c *exportCmd) Run(ctx context.Context, p *command.Process) error {
	table, o := c.dealsTable().Settings(), c.options()
	keys := csvio.External{} // the keys of contacts are for other commands
	if field := c.Keys(p)[csvio.DealID]; field != "" && c.Deals != "" {
		keys[csvio.DealID], o.KeyField = field, field
	}
	return c.Start(ctx, p, export.Name, export.Request{
		Settings: job.Settings{AcceptRoundedIDs: c.AcceptRoundedIDs}, Options: o,
		DealsFile: c.Deals, RepairIDs: c.RepairIDs, Deals: c.Deal,
		DealsTable: csvio.Options{
			Encoding: table.Encoding, Delimiter: table.Delimiter, Map: table.Map, External: keys,
		},
	})
}
