package stakeholder

import (
	"cmp"
	"slices"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/deals"
)

// exported is what a row of a file that rolecall exported says about the time of the export.
type exported struct {
	Base   string `json:"base,omitempty"`    // rc_base: a hash of the contacts on the deal and their roles
	RoleID string `json:"role_id,omitempty"` // the role of the contact; "" if the row is new, or the contact had no role
}

// sheet is what the rows of a file say about one deal.
type sheet struct {
	exported bool   // a row of the deal was exported
	base     string // rc_base of the deal; "" if no row has it
	whole    bool   // the rows are those of the export, or nothing tells that they are not
	named    map[string]bool
	unclear  bool // a row names a contact in a way that nobody can read
}

// sheetOf returns what the rows of a deal say. A row that was added to the file has no part in the hash.
func sheetOf(rows []job.Row) sheet {
	s := sheet{named: map[string]bool{}}
	held := map[string]string{}
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
		s.exported, s.base = true, cmp.Or(s.base, a.Sheet.Base)
		if r.Item != "" {
			held[r.Item] = a.Sheet.RoleID
		}
	}
	s.whole = s.base == "" || s.base == baseOf(held)
	return s
}

// baseOf returns the rc_base of a deal with these contacts, by id, and the ids of their roles.
func baseOf(roles map[string]string) string {
	on := make([]deals.Held, 0, len(roles))
	for contact, role := range roles {
		on = append(on, deals.Held{Contact: contact, Role: role})
	}
	slices.SortFunc(on, func(a, b deals.Held) int {
		return cmp.Or(cmp.Compare(len(a.Contact), len(b.Contact)), cmp.Compare(a.Contact, b.Contact))
	})
	return deals.Base(on)
}

// leaves reports whether a row still has the role that it had at the export.
func (s *sheet) leaves(a ask) bool { return a.Sheet != nil && s.exported && a.ID == a.Sheet.RoleID }

// exportedRow returns what the record that in read last says about the time of the export; nil: nothing.
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
