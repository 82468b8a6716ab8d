package roles

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/cli/scope"
	"rolecall/job/picklist"
	"rolecall/job/report"
)

// showFlags are the flags of a command that shows roles.
type showFlags struct{ command.ShowFlags }

// listCmd shows all roles.
type listCmd struct{ showFlags }

// Help is the part of --help below the flags.
func (*listCmd) Help() string {
	return `The command shows ids as Zoho has them. For a spreadsheet use rolecall roles export, whose ids no spreadsheet
rounds. The command costs two credits: one for the org and one for the list.

Example:
  rolecall roles list --profile emulator`
}

// Run does the command.
func (c *listCmd) Run(ctx context.Context, p *command.Process) error {
	org, err := c.connect(ctx, p)
	if err != nil {
		return err
	}
	list, err := picklist.Read(ctx, org.Client)
	if err != nil {
		return job.StartError(ctx, err)
	}
	if len(list) == 0 {
		p.Note("the org has no roles")
	}
	return c.show(p, list, true)
}

// getCmd shows one role.
type getCmd struct {
	showFlags

	Role string `arg:"" name:"id|name" help:"The id or the name of a role."`
}

// Help is the part of --help below the flags.
func (*getCmd) Help() string {
	return `The command finds a name in any case of letters. A word of 15 digits or more is an id. If the org does not have
the role, the exit code is 1.

Example:
  rolecall roles get Purchasing --profile emulator`
}

// Run does the command.
func (c *getCmd) Run(ctx context.Context, p *command.Process) error {
	org, err := c.connect(ctx, p)
	if err != nil {
		return err
	}
	role, found, err := c.find(ctx, p, org)
	if err != nil {
		return job.StartError(ctx, err)
	}
	if !found {
		*p.Exit = command.ExitRowsFailed
		return nil
	}
	return c.show(p, picklist.List{role}, false)
}

// find returns the role that the user named. If there is none, it shows a message, and found is false.
func (c *getCmd) find(ctx context.Context, p *command.Process, org *job.Org) (role api.Role, found bool, err error) {
	if id, wrong := csvio.ParseID(c.Role); wrong == nil && picklist.LooksLikeID(c.Role) {
		if role, found, err = org.Client.Role(ctx, id); err == nil && !found {
			p.Say("rolecall: the org has no role with the id %s: rolecall roles list shows its roles", id)
		}
		return role, found, err
	}
	list, err := picklist.Read(ctx, org.Client)
	if err != nil {
		return role, false, err
	}
	role, missing := picklist.NewIndex(list).Find(picklist.Cell{Text: strings.TrimSpace(c.Role)})
	if missing != nil {
		p.Say("rolecall: %v; it has %s", missing, list)
	}
	return role, missing == nil, nil
}

// connect signs in to read the list of roles.
func (f *showFlags) connect(ctx context.Context, p *command.Process) (*job.Org, error) {
	return f.ConnectFor(ctx, p, scope.RolesList)
}

// show writes roles to stdout: several as a list, or one by itself.
func (f *showFlags) show(p *command.Process, list picklist.List, several bool) error {
	var err error
	switch f.Form(p) {
	case command.FormJSON:
		err = writeRolesJSON(p, list, several)
	case command.FormTable:
		err = writeRolesTable(p.Stdout, list)
	default:
		err = picklist.WriteList(p.Stdout, list, csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
	}
	if err != nil {
		return fmt.Errorf("write the roles: %w", err)
	}
	return nil
}

// shownRole is a role as --json shows it, with Zoho's names for the fields. New versions only add fields.
type shownRole struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Sequence int    `json:"sequence_number"`
}

// writeRolesJSON writes a list as one object on one line, or one role by itself.
func writeRolesJSON(p *command.Process, list picklist.List, several bool) error {
	all := make([]shownRole, len(list))
	for i, r := range list {
		all[i] = shownRole{r.ID, r.Name, r.Sequence}
	}
	if !several {
		return p.WriteJSON(all[0])
	}
	return p.WriteJSON(map[string][]shownRole{"contact_roles": all})
}

// writeRolesTable writes a list as a table for people.
func writeRolesTable(w io.Writer, list picklist.List) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "POSITION\tNAME\tID") // Flush returns the first error
	for _, r := range list {
		_ = report.Printf(t, "%s\t%s\t%s\n", strconv.Itoa(r.Sequence), r.Name, r.ID)
	}
	return t.Flush()
}
