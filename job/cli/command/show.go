package command

import (
	"context"

	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// ShowFlags are the flags that say in which form a command shows what it read.
type ShowFlags struct {
	ProfileFlag

	As    string `enum:"auto,table,csv,json" default:"auto" help:"table, csv or json (auto: a table on a terminal, else csv)."`
	JSON  bool   `help:"The same as --as json."`
	Quiet bool   `short:"q" help:"Show only errors, and what you asked for."`
}

// ConnectFor signs in to read. command is the command's name in the table of scopes.
func (f *ShowFlags) ConnectFor(ctx context.Context, p *Process, command string) (*job.Org, error) {
	p.Quiet = f.Quiet
	return p.ConnectToRead(ctx, f.Profile, command)
}

// ConnectToRead signs in to the org of a profile, to read. command is the command's name in the table of scopes.
func (p *Process) ConnectToRead(ctx context.Context, profile, command string) (*job.Org, error) {
	name, err := p.ProfileOr(profile)
	if err != nil {
		return nil, err
	}
	p.needs = command
	set := job.Settings{Profile: name, Config: p.ConfigFile, VoiceURL: p.VoiceURL}
	org, err := p.connect(ctx, set, job.LogHooks(rundir.NewLog(false)))
	if err != nil {
		return nil, job.StartError(ctx, err)
	}
	return org, nil
}

// The forms in which a command shows what it read, as values of --as.
const (
	FormTable = "table"
	formCSV   = "csv"
	FormJSON  = "json"
)

// Form returns the form that the user asked for. auto is a table on a terminal, and else csv.
func (f *ShowFlags) Form(p *Process) string {
	switch {
	case f.JSON:
		return FormJSON
	case f.As != "auto":
		return f.As
	case report.IsTerminal(p.Stdout):
		return FormTable
	}
	return formCSV
}
