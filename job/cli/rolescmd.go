package cli

import (
	"rolecall/job"
	"rolecall/job/cli/ask"
	"rolecall/job/cli/scope"
	"rolecall/job/report"
	"rolecall/job/roles"
)

// rolesCmd is the commands about the org's list of contact roles.
type rolesCmd struct {
	List   rolesListCmd   `cmd:"" help:"Show the org's roles, in their order."`
	Get    rolesGetCmd    `cmd:"" help:"Show one role."`
	Export rolesExportCmd `cmd:"" help:"Write the list to a file, to edit or to keep."`
	Import rolesImportCmd `cmd:"" help:"Create, rename and move the roles of a table; delete none."`
	Delete rolesDeleteCmd `cmd:"" help:"Delete roles: named, or those of a table."`
	Sync   rolesSyncCmd   `cmd:"" help:"Make the org's list that of a table; with --prune delete the roles that it leaves out."`
	Copy   rolesCopyCmd   `cmd:"" help:"Make the list of one org that of another."`
}

// rolesRunFlags are the flags of a run over the list.
type rolesRunFlags struct {
	paceFlags
	talkFlags
	pinFlags

	RunDir string `placeholder:"DIR" help:"Folder of the run (default: <file>-<command>-<UTC time>)."`
	DryRun bool   `short:"n" help:"Read the list and say what would be done; write nothing to Zoho."`
}

// rolesTableFlags say how to read a table of roles. Its columns are not those of other tables: no variable and no default of a profile names them.
type rolesTableFlags struct {
	tableFlags

	Map    map[string]string `env:"-" mapsep:"none" placeholder:"FIELD=HEADER" help:"Which column a field (id, name, sequence_number) is, such as name=\"Label\"; may be repeated."`
	ByName bool              `env:"-" help:"Leave the ids of the table alone, which are another org's, and go by the names."`
}

// keeps says that what a profile gives a flag of this name is meant for other tables.
func (*rolesTableFlags) keeps(flag string) bool { return flag == "map" }

// Validate refuses a map to fields that do not exist, and delimiters that are none.
func (f *rolesTableFlags) Validate() error {
	if err := checkMap(f.Map, roles.Columns()); err != nil {
		return err
	}
	return f.tableFlags.Validate()
}

// rolesProfileFlag says where to connect.
type rolesProfileFlag struct {
	Profile string `placeholder:"NAME" help:"Where to connect: a profile of the config file; emulator always exists and needs no account (default: the ROLECALL_... connection variables, else the profile ${default_profile})."`
}

// mayBeDefault says that the default profile serves where none is named.
func (*rolesProfileFlag) mayBeDefault() {}

// start makes a run and does it. profile is where it writes; q has what is the command's own.
func (f *rolesRunFlags) start(p *process, profile string, yes bool, q roles.Request) error {
	if err := f.checkOutput(f.Results); err != nil {
		return err
	}
	name, err := p.profileOr(profile)
	if err != nil {
		return err
	}
	p.needs = needsOf(q.Command, q.Settings.Prune)
	q.Settings.Profile, q.Settings.Config = name, p.conf.file
	f.change(&q.Settings.Settings)
	if _, err := p.locate(name); err != nil {
		return err
	}
	p.conf.pin.allow = f.AllowOrgChange
	q.RunDir, q.DryRun = f.RunDir, f.DryRun
	return p.workOnRoles(f.talkFlags, yes, func(env roles.Env) (*roles.Result, error) {
		q.Env = env
		return roles.Start(p.ctx, q)
	})
}

// needsOf is how the table of scopes calls a command.
func needsOf(command job.Command, prunes bool) string {
	switch {
	case command != roles.Sync && command != roles.Copy:
		return string(command)
	case prunes:
		return scope.RolesPrune
	}
	return scope.RolesSync
}

// workOnRoles does a run over the list of roles.
func (p *process) workOnRoles(talk talkFlags, yes bool, do func(roles.Env) (*roles.Result, error)) error {
	return p.work(talk, func(env job.Env) (*job.Result, error) {
		return do(roles.Env{
			Env: env,
			Announce: func(plan *report.Roles) {
				if !p.quiet {
					p.showRoles(plan)
				}
			},
			Begins: p.settlePin,
			Confirm: func(plan *report.Roles) error {
				prompt := ask.New(p.stdin, p.stderr)
				if !yes && p.quiet && prompt.Terminal {
					p.showRoles(plan) // nobody says yes to what is not shown
				}
				return prompt.Confirm(p.ctx, "Delete them? What becomes of deals that use them Zoho does not say.", "--yes", yes)
			},
		})
	})
}

// showRoles shows what a run will do. That it cannot be shown is no reason to stop, as with everything that people are told.
func (p *process) showRoles(plan *report.Roles) { _ = plan.WriteText(p.stderr) }
