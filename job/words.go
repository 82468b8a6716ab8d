package job

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"rolecall/job/rundb"
)

// The types of a run that run.db stores.
type (
	// Row is one row of a run.
	Row = rundb.Row
	// Outcome is the outcome of one row.
	Outcome = rundb.Outcome
	// Entry is one item that a reading job read.
	Entry = rundb.Entry
	// Sought is a value that is looked up in the org.
	Sought = rundb.Sought
	// Range is a part of the keys of a run.
	Range = rundb.Range
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
	Superseded int   // how many rows a later row of their item supersedes; they are not in Rows
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
	// Repeatable marks a call that is safe to repeat, and before which nothing was read. The engine does not record such
	// a call, because resume sends its rows again anyway.
	Repeatable bool
	// Send makes the call and returns the outcomes that are known. Rows without an outcome stay open, and the job may
	// send them again. An error ends the run.
	Send func(ctx context.Context) ([]Outcome, error)
}

// Steps does the rows of one key, one call at a time.
type Steps interface {
	// Next returns outcomes that need no call, and the next call. A nil call ends the key. Next sends nothing.
	Next() ([]Outcome, *Call)
}

// Results reads the rows of a run. Row.Done is the outcome of a row, or nil.
type Results struct{ db *rundb.DB }

// InOrder yields all rows in the order of their numbers.
func (r Results) InOrder() iter.Seq2[Row, error] { return r.db.InOrder() }

// Backward yields all rows from the last to the first.
func (r Results) Backward() iter.Seq2[Row, error] { return r.db.Backward() }

// ByKey yields the rows of a phase that have a key, sorted by key and then by number.
func (r Results) ByKey(phase int) iter.Seq2[Row, error] { return r.db.ByKey(phase, Range{}) }

// Entries yields what a reading job read, sorted by key and then by item.
func (r Results) Entries() iter.Seq2[Entry, error] { return r.db.Entries() }

// Entered returns how many entries there are.
func (r Results) Entered() (int64, error) { return r.db.CountEntries() }

// EntriesOf returns what a reading job read of a key, sorted by item: the first 500.
func (r Results) EntriesOf(key string) ([]Entry, error) { return r.db.EntriesOf(key) }

// Org returns the org that the run belongs to.
func (r Results) Org() (org Identity, err error) {
	err = r.db.Get(factOrg, &org)
	return org, err
}

// Begun returns the settings of the run, and when it began.
func (r Results) Begun() (set Settings, at time.Time, err error) {
	facts, _, err := factsOf(r.db)
	return facts.Settings, facts.Started, err
}

// Listed reports whether all rows are ready to be sent.
func (r Results) Listed() (listed bool, err error) {
	err = r.db.Get(factReady, &listed)
	return listed, err
}

// OpenResults opens the run.db of another run and locks it until closeIt is called. Its error is [ErrLocked] if
// another process holds the run.
func OpenResults(path string) (r Results, closeIt func(), err error) {
	db, err := rundb.Open(path)
	if err != nil {
		return Results{}, nil, err
	}
	return Results{db}, func() { _ = db.Close() }, nil // Results only reads, so no write can fail
}
