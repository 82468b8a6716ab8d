package rundb

import (
	"encoding/json"

	"zombiezen.com/go/sqlite"
)

// Put stores a fact of the run, as JSON.
func (db *DB) Put(key string, value any) error {
	return db.transaction(false, func() error { return db.put(key, value) })
}

// PutForced stores a fact of the run. The fact, and everything committed before, is on disk on return.
func (db *DB) PutForced(key string, value any) error {
	return db.transaction(true, func() error { return db.put(key, value) })
}

func (db *DB) put(key string, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return db.exec("INSERT OR REPLACE INTO facts VALUES(?, ?)", key, string(b))
}

// Get reads a fact of the run into into. It leaves into as it is if the run does not have the fact.
func (db *DB) Get(key string, into any) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.query("SELECT value FROM facts WHERE key = ?", func(st *sqlite.Stmt) error {
		if err := json.Unmarshal([]byte(st.ColumnText(0)), into); err != nil {
			return &textError{"the fact " + key, err}
		}
		return nil
	}, key)
}

// Forget deletes a fact of the run.
func (db *DB) Forget(key string) error {
	return db.transaction(false, func() error { return db.exec("DELETE FROM facts WHERE key = ?", key) })
}
