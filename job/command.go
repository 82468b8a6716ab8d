package job

import (
	"time"

	"rolecall/csvio"
)

// Command is what a run does with each row.
type Command string

// The commands that run over a file of deal, contact and role rows.
const (
	Assign Command = "assign" // put the contact on the deal with the role
	Remove Command = "remove" // take the contact off the deal
)

// maxTogether is how many contacts of one deal may go in one call: a DELETE ?ids= (Zoho CRM API v6, Remove Contact Role from a Specific Deal) and a collection PUT (Zoho's OpenAPI file for v8.0,
// upsertContactRoleRelations) take a hundred.
const maxTogether = 100

// reads returns how many calls a run makes before its first write: the org, and for assign its roles.
func (c Command) reads() int64 {
	if c == Assign {
		return 2
	}
	return 1
}

// needs returns the columns that the command cannot do without. Names and e-mails do not stand in for ids: they are not looked up yet.
func (c Command) needs() [][]csvio.Field {
	n := [][]csvio.Field{{csvio.DealID}, {csvio.ContactID}}
	if c == Assign {
		n = append(n, []csvio.Field{csvio.Role, csvio.RoleID})
	}
	return n
}

// Settings are what the user asked of a run. They are kept in run.db, so that resume goes on as the run began.
type Settings struct {
	Profile          string                 `json:"profile,omitempty"`
	Config           string                 `json:"config,omitempty"` // the file of the profiles, where one was named
	Encoding         string                 `json:"encoding,omitempty"`
	Delimiter        rune                   `json:"delimiter,omitempty"` // 0: found from the header
	Map              map[csvio.Field]string `json:"map,omitempty"`
	Limit            int64                  `json:"limit,omitempty"` // only the first so many rows; 0: all
	AcceptRoundedIDs bool                   `json:"accept_rounded_ids,omitempty"`
	IgnoreNotFound   bool                   `json:"ignore_not_found,omitempty"` // remove: an absent relation is unchanged, not an error
	ResultsCopy      string                 `json:"results,omitempty"`          // where the result table is also written; "-" is stdout
	Concurrency      int                    `json:"concurrency,omitempty"`      // ceiling of calls in flight; 0: the edition's limit
	Rate             float64                `json:"rate,omitempty"`             // calls a second; 0: no limit
	MaxCredits       int                    `json:"max_credits,omitempty"`      // credits this process may spend; 0: no limit
	MaxErrors        Threshold              `json:"max_errors,omitzero"`
	MaxDuration      time.Duration          `json:"max_duration,omitempty"` // 0: no limit
	OneByOne         bool                   `json:"one_by_one,omitempty"`   // assign: one contact a call, also where more could go
	SkipUnchanged    bool                   `json:"skip_unchanged,omitempty"`
	Composite        Choice                 `json:"composite,omitempty"` // whether deals are read five to a call
	Reserve          Threshold              `json:"reserve,omitzero"`    // credits of the org that are left untouched
	Wait             bool                   `json:"wait,omitempty"`      // without credits, wait until some come back
}

// Choice is whether something is used: always, never, or where it serves. The zero value is the last.
type Choice string

// The choices beside the zero one.
const (
	On  Choice = "on"
	Off Choice = "off"
)
