package stakeholder

import (
	"cmp"
	"fmt"
	"slices"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/picklist"
)

// exported is the state at the export, from a row of a file that rolecall exported.
type exported struct {
	Base   string `json:"base,omitempty"`    // rc_base: a hash of the contacts on the deal and their roles
	RoleID string `json:"role_id,omitempty"` // the role of the contact; "" if the row is new, or the contact had no role
}

// sheet is what the rows of a file say about one deal.
type sheet struct {
	exported bool   // a row of the deal was exported
	base     string // rc_base of the deal; "" if no row has it
	whole    bool   // the rows are exactly those of the export: none was deleted, none is a copy
	named    map[string]bool
	part     bool            // these are not all rows of the deal, so they do not show which contacts the file leaves out
	unclear  bool            // it is not known which contact a row names
	bases    map[string]bool // every rc_base of the rows; a row copied from another deal has that deal's rc_base
}

// sheetOf returns the sheet of a deal's rows. Rows that people added to the file are not part of the hash.
func sheetOf(rows []job.Row) sheet {
	s := sheet{named: map[string]bool{}, bases: map[string]bool{}}
	held, most := map[string]map[string]string{}, 0
	for i := range rows {
		r, a := &rows[i], askOf(&rows[i])
		switch {
		case a.Empty:
		case r.Item == "":
			s.unclear = true
		default:
			s.named[r.Item] = true
		}
		if a.Sheet == nil || a.Sheet.Base == "" && a.Sheet.RoleID == "" {
			continue
		}
		base := a.Sheet.Base
		if s.exported, s.bases[base] = true, true; held[base] == nil {
			held[base] = map[string]string{}
		}
		if r.Item != "" {
			held[base][r.Item] = a.Sheet.RoleID
		}
		if n := len(held[base]); base != "" && (s.base == "" || n > most) {
			s.base, most = base, n
		}
	}
	for base := range s.bases {
		if base != "" && base == baseOf(rows[0].Key, held[base]) {
			s.base, s.whole = base, true
		}
	}
	return s
}

// isOf reports whether a row was exported with the deal.
func (s *sheet) isOf(a ask) bool {
	return a.Sheet != nil && a.Sheet.Base == s.base && (a.Sheet.Base != "" || a.Sheet.RoleID != "")
}

// leaves reports whether a row still has the role that it had at the export.
func (s *sheet) leaves(a ask) bool { return s.isOf(a) && a.ID == a.Sheet.RoleID }

// baseOf returns the rc_base of a deal with these contacts, by id, and the ids of their roles.
func baseOf(deal string, roles map[string]string) string {
	on := make([]deals.Held, 0, len(roles))
	for contact, role := range roles {
		on = append(on, deals.Held{Contact: contact, Role: role})
	}
	slices.SortFunc(on, func(a, b deals.Held) int {
		return cmp.Or(cmp.Compare(len(a.Contact), len(b.Contact)), cmp.Compare(a.Contact, b.Contact))
	})
	return deals.Base(deal, on)
}

// keepGone keeps the role of an exported row although the org no longer has this role. If nobody edited the row, the
// contact may still have the role. keepGone reports whether it kept the role.
func (w *work) keepGone(r *job.Row, a ask) bool {
	if r.Done != nil || !w.plans() && w.job != Verify || a.Sheet == nil || a.Sheet.RoleID == "" {
		return false
	}
	if _, err := w.index.Find(picklist.Cell{Text: a.Sheet.RoleID, ByID: true}); err == nil {
		return false
	}
	a.role, a.Gone = role{Name: a.Cell}, true
	if a.ByID {
		a.role = role{ID: a.Cell}
	}
	a.Cell, a.ByID = "", false
	r.Ask = job.Encode(a)
	return true
}

// goneRole returns the outcome of a row with a role that the org no longer has, if the contact has another role.
func (w *work) goneRole(r *job.Row, a ask) job.Outcome {
	return rejected(r, job.CodeRoleUnknown,
		fmt.Sprintf("the org has no role %q; it has %s", cmp.Or(a.Name, a.ID), w.roles))
}

// exportedRow returns the state at the export from the record that in read last, or nil if rolecall did not export the
// file.
func exportedRow(in *csvio.Reader) *exported {
	if !in.Exported() {
		return nil
	}
	e := &exported{Base: in.Base()}
	if id, err := csvio.ParseID(in.Value(csvio.RoleID)); err == nil {
		e.RoleID = id
	}
	return e
}
