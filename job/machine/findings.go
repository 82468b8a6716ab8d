package machine

import (
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// findingsLast is how long a finding about an org is valid, because Zoho may change its behaviour on any day.
const findingsLast = 24 * time.Hour

// Findings is what runs found out about an org and an API version. An error of the database is no error of Findings: a
// finding that cannot be read or written is found out again.
type Findings struct {
	machine *Machine
	org     string
	version string
}

// Findings returns the findings about an org and an API version.
func (m *Machine) Findings(org, version string) *Findings { return &Findings{m, org, version} }

// Recall returns a finding, or "" if it is not known or older than a day.
func (f *Findings) Recall(what string) (finding string) {
	var at string
	err := f.machine.read(func(conn *sqlite.Conn) error {
		const query = "SELECT finding, found_at FROM findings WHERE org = ? AND version = ? AND what = ?"
		return sqlitex.Execute(conn, query, &sqlitex.ExecOptions{
			Args: []any{f.org, f.version, what},
			ResultFunc: func(row *sqlite.Stmt) error {
				finding, at = row.ColumnText(0), row.ColumnText(1)
				return nil
			},
		})
	})
	found, timeErr := time.Parse(time.RFC3339Nano, at)
	if age := f.machine.now().Sub(found); err != nil || timeErr != nil || age < 0 || age >= findingsLast {
		return ""
	}
	return finding
}

// Remember stores a finding for a day.
func (f *Findings) Remember(what, finding string) {
	_ = f.machine.write(func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, "INSERT OR REPLACE INTO findings VALUES(?, ?, ?, ?, ?)", &sqlitex.ExecOptions{
			Args: []any{f.org, f.version, what, finding, f.machine.now().UTC().Format(time.RFC3339Nano)},
		})
	})
}
