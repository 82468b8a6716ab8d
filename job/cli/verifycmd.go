package cli

import (
	"cmp"
	"os"
	"path/filepath"

	"rolecall/job"
	"rolecall/job/rundir"
	"rolecall/job/stakeholder"
)

// verifyCmd compares the org with a file, or with what a run wanted.
type verifyCmd struct {
	fileFlags
	paceFlags
	readFlags
	talkFlags
	pinFlags
	externalFlag
	profileFlag
	roleNameFlags

	Contradictions string `enum:"error,last" default:"error" help:"As for assign."`
	RunDir         string `placeholder:"DIR" help:"Folder of the run (default: <file>-verify-<UTC time>)."`
}

// Validate calls the Validate methods of its embedded flags.
func (c *verifyCmd) Validate() error {
	if err := c.fileFlags.Validate(); err != nil {
		return err
	}
	return cmp.Or(c.limitFlags.Validate(), c.check())
}

// Help is the part of --help below the flags.
func (*verifyCmd) Help() string {
	return `FILE is a table of deals, contacts and roles, a saved plan, or the folder of a run of assign, remove, apply or undo:
then its rows are what the run wanted. Each deal is read once, and nothing is written to Zoho. results.csv says of each
row match, or fails the row as DIFFERS, with what is there, or as MISSING: exit code 1.

Example:
  rolecall verify roles-assign-20261122T101500Z --profile acme`
}

// Run does the command.
func (c *verifyCmd) Run(p *process) error {
	roles, err := c.roleMap(p)
	if err != nil {
		return err
	}
	o := stakeholder.Options{RoleMap: roles}
	c.readFlags.change(&o)
	o.External = c.keys(p)
	a := asked{
		kind: stakeholder.Verify, settings: c.settings(), options: o, talkFlags: c.talkFlags, pinFlags: c.pinFlags,
		profile: c.Profile,
	}
	p.usedMap(&a.settings)
	c.paceFlags.change(&a.settings)
	a.settings.LastWins = c.Contradictions == "last"
	var made *job.Made
	if _, err := os.Stat(filepath.Join(c.File, rundir.Database)); err == nil {
		earlier, err := job.OpenEarlier(c.File, p.env(&job.Progress{}, false, false))
		if err != nil {
			return err
		}
		defer earlier.Close()
		if _, made, err = stakeholder.Wanted(earlier); err != nil {
			return err
		}
		if p.configFile, err = earlier.Config(p.configFile); err != nil {
			return err
		}
		a.profile = cmp.Or(c.Profile, earlier.Settings.Profile)
	}
	return p.start(a, func(q job.Request) (*job.Result, error) {
		if q.RunDir, q.Made = c.RunDir, made; made == nil {
			q.Input = c.File
		}
		res, err := job.Start(p.ctx, q)
		if err == nil {
			c.save(&c.tableFlags, a.settings.Map, roles, o.External, &res.Summary)
			c.saveRoles(&res.Summary)
		}
		return res, err
	})
}
