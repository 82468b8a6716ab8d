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

// maxRemove is how many contacts one DELETE ?ids= may name (Zoho CRM API v6, Remove Contact Role from a Specific Deal).
const maxRemove = 100

// batchSize returns how many contacts of one deal travel in one call. Assign sends one: the collection PUT is undocumented and is not used until it is proven.
func (c Command) batchSize() int {
	if c == Remove {
		return maxRemove
	}
	return 1
}

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
	MaxErrors        ErrorLimit             `json:"max_errors,omitzero"`
	MaxDuration      time.Duration          `json:"max_duration,omitempty"` // 0: no limit
}
