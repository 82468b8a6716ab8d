package rundb

import (
	"encoding/json"
	"fmt"

	"zombiezen.com/go/sqlite"
)

// Sought is a value that is looked up in the org.
type Sought struct {
	What  string // the field that has the value, in the job's own words
	Value string // the form that all equal values share
	Asked string // the value as one of the rows has it
}

// Seek adds values to look up, each once. It returns how many of them are new.
func (db *DB) Seek(values []Sought) (added int64, err error) {
	err = db.transaction(false, func() error {
		for _, v := range values {
			if err := db.exec("INSERT OR IGNORE INTO lookups VALUES(?, ?, ?, '')", v.What, v.Value, v.Asked); err != nil {
				return err
			}
			added += int64(db.conn.Changes())
		}
		return nil
	})
	return added, err
}

// Unanswered returns how many values have no answer yet, by their fields.
func (db *DB) Unanswered() (map[string]int64, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	counts := map[string]int64{}
	err := db.query("SELECT what, count(*) FROM lookups WHERE answer = '' GROUP BY what", func(st *sqlite.Stmt) error {
		counts[st.ColumnText(0)] = st.ColumnInt64(1)
		return nil
	})
	return counts, err
}

// SoughtOf returns at most most values of a field that have no answer yet, in order, from the one after the value after
// on.
func (db *DB) SoughtOf(what, after string, most int) ([]Sought, error) {
	read := func(st *sqlite.Stmt) (Sought, error) {
		return Sought{what, st.ColumnText(0), st.ColumnText(1)}, nil
	}
	page, _, err := readPage(db, read, fmt.Sprintf(
		"SELECT value, asked FROM lookups WHERE what = ? AND value > ? AND answer = '' ORDER BY value LIMIT %d", most),
		what, after)
	return page, err
}

// Answer stores the answers to values.
func (db *DB) Answer(values []Sought, answers []json.RawMessage) error {
	return db.transaction(false, func() error {
		for i, v := range values {
			err := db.exec("UPDATE lookups SET answer = ? WHERE what = ? AND value = ?", string(answers[i]), v.What, v.Value)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Answered returns the answer to a value, or nil if it has none yet.
func (db *DB) Answered(what, value string) (answer json.RawMessage, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	err = db.query("SELECT answer FROM lookups WHERE what = ? AND value = ?", func(st *sqlite.Stmt) error {
		answer = rawJSON(st.ColumnText(0))
		return nil
	}, what, value)
	return answer, err
}
