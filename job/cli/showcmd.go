package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/show"
)

// showCmd shows who is on a deal.
type showCmd struct {
	command.ShowFlags

	Deal     string   `arg:"" name:"deal" help:"The id of a deal, with or without zcrm_ before it."`
	Contacts []string `arg:"" optional:"" name:"contact" help:"Only these contacts, by their ids (default: all of the deal)."`
}

// Help is the part of --help below the flags.
func (*showCmd) Help() string {
	return `The command costs two credits: one for the org and one for the deal. Each further 100 contacts cost one more.
If it finds none of several contacts, it reads the whole deal for one more. API versions up to v3 give roles without
their names: there the list of roles costs one more. The command names a contact who is not on the deal, and shows the
others: exit code 1. If Zoho refuses to show the deal, you see Zoho's own code and message: exit code 1.

Example:
  rolecall show 4150868000000561023 --profile emulator`
}

// Run does the command.
func (c *showCmd) Run(ctx context.Context, p *command.Process) error {
	deal, contacts, err := c.ids()
	if err != nil {
		return &job.UsageError{Err: err}
	}
	p.Quiet = c.Quiet
	org, err := p.ConnectToRead(ctx, c.Profile, scope.Show)
	if err != nil {
		return err
	}
	d, err := show.Read(ctx, org.Client, deal, contacts)
	if err != nil {
		return c.refused(ctx, p, deal, err)
	}
	if d.RolesRefused != nil {
		p.Note(fmt.Sprintf("rolecall shows the roles as the deal has them, because it cannot read the list of roles: %v",
			d.RolesRefused))
	}
	if len(contacts) == 0 && len(d.Contacts) == 0 {
		p.Note("nobody is on deal " + deal)
	}
	for _, m := range d.Missing {
		p.Say("rolecall: contact %s: %s: %s", m.ID, m.Code, m.Message)
		*p.Exit = command.ExitRowsFailed
	}
	if err := c.write(p, &d); err != nil {
		return fmt.Errorf("write who is on deal %s: %w", deal, err)
	}
	return nil
}

// ids returns the ids of the deal and the contacts as Zoho has them, each contact once.
func (c *showCmd) ids() (deal string, contacts []string, err error) {
	deal, wrong := csvio.ParseID(c.Deal)
	if wrong != nil {
		return "", nil, fmt.Errorf("DEAL: %w", wrong)
	}
	for i, given := range c.Contacts {
		id, wrong := csvio.ParseID(given)
		if wrong != nil {
			return "", nil, fmt.Errorf("CONTACT %d: %w", i+1, wrong)
		}
		if !slices.Contains(contacts, id) {
			contacts = append(contacts, id)
		}
	}
	return deal, contacts, nil
}

// write writes the deal to stdout in the form that the user asked for.
func (c *showCmd) write(p *command.Process, d *show.Deal) error {
	switch c.Form(p) {
	case command.FormJSON:
		return p.WriteJSON(d)
	case command.FormTable:
		return d.WriteTable(p.Stdout)
	}
	return d.WriteCSV(p.Stdout)
}

// refusedDeal is the object of --json for a deal that Zoho refuses to show. New versions only add fields.
type refusedDeal struct {
	ID      string          `json:"deal_id"`
	Error   string          `json:"error"`
	Advice  string          `json:"advice,omitempty"`
	Code    string          `json:"code"`    // Zoho's, as sent
	Message string          `json:"message"` // Zoho's, as sent
	Details json.RawMessage `json:"details,omitempty"`
}

// refused ends the command if the deal cannot be read. A refusal of this deal is shown as Zoho sent it.
func (c *showCmd) refused(ctx context.Context, p *command.Process, deal string, err error) error {
	own, ends := job.OwnError(err)
	shown := fmt.Errorf("deal %s: %w", deal, err)
	switch {
	case ctx.Err() != nil || ends != nil:
		return job.StartError(ctx, shown)
	case own.Temporary():
		return job.AsStop(fmt.Errorf("%w: give the same command again later", shown))
	case own.Code == "":
		return job.AsStop(shown)
	}
	advice := job.ZohoAdvice(own.Code)
	if api.DealGone(err) {
		advice = "look the deal up in Zoho: no deal has this id, or this user may not see it"
	}
	p.Say("rolecall: %v", shown)
	if advice != "" {
		p.Say("  -> %s", advice)
	}
	*p.Exit = command.ExitRowsFailed
	if c.Form(p) != command.FormJSON {
		return nil
	}
	return p.WriteJSON(refusedDeal{deal, shown.Error(), advice, own.Code, own.Message, own.Details})
}
