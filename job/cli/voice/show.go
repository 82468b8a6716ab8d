package voice

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/cli/scope"
	"rolecall/job/export"
	"rolecall/job/report"
)

// showFlags are the flags of a command that shows what Zoho Voice has.
type showFlags struct {
	command.ShowFlags
	command.VoiceURLFlag
}

// open connects for a command.
func (f *showFlags) open(ctx context.Context, p *command.Process, command string) (*job.Org, error) {
	p.VoiceURL = f.VoiceURL
	org, err := f.ConnectFor(ctx, p, command)
	if err == nil {
		err = org.UseVoice()
	}
	return org, err
}

// getCmd shows contacts by their ids.
type getCmd struct {
	showFlags

	IDs []string `arg:"" name:"id" help:"The ids of contacts, with or without zcrm_ before them."`
}

// Help is the part of --help below the flags.
func (*getCmd) Help() string {
	return `The command makes a call to Voice for each contact, which costs no credits. Signing in costs one credit.
rolecall voice import takes the CSV as its input. The command names a contact that Voice does not show, and shows the
others: exit code 1.

Example:
  rolecall voice get 31500020000000001 --profile emulator`
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
	org, err := c.open(ctx, p, scope.VoiceGet)
	if err != nil {
		return err
	}
	all := []api.VoiceContact{}
	for _, id := range ids {
		contact, there, err := org.Client.VoiceContact(ctx, id)
		if err != nil {
			own, ends := job.OwnError(err)
			if ends != nil {
				return job.StartError(ctx, err)
			}
			p.Say("rolecall: contact %s: %s: %s", id, own.Code, own.Message)
		} else if !there {
			p.Say("rolecall: contact %s: Voice has no such contact, or does not show it to this user", id)
		}
		if err != nil || !there {
			*p.Exit = command.ExitRowsFailed
			continue
		}
		all = append(all, contact)
	}
	return c.write(p, all)
}

// shownVoice is a contact as --json shows it, with Voice's names for the fields. New versions only add fields.
type shownVoice struct {
	ID      string            `json:"contact_id"`
	Owner   string            `json:"contact_owner"`
	Created string            `json:"created_time"`
	Numbers []string          `json:"number"`
	Fields  map[string]string `json:"fields"`
}

// write writes contacts to stdout in the form that the user asked for.
func (c *getCmd) write(p *command.Process, all []api.VoiceContact) error {
	var err error
	switch c.Form(p) {
	case command.FormJSON:
		shown := []shownVoice{}
		for i := range all {
			v := &all[i]
			shown = append(shown, shownVoice{v.ID, v.Owner, v.Created, append([]string{}, v.Numbers...), v.Fields})
		}
		err = p.WriteJSON(map[string][]shownVoice{"contacts": shown})
	case command.FormTable:
		err = writeVoiceTable(p.Stdout, all)
	default:
		err = export.WriteVoiceCSV(p.Stdout, all)
	}
	if err != nil {
		return fmt.Errorf("write the contacts: %w", err)
	}
	return nil
}

// writeVoiceTable writes contacts for people: a line for each field that has a value.
func writeVoiceTable(w io.Writer, all []api.VoiceContact) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := range all {
		_ = report.Printf(t, "contact_id\t%s\n", all[i].ID) // Flush returns the first error
		for _, name := range api.VoiceFields() {
			if text := all[i].Fields[name]; text != "" {
				_ = report.Printf(t, "%s\t%s\n", name, text)
			}
		}
	}
	return t.Flush()
}

// statusesCmd shows the statuses of contacts.
type statusesCmd struct{ showFlags }

// Help is the part of --help below the flags.
func (*statusesCmd) Help() string {
	return `These are the values of the column contact_status of rolecall voice import.

Example:
  rolecall voice statuses --profile emulator`
}

// Run does the command.
func (c *statusesCmd) Run(ctx context.Context, p *command.Process) error {
	org, err := c.open(ctx, p, scope.VoiceStatuses)
	if err != nil {
		return err
	}
	all, err := org.Client.VoiceStatuses(ctx)
	if err != nil {
		return job.StartError(ctx, err)
	}
	if c.Form(p) == command.FormJSON {
		shown := []map[string]string{}
		for _, s := range all {
			shown = append(shown, map[string]string{"id": s.ID, "name": s.Name})
		}
		return p.WriteJSON(map[string][]map[string]string{"contact_statuses": shown})
	}
	var put func(name, id string) error
	end := func() error { return nil }
	if c.Form(p) == command.FormTable {
		t := tabwriter.NewWriter(p.Stdout, 0, 0, 2, ' ', 0)
		put, end = func(name, id string) error { return report.Printf(t, "%s\t%s\n", name, id) }, t.Flush
		err = put("NAME", "ID")
	} else {
		var t *csvio.TableWriter
		t, err = csvio.NewTableWriter(p.Stdout, []csvio.Column{{Name: "name"}, {Name: "id", Kind: csvio.IDColumn}},
			csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
		if err == nil {
			put = func(name, id string) error { return t.Write([]csvio.Value{{Text: name}, {Text: id}}) }
			end = t.Close
		}
	}
	for i := 0; i < len(all) && err == nil; i++ {
		err = put(all[i].Name, all[i].ID)
	}
	if err == nil {
		err = end()
	}
	if err != nil {
		return fmt.Errorf("write the statuses: %w", err)
	}
	return nil
}
