package job

import (
	"cmp"

	"rolecall/csvio"
	"rolecall/job/disk"
	"rolecall/job/rundir"
)

// undoFile has the prior state of each row that changed a deal which was read before. The latest change comes first: whoever puts the roles back in the order of the file ends where the run began,
// also where a contact changed twice. An empty role says that the contact was not on the deal.
const undoFile = "undo.csv"

// undoRow is a change that can be taken back.
type undoRow struct {
	row           int64
	deal, contact recordID
	role, roleID  string // before
	action        string
}

func packUndo(b []byte, r, before *undoRow) []byte {
	b = packID(packID(packNumber(b, r.row), r.deal, before.deal), r.contact, before.contact)
	return packText(packText(packText(b, r.role), r.roleID), r.action)
}

func unpackUndo(u *unpacker, before *undoRow) undoRow {
	return undoRow{row: u.number(), deal: u.id(before.deal), contact: u.id(before.contact), role: u.text(), roleID: u.text(), action: u.text()}
}

// undoList collects what can be taken back.
type undoList struct {
	sorter *sorter[undoRow]
	rows   int64
}

func (s *store) newUndoList() (*undoList, error) {
	u := &undoList{sorter: &sorter[undoRow]{
		s: s, table: "temp.undo", pack: packUndo, unpack: unpackUndo,
		compare: func(a, b undoRow) int { return cmp.Compare(b.row, a.row) },
	}}
	return u, u.sorter.makeTemporary()
}

// add takes a row along if its prior state is known and was another.
func (u *undoList) add(r *surveyedRow, o *outcome) error {
	known := o.action == ActionAdded || o.action == ActionUpdated || o.action == ActionRemoved && (o.prior != "" || o.priorID != "")
	if !known || o.sameAs != 0 {
		return nil
	}
	u.rows++
	return u.sorter.add(undoRow{r.row, r.deal, r.contact, o.prior, o.priorID, o.action})
}

// write makes the file, where there is anything to undo.
func (u *undoList) write(f *rundir.Dir) error {
	if u.rows == 0 {
		return nil
	}
	out, err := disk.CreateWhole(f.File(undoFile))
	if err != nil {
		return err
	}
	defer out.Discard()
	if err := u.sorter.flush(); err != nil {
		return err
	}
	rows, err := u.sorter.merged()
	if err != nil {
		return err
	}
	table, err := csvio.NewTableWriter(out, undoColumns(), csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
	if err != nil {
		return err
	}
	for {
		r, ok, err := rows.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		cells := []csvio.Value{{Text: r.deal.String()}, {Text: r.contact.String()}, {Text: r.role}, {Text: r.roleID}, {Text: r.action}}
		if err := table.Write(cells); err != nil {
			return err
		}
	}
	if err := table.Close(); err != nil {
		return err
	}
	return out.Commit()
}

func undoColumns() []csvio.Column {
	return []csvio.Column{
		{Name: "deal_id", Kind: csvio.IDColumn}, {Name: "contact_id", Kind: csvio.IDColumn}, {Name: "role"}, {Name: "role_id", Kind: csvio.IDColumn}, {Name: "rc_action"},
	}
}
