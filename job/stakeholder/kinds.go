package stakeholder

import (
	"context"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/picklist"
	"rolecall/job/rolemap"
)

// The names of the jobs.
const (
	Assign = "assign" // put the contact on the deal with the role
	Remove = "remove" // take the contact off the deal
	Undo   = "undo"   // take back what an earlier run did
	Plan   = "plan"   // show what would make the org match the file; always a dry run
	Verify = "verify" // show whether the org matches the file; it only reads
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
	// RoleMap translates the roles of the input of assign, plan, apply and verify.
	RoleMap rolemap.Map `json:"role_map,omitempty"`
	// External is which ids of the input are keys of another system.
	External csvio.External `json:"external_id,omitempty"`
	// RepairIDs restores ids that a spreadsheet or a program rounded, if the name or e-mail in the row proves the id.
	RepairIDs bool `json:"repair_ids,omitempty"`
	// IgnoreNotFound makes remove succeed for a contact that is not on the deal.
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
		Table: csvio.Stakeholders(), Reading: reading,
		Fill: []csvio.Field{csvio.DealID, csvio.ContactID},
		Needs: func(job.Settings) [][]csvio.Field {
			needs := [][]csvio.Field{
				{csvio.DealID, csvio.DealName}, {csvio.ContactID, csvio.ContactEmail, csvio.ContactName},
			}
			if name != Remove {
				needs = append(needs, []csvio.Field{csvio.Role, csvio.RoleID})
			}
			return needs
		},
		Meant: meant,
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
			w, err := begin(name, org, set, desk)
			if err == nil {
				err = w.checkKeys(ctx, org)
			}
			return w, err
		},
		Columns: append(columns(), repairedFrom()),
		Advice:  func(code, details string) string { return advice(name, code, details) },
		Story:   story,
		Write:   func(out *job.Output) error { return write(name, out) },
		Inverse: func(earlier *job.Earlier) (*job.Kind, *job.Made, error) { return inverse(name, earlier) },
	}
	if name == Plan || name == Apply || name == Verify {
		k.Table = withPlans()
	}
	if name == Plan {
		k.Shows = Apply
	}
	if name == Verify {
		k.Inverse, k.Write = nil, nil
	}
	if name == Undo {
		k.Columns = columns()
		k.Table, k.Reading = csvio.VocabularyOf(takenColumns()), nil
		k.Needs, k.Fill, k.Removes = nil, nil, nil
		k.Survey = func(job.Settings, string) job.Survey { return undoSurvey{} }
	}
	return k
}

// meant is a Kind.Meant. It recognises a list of roles: such a list has positions and no deals.
func meant(header []string) string {
	if csvio.Meets(header, csvio.Stakeholders(), []csvio.Field{csvio.DealID, csvio.DealName}) ||
		!csvio.Meets(header, picklist.Columns(),
			[]csvio.Field{picklist.Name, picklist.ID}, []csvio.Field{picklist.Sequence}) {
		return ""
	}
	return "rolecall roles import"
}

// reading is a Kind.Reading.
func reading(set job.Settings, o *csvio.Options) {
	options := job.Decoded[Options](set.Options)
	Translate(options.RoleMap, o)
	options.External.Apply(o)
}

// Translate makes the reader of a table translate the roles.
func Translate(roles rolemap.Map, o *csvio.Options) {
	if len(roles) > 0 {
		o.Translate = map[csvio.Field]func(string) string{csvio.Role: roles.Translator()}
	}
}

// columns returns the columns of results.csv that these jobs have.
func columns() []job.Column {
	return []job.Column{
		{Name: "rc_deal_id", Value: func(r *job.Row, _ *job.Outcome) string { return dealOf(r) }},
		{Name: "rc_contact_id", Value: func(r *job.Row, _ *job.Outcome) string { return r.Item }},
		{Name: "rc_role_id", Value: func(r *job.Row, _ *job.Outcome) string { return askOf(r).ID }},
		{Name: "rc_prior_role", Value: func(_ *job.Row, o *job.Outcome) string {
			return csvio.Guard(job.Decoded[before](o.Prior).Name)
		}},
	}
}

// dealOf returns the id of a row's deal, or "" if it is not looked up yet.
func dealOf(r *job.Row) string {
	if askOf(r).Deal != nil {
		return ""
	}
	return r.Key
}

// ask is the request of a row. Before Resolve it holds the role as the input names it, after Resolve the org's role.
// Rows of remove have no request, unless they name a deal or a contact without its id.
type ask struct {
	Deal    *sought `json:"deal,omitempty"`    // how the row names the deal; nil: by its id. Resolve replaces it
	Contact *sought `json:"contact,omitempty"` // the same of the contact

	Cell string `json:"cell,omitempty"` // the role's name in the input, or its id
	ByID bool   `json:"by_id,omitempty"`
	role

	TakesOff bool    `json:"takes_off,omitempty"` // undo, apply: take the contact off the deal
	Left     *before `json:"left,omitempty"`      // undo, apply: what must still be on the deal
	Unsure   bool    `json:"unsure,omitempty"`    // undo: it is not known whether the earlier row took effect

	Sheet   *exported `json:"sheet,omitempty"`   // plan, apply: the state at the export
	Empty   bool      `json:"empty,omitempty"`   // plan, apply: the row names no contact
	Gone    bool      `json:"gone,omitempty"`    // plan, apply, verify: the org no longer has the role, see keepGone
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
