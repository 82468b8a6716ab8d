package stakeholder

import (
	"context"
	"slices"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
)

// The names of the jobs.
const (
	Assign = "assign" // put the contact on the deal with the role
	Remove = "remove" // take the contact off the deal
	Undo   = "undo"   // take back what an earlier run did
	Plan   = "plan"   // show what would make the org match the file; only ever a dry run
	Verify = "verify" // tell whether the org is as the file says; it only reads
	Apply  = "apply"  // make the org match the file, or do what a saved plan says
)

// Options are the settings that only these jobs have. run.db stores them with the settings of the run.
type Options struct {
	OneByOne bool `json:"one_by_one,omitempty"` // assign, undo: send each contact in a call of its own
	// ReadFirst is whether assign reads each deal before it writes to the deal. remove always does.
	ReadFirst job.Choice `json:"read_first,omitempty"`
	Composite job.Choice `json:"composite,omitempty"` // read five deals in each call
	// Proof is the proof that the run which undo takes back left open: undo finishes it first.
	Proof *proof `json:"proof,omitempty"`
	// IgnoreNotFound makes a contact that is not on the deal no error of remove.
	IgnoreNotFound bool `json:"ignore_not_found,omitempty"`

	OnConflict string `json:"on_conflict,omitempty"` // plan, apply: "", Mine or Theirs
	Prune      bool   `json:"prune,omitempty"`       // plan, apply: contacts that the file does not name are removals
	// IncludePrimary lets Prune take a deal's own contact (Contact_Name) off the deal.
	IncludePrimary bool `json:"include_primary,omitempty"`

	SavePlan string `json:"save_plan,omitempty"` // plan: the file of the saved plan; "": none
}

// Kinds returns the jobs of this package.
func Kinds() []*job.Kind {
	return []*job.Kind{kind(Assign), kind(Remove), kind(Undo), kind(Plan), kind(Apply), kind(Verify)}
}

// kind returns the declaration of a job.
func kind(name string) *job.Kind {
	k := &job.Kind{
		Name:  name,
		Check: job.CheckOptions[Options],
		Table: csvio.Stakeholders(),
		Needs: func(job.Settings) [][]csvio.Field {
			needs := [][]csvio.Field{{csvio.DealID}, {csvio.ContactID}}
			if name != Remove {
				needs = append(needs, []csvio.Field{csvio.Role, csvio.RoleID})
			}
			return needs
		},
		Hint: func(missing []csvio.Field) string {
			if slices.Contains(missing, csvio.DealID) || slices.Contains(missing, csvio.ContactID) {
				return "ids are needed: names and e-mails in their place are not looked up yet"
			}
			return ""
		},
		Removes: func(set job.Settings) job.Removal {
			switch {
			case name == Remove:
				return job.RemovesNamed
			case job.Decoded[Options](set.Options).Prune:
				return job.RemovesOthers
			}
			return job.RemovesNothing
		},
		Survey: func(set job.Settings, input string) job.Survey { return newSurvey(name, set, input) },
		Begin: func(ctx context.Context, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
			return begin(name, org, set, desk)
		},
		Columns: columns(),
		Advice:  func(code, details string) string { return advice(name, code, details) },
		Story:   story,
		Write:   func(out *job.Output) error { return write(name, out) },
		Inverse: func(earlier *job.Earlier) (*job.Kind, *job.Made, error) { return inverse(name, earlier) },
	}
	if name == Plan || name == Apply || name == Verify {
		k.Table = withPlans()
	}
	if name == Verify {
		k.Inverse, k.Write = nil, nil
	}
	if name == Undo {
		k.Table, k.Needs, k.Hint, k.Removes = csvio.VocabularyOf(takenColumns()), nil, nil, nil
		k.Survey = func(job.Settings, string) job.Survey { return undoSurvey{} }
	}
	return k
}

// columns returns the columns of results.csv that these jobs have.
func columns() []job.Column {
	return []job.Column{
		{Name: "rc_deal_id", Value: func(r *job.Row, _ *job.Outcome) string { return r.Key }},
		{Name: "rc_contact_id", Value: func(r *job.Row, _ *job.Outcome) string { return r.Item }},
		{Name: "rc_role_id", Value: func(r *job.Row, _ *job.Outcome) string { return askOf(r).ID }},
		{Name: "rc_prior_role", Value: func(_ *job.Row, o *job.Outcome) string {
			return csvio.Guard(job.Decoded[before](o.Prior).Name)
		}},
	}
}

// ask is the request of a row of assign or undo. It holds the role as the input names it, and after Resolve the role of
// the org instead. Rows of remove have no request.
type ask struct {
	Cell string `json:"cell,omitempty"` // the role's name in the input, or its id
	ByID bool   `json:"by_id,omitempty"`
	role

	TakesOff bool    `json:"takes_off,omitempty"` // undo, apply: take the contact off the deal
	Left     *before `json:"left,omitempty"`      // undo, apply: what must still be on the deal
	Unsure   bool    `json:"unsure,omitempty"`    // undo: nothing told whether the earlier row took effect

	Sheet   *exported `json:"sheet,omitempty"`   // plan, apply: the state at the export
	Empty   bool      `json:"empty,omitempty"`   // plan, apply: the row names no contact
	Planned string    `json:"planned,omitempty"` // plan, apply: what a saved plan does, a value of csvio.PlanAction
}

// role is a role as run.db stores it.
type role struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

func (r role) ref() api.RoleRef { return api.RoleRef{ID: r.ID, Name: r.Name} }

// askOf returns the request of a row, or the zero value if the row has none.
func askOf(r *job.Row) ask { return job.Decoded[ask](r.Ask) }

// before is the role of a contact on the deal before its row changed it.
type before struct {
	role

	Absent  bool   `json:"absent,omitempty"`  // the contact was not on the deal
	Contact string `json:"contact,omitempty"` // the name of the contact; only in a dry run
}
