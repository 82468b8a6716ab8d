package picklist

import (
	"context"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
)

// The names of the jobs.
const (
	Import = "roles import" // each row creates a role or changes one
	Delete = "roles delete" // each row's role is deleted
	Sync   = "roles sync"   // the list becomes equal to the table
	Copy   = "roles copy"   // the list becomes equal to that of another org
	Undo   = "roles undo"   // what an earlier run did to the list is taken back
)

// Options are the settings that only these jobs have. run.db stores them with the settings of the run.
type Options struct {
	ByName bool `json:"by_name,omitempty"` // ignore the ids of the table, because they are from another org
	Prune  bool `json:"prune,omitempty"`   // sync: delete the roles that the table does not name

	// Was and Left are for undo: the ids of the roles in the order before the earlier run, and in the order that it
	// left.
	Was  []string `json:"was,omitempty"`
	Left []string `json:"left,omitempty"`
}

// Kinds returns the jobs of this package.
func Kinds() []*job.Kind {
	return []*job.Kind{kind(Import), kind(Delete), kind(Sync), kind(Copy), kind(Undo)}
}

// kind returns the declaration of a job.
func kind(name string) *job.Kind {
	k := &job.Kind{
		Name:    name,
		Check:   job.CheckOptions[Options],
		Table:   Columns(),
		Needs:   needs,
		Meant:   func(header []string) string { return meant(name, header) },
		Removes: func(set job.Settings) job.Removal { return removes(name, set) },
		Survey:  func(set job.Settings, input string) job.Survey { return newSurvey(name, set, input) },
		Begin: func(ctx context.Context, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
			return begin(ctx, name, org, set, desk)
		},
		Columns: columns(),
		Advice:  func(code, _ string) string { return advice(name, code) },
		Story:   story,
		Write:   write,
		Inverse: func(earlier *job.Earlier) (*job.Kind, *job.Made, error) { return inverse(name, earlier) },
	}
	if name == Undo {
		k.Table, k.Needs = csvio.VocabularyOf(takenColumns()), nil
	}
	return k
}

// The columns of a table of roles.
const (
	ID       csvio.Field = "id"
	Name     csvio.Field = "name"
	Sequence csvio.Field = "sequence_number"
)

// sheet is the name of the sheet in a workbook of roles.
const sheet = "roles"

// Columns returns the columns that rolecall understands in a table of roles. Their aliases come from tables of deals'
// stakeholders and from Zoho's screens.
func Columns() *csvio.Vocabulary {
	return &csvio.Vocabulary{
		Columns: []csvio.KnownColumn{
			{Field: ID, Aliases: []string{"roleid", "contactroleid"}, IDs: true},
			{Field: Name, Aliases: []string{"role", "rolename", "contactrole", "contactrolename"}},
			{Field: Sequence, Aliases: []string{"sequencenumber", "sequence", "position"}},
		},
		Ours:  []string{string(ID), string(Name), string(Sequence)},
		Sheet: sheet,
	}
}

// needs returns the columns that a table must have.
func needs(set job.Settings) [][]csvio.Field {
	if o, err := job.OptionsOf[Options](set); err == nil && o.ByName {
		return [][]csvio.Field{{Name}}
	}
	return [][]csvio.Field{{Name, ID}}
}

// meant is a Kind.Meant. It recognises a table of deals, contacts and roles.
func meant(name string, header []string) string {
	deals := csvio.Meets(header, csvio.Stakeholders(), []csvio.Field{csvio.DealID, csvio.DealName},
		[]csvio.Field{csvio.ContactID, csvio.ContactEmail, csvio.ContactName})
	switch {
	case !deals:
		return ""
	case name == Delete:
		return "rolecall remove"
	}
	return "rolecall assign"
}

// removes returns what a job takes away from the list.
func removes(name string, set job.Settings) job.Removal {
	switch o, err := job.OptionsOf[Options](set); {
	case name == Delete:
		return job.RemovesNamed
	case err == nil && o.Prune:
		return job.RemovesOthers
	}
	return job.RemovesNothing
}

// columns returns the columns of results.csv that these jobs have. The columns about deals stay empty.
func columns() []job.Column {
	none := func(*job.Row, *job.Outcome) string { return "" }
	return []job.Column{
		{Name: "rc_deal_id", Value: none},
		{Name: "rc_contact_id", Value: none},
		{Name: "rc_role_id", Value: func(_ *job.Row, o *job.Outcome) string { return roleOf(o) }},
		{
			Name:  "rc_prior_role",
			Value: func(_ *job.Row, o *job.Outcome) string { return csvio.Guard(job.Decoded[ask](o.Prior).Name) },
		},
	}
}

// ask is the request of a row: the role as the input describes it. For roles delete it holds only the id of the role.
type ask struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	Position int    `json:"position,omitempty"` // from 1; 0: the row has none

	Undo *taking `json:"undo,omitempty"` // of a row of undo
}

// zoho is the part of an org's API that these jobs use. *api.Client implements it.
type zoho interface {
	Reader
	CreateRoles(ctx context.Context, roles []api.RoleWrite) ([]api.Outcome, error)
	UpdateRoles(ctx context.Context, roles []api.RoleWrite) ([]api.Outcome, error)
	UpdateRole(ctx context.Context, role api.RoleWrite) (api.Answer, error)
	DeleteRoles(ctx context.Context, ids []string) ([]api.Outcome, error)
	DeleteRole(ctx context.Context, id string) (api.Answer, error)
}
