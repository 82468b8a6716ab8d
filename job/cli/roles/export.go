package roles

import (
	"context"
	"fmt"
	"io"

	"rolecall/api/auth/whole"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/cli/scope"
	"rolecall/job/export"
	"rolecall/job/picklist"
	"rolecall/job/rundir"
)

// exportCmd writes the list of roles to a file.
type exportCmd struct {
	command.ProfileFlag

	Output string `short:"o" required:"" env:"-" placeholder:"FILE" help:"File to write; - is stdout."`
	Format string `enum:"csv,jsonl,xlsx," default:"" help:"Format of the file (default: by the ending of its name, else csv)."`
	IDs    string `name:"ids" enum:"auto,zcrm,bare" default:"auto" help:"Write ids with zcrm_ before them, so that no spreadsheet rounds them (zcrm), or bare (auto: zcrm in csv and xlsx, bare in jsonl)."`
	JSON   bool   `help:"Write the result as one JSON object, as the last line on stdout."`
	Quiet  bool   `short:"q" help:"Show only errors."`
}

// Keeps reports whether a profile's default of a flag must not count. Defaults of --output and --format are for
// rolecall export, and this command must not replace that file.
func (*exportCmd) Keeps(flag string) bool { return flag == "output" || flag == "format" }

// Help is the part of --help below the flags.
func (*exportCmd) Help() string {
	return `The file has the id, the name and the sequence_number of each role. rolecall roles import and sync read it. A
name that a spreadsheet would run as a formula has a ' before it. Import and sync take the ' off again in a table with
these three columns.
The file appears whole or not at all. Only you can read a new file. An existing file keeps its mode and owner.

Example:
  rolecall roles export -o roles.csv --profile emulator`
}

// Run does the command.
func (c *exportCmd) Run(ctx context.Context, p *command.Process) error {
	format, err := command.FormatOf(c.Output, c.Format)
	if err != nil {
		return &job.UsageError{Err: fmt.Errorf("%w, or give --format", err)}
	}
	if c.JSON && c.Output == export.Stdout {
		return command.BothToStdout("--output")
	}
	to := c.Output
	if to != export.Stdout {
		config := rundir.Taken{Path: p.ConfigFile, What: "the config file"}
		if to, err = rundir.OutputPlace("--output", to, config); err != nil {
			return err
		}
	}
	p.Quiet = c.Quiet
	org, err := p.ConnectToRead(ctx, c.Profile, scope.RolesList)
	if err != nil {
		return err
	}
	list, err := picklist.Read(ctx, org.Client)
	if err != nil {
		return job.StartError(ctx, err)
	}
	bare := c.IDs == "bare" || c.IDs == "auto" && format == csvio.FormatJSONL
	if err := c.write(p, to, list, csvio.TableOptions{Format: format, BareIDs: bare}); err != nil {
		return fmt.Errorf("write the roles: %w", err)
	}
	p.Note(fmt.Sprintf("%d roles in %s", len(list), c.Output))
	if c.JSON {
		return p.WriteJSON(exportedRoles{to, format, len(list)})
	}
	return nil
}

// exportedRoles is what --json writes. New versions only add fields.
type exportedRoles struct {
	Output string       `json:"output"`
	Format csvio.Format `json:"format"`
	Rows   int          `json:"rows"`
}

// write writes the list to stdout or to a whole file.
func (c *exportCmd) write(p *command.Process, to string, list picklist.List, o csvio.TableOptions) error {
	if to == export.Stdout {
		return picklist.WriteList(p.Stdout, list, o)
	}
	w, err := whole.Create(to)
	if err != nil {
		return err
	}
	defer w.Discard()
	if err := picklist.WriteList(io.Writer(w), list, o); err != nil {
		return err
	}
	return w.Commit()
}
