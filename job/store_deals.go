package job

import (
	"cmp"
	"strings"
)

// dealRow is one row that names a deal and a contact.
type dealRow struct {
	row     int64
	contact recordID
	role    int64
	bad     bool // it can never be sent
}

// dealRows is what the input has for one deal, in file order.
type dealRows struct {
	deal recordID
	rows []dealRow
}

// orderedRow is a row in the order in which rows are sent: by deal, then by row.
type orderedRow struct {
	dealRow

	deal recordID
}

func compareOrdered(a, b orderedRow) int {
	if a.deal != b.deal {
		return cmp.Or(strings.Compare(a.deal.text, b.deal.text), cmp.Compare(a.deal.n, b.deal.n))
	}
	return cmp.Compare(a.row, b.row)
}

func packOrdered(b []byte, r, before *orderedRow) []byte {
	bad := int64(0)
	if r.bad {
		bad = 1
	}
	return packNumber(packID(packID(packNumber(b, r.row<<1|bad), r.deal, before.deal), r.contact, before.contact), r.role)
}

func unpackOrdered(u *unpacker, before *orderedRow) orderedRow {
	n := u.number()
	deal := u.id(before.deal)
	return orderedRow{dealRow{row: n >> 1, bad: n&1 == 1, contact: u.id(before.contact), role: u.number()}, deal}
}

func (s *store) dealSorter() *sorter[orderedRow] {
	return &sorter[orderedRow]{s: s, table: "by_deal", compare: compareOrdered, pack: packOrdered, unpack: unpackOrdered}
}

// orderByDeal makes the order by deal of an input that does not stand in it. Nobody else may use the store meanwhile.
func (s *store) orderByDeal() error {
	if err := s.Exec("BEGIN"); err != nil {
		return err
	}
	sorter, rows := s.dealSorter(), s.rowsInOrder()
	for {
		r, err := rows.next()
		if err != nil {
			return err
		}
		if r == nil {
			break
		}
		if !r.onDeal() {
			continue
		}
		if err := sorter.add(r.ordered()); err != nil {
			return err
		}
	}
	if err := sorter.flush(); err != nil {
		return err
	}
	return s.Exec("COMMIT")
}

// ordered is a row as it is sent.
func (r *surveyedRow) ordered() orderedRow {
	return orderedRow{dealRow{r.row, r.contact, r.role, r.code != ""}, r.deal}
}

// deals hands out the deals of the run one after the other until yield says no. Only one deal and some hundreds of rows of each sorted run are in memory.
func (s *store) deals(yield func(dealRows) bool) error {
	next, err := s.rowsByDeal()
	if err != nil {
		return err
	}
	var current dealRows
	for {
		r, ok, err := next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if r.deal != current.deal && len(current.rows) > 0 {
			if !yield(current) {
				return nil
			}
			current.rows = make([]dealRow, 0, min(len(current.rows), partRecords)) // the next deal is about as large
		}
		current.deal = r.deal
		current.rows = append(current.rows, r.dealRow)
	}
	if len(current.rows) > 0 {
		yield(current)
	}
	return nil
}

// rowsByDeal returns what reads the rows that have a deal and a contact as they are sent.
func (s *store) rowsByDeal() (func() (orderedRow, bool, error), error) {
	if !s.inDealOrder {
		m, err := s.dealSorter().merged()
		if err != nil {
			return nil, err
		}
		return m.next, nil
	}
	rows := s.rowsInOrder()
	return func() (orderedRow, bool, error) {
		for {
			r, err := rows.next()
			if r == nil || err != nil {
				return orderedRow{}, false, err
			}
			if r.onDeal() {
				return r.ordered(), true, nil
			}
		}
	}, nil
}
