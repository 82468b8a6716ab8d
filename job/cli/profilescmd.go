package cli

import (
	"cmp"
	"fmt"
	"text/tabwriter"

	"rolecall/job/cli/command"
	"rolecall/job/cli/profile"
	"rolecall/job/report"
)

// profilesCmd lists the profiles.
type profilesCmd struct {
	JSON bool `help:"Write the list as one JSON object."`
}

// Help is the part of --help below the flags.
func (*profilesCmd) Help() string {
	return `The command lists the profiles of the config file, and the profiles that auth login stores beside it. It
shows where each value and each secret is, and never shows a secret. It does not sign in.
The config file is --config, or else rolecall/config.yaml in $XDG_CONFIG_HOME or in the system's config folder.

Example:
  rolecall profiles`
}

// Run writes the list.
func (c *profilesCmd) Run(p *command.Process) error {
	file, err := p.Profiles().Read()
	if err != nil {
		return err
	}
	if !file.Exists {
		p.Note(fmt.Sprintf("there is no file %s: rolecall auth login --profile NAME makes a profile without it",
			file.Path))
	}
	if !c.JSON {
		return tabulate(p, file)
	}
	var list []profile.Listed
	for _, one := range file.Profiles {
		list = append(list, one.List())
	}
	return p.WriteJSON(struct {
		Config   string           `json:"config"`
		Profiles []profile.Listed `json:"profiles"`
	}{file.Path, append(list, profile.Listed{Name: profile.Emulator})})
}

// tabulate writes the list as a table for people.
func tabulate(p *command.Process, file *profile.File) error {
	t := tabwriter.NewWriter(p.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "PROFILE\tDC\tENVIRONMENT\tORG\tCLIENT SECRET\tREFRESH TOKEN\tFROM")
	for _, one := range file.Profiles {
		l := one.List()
		if l.Gateway != "" {
			_ = report.Printf(t, "%s\t%s\tgateway %s\t%s\t-\t%s %s\t%s\n", l.Name, l.BaseURL, l.Gateway,
				cmp.Or(l.OrgID, "-"), cmp.Or(l.Header, "no header:"), l.HeaderValue, file.Sources(one))
			continue
		}
		_ = report.Printf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			l.Name, cmp.Or(l.DC, l.APIURL, "-"), l.Environment, cmp.Or(l.OrgID, "-"),
			l.Secret, l.Refresh, file.Sources(one))
	}
	_ = report.Printf(t, "%s\t-\tinside rolecall, needs no account\t-\t-\t-\t-\n", profile.Emulator)
	return t.Flush() // it returns the first error
}
