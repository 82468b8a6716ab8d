package cli

import (
	"cmp"
	"context"
	"os"
	"path/filepath"

	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/rundir"
	"rolecall/job/stakeholder"
)

// verifyCmd compares the org with a file, or with what a run wanted.
type verifyCmd struct {
	command.FileFlags
	command.PaceFlags
	command.ReadFlags
	command.TalkFlags
	command.PinFlags
	command.ExternalFlag
	command.ProfileFlag
	command.RoleNameFlags

	Contradictions string `enum:"error,last" default:"error" help:"As for assign."`
	RunDir         string `placeholder:"DIR" help:"Folder of the run (default: <file>-verify-<UTC time>)."`
}

// Validate calls the Validate methods of its embedded flags.
func (c *verifyCmd) Validate() error {
	if err := c.FileFlags.Validate(); err != nil {
		return err
	}
	return cmp.Or(c.LimitFlags.Validate(), c.Check())
}

// Help is the part of --help below the flags.
func (*verifyCmd) Help() string {
	return `FILE is a table of deals, contacts and roles, a saved plan, or the folder of a run of assign, remove, apply or
undo. Of a run, verify checks what the run wanted. It reads each deal once, and writes nothing to Zoho. In results.csv
each row is match, or fails as DIFFERS (with what Zoho has) or as MISSING. If a row fails, the exit code is 1.

Example:
  rolecall verify roles-assign-20261122T101500Z --profile acme`
}

// Run does the command.
func (c *verifyCmd) Run(ctx context.Context, p *command.Process) error {
	roles, err := c.RoleMap(p)
	if err != nil {
		return err
	}
	o := stakeholder.Options{RoleMap: roles}
	c.ReadFlags.Change(&o)
	o.External = c.Keys(p)
	a := command.Asked{
		Kind: stakeholder.Verify, Settings: c.Settings(), Options: o, TalkFlags: c.TalkFlags, PinFlags: c.PinFlags,
		Profile: c.Profile,
	}
	p.UsedMap(&a.Settings)
	c.PaceFlags.Change(&a.Settings)
	a.Settings.LastWins = c.Contradictions == "last"
	var made *job.Made
	if _, err := os.Stat(filepath.Join(c.File, rundir.Database)); err == nil {
		earlier, err := job.OpenEarlier(c.File, p.Env(&job.Progress{}, false, false))
		if err != nil {
			return err
		}
		defer earlier.Close()
		if _, made, err = stakeholder.Wanted(earlier); err != nil {
			return err
		}
		if p.ConfigFile, err = earlier.Config(p.ConfigFile); err != nil {
			return err
		}
		a.Profile = cmp.Or(c.Profile, earlier.Settings.Profile)
	}
	return p.Start(ctx, a, func(ctx context.Context, q job.Request) (*job.Result, error) {
		if q.RunDir, q.Made = c.RunDir, made; made == nil {
			q.Input = c.File
		}
		res, err := job.Start(ctx, q)
		if err == nil {
			c.Save(&c.TableFlags, a.Settings.Map, roles, o.External, &res.Summary)
			c.SaveRoles(&res.Summary)
		}
		return res, err
	})
}
