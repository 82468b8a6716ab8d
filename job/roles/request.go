package roles

import (
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/report"
)

// Request is one run as the user asked for it.
type Request struct {
	Command  job.Command
	Settings Settings
	Input    string   // a path, or "-" for Stdin; "" where Named or From says what to do
	Named    []string // Delete: ids or names
	From     string   // Copy: the profile of the org whose list is taken
	RunDir   string   // "": a name made of input, command and time
	DryRun   bool     // the list is read and the plan is told; nothing is written to Zoho

	Env
}

// Env is what a run uses of the process around it.
type Env struct {
	job.Env

	Announce func(*report.Roles)       // told the plan before the first write; nil: nobody
	Confirm  func(*report.Roles) error // asked before roles are deleted by Delete; an error ends the run before anything is sent; nil: nobody is asked
	Begins   func()                    // told that the run is agreed to, before its first write; nil: nobody
}

// Result is what a run says when it is over: the summary, and the stop where there was one.
type Result = job.Result

// Zoho is what is needed of an org.
type Zoho interface {
	picklist.Reader
	job.Picklist
}
