package record

import (
	"context"
	"time"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
)

// The names of the jobs.
const (
	Insert = "records insert"
	Update = "records update"
	Upsert = "records upsert"
	Delete = "records delete"
	Undo   = "records undo" // take back what an earlier run did
)

// Options are the settings that only these jobs have. run.db stores them with the settings of the run.
type Options struct {
	Module         string   `json:"module"`
	EmptyClears    bool     `json:"empty_clears,omitempty"`    // an empty cell clears its field
	Trigger        []string `json:"trigger"`                   // what runs in Zoho; nil: all, empty: nothing
	DuplicateCheck []string `json:"duplicate_check,omitempty"` // upsert: the fields that find a record
	Rules          []string `json:"rules,omitempty"`           // rules that Zoho applies, by Zoho's names
	// ReadFirst is whether update and upsert read each record before they write to it.
	ReadFirst job.Choice `json:"read_first,omitempty"`
}

// ID is the column of a record's id.
const ID csvio.Field = "id"

// Columns returns the column that every table of records may have. The others are fields of the org.
func Columns() *csvio.Vocabulary {
	id := csvio.KnownColumn{Field: ID, Aliases: []string{"recordid"}, IDs: true}
	return &csvio.Vocabulary{Any: true, Columns: []csvio.KnownColumn{id}}
}

// Kinds returns the jobs of this package.
func Kinds() []*job.Kind {
	return []*job.Kind{kind(Insert), kind(Update), kind(Upsert), kind(Delete), kind(Undo)}
}

// kind returns the declaration of a job.
func kind(name string) *job.Kind {
	k := &job.Kind{
		Name:  name,
		Check: job.CheckOptions[Options],
		Table: Columns(),
		Needs: func(job.Settings) [][]csvio.Field {
			if name == Update || name == Delete {
				return [][]csvio.Field{{ID}}
			}
			return nil
		},
		Removes: func(job.Settings) job.Removal {
			if name == Delete {
				return job.RemovesNamed
			}
			return job.RemovesNothing
		},
		Survey: func(set job.Settings, input string) job.Survey { return newSurvey(name, set, input) },
		Begin: func(ctx context.Context, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
			return begin(ctx, name, org, set, desk)
		},
		Columns: []job.Column{
			{Name: "rc_record_id", Value: idOf},
			{Name: "rc_prior", Value: priorOf},
		},
		Advice:  advice,
		Story:   story,
		Write:   func(out *job.Output) error { return write(name, out) },
		Inverse: func(earlier *job.Earlier) (*job.Kind, *job.Made, error) { return inverse(name, earlier) },
	}
	if name == Undo {
		k.Table, k.Needs = csvio.VocabularyOf(takenColumns()), nil
		k.Survey = func(job.Settings, string) job.Survey { return undoSurvey{} }
	}
	return k
}

// verb is what a call does to its records.
type verb string

const (
	inserts  verb = "insert"
	updates  verb = "update"
	upserts  verb = "upsert"
	deletes  verb = "delete"
	restores verb = "restore" // from the recycle bin
)

// verbOf returns what the rows of a job do, or "" for undo, whose rows have a verb each.
func verbOf(name string) verb {
	return map[string]verb{Insert: inserts, Update: updates, Upsert: upserts, Delete: deletes}[name]
}

// ask is the request of a row. The survey stores the cells. Resolve replaces them by values.
type ask struct {
	Cells []string        `json:"cells,omitempty"` // parallel to the header
	Do    verb            `json:"do,omitempty"`
	ID    string          `json:"id,omitempty"`
	Write api.RecordWrite `json:"write,omitempty"`

	Modified string `json:"left,omitempty"`  // undo: the Modified_Time that the earlier run left; "": not known
	Wrote    fields `json:"wrote,omitempty"` // undo: what the earlier run wrote
}

// fields are values of a record as JSON, by API name.
type fields = api.RecordWrite

// before is the state of a record before its row changed it.
type before struct {
	ID     string `json:"id,omitempty"`     // "": there was no such record
	Fields fields `json:"fields,omitempty"` // the values before, of the fields that the row changes
	Cut    bool   `json:"cut,omitempty"`    // Zoho may have cut one of them, so undo must not write them
}

// keyRecord is the name of a record's id in Outcome.IDs.
const keyRecord = "record"

// idOf returns the id of the record of a row, or "".
func idOf(r *job.Row, o *job.Outcome) string {
	if o != nil && o.IDs[keyRecord] != "" {
		return o.IDs[keyRecord]
	}
	return job.Decoded[ask](r.Ask).ID
}

// priorOf returns the values before the row as a JSON object, or "". No spreadsheet takes such a text for a formula.
func priorOf(_ *job.Row, o *job.Outcome) string {
	if was := job.Decoded[before](o.Prior); len(was.Fields) > 0 {
		return string(job.Encode(was.Fields))
	}
	return ""
}

// zoho is the part of an org's API that the jobs use. *api.Client implements it.
type zoho interface {
	Modules(ctx context.Context) ([]api.Module, error)
	Fields(ctx context.Context, module string) ([]api.Field, error)
	Users(ctx context.Context, kind string, page int) (api.Page, error)
	Records(ctx context.Context, module string, q api.RecordsQuery) (api.Page, error)
	Record(ctx context.Context, module, id string, fields ...string) (api.Record, bool, error)
	Query(ctx context.Context, query string, rows int) (api.Page, error)
	Search(ctx context.Context, module string, q api.SearchQuery) (api.Page, error)
	Clock(at time.Time) (time.Time, bool)

	InsertRecords(ctx context.Context, module string, all []api.RecordWrite, o api.WriteOptions) ([]api.Outcome, error)
	UpdateRecords(ctx context.Context, module string, all []api.RecordWrite, o api.WriteOptions) ([]api.Outcome, error)
	UpsertRecords(ctx context.Context, module string, all []api.RecordWrite, o api.WriteOptions) ([]api.Outcome, error)
	DeleteRecords(ctx context.Context, module string, ids []string, trigger bool) ([]api.Outcome, error)
	RestoreRecords(ctx context.Context, ids []string) ([]api.Outcome, error)
}
