package job

import (
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job/picklist"

	"zombiezen.com/go/sqlite"
)

// maxRolesRemembered bounds what the survey remembers of role names, so that a file with a different text in every row costs no memory. Zoho allows 100 roles in an org
// (Zoho CRM API v7, Insert Contact Roles); past the bound a name is only stored twice.
const maxRolesRemembered = 10_000

// roleCells gives each role that the input names a number.
type roleCells struct {
	s     *store
	known map[picklist.Cell]int64
	last  int64
}

func newRoleCells(s *store) *roleCells { return &roleCells{s: s, known: map[picklist.Cell]int64{}} }

// number returns the number of a role, and stores the role when it is new. It runs inside the survey's transaction.
func (r *roleCells) number(c picklist.Cell) (int64, error) {
	if n, ok := r.known[c]; ok {
		return n, nil
	}
	r.last++
	byID := 0
	if c.ByID {
		byID = 1
	}
	if err := r.s.Exec("INSERT INTO roles(role, cell, by_id) VALUES(?, ?, ?)", r.last, strings.Clone(c.Text), byID); err != nil {
		return 0, err
	}
	if len(r.known) < maxRolesRemembered {
		r.known[picklist.Cell{Text: strings.Clone(c.Text), ByID: c.ByID}] = r.last
	}
	return r.last, nil
}

// resolveRoles looks every role of the input up in the org's list.
func (s *store) resolveRoles(org picklist.List) error {
	index := picklist.NewIndex(org)
	return s.InTransaction(func() error {
		update, err := s.Conn.Prepare("UPDATE roles SET role_id = ?, name = ?, problem = ? WHERE role = ?")
		if err != nil {
			return err
		}
		return s.Query("SELECT role, cell, by_id FROM roles", func(st *sqlite.Stmt) error {
			role, err := index.Find(picklist.Cell{Text: st.ColumnText(1), ByID: st.ColumnInt64(2) != 0})
			problem := ""
			if err != nil {
				problem = err.Error()
			}
			bindText(update, 1, role.ID)
			bindText(update, 2, role.Name)
			bindText(update, 3, problem)
			update.BindInt64(4, st.ColumnInt64(0))
			return execute(update)
		})
	})
}

// orgRole is a role of the input with what the org calls it. same is the smallest number of the roles that mean the same one.
type orgRole struct {
	api.RoleRef

	same int64
}

// orgRoles returns the roles of the input that the org has, by number. A role that is not there is unknown to the org.
func (s *store) orgRoles() (map[int64]orgRole, error) {
	s.Lock()
	defer s.Unlock()
	roles, first := map[int64]orgRole{}, map[string]int64{}
	err := s.Query("SELECT role, role_id, name FROM roles WHERE role_id IS NOT NULL ORDER BY role", func(st *sqlite.Stmt) error {
		r := orgRole{RoleRef: api.RoleRef{ID: st.ColumnText(1), Name: st.ColumnText(2)}}
		n := st.ColumnInt64(0)
		if _, ok := first[r.ID]; !ok {
			first[r.ID] = n
		}
		r.same = first[r.ID]
		roles[n] = r
		return nil
	})
	return roles, err
}

// roleProblem says why the org does not know a role of the input.
func (s *store) roleProblem(role int64) (problem string, err error) {
	s.Lock()
	defer s.Unlock()
	err = s.Query("SELECT problem FROM roles WHERE role = ?", func(st *sqlite.Stmt) error { problem = st.ColumnText(0); return nil }, role)
	return problem, err
}

// roleOf returns how a row names its role. A name wins over an id, because people edit the name and leave the id.
func roleOf(role, roleID string) (picklist.Cell, *reject) {
	if name := strings.TrimSpace(role); name != "" {
		return picklist.Cell{Text: name}, nil
	}
	if strings.TrimSpace(roleID) == "" {
		return picklist.Cell{}, &reject{code: CodeRoleMissing, message: "the row names no role"}
	}
	id, err := csvio.ParseID(roleID)
	if err != nil {
		return picklist.Cell{}, &reject{code: err.Code, message: "role_id: " + err.Message}
	}
	return picklist.Cell{Text: id, ByID: true}, nil
}
