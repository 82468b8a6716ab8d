package machine

import (
	"maps"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"rolecall/api/pace"
)

// Credits is the record of the credits of one org that all rolecall processes of this machine spend. A process that
// dies returns no credits: those that it leased count as spent, and come back after 24 hours like all credits.
type Credits struct {
	machine *Machine
	org     string

	mu  sync.Mutex
	day pace.Day // the record as last read; it replaces the stored one if the database was damaged
}

// Credits returns the record of an org.
func (m *Machine) Credits(org string) *Credits {
	return &Credits{machine: m, org: org, day: pace.Day{}}
}

// Lease implements pace.Credits.
func (c *Credits) Lease(l pace.Lease) (granted int, day pace.Day, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	day = pace.Day{}
	if l.Want == 0 && l.Back == 0 {
		err = c.machine.read(func(conn *sqlite.Conn) (err error) {
			day, err = c.load(conn)
			return err
		})
	} else {
		err = c.machine.write(func(conn *sqlite.Conn) error {
			stored, err := c.load(conn)
			if err != nil {
				return err
			}
			day = maps.Clone(stored)
			if len(stored) == 0 && c.machine.warning != nil {
				day = maps.Clone(c.day)
			}
			granted = day.Lease(l)
			return c.store(conn, stored, day)
		})
	}
	if err != nil {
		return 0, nil, err
	}
	c.day = day
	return granted, maps.Clone(day), nil
}

// load reads the record.
func (c *Credits) load(conn *sqlite.Conn) (pace.Day, error) {
	day := pace.Day{}
	err := sqlitex.Execute(conn, "SELECT minute, credits FROM credits WHERE org = ?", &sqlitex.ExecOptions{
		Args: []any{c.org},
		ResultFunc: func(row *sqlite.Stmt) error {
			day[row.ColumnInt64(0)] = int(min(row.ColumnInt64(1), pace.MostCredits))
			return nil
		},
	})
	return day, err
}

// store writes the minutes that differ from the stored ones.
func (c *Credits) store(conn *sqlite.Conn, stored, day pace.Day) error {
	for minute := range stored {
		if day[minute] == 0 {
			if err := sqlitex.Execute(conn, "DELETE FROM credits WHERE org = ? AND minute = ?",
				&sqlitex.ExecOptions{Args: []any{c.org, minute}}); err != nil {
				return err
			}
		}
	}
	for minute, n := range day {
		if n != 0 && n != stored[minute] {
			if err := sqlitex.Execute(conn, "INSERT OR REPLACE INTO credits VALUES(?, ?, ?)",
				&sqlitex.ExecOptions{Args: []any{c.org, minute, n}}); err != nil {
				return err
			}
		}
	}
	return nil
}
