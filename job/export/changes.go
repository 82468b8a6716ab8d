package export

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"rolecall/api/auth/whole"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
)

// lastFile is the run.db of the last export to a file with --changes. The next change feed compares with it.
const lastFile = "last.db"

// changeColumns returns the columns of the change feed.
func changeColumns() []csvio.Column {
	return []csvio.Column{
		{Name: "change"}, {Name: "deal_id", Kind: csvio.IDColumn}, {Name: "deal_name"},
		{Name: "contact_id", Kind: csvio.IDColumn}, {Name: "contact_name"}, {Name: "contact_email"},
		{Name: "role"}, {Name: "role_id", Kind: csvio.IDColumn},
		{Name: "prior_role"}, {Name: "prior_role_id", Kind: csvio.IDColumn},
	}
}

// comparison writes the changes between two exports to a table, and counts them.
type comparison func(t *csvio.TableWriter, sum *report.Changes, last, now job.Results) error

// changes writes the changes since the last change feed of the same name, and returns their numbers. It returns nil if
// the user did not ask for changes.
func (o *output) changes(columns []csvio.Column, compare comparison) (*report.Changes, error) {
	if o.set.Changes == "" {
		return nil, nil
	}
	last, closeLast, why, err := o.last()
	if err != nil {
		return nil, err
	}
	defer closeLast()
	w, err := whole.Create(o.set.Changes)
	if err != nil {
		return nil, err
	}
	defer w.Discard()
	format := o.set.ChangesFormat
	if format == "" { // an earlier version of rolecall began the run
		format, _ = csvio.FormatOf(o.set.Changes)
		format = cmp.Or(format, csvio.FormatCSV)
	}
	t, err := csvio.NewTableWriter(w, columns, csvio.TableOptions{
		Format: format, BareIDs: o.set.IDs.bare(format), NoGuard: o.set.NoGuard,
	})
	if err != nil {
		return nil, err
	}
	sum := &report.Changes{File: o.set.Changes, Compared: why == ""}
	switch why {
	case "":
		err = compare(t, sum, last, o.Rows)
	case noneBefore:
		o.Say(why + ": " + o.set.Changes + " shows no change")
	default:
		o.Warn(why + ": " + o.set.Changes + " shows no change, though there may be some")
	}
	if e := t.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", o.set.Changes, err)
	}
	return sum, w.Commit()
}

// noneBefore is the reason why a first export shows no changes.
const noneBefore = "there is no earlier export of this name with --changes to compare with"

// last opens the last export. why is the reason why no comparison is possible, or "".
func (o *output) last() (last job.Results, closeIt func(), why string, err error) {
	closeIt = func() {}
	dir, err := filepath.Abs(o.Folder.Path)
	if err != nil {
		return last, closeIt, "", err
	}
	path := filepath.Join(filepath.Dir(dir), lastFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return last, closeIt, noneBefore, nil
	}
	const cannot = "no comparison with the last export is possible: "
	last, closeLast, err := job.OpenResults(path)
	if err != nil { // another version of rolecall made it, or it is damaged; the next export can compare again
		return last, closeIt, cannot + err.Error(), nil //nolint:nilerr // why has the error
	}
	then, err := last.Org()
	now, failed := o.Rows.Org()
	set, _, noSettings := last.Begun()
	options, noOptions := job.OptionsOf[Options](set)
	if err = errors.Join(err, failed, noSettings, noOptions); err != nil {
		closeLast()
		return last, closeIt, "", err
	}
	switch {
	case !then.Same(now):
		why = fmt.Sprintf("%sit was of another org (%s)", cannot, then)
	case !sameRecords(&options, &o.set):
		why = cannot + "it was of other records"
	}
	return last, closeLast, why, nil
}

// sameRecords reports whether two exports select the same records. Then a record that only one of them has is new or
// gone. For exports of stakeholders it is always true, because they compare only the deals that both have.
func sameRecords(a, b *Options) bool {
	if a.Module == "" && b.Module == "" {
		return true
	}
	selects := func(o *Options) [7]string {
		return [...]string{strings.ToLower(o.Module), o.Where, o.Criteria, o.Email, o.Phone, o.Word, o.UserType}
	}
	return selects(a) == selects(b)
}

// changeFeed writes the changes between two exports. It compares the exports and not Modified_Time, because no document
// of Zoho says that a change of a role changes Modified_Time.
type changeFeed struct {
	table *csvio.TableWriter
	sum   *report.Changes
}

// compare is a comparison of the deals that both exports cover.
func (f *changeFeed) compare(t *csvio.TableWriter, sum *report.Changes, last, now job.Results) error {
	f.table, f.sum = t, sum
	next, stop := iter.Pull2(merged(last))
	defer stop()
	was, failed, more := next()
	for is, err := range merged(now) {
		if err != nil {
			return err
		}
		for more && failed == nil && was.key < is.key {
			was, failed, more = next()
		}
		if !more || failed != nil {
			return failed
		}
		if was.key == is.key && !was.gone && !is.gone {
			if err := f.deal(was, is); err != nil {
				return err
			}
		}
	}
	return nil
}

// deal writes the changes of one deal, by contact.
func (f *changeFeed) deal(was, is *deal) error {
	before, after := was.on, is.on
	for len(before)+len(after) > 0 {
		var b, a *job.Entry
		if len(before) > 0 && (len(after) == 0 || before[0].Item <= after[0].Item) {
			b = &before[0]
		}
		if len(after) > 0 && (b == nil || after[0].Item == b.Item) {
			a, after = &after[0], after[1:]
		}
		if b != nil {
			before = before[1:]
		}
		if err := f.contact(is, b, a); err != nil {
			return err
		}
	}
	return nil
}

// contact writes the change of one contact of a deal. before is nil if the contact was not on the deal, after is nil if
// it no longer is.
func (f *changeFeed) contact(d *deal, before, after *job.Entry) error {
	var was, is person
	shown, id := &is, after
	change, count := "changed", &f.sum.Changed
	switch {
	case before == nil:
		change, count = "added", &f.sum.Added
	case after == nil:
		change, count, shown, id = "removed", &f.sum.Removed, &was, before
	case bytes.Equal(before.Value, after.Value):
		return nil
	}
	for entry, into := range map[*job.Entry]*person{before: &was, after: &is} {
		if entry == nil {
			continue
		}
		if err := decode(entry.Value, into); err != nil {
			return err
		}
	}
	if before != nil && after != nil && is.ID == was.ID && (is.ID != "" || is.Name == was.Name) {
		return nil
	}
	var fields record
	if err := decode(d.ask, &fields); err != nil {
		return err
	}
	*count++
	var cells []csvio.Value
	for _, t := range []string{
		change, unkey(d.key), text(fields[usual(modDeals)[0]]),
		unkey(id.Item), text(shown.Fields[fieldFullName]), text(shown.Fields[fieldEmail]),
		is.Name, is.ID, was.Name, was.ID,
	} {
		cells = append(cells, csvio.Value{Text: t})
	}
	return f.table.Write(cells)
}
