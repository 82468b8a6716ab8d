package rundb

import (
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"zombiezen.com/go/sqlite"
)

// Add adds rows, with their outcomes if they have any.
func (db *DB) Add(rows []Row) error {
	return db.transaction(false, func() error {
		for i := range rows {
			if err := db.add("INSERT INTO rows VALUES(?, ?, ?, ?, ?, ?, ?, ?)", &rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Update replaces rows that were added before.
func (db *DB) Update(rows []Row) error {
	return db.transaction(false, func() error {
		for i := range rows {
			if err := db.add("INSERT OR REPLACE INTO rows VALUES(?, ?, ?, ?, ?, ?, ?, ?)", &rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (db *DB) add(insert string, r *Row) error {
	err := db.exec(insert, r.N, r.Line, r.Phase, r.Key, r.Item, string(r.Ask), !r.Unsendable, r.Extra)
	if err != nil || r.Done == nil {
		return err
	}
	r.Done.Row = r.N
	return db.record(r.Done, 0)
}

// List adds rows that Zoho listed, each with a key. A row with the phase and key of an earlier row replaces that row.
// The other rows get the next numbers. added is the number of these other rows.
func (db *DB) List(rows []Row) (added int64, err error) {
	const last = "SELECT coalesce(max(row), 0) FROM rows"
	err = db.transaction(false, func() error {
		before, err := db.number(last)
		if err != nil {
			return err
		}
		for i := range rows {
			r := &rows[i]
			err := db.exec(`INSERT OR REPLACE INTO rows SELECT coalesce(
				(SELECT row FROM rows WHERE phase = ?2 AND key = ?3 AND key <> ''), (SELECT coalesce(max(row), 0) + 1 FROM rows)),
				?1, ?2, ?3, ?4, ?5, 1, 0`, r.Line, r.Phase, r.Key, r.Item, string(r.Ask))
			if err != nil {
				return err
			}
		}
		after, err := db.number(last)
		added = after - before
		return err
	})
	return added, err
}

// Listed returns how many rows of a phase have a key.
func (db *DB) Listed(phase int) (int64, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.number("SELECT count(*) FROM rows WHERE phase = ? AND key <> ''", phase)
}

// Clear deletes the rows of a phase. None of them may have an outcome.
func (db *DB) Clear(phase int) error {
	return db.transaction(false, func() error { return db.exec("DELETE FROM rows WHERE phase = ?", phase) })
}

// Order makes the index by which rows are sent in order. The caller calls Order once all rows have their keys.
func (db *DB) Order() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.exec(byKey)
}

// The beginnings of the queries for rows, with their outcomes and without.
const (
	columns = `SELECT r.row, r.line, r.phase, r.key, r.item, r.ask, r.sendable, r.extra, s.row, s.prior, s.at, o.row,
		o.status, o.action, o.code, o.message, o.details, o.http, o.attempts, o.same_as, o.ids, o.prior, o.at
		FROM rows r LEFT JOIN sent s ON s.row = r.row LEFT JOIN outcomes o ON o.row = r.row `
	columnsOpen = `SELECT r.row, r.line, r.phase, r.key, r.item, r.ask, r.sendable, r.extra, s.row, s.prior, s.at, NULL
		FROM rows r LEFT JOIN sent s ON s.row = r.row `
)

// Append drops the index of outcomes by row. Then outcomes that come in any order of rows are only appended, which
// writes a fraction of the pages. Until Index is called, rows are read without their outcomes.
func (db *DB) Append() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.indexed = false
	return db.exec("DROP INDEX outcomes_by_row")
}

// Index makes the index of outcomes by row, so that rows are read with their outcomes. It fails if a row has two
// outcomes.
func (db *DB) Index() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.indexed {
		return nil
	}
	err := db.exec(byRow)
	db.indexed = err == nil
	return err
}

// from returns the beginning of a query for rows.
func (db *DB) from() string {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.indexed {
		return columns
	}
	return columnsOpen
}

// ByKey yields the rows of a phase that have a key, sorted by key and then by row. The caller may record outcomes
// meanwhile.
func (db *DB) ByKey(phase int, within Range) iter.Seq2[Row, error] {
	query := db.from() + "WHERE r.phase = ? AND r.key <> '' AND (r.key, r.row) > (?, ?)"
	if within.To != "" {
		query += " AND r.key < ?"
	}
	query += fmt.Sprintf(" ORDER BY r.key, r.row LIMIT %d", readAhead)
	return db.pages(func(last *Row) (string, []any) {
		key, row := within.From, int64(-1)
		if last != nil {
			key, row = last.Key, last.N
		}
		args := []any{phase, key, row}
		if within.To != "" {
			args = append(args, within.To)
		}
		return query, args
	})
}

// InOrder yields all rows, sorted by their numbers.
func (db *DB) InOrder() iter.Seq2[Row, error] {
	query := db.from() + fmt.Sprintf("WHERE r.row > ? ORDER BY r.row LIMIT %d", readAhead)
	return db.pages(func(last *Row) (string, []any) {
		if last == nil {
			return query, []any{int64(-1)}
		}
		return query, []any{last.N}
	})
}

// Row returns the row with number n. found is false if there is none.
func (db *DB) Row(n int64) (row Row, found bool, err error) {
	page, _, err := readPage(db, scan, db.from()+"WHERE r.row = ?", n)
	if err != nil || len(page) == 0 {
		return row, false, err
	}
	return page[0], true, nil
}

// Keyed returns the number of the first row whose key, without leading zeros, is id. It returns 0 if there is none.
func (db *DB) Keyed(id string) (row int64, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.number("SELECT coalesce(min(row), 0) FROM rows WHERE key <> '' AND ltrim(key, '0') = ?", id)
}

// EntriesOf returns the entries of a key, sorted by item: the first readAhead ones.
func (db *DB) EntriesOf(key string) ([]Entry, error) {
	read := func(st *sqlite.Stmt) (Entry, error) {
		return Entry{key, st.ColumnText(0), rawJSON(st.ColumnText(1))}, nil
	}
	page, _, err := readPage(db, read,
		fmt.Sprintf("SELECT item, value FROM entries WHERE key = ? ORDER BY item LIMIT %d", readAhead), key)
	return page, err
}

// Backward yields all rows from the last to the first.
func (db *DB) Backward() iter.Seq2[Row, error] {
	query := db.from() + fmt.Sprintf("WHERE r.row < ? ORDER BY r.row DESC LIMIT %d", readAhead)
	return db.pages(func(last *Row) (string, []any) {
		if last == nil {
			return query, []any{int64(1) << 62}
		}
		return query, []any{last.N}
	})
}

// pages yields rows page by page. next returns the query of the page after the row last. last is nil for the first
// page.
func (db *DB) pages(next func(last *Row) (string, []any)) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		var last *Row
		for more := true; more; {
			var page []Row
			var err error
			query, args := next(last)
			if page, more, err = readPage(db, scan, query, args...); err != nil {
				yield(Row{}, err)
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
				last = &page[i]
			}
		}
	}
}

// scan returns the Row in the columns of a query.
func scan(st *sqlite.Stmt) (Row, error) {
	r := Row{
		N: st.ColumnInt64(0), Line: st.ColumnInt64(1), Phase: st.ColumnInt(2), Key: st.ColumnText(3),
		Item: st.ColumnText(4), Ask: rawJSON(st.ColumnText(5)), Unsendable: !st.ColumnBool(6), Extra: st.ColumnBool(7),
		Sent: !st.ColumnIsNull(8), SentAt: timeOf(st.ColumnInt64(10)),
		Prior: rawJSON(st.ColumnText(9)),
	}
	if st.ColumnIsNull(11) {
		return r, nil
	}
	r.Done = &Outcome{
		Row: r.N, Status: Status(st.ColumnText(12)), Action: st.ColumnText(13), Code: st.ColumnText(14),
		Message: st.ColumnText(15), Details: st.ColumnText(16), HTTP: st.ColumnInt(17), Attempts: st.ColumnInt(18),
		SameAs: st.ColumnInt64(19), Prior: rawJSON(st.ColumnText(21)), At: timeOf(st.ColumnInt64(22)),
	}
	if ids := st.ColumnText(20); ids != "" {
		if err := json.Unmarshal([]byte(ids), &r.Done.IDs); err != nil {
			return r, &textError{fmt.Sprintf("the ids of row %d", r.N), err}
		}
	}
	return r, nil
}

// timeOf returns the time of a column, or the zero time for 0.
func timeOf(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds)
}

// rawJSON returns a column that holds JSON, nil for ”.
func rawJSON(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}
