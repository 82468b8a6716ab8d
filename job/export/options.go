package export

import (
	"time"

	"rolecall/csvio"
	"rolecall/job"
)

// Shape is the layout of the stakeholders of a deal in the file.
type Shape string

// The shapes.
const (
	Long Shape = "long" // a row for each stakeholder
	Wide Shape = "wide" // a row for each deal, a column for each role
)

// IDs is the form of ids in the file. The zero value writes the prefix zcrm_, which keeps spreadsheets from rounding
// ids, if a spreadsheet may open the file, else bare ids.
type IDs string

// The values of IDs besides the zero value.
const (
	Prefixed IDs = "zcrm"
	Bare     IDs = "bare"
)

// bare reports whether ids have no prefix in a file of the format f.
func (i IDs) bare(f csvio.Format) bool { return i == Bare || i == "" && f == csvio.FormatJSONL }

// Stdout is the Output for the standard output of the process.
const Stdout = "-"

// Options are the settings that only an export has. run.db stores them with the settings of the run.
type Options struct {
	Output string       `json:"output"` // an absolute path, or Stdout
	Format csvio.Format `json:"format"`
	Shape  Shape        `json:"shape"`

	Module string    `json:"module,omitempty"`       // of an export of records, or ModuleUsers; "": stakeholders
	Where  string    `json:"where,omitempty"`        // a condition of COQL
	Since  time.Time `json:"since,omitzero"`         // only deals that were modified at this time or later
	Named  string    `json:"named_sha256,omitempty"` // the hash of the deals that the user named; "": all deals
	// KeyField is the field of Zoho with the keys that the table has in place of ids; "": the table has ids of Zoho.
	KeyField string `json:"key_field,omitempty"`
	// Fields are the fields beside the usual ones, such as "Deals.Amount". Of an export of records they are its fields,
	// such as "Amount"; none: all.
	Fields []string `json:"fields,omitempty"`

	// A search selects records by one of these.
	Criteria string `json:"criteria,omitempty"`
	Email    string `json:"email,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Word     string `json:"word,omitempty"`

	UserType string `json:"user_type,omitempty"` // users: which of them, such as "ActiveUsers"

	Full bool `json:"full,omitempty"` // contacts of Voice: also the fields that Voice gives only for a single contact

	Composite   job.Choice `json:"composite,omitempty"`    // whether deals are read five to a call
	ViaContacts bool       `json:"via_contacts,omitempty"` // read each contact's deals instead of each deal's contacts
	SkipEmpty   bool       `json:"skip_empty,omitempty"`   // leave out deals without stakeholders
	IDs         IDs        `json:"ids,omitempty"`
	NoGuard     bool       `json:"no_guard,omitempty"` // leave texts that a spreadsheet would run as a formula

	MinRows   int64         `json:"min_rows,omitempty"` // fewer rows do not replace the file
	MaxShrink job.Threshold `json:"max_shrink,omitzero"`
	Changes   string        `json:"changes,omitempty"` // the absolute path of the change feed
	// ChangesFormat is the format of Changes, by the name that the user typed. Changes may differ from that name, because
	// it is the target of a link.
	ChangesFormat csvio.Format `json:"changes_format,omitempty"`
}

// ModuleUsers is the Module of an export of users. Zoho has no module of that name: its names begin with a capital.
const ModuleUsers = "users"

// searches reports whether a search selects the records.
func (o *Options) searches() bool { return o.Criteria+o.Email+o.Phone+o.Word != "" }

// ToStdout reports whether an export with these settings writes its file to stdout.
func ToStdout(set job.Settings) bool {
	o, err := job.OptionsOf[Options](set)
	return err == nil && o.Output == Stdout
}

// module returns the module whose records are read one by one.
func (o *Options) module() string {
	if o.ViaContacts {
		return modContacts
	}
	return modDeals
}
