package job

import (
	"context"
	"encoding/json"

	"rolecall/job/rundb"
)

// The types of a run that run.db stores.
type (
	Row     = rundb.Row     // one row of a run
	Outcome = rundb.Outcome // the outcome of one row
	Entry   = rundb.Entry   // one item that a reading job read
	Range   = rundb.Range   // a part of the keys of a run
)

// The statuses of a row, in the column rc_status.
const (
	Success      = rundb.Success
	Failed       = rundb.Failed
	NotAttempted = rundb.NotAttempted
)

// IsOpen reports whether a row can be sent and has no outcome yet.
func IsOpen(r *Row) bool { return !r.Unsendable && r.Done == nil }

// Group is the rows of one key, in file order, without the repeats and the superseded rows. So each item has at most
// one row that can be sent.
type Group struct {
	Key        string
	Phase      int
	Rows       []Row // with the rows that are done or can never be sent
	Repeats    int   // how many rows equal the latest earlier row of their item; they are not in Rows
	Superseded int   // how many rows come before a row of their item that asks for something else; they are not in Rows
}

// Open returns how many rows of the group are open.
func (g *Group) Open() (n int) {
	for i := range g.Rows {
		if IsOpen(&g.Rows[i]) {
			n++
		}
	}
	return n
}

// Call is a call that is about to be sent. The engine records its rows with their prior state before it calls Send.
type Call struct {
	Rows  []Row
	Prior []json.RawMessage // the state of each of Rows before the call; nil if it was not read
	Force bool              // force the record to disk before the call, for a DELETE or a POST
	// Repeatable marks a call that may be made again and before which nothing was read. The engine does not record such
	// a call, because the record would tell resume nothing.
	Repeatable bool
	// Send makes the call and returns the outcomes that it knows. Rows without an outcome stay open. The job may send
	// them again. An error ends the run.
	Send func(ctx context.Context) ([]Outcome, error)
}

// Steps does the rows of one key, one call at a time.
type Steps interface {
	// Next returns outcomes that need no call, and the next call. A nil call ends the key. Next sends nothing.
	Next() ([]Outcome, *Call)
}
