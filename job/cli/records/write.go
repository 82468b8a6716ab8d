package records

import (
	"context"
	"errors"
	"slices"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/record"
)

// fileFlags are the flags of every command that makes a run over a table of records.
type fileFlags struct {
	command.TableFlags
	command.PaceFlags
	command.TalkFlags
	command.PinFlags
	command.ProfileFlag

	Module string `arg:"" help:"${records_module}"`
	File   string `arg:"" help:"${records_file}"`

	RunDir string `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun bool   `short:"n" help:"Check everything, and show the changes and the price; write nothing to Zoho."`

	Trigger []string          `enum:"workflow,approval,blueprint,none," help:"${records_trigger}"`
	Map     map[string]string `mapsep:"none" placeholder:"FIELD=HEADER" help:"${records_map}"`
}

// Keeps reports whether a profile's default of a flag must not count. A default of --map is for other tables.
func (*fileFlags) Keeps(flag string) bool { return flag == "map" }

// Validate calls the Validate methods of its embedded flags.
func (f *fileFlags) Validate() error {
	if slices.Contains(f.Trigger, "none") && len(f.Trigger) > 1 {
		return errors.New("--trigger none runs no automation: give no other value with it")
	}
	return errors.Join(f.TableFlags.Validate(), f.LimitFlags.Validate())
}

// start does a new run of a job.
func (f *fileFlags) start(ctx context.Context, p *command.Process, a command.Asked, o record.Options) error {
	o.Module, o.Trigger = f.Module, f.Trigger
	if slices.Contains(f.Trigger, "none") {
		o.Trigger = []string{}
	}
	limits := a.Settings.MaxDelete
	a.Settings = f.Settings(f.Map)
	a.Settings.MaxDelete = limits
	f.Change(&a.Settings)
	a.TalkFlags, a.PinFlags, a.Profile, a.Options = f.TalkFlags, f.PinFlags, f.Profile, o
	return p.Start(ctx, a, func(ctx context.Context, q job.Request) (*job.Result, error) {
		q.Input, q.RunDir, q.DryRun = f.File, f.RunDir, f.DryRun
		return job.Start(ctx, q)
	})
}

// writeFlags are the flags of a command that writes the values of a table.
type writeFlags struct {
	fileFlags

	EmptyClears bool     `help:"An empty cell clears its field (default: it does not change the field)."`
	Rules       []string `enum:"layout,validation," help:"${records_rules}"`
}

// rulesOf returns the names that Zoho has for rules (Zoho CRM API v7, Insert Records: layout_rules; zoho/crm-oas for
// v8: the others).
func rulesOf(names []string) (rules []string) {
	for _, name := range slices.Sorted(slices.Values(names)) {
		rules = append(rules, map[string][]string{
			"layout":     {"layout_rules"},
			"validation": {"criteria_validation_rule", "function_validation_rule", "range_validation"},
		}[name]...)
	}
	return rules
}

// options returns the options that the flags set.
func (f *writeFlags) options() record.Options {
	return record.Options{EmptyClears: f.EmptyClears, Rules: rulesOf(f.Rules)}
}

// readFlag is the flag of reading records before writing to them.
type readFlag struct {
	ReadFirst string `enum:"auto,on,off" default:"auto" help:"${records_read_first}"`
}

// insertCmd inserts records.
type insertCmd struct{ writeFlags }

// headerHelp is the part of --help that says what the header of a table is.
const headerHelp = `The header names fields of the module by API name or label; case, spaces, _ - and . do not count.
rolecall checks the header before it sends anything. A lookup takes an id; the column Account_Name.name takes a name,
which must be exact and the only one. Owner takes an id or an e-mail. Numbers have a decimal point. Dates are
2026-11-30. Times are 2026-11-30T14:05:00+01:00, or without the offset in the user's zone. Several values of a list
have ; between them. 25 and 25% are the same in a percent field.

`

// Help is the part of --help below the flags.
func (*insertCmd) Help() string {
	return headerHelp + `Each row is a record of its own, even if it repeats another row. Zoho refuses a value that must be
unique (DUPLICATE_DATA). Up to 100 records go in a call. results.csv in the run's folder has one result row for each
input row, with rc_record_id.
If the answer of an insert is lost, rolecall never sends the insert again blindly. It looks the record up by a unique
field, or the row is OUTCOME_UNKNOWN and says how to find out. rolecall refuses such a row of failed.csv until its
rc_code is empty.

Example:
  rolecall records insert Contacts people.csv --profile emulator`
}

// Run does the command.
func (c *insertCmd) Run(ctx context.Context, p *command.Process) error {
	return c.start(ctx, p, command.Asked{Kind: record.Insert}, c.options())
}

// updateCmd changes records.
type updateCmd struct {
	writeFlags
	readFlag
}

// Help is the part of --help below the flags.
func (*updateCmd) Help() string {
	return headerHelp + `The column id (or Record Id) names the record. Rows of one record go in file order.

Example:
  rolecall records update Contacts people.csv --dry-run`
}

// Run does the command.
func (c *updateCmd) Run(ctx context.Context, p *command.Process) error {
	o := c.options()
	o.ReadFirst = command.Choice(c.ReadFirst)
	return c.start(ctx, p, command.Asked{Kind: record.Update}, o)
}

// upsertCmd changes or inserts records.
type upsertCmd struct {
	writeFlags
	readFlag

	DuplicateCheck []string `placeholder:"FIELD" help:"${records_duplicate_check}"`
}

// Help is the part of --help below the flags.
func (*upsertCmd) Help() string {
	return headerHelp + `If the value of a row finds a record, the row changes that record. Otherwise the row
inserts a record.

Example:
  rolecall records upsert Contacts people.csv --duplicate-check Email`
}

// Run does the command.
func (c *upsertCmd) Run(ctx context.Context, p *command.Process) error {
	o := c.options()
	o.ReadFirst, o.DuplicateCheck = command.Choice(c.ReadFirst), c.DuplicateCheck
	return c.start(ctx, p, command.Asked{Kind: record.Upsert}, o)
}

// deleteCmd deletes records.
type deleteCmd struct {
	fileFlags
	command.YesFlag

	MaxDelete job.Threshold `placeholder:"N" help:"${records_max_delete}"`
}

// Help is the part of --help below the flags.
func (*deleteCmd) Help() string {
	return `The column id (or Record Id) names the record; rolecall ignores other columns. It reads all records first, and
writes them to before.csv in the run's folder. If the module has subforms or the like, it reads each record alone, for a
credit more, and before.csv has them as JSON. rolecall shows what it would delete and asks first. Without a terminal it
needs --yes, or it ends with exit code 2.

With API v8 rolecall undo restores the records from the recycle bin, with their ids. With other versions records insert
takes before.csv: the records get new ids, and their subforms do not come back.

Example:
  rolecall records delete Contacts leavers.csv --dry-run`
}

// Run does the command.
func (c *deleteCmd) Run(ctx context.Context, p *command.Process) error {
	a := command.Asked{Kind: record.Delete, Yes: c.Yes, Settings: job.Settings{MaxDelete: c.MaxDelete}}
	return c.start(ctx, p, a, record.Options{})
}
