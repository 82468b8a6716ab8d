package cli

import (
	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// showFlags are the flags of the form in which a command shows what it read.
type showFlags struct {
	profileFlag

	As    string `enum:"auto,table,csv,json" default:"auto" help:"table, csv or json (auto: a table on a terminal, else csv)."`
	JSON  bool   `help:"The same as --as json."`
	Quiet bool   `short:"q" help:"Say nothing but errors, and what was asked for."`
}

// connectFor signs in to read for a command that scopes are known of.
func (f *showFlags) connectFor(p *process, command string) (*job.Org, error) {
	p.quiet = f.Quiet
	return p.connectToRead(f.Profile, command)
}

// connectToRead signs in to the org of a profile, to read. command is the one whose scopes are needed.
func (p *process) connectToRead(profile, command string) (*job.Org, error) {
	name, err := p.profileOr(profile)
	if err != nil {
		return nil, err
	}
	p.needs = command
	set := job.Settings{Profile: name, Config: p.configFile, VoiceURL: p.voiceURL}
	org, err := p.connect(p.ctx, set, job.LogHooks(rundir.NewLog(false)))
	if err != nil {
		return nil, job.StartError(p.ctx, err)
	}
	return org, nil
}

// The forms in which a command shows what it read, as values of --as.
const (
	formTable = "table"
	formCSV   = "csv"
	formJSON  = "json"
)

// form returns the form that the user asked for: by itself a table on a terminal, else csv.
func (f *showFlags) form(p *process) string {
	switch {
	case f.JSON:
		return formJSON
	case f.As != "auto":
		return f.As
	case report.IsTerminal(p.stdout):
		return formTable
	}
	return formCSV
}
