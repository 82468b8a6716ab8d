package records

import (
	"context"
	"errors"
	"strings"
	"time"

	"rolecall/job/cli/command"
	"rolecall/job/export"
)

// exportCmd exports the records of a module to a file.
type exportCmd struct {
	Module string `arg:"" help:"${records_module}"`

	command.ExportFlags

	Fields []string `placeholder:"FIELD" help:"${records_fields}"`

	Where         string            `xor:"selection" placeholder:"CONDITION" help:"${records_where}"`
	ModifiedSince command.TimeValue `xor:"selection" placeholder:"TIME" help:"${records_since}"`
	Search        string            `xor:"selection" placeholder:"CRITERIA" help:"${records_search}"`
	Email         string            `xor:"selection" help:"Only the records that Zoho's search finds for an e-mail address."`
	Phone         string            `xor:"selection" help:"Only the records that Zoho's search finds for a phone number."`
	Word          string            `xor:"selection" help:"Only the records that Zoho's search finds for a word."`
}

// Help is the part of --help below the flags.
func (*exportCmd) Help() string {
	return `The command exports all records, unless a flag selects some. It writes the file whole or not at all, in the
order of ids. records insert and update read the file. A field that names another record or a user has two columns:
Account_Name has the id, Account_Name.name the name. Several values of a field have ; between them.
Zoho gives at most 2,000 records of a search. If a search finds more, the command writes no file (exit code 3).

Example:
  rolecall records export Contacts --fields Last_Name,Email,Account_Name -o contacts.csv`
}

// Keeps reports whether a profile's default of a flag must not count. A default of --fields is for rolecall
// export.
func (*exportCmd) Keeps(flag string) bool { return flag == "fields" }

// Validate refuses flags that contradict each other.
func (c *exportCmd) Validate() error {
	if c.Changes != "" && !time.Time(c.ModifiedSince).IsZero() {
		return errors.New("--changes compares all records of two exports: leave --modified-since out")
	}
	return c.ExportFlags.Validate()
}

// Run does the command.
func (c *exportCmd) Run(ctx context.Context, p *command.Process) error {
	o := c.Options(strings.ToLower(c.Module))
	o.Module, o.Fields, o.Where, o.Since = c.Module, c.Fields, c.Where, time.Time(c.ModifiedSince)
	o.Criteria, o.Email, o.Phone, o.Word = c.Search, c.Email, c.Phone, c.Word
	return c.Start(ctx, p, export.Records, export.Request{Options: o})
}

// UserCommands are the commands for the org's users.
type UserCommands struct {
	Export usersExportCmd `cmd:"" help:"Write the users to a file."`
}

// usersExportCmd exports the users to a file.
type usersExportCmd struct {
	command.ExportFlags

	Type string `default:"AllUsers" placeholder:"TYPE" help:"${users_type}"`
}

// Help is the part of --help below the flags.
func (*usersExportCmd) Help() string {
	return `The columns are the user's id, names, e-mail address, role, profile, status, type, time zone and more, in
the order of ids. The command writes the file whole or not at all.

Example:
  rolecall users export --type ActiveUsers -o users.csv`
}

// Run does the command.
func (c *usersExportCmd) Run(ctx context.Context, p *command.Process) error {
	o := c.Options(export.ModuleUsers)
	o.Module, o.UserType = export.ModuleUsers, c.Type
	return c.Start(ctx, p, export.Users, export.Request{Options: o})
}
