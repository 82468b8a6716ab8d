package job

import (
	"iter"
	"time"

	"rolecall/job/rundb"
)

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
