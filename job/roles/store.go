package roles

import (
	"os"
	"path/filepath"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/disk"
	"rolecall/job/rundir"

	"zombiezen.com/go/sqlite"
)

// schema is the run.db of a run over the role picklist. Its version tells it from that of a run over deals (package job).
func schema() disk.Schema {
	return disk.Schema{Version: 101, Cache: 1000, Tables: `
-- what became of a row; position is where its role is to be, 0 where that is all the same; claimed is 1 for a created role whose id nobody has seen in the list yet.
CREATE TABLE outcomes(row INTEGER PRIMARY KEY, status TEXT NOT NULL, action TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, details TEXT NOT NULL,
	http INTEGER NOT NULL, attempts INTEGER NOT NULL, role TEXT NOT NULL, prior TEXT NOT NULL, position INTEGER NOT NULL, claimed INTEGER NOT NULL);
-- what was about to be sent for a row, the latest: without an outcome, the list tells whether the change was made.
CREATE TABLE noted(row INTEGER PRIMARY KEY, kind TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, prior TEXT NOT NULL);
-- what became of the roles that the table does not name (sync).
CREATE TABLE pruned(role TEXT PRIMARY KEY, status TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, details TEXT NOT NULL, http INTEGER NOT NULL, attempts INTEGER NOT NULL);
`}
}

// Is says whether a folder is that of a run over the role picklist.
func Is(dir string) bool {
	version, err := disk.VersionOf(filepath.Join(dir, rundir.Database))
	return err == nil && version == schema().Version
}

// outcome is what became of one row.
type outcome struct {
	row                                    int64
	status, action, code, message, details string
	http, attempts                         int
	role                                   string // its id
	prior                                  string // the name before, of a role that was there
	position                               int
	claimed                                bool
}

func (o *outcome) ok() bool { return o.status == job.StatusSuccess }

// succeeded is the outcome of a row that Zoho confirmed.
func succeeded(r *row, action string, a api.Answer) outcome {
	return outcome{row: r.number, status: job.StatusSuccess, action: action, code: a.Code, message: a.Message, details: string(a.Details), http: a.HTTP, attempts: a.Attempts}
}

// failed is the outcome of a row that Zoho refused, or gave no usable answer to.
func failed(r *row, e *api.Error) outcome {
	o := outcome{row: r.number, status: job.StatusError, code: e.Code, message: e.Message, details: string(e.Details), http: e.HTTP, attempts: e.Attempts}
	if o.code == "" {
		o.code, o.message = job.CodeNoAnswer, e.Error()
	}
	return o
}

// rejected is the outcome of a row that is not sent.
func rejected(r *row, b reject) outcome {
	return outcome{row: r.number, status: job.StatusError, code: b.code, message: b.message, details: b.details}
}

// settled is the outcome of a row that the list decides.
func settled(r *row, action, message string, attempts int) outcome {
	return outcome{row: r.number, status: job.StatusSuccess, action: action, code: codeSuccess, message: message, attempts: attempts}
}

// codeSuccess is Zoho's (Zoho CRM API v8, Status Codes).
const codeSuccess = "SUCCESS"

// store is the run.db.
type store struct{ *disk.DB }

// put records outcomes, in place of earlier ones. It is called with the lock held.
func (s store) put(outcomes ...outcome) error {
	for i := range outcomes {
		o := &outcomes[i]
		if err := s.Exec("INSERT OR REPLACE INTO outcomes VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
			o.row, o.status, o.action, o.code, o.message, o.details, o.http, o.attempts, o.role, o.prior, o.position, o.claimed); err != nil {
			return err
		}
	}
	return nil
}

// outcomes returns what was recorded, by row.
func (s store) outcomes() (map[int64]outcome, error) {
	s.Lock()
	defer s.Unlock()
	all := map[int64]outcome{}
	err := s.Query("SELECT row, status, action, code, message, details, http, attempts, role, prior, position, claimed FROM outcomes", func(st *sqlite.Stmt) error {
		o := outcome{
			row: st.ColumnInt64(0), status: st.ColumnText(1), action: st.ColumnText(2), code: st.ColumnText(3), message: st.ColumnText(4), details: st.ColumnText(5),
			http: st.ColumnInt(6), attempts: st.ColumnInt(7), role: st.ColumnText(8), prior: st.ColumnText(9), position: st.ColumnInt(10), claimed: st.ColumnBool(11),
		}
		all[o.row] = o
		return nil
	})
	return all, err
}

// note writes down what is about to be sent.
func (s store) note(ops []op) error {
	return s.InTransaction(func() error {
		for i := range ops {
			o := &ops[i]
			if err := s.Exec("INSERT OR REPLACE INTO noted VALUES(?,?,?,?,?,?)", o.row.number, string(o.kind), o.write.ID, o.write.Name, o.write.Sequence, o.prior); err != nil {
				return err
			}
		}
		return nil
	})
}

// forget takes notes back: what they say was certainly not done.
func (s store) forget(ops []op) error {
	return s.InTransaction(func() error {
		for i := range ops {
			if err := s.Exec("DELETE FROM noted WHERE row = ?", ops[i].row.number); err != nil {
				return err
			}
		}
		return nil
	})
}

// noted returns what was about to be sent, by row. The rows themselves are the caller's to fill in.
func (s store) noted() (map[int64]op, error) {
	s.Lock()
	defer s.Unlock()
	all := map[int64]op{}
	err := s.Query("SELECT row, kind, role, name, position, prior FROM noted", func(st *sqlite.Stmt) error {
		all[st.ColumnInt64(0)] = op{
			kind: opKind(st.ColumnText(1)), write: api.RoleWrite{ID: st.ColumnText(2), Name: st.ColumnText(3), Sequence: st.ColumnInt(4)}, prior: st.ColumnText(5),
		}
		return nil
	})
	return all, err
}

// putPruned records what became of roles that the table does not name: outcomes with a role and without a row.
func (s store) putPruned(outcomes ...outcome) error {
	for i := range outcomes {
		o := &outcomes[i]
		if err := s.Exec("INSERT OR REPLACE INTO pruned VALUES(?,?,?,?,?,?,?)", o.role, o.status, o.code, o.message, o.details, o.http, o.attempts); err != nil {
			return err
		}
	}
	return nil
}

// pruned returns what was recorded of them, by role.
func (s store) pruned() (map[string]outcome, error) {
	s.Lock()
	defer s.Unlock()
	all := map[string]outcome{}
	err := s.Query("SELECT role, status, code, message, details, http, attempts FROM pruned", func(st *sqlite.Stmt) error {
		o := outcome{role: st.ColumnText(0), status: st.ColumnText(1), code: st.ColumnText(2), message: st.ColumnText(3), details: st.ColumnText(4), http: st.ColumnInt(5), attempts: st.ColumnInt(6)}
		all[o.role] = o
		return nil
	})
	return all, err
}

// open opens the run.db of a folder, or makes it.
func openStore(d *rundir.Dir, create bool) (store, error) {
	open := disk.Open
	if create {
		open = disk.Create
	}
	db, err := open(d.File(rundir.Database), schema())
	if err != nil {
		return store{}, err
	}
	return store{db}, nil
}

// gone says whether one of the run's files is not there.
func gone(d *rundir.Dir, names ...string) bool {
	for _, name := range names {
		if _, err := os.Stat(d.File(name)); err != nil {
			return true
		}
	}
	return false
}
