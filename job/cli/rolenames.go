package cli

import (
	"rolecall/job"
	"rolecall/job/rolemap"
)

// roleNameFlags are the flags of the names that a file has for roles.
type roleNameFlags struct {
	MapRole []string `sep:"none" placeholder:"NAME=ROLE|FILE" help:"Which role of the org a name in the file is, such as Einkauf=Purchasing, or a file with these two columns; may be repeated."`
}

// roleMap returns the translations that the user gave.
func (f *roleNameFlags) roleMap() (rolemap.Map, error) {
	m, err := rolemap.Parse(f.MapRole)
	if err != nil {
		return nil, &job.UsageError{Err: err}
	}
	return m, nil
}
