package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/disk"
	"rolecall/job/report"

	"zombiezen.com/go/sqlite"
)

// lastFile is the database of the last export of a name.
const lastFile = "last.db"

// changesQuery compares two exports, for the deals that both covered. Whether Modified_Time moves with a role is not documented, so that nothing but the two exports tells.
const changesQuery = `
WITH covered AS (
	SELECT d.deal, d.fields FROM main.deals d JOIN last.deals l ON l.deal = d.deal
	WHERE NOT EXISTS(SELECT 1 FROM main.done WHERE id = d.deal AND gone) AND NOT EXISTS(SELECT 1 FROM last.done WHERE id = d.deal AND gone))
SELECT 'added', c.deal, c.fields, n.contact, n.fields, n.role_id, n.role, '', '' FROM covered c JOIN main.stakeholders n ON n.deal = c.deal
	WHERE NOT EXISTS(SELECT 1 FROM last.stakeholders b WHERE b.deal = n.deal AND b.contact = n.contact)
UNION ALL
SELECT 'removed', c.deal, c.fields, b.contact, b.fields, '', '', b.role_id, b.role FROM covered c JOIN last.stakeholders b ON b.deal = c.deal
	WHERE NOT EXISTS(SELECT 1 FROM main.stakeholders n WHERE n.deal = b.deal AND n.contact = b.contact)
UNION ALL
SELECT 'changed', c.deal, c.fields, n.contact, n.fields, n.role_id, n.role, b.role_id, b.role FROM covered c JOIN main.stakeholders n ON n.deal = c.deal
	JOIN last.stakeholders b ON b.deal = n.deal AND b.contact = n.contact
	WHERE n.role_id <> b.role_id OR n.role_id = '' AND n.role <> b.role
ORDER BY 2, 4`

// changeColumns are the columns of the change feed.
func changeColumns() []csvio.Column {
	return []csvio.Column{
		{Name: "change"}, {Name: "deal_id", Kind: csvio.IDColumn}, {Name: "deal_name"}, {Name: "contact_id", Kind: csvio.IDColumn}, {Name: "contact_name"}, {Name: "contact_email"},
		{Name: "role"}, {Name: "role_id", Kind: csvio.IDColumn}, {Name: "prior_role"}, {Name: "prior_role_id", Kind: csvio.IDColumn},
	}
}

// writeChanges writes what changed since the last export of the same name. nil: that was not asked for.
func (r *run) writeChanges() (*report.Changes, error) {
	if r.set.Changes == "" {
		return nil, nil
	}
	why, err := r.attachLast()
	if err != nil {
		return nil, err
	}
	compared := why == ""
	if compared {
		defer func() { _ = r.s.Exec("DETACH DATABASE last") }()
	}
	w, err := disk.CreateWhole(r.set.Changes)
	if err != nil {
		return nil, err
	}
	defer w.Discard()
	format, _ := csvio.FormatOf(r.set.Changes)
	t, err := csvio.NewTableWriter(w, changeColumns(), csvio.TableOptions{Format: format, BareIDs: r.set.IDs.bare(format), NoGuard: r.set.NoGuard})
	if err != nil {
		return nil, err
	}
	c := &report.Changes{File: r.set.Changes, Compared: compared}
	if compared {
		err = r.compare(t, c)
	} else if why == noneBefore {
		r.note(why + ": " + r.set.Changes + " tells no change")
	} else {
		r.warn(why + ": " + r.set.Changes + " tells no change, though there may be some")
	}
	if e := t.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", r.set.Changes, err)
	}
	return c, w.Commit()
}

// noneBefore is why a first export tells no changes.
const noneBefore = "there is no earlier export of this name to compare with"

// attachLast puts the last export beside this one. why is for what reason there is none to compare with.
func (r *run) attachLast() (why string, err error) {
	path := filepath.Join(filepath.Dir(r.dir), lastFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return noneBefore, nil
	}
	last, err := disk.Open(path, schema())
	if err != nil { // of another version of rolecall, or damaged: the next one is whole again
		return fmt.Sprintf("the last export cannot be compared with: %v", err), nil
	}
	var then, now job.Identity
	err = errors.Join(last.Get("org", &then), r.s.Get("org", &now))
	if err = errors.Join(err, last.Close()); err != nil {
		return "", err
	}
	if !then.Same(now) {
		return fmt.Sprintf("the last export cannot be compared with: it was of another org (%s)", then), nil
	}
	return "", r.s.Exec("ATTACH DATABASE ? AS last", path)
}

// compare writes the changes.
func (r *run) compare(t *csvio.TableWriter, c *report.Changes) error {
	counts := map[string]*int64{"added": &c.Added, "removed": &c.Removed, "changed": &c.Changed}
	var deal, contact []json.RawMessage
	return r.s.Query(changesQuery, func(st *sqlite.Stmt) (err error) {
		if deal, err = unpack(st.ColumnText(2), deal); err != nil {
			return err
		}
		if contact, err = unpack(st.ColumnText(4), contact); err != nil {
			return err
		}
		*counts[st.ColumnText(0)]++
		var cells []csvio.Value
		for _, t := range []string{
			st.ColumnText(0), unkey(st.ColumnText(1)), text(at(deal, 0)), unkey(st.ColumnText(3)), text(at(contact, 0)), text(at(contact, 1)),
			st.ColumnText(6), st.ColumnText(5), st.ColumnText(8), st.ColumnText(7),
		} {
			cells = append(cells, csvio.Value{Text: t})
		}
		return t.Write(cells)
	})
}
