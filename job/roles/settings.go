package roles

import (
	"rolecall/csvio"
	"rolecall/job"
)

// The commands whose runs are here.
const (
	Import job.Command = "roles import" // each row creates a role or changes one
	Delete job.Command = "roles delete" // each row's role is deleted
	Sync   job.Command = "roles sync"   // the list becomes the table's
	Copy   job.Command = "roles copy"   // the list becomes another org's
)

// Settings are what the user asked of a run. They are kept in run.db, so that resume goes on as the run began.
type Settings struct {
	job.Settings

	ByName    bool `json:"by_name,omitempty"`    // the ids of the table are another org's
	Prune     bool `json:"prune,omitempty"`      // sync: roles that the table does not name are deleted
	MaxDelete int  `json:"max_delete,omitempty"` // sync: no more of them than this
}

// readAsMade forgets how a table was to be read that was not made by rolecall: nothing of it is meant for names on a command line, or for another org's list.
func (s *Settings) readAsMade(command job.Command) {
	s.Encoding, s.Delimiter, s.Map, s.Limit, s.ByName = "", 0, nil, 0, command == Copy
}

// The columns of a table of roles.
const (
	ID       csvio.Field = "id"
	Name     csvio.Field = "name"
	Sequence csvio.Field = "sequence_number"
)

// Sheet is what the sheet of a workbook of roles is called.
const Sheet = "roles"

// Columns are the columns that rolecall understands in a table of roles. The other names are those of tables of deals' stakeholders, and of Zoho's screens.
func Columns() *csvio.Vocabulary {
	return &csvio.Vocabulary{
		Columns: []csvio.KnownColumn{
			{Field: ID, Aliases: []string{"roleid", "contactroleid"}, IDs: true},
			{Field: Name, Aliases: []string{"role", "rolename", "contactrole", "contactrolename"}},
			{Field: Sequence, Aliases: []string{"sequencenumber", "sequence", "position"}},
		},
		Ours:  []string{string(ID), string(Name), string(Sequence)},
		Sheet: Sheet,
	}
}
