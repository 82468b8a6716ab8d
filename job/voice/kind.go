package voice

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
)

// The names of the jobs.
const (
	Import = "voice import"
	Delete = "voice delete"
	Undo   = "voice undo" // take back what an earlier run did
)

// The values of Options.Match besides "": the field that finds the contact of a row.
const (
	MatchMobile = "mobile"
	MatchEmail  = "email"
)

// Options are the settings that only these jobs have. run.db stores them with the settings of the run.
type Options struct {
	Country string `json:"default_country,omitempty"` // of numbers without a country code, such as "US"; "": none
	Match   string `json:"match,omitempty"`           // update the contact with the same value; "": create a contact
	FromCRM bool   `json:"from_crm,omitempty"`        // records export Contacts wrote the table
}

// of returns the options of the row that in read last. Options that an earlier run wrote into the row replace those of
// this run. changes reports whether they replace an option that the user gave.
func (o Options) of(in *csvio.Reader) (row Options, changes bool) {
	row = o
	if json.Unmarshal([]byte(in.EarlierOptions()), &row) != nil || row.Country != "" && !IsCountry(row.Country) ||
		!slices.Contains([]string{"", MatchMobile, MatchEmail}, row.Match) {
		return o, false
	}
	return row, o.Country != "" && o.Country != row.Country || o.Match != "" && o.Match != row.Match
}

// again is a Kind.Again.
func again(set job.Settings, in *csvio.Reader) string {
	o, _ := job.OptionsOf[Options](set) // Begin returns the error
	if o, _ = o.of(in); o == (Options{}) {
		return ""
	}
	return string(job.Encode(o))
}

// The columns that are not in api.VoiceFields.
const (
	ID     csvio.Field = "contact_id"
	Status csvio.Field = "contact_status"

	// The company of a contact of the CRM: Account_Name has the id of the account, Account_Name.name its name.
	account     csvio.Field = "account_name"
	accountName csvio.Field = "account_name.name"
)

// Columns returns the columns of a table of contacts. A deletion needs only the id.
func Columns() *csvio.Vocabulary {
	v := &csvio.Vocabulary{Columns: []csvio.KnownColumn{{Field: ID, IDs: true}}}
	for _, name := range api.VoiceFields() {
		v.Columns = append(v.Columns, csvio.KnownColumn{Field: csvio.Field(name)})
	}
	v.Columns = append(v.Columns,
		csvio.KnownColumn{Field: Status}, csvio.KnownColumn{Field: account}, csvio.KnownColumn{Field: accountName})
	return v
}

// Kinds returns the jobs of this package.
func Kinds() []*job.Kind { return []*job.Kind{kind(Import), kind(Delete), kind(Undo)} }

// kind returns the declaration of a job.
func kind(name string) *job.Kind {
	k := &job.Kind{
		Name:   name,
		Check:  job.CheckOptions[Options],
		Differ: "rows give this contact different values",
		Begin: func(ctx context.Context, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
			return begin(name, org, set, desk)
		},
		Columns: []job.Column{{Name: "rc_contact_id", Value: idOf}, {Name: "rc_prior", Value: priorOf}},
		Advice:  advice,
		Story:   story,
		Write:   write,
		Inverse: inverse,
	}
	switch name {
	case Import:
		k.Table, k.Needs, k.Fill, k.Again = Columns(), importNeeds, []csvio.Field{ID}, again
		k.Hint = func([]csvio.Field) string {
			return "a table of rolecall records export Contacts needs --from-crm, and --map mobile=Phone if it lacks " +
				"Mobile"
		}
		k.Survey = func(set job.Settings, input string) job.Survey { return newImport(set, input) }
	case Delete:
		k.Table = Columns()
		k.Needs = func(job.Settings) [][]csvio.Field { return [][]csvio.Field{{ID}} }
		k.Removes = func(job.Settings) job.Removal { return job.RemovesNamed }
		k.Survey = func(set job.Settings, input string) job.Survey { return newDeletion(set, input) }
	default:
		k.Table = csvio.VocabularyOf(takenColumns())
		k.Survey = func(job.Settings, string) job.Survey { return undoSurvey{} }
	}
	return k
}

// importNeeds returns the columns that a table must have. A row with the id of a contact needs no other.
func importNeeds(set job.Settings) [][]csvio.Field {
	if o, err := job.OptionsOf[Options](set); err == nil && o.FromCRM {
		return [][]csvio.Field{{firstName}, {mobile}}
	}
	return [][]csvio.Field{{firstName, ID}, {mobile, ID}}
}

// verb is what a row does.
type verb string

const (
	creates verb = "create"
	updates verb = "update"
	deletes verb = "delete"
)

// fields are values of a contact by their names.
type fields map[string]string

// ask is the request of a row.
type ask struct {
	Do     verb   `json:"do"`
	ID     string `json:"id,omitempty"`
	Match  string `json:"match,omitempty"` // Options.Match
	Fields fields `json:"fields,omitempty"`
	Odd    fields `json:"odd,omitempty"`    // cells of an export that are no phone number: Voice may have the same text
	Status string `json:"status,omitempty"` // the cell, until Resolve replaces it by StatusID and StatusName

	StatusID   string `json:"status_id,omitempty"`
	StatusName string `json:"status_name,omitempty"`

	Left fields `json:"left,omitempty"` // undo: the contact as the earlier run left it
}

// before is a contact before its row changed it.
type before struct {
	ID     string `json:"id"`
	Fields fields `json:"fields"`
}

// keyContact is the name of a contact's id in Outcome.IDs.
const keyContact = "contact"

// idOf returns the id of the contact of a row, or "".
func idOf(r *job.Row, o *job.Outcome) string {
	if o != nil && o.IDs[keyContact] != "" {
		return o.IDs[keyContact]
	}
	if a := job.Decoded[ask](r.Ask); a.Do != creates {
		return a.ID
	}
	return ""
}

// priorOf returns the contact before the row as a JSON object, or "". No spreadsheet takes such a text for a formula.
func priorOf(_ *job.Row, o *job.Outcome) string {
	if was := job.Decoded[before](o.Prior); len(was.Fields) > 0 {
		return string(job.Encode(was.Fields))
	}
	return ""
}

// zoho is the part of the API that the jobs use. *api.Client implements it.
type zoho interface {
	VoiceContacts(ctx context.Context, from, size int, count bool) (api.VoicePage, error)
	VoiceContact(ctx context.Context, id string) (api.VoiceContact, bool, error)
	VoiceStatuses(ctx context.Context) ([]api.VoiceStatus, error)
	CreateVoiceContact(ctx context.Context, v api.VoiceWrite) (api.Outcome, error)
	UpdateVoiceContact(ctx context.Context, id string, v api.VoiceWrite) (api.Outcome, error)
	DeleteVoiceContact(ctx context.Context, id string) (api.Outcome, error)
	Clock(at time.Time) (time.Time, bool)

	VoiceWay() api.VoiceWay
	ExpectVoiceWay(way api.VoiceWay)
}
