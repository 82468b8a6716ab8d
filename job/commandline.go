package job

import "rolecall/job/rundir"

// ResumeCommand is the exact command that goes on with the run in a folder.
func ResumeCommand(folder string, set Settings) string {
	c := "rolecall resume " + rundir.ShellQuote(rundir.Argument(folder))
	if set.Profile != "" {
		c += " --profile " + rundir.ShellQuote(set.Profile)
	}
	if set.Config != "" {
		c += " --config " + rundir.ShellQuote(rundir.Argument(set.Config))
	}
	return c
}
