package export

import (
	"fmt"
	"strings"

	"rolecall/job/disk"

	"zombiezen.com/go/sqlite"
)

// storeCache is what of the database is held in memory, in KiB: an export writes and reads it nearly in its order, and needs little.
const storeCache = 2000

// schema is the database of an export.
func schema() disk.Schema {
	return disk.Schema{Version: 1, Cache: storeCache, Tables: `
-- ids are padded to one width (key), so that they are in the order of numbers; fields is what Zoho sent of each (pack).
CREATE TABLE named(deal TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE deals(deal TEXT PRIMARY KEY, fields TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contacts(contact TEXT PRIMARY KEY, fields TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE stakeholders(deal TEXT, contact TEXT, role_id TEXT NOT NULL, role TEXT NOT NULL, fields TEXT NOT NULL, PRIMARY KEY(deal, contact)) WITHOUT ROWID;
-- what was read: deals, or contacts where the export goes by them; gone is 1 for what was deleted since it was listed.
CREATE TABLE done(id TEXT PRIMARY KEY, gone INTEGER NOT NULL) WITHOUT ROWID;
`}
}

// idWidth is the longest id that Zoho describes (Zoho's OpenAPI files for v8.0: 19 to 20 digits).
const idWidth = 20

// key makes an id sortable.
func key(id string) string {
	if len(id) >= idWidth {
		return id
	}
	return strings.Repeat("0", idWidth-len(id)) + id
}

// unkey gives the id back.
func unkey(key string) string {
	if id := strings.TrimLeft(key, "0"); id != "" {
		return id
	}
	return "0"
}

// checkID refuses what the order of an export, and the next query, could not go by.
func checkID(id string) error {
	if len(id) > idWidth || id == "" || id[0] == '0' || strings.Trim(id, "0123456789") != "" {
		return fmt.Errorf("Zoho tells %.40q for an id, which it cannot be", id) //nolint:staticcheck // a name
	}
	return nil
}

// stakeholder is somebody on a deal.
type stakeholder struct {
	deal, contact, roleID, role, fields string
}

// store is the database of an export.
type store struct{ *disk.DB }

// clear forgets what was listed, to list it afresh.
func (s store) clear(module string) error {
	return s.InTransaction(func() error { return s.Exec("DELETE FROM " + table(module)) })
}

// table is where the records of a module are.
func table(module string) string {
	if module == modDeals {
		return "deals"
	}
	return "contacts"
}

// list keeps records that were listed, by id.
func (s store) list(module string, ids, fields []string) error {
	insert := fmt.Sprintf("INSERT OR REPLACE INTO %s VALUES(?, ?)", table(module))
	return s.InTransaction(func() error {
		for i, id := range ids {
			if err := s.Exec(insert, key(id), fields[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// listed is how many records of a module were listed.
func (s store) listed(module string) (int64, error) {
	return s.Number("SELECT count(*) FROM " + table(module))
}

// name keeps the deals that the user named, and where.
func (s store) name(n *named) error {
	return s.InTransaction(func() error {
		for deal, line := range n.all() {
			if err := s.Exec("INSERT OR IGNORE INTO named VALUES(?, ?)", deal, line); err != nil {
				return err
			}
		}
		return nil
	})
}

// after gives the next ids of a table after one that are not done, in their order.
func (s store) after(table, column, last string, most int) (ids []string, err error) {
	s.Lock()
	defer s.Unlock()
	query := fmt.Sprintf("SELECT %[2]s FROM %[1]s WHERE %[2]s > ? AND NOT EXISTS(SELECT 1 FROM done WHERE id = %[2]s) ORDER BY %[2]s LIMIT ?", table, column)
	err = s.Query(query, func(st *sqlite.Stmt) error {
		ids = append(ids, unkey(st.ColumnText(0)))
		return nil
	}, last, int64(most))
	return ids, err
}

// read is what was read of one deal or contact.
type read struct {
	id   string
	gone bool
	on   []stakeholder
}

// keep keeps what was read, inside a transaction. Somebody on a deal that was not listed is left out: it is another selection's, or was made meanwhile.
func (s store) keep(all []read) error {
	for _, r := range all {
		for _, on := range r.on {
			err := s.Exec("INSERT OR REPLACE INTO stakeholders SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS(SELECT 1 FROM deals WHERE deal = ?1)", key(on.deal), key(on.contact), on.roleID, on.role, on.fields)
			if err != nil {
				return err
			}
		}
		if err := s.Exec("INSERT OR REPLACE INTO done VALUES(?, ?)", key(r.id), r.gone); err != nil {
			return err
		}
	}
	return nil
}

// counts is what an export holds.
type counts struct{ deals, gone, empty, stakeholders int64 }

// counts counts the deals that are exported, those that were deleted meanwhile, those of the former that were read and have no stakeholders, and the stakeholders. byContacts says that all deals are
// read together.
func (s store) counts(byContacts bool) (c counts, err error) {
	s.Lock()
	defer s.Unlock()
	numbers := map[*int64]string{
		&c.deals: "SELECT count(*) FROM deals", &c.gone: "SELECT count(*) FROM done JOIN deals ON deal = id WHERE gone",
		&c.stakeholders: "SELECT count(*) FROM stakeholders WHERE deal NOT IN (SELECT id FROM done WHERE gone)",
		&c.empty:        "SELECT count(*) FROM (SELECT deal FROM deals EXCEPT SELECT deal FROM stakeholders EXCEPT SELECT id FROM done WHERE gone)",
	}
	if !byContacts {
		numbers[&c.empty] = "SELECT count(*) FROM (SELECT id FROM done WHERE NOT gone EXCEPT SELECT deal FROM stakeholders)"
	}
	for n, query := range numbers {
		if err == nil {
			err = s.Query(query, func(st *sqlite.Stmt) error { *n = st.ColumnInt64(0); return nil })
		}
	}
	c.deals -= c.gone
	return c, err
}

// unread is how many records of a module were listed and not read.
func (s store) unread(module string) (int64, error) {
	return s.Number(fmt.Sprintf("SELECT count(*) FROM %s WHERE NOT EXISTS(SELECT 1 FROM done WHERE id = %s)", table(module), column(module)))
}

// kept gives the next deals after one, those left out that are known to be deleted.
func (s store) kept(last string, most int) (ids []string, err error) {
	s.Lock()
	defer s.Unlock()
	err = s.Query("SELECT deal FROM deals WHERE deal > ? AND NOT EXISTS(SELECT 1 FROM done WHERE id = deal AND gone) ORDER BY deal LIMIT ?", func(st *sqlite.Stmt) error {
		ids = append(ids, unkey(st.ColumnText(0)))
		return nil
	}, last, int64(most))
	return ids, err
}

// row is somebody on a deal, or a deal with nobody on it.
type row struct {
	deal, dealFields string
	on               stakeholder // no contact: there is nobody
}

// rows gives what is exported, by deal, then contact.
func (s store) rows(each func(row) error) error {
	s.Lock()
	defer s.Unlock()
	return s.Query(`SELECT d.deal, d.fields, s.contact, s.role_id, s.role, s.fields FROM deals d LEFT JOIN stakeholders s ON s.deal = d.deal
		WHERE NOT EXISTS(SELECT 1 FROM done WHERE id = d.deal AND gone) ORDER BY d.deal, s.contact`, func(st *sqlite.Stmt) error {
		r := row{deal: unkey(st.ColumnText(0)), dealFields: st.ColumnText(1)}
		if st.ColumnType(2) != sqlite.TypeNull {
			r.on = stakeholder{contact: unkey(st.ColumnText(2)), roleID: st.ColumnText(3), role: st.ColumnText(4), fields: st.ColumnText(5)}
		}
		return each(r)
	})
}

// fields gives the packed fields of a record that was listed.
func (s store) fields(module, id string) (packed string, err error) {
	s.Lock()
	defer s.Unlock()
	err = s.Query(fmt.Sprintf("SELECT fields FROM %s WHERE %s = ?", table(module), column(module)), func(st *sqlite.Stmt) error {
		packed = st.ColumnText(0)
		return nil
	}, key(id))
	return packed, err
}

// column is where the ids of a module's table are.
func column(module string) string {
	if module == modDeals {
		return "deal"
	}
	return "contact"
}

// roles gives each role that somebody on a deal has.
func (s store) roles() (all []stakeholder, err error) {
	s.Lock()
	defer s.Unlock()
	err = s.Query("SELECT DISTINCT role_id, role FROM stakeholders ORDER BY role, role_id", func(st *sqlite.Stmt) error {
		all = append(all, stakeholder{roleID: st.ColumnText(0), role: st.ColumnText(1)})
		return nil
	})
	return all, err
}
