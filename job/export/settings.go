package export

import (
	"time"

	"rolecall/csvio"
	"rolecall/job"
)

// Shape is how a file tells the stakeholders of a deal.
type Shape string

// The shapes.
const (
	Long Shape = "long" // a row for each stakeholder
	Wide Shape = "wide" // a row for each deal, a column for each role
)

// IDs is how ids are written. The zero value is with zcrm_ before them, which keeps spreadsheets from rounding them, where a spreadsheet may open the file, and bare elsewhere.
type IDs string

// The ways to write ids beside the zero one.
const (
	Prefixed IDs = "zcrm"
	Bare     IDs = "bare"
)

// bare says whether ids stand without zcrm_ before them in a file of that format.
func (i IDs) bare(f csvio.Format) bool { return i == Bare || i == "" && f == csvio.FormatJSONL }

// Stdout is the Output that is the process's standard output.
const Stdout = "-"

// Settings are what the user asked of an export. They are kept in its database, so that resume goes on as it began.
type Settings struct {
	Pace job.Settings `json:"pace"` // where to connect, and the limits

	Output string       `json:"output"` // an absolute path, or Stdout
	Format csvio.Format `json:"format"`
	Shape  Shape        `json:"shape"`

	Where  string    `json:"where,omitempty"`  // a condition of COQL
	Since  time.Time `json:"since,omitzero"`   // only deals that were modified since
	Named  bool      `json:"named,omitempty"`  // only the deals that the user named
	Fields []string  `json:"fields,omitempty"` // beside the usual ones: "Deals.Amount", "Contacts.Phone"

	ViaContacts bool `json:"via_contacts,omitempty"` // read each contact's deals instead of each deal's contacts
	SkipEmpty   bool `json:"skip_empty,omitempty"`   // leave deals out that have no stakeholder
	IDs         IDs  `json:"ids,omitempty"`
	NoGuard     bool `json:"no_guard,omitempty"`

	MinRows   int64         `json:"min_rows,omitempty"` // fewer do not replace the file
	MaxShrink job.Threshold `json:"max_shrink,omitzero"`
	Changes   string        `json:"changes,omitempty"` // where to write what changed since the last export; an absolute path
}

// module is the module whose records are read one by one.
func (s *Settings) module() string {
	if s.ViaContacts {
		return modContacts
	}
	return modDeals
}
