package rundb

import (
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"zombiezen.com/go/sqlite"
)

// Send records rows that are about to be sent, with their prior states. For a row that is recorded already, the earlier
// record stays. With force the record is on disk on return.
func (db *DB) Send(rows []Sending, force bool) error {
	at := time.Now().UnixMilli()
	return db.transaction(force, func() error {
		for _, r := range rows {
			if err := db.exec("INSERT OR IGNORE INTO sent VALUES(?, ?, ?)", r.Row, string(r.Prior), at); err != nil {
				return err
			}
		}
		return nil
	})
}

// Unsend deletes the records of Send for rows, because Zoho certainly did nothing for them.
func (db *DB) Unsend(rows []int64) error {
	return db.transaction(true, func() error {
		for _, row := range rows {
			if err := db.exec("DELETE FROM sent WHERE row = ?", row); err != nil {
				return err
			}
		}
		return nil
	})
}

// Record records outcomes with what was read. An outcome replaces an earlier one of its row, but not after Append.
func (db *DB) Record(outcomes []Outcome) error {
	at := time.Now().UnixMilli()
	return db.transaction(false, func() error {
		for i := range outcomes {
			if err := db.record(&outcomes[i], at); err != nil {
				return err
			}
		}
		return nil
	})
}

// record records an outcome. at is the present time in milliseconds since 1970; 0: the row can never be sent.
func (db *DB) record(o *Outcome, at int64) error {
	ids := ""
	if len(o.IDs) > 0 {
		b, err := json.Marshal(o.IDs)
		if err != nil {
			return err
		}
		ids = string(b)
	}
	err := db.exec("INSERT OR REPLACE INTO outcomes VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", o.Row,
		string(o.Status), o.Action, o.Code, o.Message, o.Details, o.HTTP, o.Attempts, o.SameAs, ids, string(o.Prior),
		at)
	if err != nil {
		return err
	}
	return db.enter(o.Got)
}

// Note records entries, and rows that the job made from them. A row with a number replaces the row with that number. A
// row without a number gets the next one.
func (db *DB) Note(entries []Entry, rows ...Row) error {
	return db.transaction(false, func() error {
		for i := range rows {
			r := &rows[i]
			if r.N == 0 {
				last, err := db.number("SELECT coalesce(max(row), 0) FROM rows")
				if err != nil {
					return err
				}
				r.N = last + 1
			}
			if err := db.add("INSERT OR REPLACE INTO rows VALUES(?, ?, ?, ?, ?, ?, ?, ?)", r); err != nil {
				return err
			}
		}
		return db.enter(entries)
	})
}

func (db *DB) enter(entries []Entry) error {
	for _, e := range entries {
		err := db.exec("INSERT OR REPLACE INTO entries VALUES(?, ?, ?)", e.Key, e.Item, string(e.Value))
		if err != nil {
			return err
		}
	}
	return nil
}

// CountEntries returns how many entries there are.
func (db *DB) CountEntries() (int64, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.number("SELECT count(*) FROM entries")
}

// DropEntries removes all entries.
func (db *DB) DropEntries() error {
	return db.transaction(false, func() error { return db.exec("DELETE FROM entries") })
}

// Noted reports whether there is an entry about an item of a key.
func (db *DB) Noted(key, item string) (bool, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	n, err := db.number("SELECT EXISTS(SELECT 1 FROM entries WHERE key = ? AND item = ?)", key, item)
	return n > 0, err
}

// Counts is how many rows a run has.
type Counts struct {
	Input      int64 // rows that are in the input, or that Zoho listed
	Rows       int64 // all rows, with those that the job added
	Open       int64 // rows without an outcome
	Unsendable int64 // rows that can never be sent
	Rejected   int64 // unsendable rows that are errors
	Failed     int64 // all rows that are errors
}

// Count counts the rows of the run.
func (db *DB) Count() (c Counts, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	err = db.query(`SELECT coalesce(sum(NOT extra), 0), count(*), count(*) - (SELECT count(*) FROM outcomes),
		coalesce(sum(NOT sendable), 0), (SELECT count(*) FROM outcomes o JOIN rows r USING(row)
		WHERE NOT r.sendable AND o.status = 'error'), (SELECT count(*) FROM outcomes WHERE status = 'error') FROM rows`,
		func(st *sqlite.Stmt) error {
			c = Counts{
				Input: st.ColumnInt64(0), Rows: st.ColumnInt64(1), Open: st.ColumnInt64(2),
				Unsendable: st.ColumnInt64(3), Rejected: st.ColumnInt64(4), Failed: st.ColumnInt64(5),
			}
			return nil
		})
	return c, err
}

// Tally is how many rows of the input have one status and action.
type Tally struct {
	Status Status
	Action string
	Rows   int64
}

// Tallies counts the rows of the input that have an outcome.
func (db *DB) Tallies() (all []Tally, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	err = db.query(`SELECT o.status, o.action, count(*) FROM outcomes o JOIN rows r USING(row) WHERE NOT r.extra
		GROUP BY o.status, o.action`, func(st *sqlite.Stmt) error {
		all = append(all, Tally{Status(st.ColumnText(0)), st.ColumnText(1), st.ColumnInt64(2)})
		return nil
	})
	return all, err
}

// Phases returns the phases of the rows with a key, in ascending order.
func (db *DB) Phases() (phases []int, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	err = db.query("SELECT DISTINCT phase FROM rows WHERE key <> '' ORDER BY phase", func(st *sqlite.Stmt) error {
		phases = append(phases, st.ColumnInt(0))
		return nil
	})
	return phases, err
}

// Check returns an error if run.db has an outcome, or a record of Send, for a row that the run does not have.
func (db *DB) Check() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.query(`SELECT row FROM outcomes o WHERE NOT EXISTS(SELECT 1 FROM rows r WHERE r.row = o.row) UNION ALL
		SELECT row FROM sent s WHERE NOT EXISTS(SELECT 1 FROM rows r WHERE r.row = s.row) LIMIT 1`,
		func(st *sqlite.Stmt) error {
			return fmt.Errorf("run.db has a record of row %d, which is no row of the run", st.ColumnInt64(0))
		})
}

// Entries yields the entries, sorted by key and then by item.
func (db *DB) Entries() iter.Seq2[Entry, error] {
	query := fmt.Sprintf("SELECT key, item, value FROM entries WHERE (key, item) > (?, ?) ORDER BY key, item LIMIT %d",
		readAhead)
	scan := func(st *sqlite.Stmt) (Entry, error) {
		return Entry{st.ColumnText(0), st.ColumnText(1), rawJSON(st.ColumnText(2))}, nil
	}
	return func(yield func(Entry, error) bool) {
		var last Entry
		for more := true; more; {
			var page []Entry
			var err error
			if page, more, err = readPage(db, scan, query, last.Key, last.Item); err != nil {
				yield(Entry{}, err)
				return
			}
			for _, last = range page {
				if !yield(last, nil) {
					return
				}
			}
		}
	}
}
