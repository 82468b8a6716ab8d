package rundb

import (
	"errors"

	"zombiezen.com/go/sqlite"
)

// The most rows and bytes of a page, which is read at once. So nobody waits long for the database, and memory stays
// flat.
const (
	readAhead = 500     // rows
	pageBytes = 1 << 20 // of text and JSON
)

// errPageFull ends the reading of a page.
var errPageFull = errors.New("the page is full")

// readPage reads the rows of a query up to the end of a page. The query has the limit readAhead. more reports whether
// more rows may follow.
func readPage[T any](
	db *DB, scan func(*sqlite.Stmt) (T, error), query string, args ...any,
) (page []T, more bool, err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	size := 0
	err = db.query(query, func(st *sqlite.Stmt) error {
		v, err := scan(st)
		if err != nil {
			return err
		}
		page = append(page, v)
		for column := range st.ColumnCount() {
			size += st.ColumnLen(column)
		}
		if size >= pageBytes {
			return errPageFull
		}
		return nil
	}, args...)
	if errors.Is(err, errPageFull) {
		return page, true, nil
	}
	return page, len(page) == readAhead, err
}
