package rundb

import (
	"encoding/json"
	"time"
)

// Row is one row of a run: a row of the input, an entry of a list that Zoho gave, or a row that the job added.
type Row struct {
	N, Line int64  // N is 1 for the first data row; Line is the line in the file, or 0
	Phase   int    // rows of a later phase wait for all earlier ones
	Key     string // such as a deal or a record: rows of one key are sent in the order of N, one call at a time
	Item    string // such as a contact: rows with the same Key and Item repeat or contradict each other. "": no others
	Ask     json.RawMessage
	Extra   bool // not a row of the input: it has no line in results.csv

	// Unsendable is true if the row can never be sent. Done says why.
	Unsendable bool
	// Done is the outcome of the row; nil: the row is open.
	Done *Outcome
	// Sent is true if a call with the row was about to go out. Prior is the state before; nil: it was not read.
	Sent   bool
	SentAt time.Time // when the first such call was about to go out; zero if Sent is not set
	Prior  json.RawMessage
}

// Outcome is the outcome of one row.
type Outcome struct {
	Row            int64
	Status         Status
	Action         string // assigned, removed, created, ...; "" for an error
	Code, Message  string // as Zoho sent them, or rolecall's own
	Details        string // compact JSON, "" for none
	HTTP, Attempts int
	SameAs         int64             // the row whose outcome this is; 0: its own
	IDs            map[string]string // values of the columns rc_<name>_id that the request does not have
	Prior          json.RawMessage   // the state before, in the job's own form; nil: it was not read
	Got            []Entry           // what a reading job read; not returned by reading rows
	At             time.Time         // when Record recorded it; zero for a row that could never be sent
}

// Status is how a row ended: the column rc_status.
type Status string

// The statuses of a row.
const (
	Success      Status = "success"
	Failed       Status = "error"
	NotAttempted Status = "not_attempted"
)

// OK reports whether the row succeeded.
func (o *Outcome) OK() bool { return o.Status == Success }

// Entry is one thing that a reading job read. An entry with the key and item of an earlier one replaces it.
type Entry struct {
	Key, Item string // the order of entries
	Value     json.RawMessage
}

// Sending is a row that is about to be sent, with the state before. Prior is nil if the state was not read.
type Sending struct {
	Row   int64
	Prior json.RawMessage
}

// Range is the keys from From up to, but without, To. An empty To means no end.
type Range struct{ From, To string }
