package command

import (
	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rolemap"
)

// RoleNameFlags are the flags that translate a file's names of roles.
type RoleNameFlags struct {
	MapRole []string `sep:"none" placeholder:"NAME=ROLE|FILE" help:"Translate a role name of the file to a role of the org, such as Einkauf=Purchasing; or a file with these two columns. May be repeated."`

	SaveRoleMap string `env:"-" placeholder:"FILE" help:"Write the role names that the org does not have to a new table. Fill it in, and give it to --map-role."`
}

// RoleMap returns the translations of --map-role and of the file of --use.
func (f *RoleNameFlags) RoleMap(p *Process) (rolemap.Map, error) {
	m, err := rolemap.Parse(f.MapRole)
	if err == nil {
		err = rolemap.CheckNew(f.SaveRoleMap)
	}
	if err != nil {
		return nil, &job.UsageError{Err: err}
	}
	return p.usedRoles(m)
}

// SaveRoles writes the roles of a run that the org does not have to the file that the user named. The run is over, so
// an error is only a note in its summary.
func (f *RoleNameFlags) SaveRoles(sum *report.Summary) {
	switch {
	case f.SaveRoleMap == "":
		return
	case sum.UnknownRoles == nil:
		sum.Notes = append(sum.Notes, "the org has all roles of the file, so "+f.SaveRoleMap+" was not written")
		return
	}
	if err := rolemap.Save(f.SaveRoleMap, sum.UnknownRoles); err != nil {
		sum.Notes = append(sum.Notes, "the unknown roles were not saved: "+err.Error())
		return
	}
	sum.Files.RoleMap = f.SaveRoleMap
}
