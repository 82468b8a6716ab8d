package records

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/api/criteria"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/show"
	"rolecall/job/report"
	"rolecall/job/schema"
)

// showFlags are the flags of a command that shows records of a module.
type showFlags struct {
	command.ShowFlags

	Module string   `arg:"" help:"${records_module}"`
	Fields []string `placeholder:"FIELD" help:"${records_fields}"`
}

// Keeps reports whether a profile's default of a flag must not count. A default of --fields is for exports.
func (*showFlags) Keeps(flag string) bool { return flag == "fields" }

// open connects for a command, and returns the org, the module and the fields that the user asked for.
func (f *showFlags) open(
	ctx context.Context, p *command.Process, command string,
) (*job.Org, show.Module, []api.Field, error) {
	org, err := f.ConnectFor(ctx, p, command)
	if err != nil {
		return nil, show.Module{}, nil, err
	}
	m, err := show.FindModule(ctx, org.Client, f.Module, org.Gateway)
	if err != nil {
		return nil, m, nil, job.StartError(ctx, err)
	}
	chosen, err := m.Choose(f.Fields)
	return org, m, chosen, err
}

// write writes records to stdout in the form that the user asked for. object is the JSON object.
func (f *showFlags) write(p *command.Process, r *show.Records, object any) error {
	var err error
	switch f.Form(p) {
	case command.FormJSON:
		err = p.WriteJSON(object)
	case command.FormTable:
		err = r.WriteTable(p.Stdout)
	default:
		err = r.WriteCSV(p.Stdout)
	}
	if err != nil {
		return fmt.Errorf("write the records of %s: %w", r.Module, err)
	}
	return nil
}

// getCmd shows records by their ids.
type getCmd struct {
	showFlags

	IDs []string `arg:"" name:"id" help:"The ids of records, with or without zcrm_ before them."`
}

// Help is the part of --help below the flags.
func (*getCmd) Help() string {
	return `The command costs a credit for 100 records, and two first: one for the org and one for the fields of the
module. Zoho gives more than 50 fields, subforms and long texts only record by record. Then each record costs a credit;
--fields asks for fewer fields. In CSV a lookup has two columns, its id and its name as X.name, and subforms are JSON.
rolecall records update takes the CSV as its input. The command names a record that Zoho does not show, and shows the
others: exit code 1.

Example:
  rolecall records get Contacts 4150868000000562011 --profile emulator`
}

// Run does the command.
func (c *getCmd) Run(ctx context.Context, p *command.Process) error {
	var ids []string
	for i, given := range c.IDs {
		id, wrong := csvio.ParseID(given)
		if wrong != nil {
			return &job.UsageError{Err: fmt.Errorf("ID %d: %w", i+1, wrong)}
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	org, m, chosen, err := c.open(ctx, p, scope.RecordsGet)
	if err != nil {
		return err
	}
	records, err := m.Get(ctx, org.Client, ids, chosen, org.InFlight)
	if err != nil {
		return job.StartError(ctx, err)
	}
	for _, missing := range records.Missing {
		p.Say("rolecall: record %s: %s: %s", missing.ID, missing.Code, missing.Message)
		if missing.Advice != "" {
			p.Say("  -> %s", missing.Advice)
		}
		*p.Exit = command.ExitRowsFailed
	}
	return c.write(p, &records, &records)
}

// searchCmd shows the records that a search finds.
type searchCmd struct {
	showFlags

	Criteria string `xor:"search" placeholder:"CONDITION" help:"${records_criteria}"`
	Email    string `xor:"search" placeholder:"ADDRESS" help:"Records with this e-mail, in any field for e-mails."`
	Phone    string `xor:"search" placeholder:"NUMBER" help:"Records with this number, in any field for phones."`
	Word     string `xor:"search" placeholder:"WORD" help:"Records with this word, in any field."`
}

// Help is the part of --help below the flags.
func (*searchCmd) Help() string {
	return `Operators: equals, not_equal, starts_with, in, greater_than, greater_equal, less_than, less_equal, between. A
gateway has contains as well. Write the value of a single condition as it is. In conditions between parentheses, as in
Zoho's pages, write a \ before each ( ) , and \ of a value. At most 10 conditions and 3,000 characters.

Zoho's search is loose: equals also finds values that only contain the value or look like it. rolecall compares each
record again and leaves such records out. The search is some minutes behind the records, and finds no empty fields. For
an exact list use rolecall records export --where.

The command costs a credit for each 200 records found, and two first. Zoho gives at most 2,000 records; rolecall says if
there are more.

Example:
  rolecall records search Contacts --criteria "Last_Name:starts_with:Ok" --fields Full_Name,Email --profile emulator`
}

// Run does the command.
func (c *searchCmd) Run(ctx context.Context, p *command.Process) error {
	if c.Criteria+c.Email+c.Phone+c.Word == "" {
		return &job.UsageError{Err: errors.New("say what to search for: give --criteria, --email, --phone or --word")}
	}
	if c.Criteria != "" {
		if _, err := criteria.Parse(c.Criteria); err != nil { // before anything is asked
			return &job.UsageError{Err: fmt.Errorf("--criteria: %w", err)}
		}
	}
	org, m, chosen, err := c.open(ctx, p, scope.RecordsSearch)
	if err != nil {
		return err
	}
	search, err := schema.Parse(m.Name, m.Fields, c.Criteria, c.Email, c.Phone, c.Word)
	if err == nil {
		err = search.Check(org.Gateway != nil)
	}
	if err != nil {
		return &job.UsageError{Err: fmt.Errorf("--criteria: %w", err)}
	}
	found, err := m.Search(ctx, org.Client, search, chosen)
	if err != nil {
		return job.StartError(ctx, fmt.Errorf("search %s: %w", m.Name, err))
	}
	if found.LeftOut > 0 {
		p.Note(fmt.Sprintf("left out %s of the records that Zoho gave: they do not match the search",
			report.Count(int64(found.LeftOut))))
	}
	if found.More {
		p.Note("the list is cut: Zoho gives at most 2,000 records of a search, and there are more; " +
			"search for less, or use rolecall records export --where")
	}
	if len(found.Records.Records) == 0 {
		p.Note("no record of " + m.Name + " was found")
	}
	return c.write(p, &found.Records, &found)
}
