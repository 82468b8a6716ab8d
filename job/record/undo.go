package record

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
)

// The columns of the input of undo. The column csvio.UndoRow marks the table: no other job takes it.
const (
	undoPrior csvio.Field = "undo_prior" // the values before the earlier run, as JSON
	undoWrote csvio.Field = "undo_wrote" // what the earlier run wrote, as JSON
	undoLeft  csvio.Field = "undo_left"  // the Modified_Time that the earlier run left
)

// takenColumns returns the columns of the input of undo.
func takenColumns() []csvio.Column {
	return []csvio.Column{
		{Name: string(csvio.UndoRow), Kind: csvio.PlainColumn}, {Name: string(csvio.UndoAction)},
		{Name: string(ID), Kind: csvio.IDColumn}, {Name: string(undoPrior)}, {Name: string(undoWrote)},
		{Name: string(undoLeft), Kind: csvio.PlainColumn},
	}
}

// inverse returns the job that takes a run back, and its input.
func inverse(name string, earlier *job.Earlier) (*job.Kind, *job.Made, error) {
	var t table
	var reads *bool
	notes := earlier.Notebook()
	if err := notes.Get(keyTable, &t); err != nil {
		return nil, nil, err
	}
	if err := notes.Get(keyReads, &reads); err != nil {
		return nil, nil, err
	}
	refused := ""
	switch {
	case (name == Update || name == Upsert) && (reads == nil || !*reads):
		refused = "the run did not read the records before it wrote to them, so their earlier values are not known " +
			"(a run with --read-first on reads first)"
	case name == Delete && !t.Module.RecycleBin:
		refused = fmt.Sprintf("%s has no recycle bin; give before.csv of the run's folder to records insert %[1]s, "+
			"which gives the records new ids", t.Module.APIName)
	}
	if refused != "" {
		err := fmt.Errorf("%s cannot be taken back: %s; nothing was sent", earlier.Name, refused)
		return nil, nil, &job.UsageError{Err: err}
	}
	made, err := earlier.Taken(takenColumns(), func(r *job.Row) []csvio.Value { return takenCells(name, r) })
	if err != nil {
		return nil, nil, err
	}
	o, err := job.OptionsOf[Options](earlier.Settings)
	made.Adapt = func(set *job.Settings) {
		set.Options = job.Encode(Options{Module: t.Module.APIName, Trigger: o.Trigger})
	}
	return kind(Undo), made, err
}

// takenCells returns the row of the input of undo that takes back a row, or nil if the row changed nothing.
func takenCells(name string, r *job.Row) []csvio.Value {
	o, prior, id, left := r.Done, r.Prior, "", ""
	a := job.Decoded[ask](r.Ask)
	did := cmp.Or(a.Do, verbOf(name))
	do := map[verb]verb{inserts: deletes, updates: updates, upserts: updates, deletes: restores, restores: deletes}[did]
	switch {
	case o == nil && r.Sent, o != nil && o.Code == job.CodeOutcomeUnknown:
	case o == nil || !o.OK() || o.SameAs != 0 || o.Action == job.ActionUnchanged:
		return nil
	default:
		prior = o.Prior
		left = modifiedOf(o)
		if o.Action == job.ActionInserted {
			do = deletes
		}
	}
	was := job.Decoded[before](prior)
	if was.Cut {
		was.Fields = nil
	}
	if id = idOf(r, o); id == "" {
		id = was.ID
	}
	var cells []csvio.Value
	for _, text := range []string{
		strconv.FormatInt(r.N, 10), string(do), id, string(job.Encode(was.Fields)), string(job.Encode(a.Write)), left,
	} {
		cells = append(cells, csvio.Value{Text: text})
	}
	return cells
}

// undoSurvey turns the records of the input of undo into rows.
type undoSurvey struct{}

// Row implements job.Survey.
func (undoSurvey) Row(in *csvio.Reader, rec *csvio.Record) (row job.Row, err error) {
	if row.Done = job.Malformed(rec); row.Done != nil {
		return row, nil
	}
	a := ask{
		Do: verb(in.Value(csvio.UndoAction)), Modified: in.Value(undoLeft),
		Write: job.Decoded[fields](json.RawMessage(in.Value(undoPrior))),
		Wrote: job.Decoded[fields](json.RawMessage(in.Value(undoWrote))),
	}
	id, bad := csvio.ParseID(in.Value(ID))
	switch {
	case bad != nil:
		row.Done = job.Reject(job.CodePriorUnknown, "no answer had the id of the record", "")
	case a.Do == updates && len(a.Write) == 0:
		row.Done = job.Reject(job.CodePriorUnknown, "the run could not read the earlier values of the record", "")
	}
	a.ID, row.Key = id, id
	row.Ask = job.Encode(a)
	return row, nil
}

// End implements job.Survey.
func (undoSurvey) End(*csvio.Reader, func(string), func(string)) error { return nil }

// undoPlan is what the rows of an undo do.
type undoPlan struct {
	rows   map[verb]int64
	fields map[string]bool // the fields that the undo reads
}

// count adds the open rows of a record.
func (u *undoPlan) count(g job.Group) {
	for i := range g.Rows {
		if r := &g.Rows[i]; job.IsOpen(r) {
			a := job.Decoded[ask](r.Ask)
			u.rows[a.Do]++
			for _, name := range slices.Concat(sorted(a.Write), sorted(a.Wrote)) {
				u.fields[name] = true
			}
		}
	}
}

// cost returns the calls and the credits of the writes.
func (u *undoPlan) cost(of func(verb, int64) (calls, credits int64)) (calls, credits int64) {
	for do, n := range u.rows {
		c, paid := of(do, n)
		calls, credits = calls+c, credits+paid
	}
	return calls, credits
}

func (u *undoPlan) question() string {
	return "About to " + report.TakeBack(u.rows[updates], u.rows[deletes], u.rows[restores]) + ". Go on?"
}

// check refuses an undo that restores records if the API version cannot restore them.
func (u *undoPlan) check(w *work) error {
	if u.rows[restores] == 0 || w.org.Version.HasRestore() {
		return nil
	}
	return &job.UsageError{Err: fmt.Errorf("API version %s restores no deleted records: give before.csv of the run's "+
		"folder to records insert %s, which gives the records new ids; nothing was sent", w.org.Version,
		w.table.Module.APIName)}
}

// undone is what an undo knows of a record beside its state.
type undone struct {
	wrote    []fields // the values that the earlier run and this undo write
	modified []string // the Modified_Times that both left
	deleted  bool     // the undo deleted the record
}

func newUndone(rows []job.Row) *undone {
	u := &undone{}
	for i := range rows {
		r := &rows[i]
		a := job.Decoded[ask](r.Ask)
		u.wrote = append(u.wrote, a.Wrote, a.Write)
		if job.IsOpen(r) {
			u.modified = append(u.modified, a.Modified)
		} else if r.Done != nil && r.Done.OK() {
			u.add(r.Done)
		}
	}
	return u
}

// add notes what a row of the undo did.
func (u *undone) add(o *job.Outcome) {
	u.modified = append(u.modified, modifiedOf(o))
	u.deleted = u.deleted || o.Action == job.ActionDeleted
}

// judgeUndo returns the outcome of a row of undo that needs no call: the record is already as it was before the earlier
// run, or somebody changed it since.
func (b *batch) judgeUndo(r *row, s *state) (o job.Outcome, needless bool) {
	asBefore := func(text string) (job.Outcome, bool) {
		return b.about(job.Settle(r.N, job.ActionUnchanged, text, 0), r.ID), true
	}
	switch gone := s.values == nil; {
	case r.Do == restores && gone:
		return o, false
	case r.Do == restores:
		return asBefore("the record is in the module already")
	case r.Do == deletes && gone:
		return asBefore("the record is deleted already")
	case r.Do == updates && gone && b.undone[r.Key].deleted:
		return asBefore("an earlier row of this undo deleted the record, which the run had inserted")
	case r.Do == updates && !gone && len(b.differing(r.Write, s.values)) == 0:
		return asBefore("the record has its earlier values already")
	case !gone && b.leftAsRun(r, s):
		if r.Do == updates {
			r.write = b.differing(r.Write, s.values)
			r.before = b.valuesBefore(r, s)
		}
		return o, false
	}
	o = *job.Reject(job.CodeChangedSince, "somebody changed or deleted the record since the run, so it was not touched",
		string(job.Encode(fields{modifiedTime: s.values[modifiedTime]})))
	o.Row = r.N
	return b.about(o, r.ID), true
}

// leftAsRun reports whether a record is as the earlier run, or an earlier row of this undo, left it. It compares the
// Modified_Time, and the values too, because two changes in one second have the same Modified_Time. If no answer had
// the time, it compares only the values that the row wrote.
func (b *batch) leftAsRun(r *row, s *state) bool {
	differ := b.differing(r.Wrote, s.values)
	if r.Modified == "" {
		return len(r.Wrote) > 0 && len(differ) == 0
	}
	for name := range differ { // another row of the record may have written the value
		f, has := b.fields[name], s.values[name]
		if !b.isCut(name, has) && !slices.ContainsFunc(b.undone[r.Key].wrote, func(wrote fields) bool {
			value, did := wrote[name]
			return did && f != nil && same(f, value, has)
		}) {
			return false
		}
	}
	return slices.ContainsFunc(b.undone[r.Key].modified, func(at string) bool {
		return at != "" && sameTime(s.values[modifiedTime], job.Encode(at))
	})
}

// readRestored reads the Modified_Times of restored records and adds them to the outcomes. Zoho's answer does not have
// them, and a later undo needs them to see whether somebody changed a record.
func (b *batch) readRestored(ctx context.Context, done []job.Outcome) error {
	var ids []string
	for i := range done {
		if done[i].OK() {
			ids = append(ids, done[i].IDs[keyRecord])
		}
	}
	found, err := b.byID(ctx, ids, []string{modifiedTime})
	if err != nil {
		_, err = job.OwnError(err)
		return err
	}
	for i := range done {
		if now := found[done[i].IDs[keyRecord]]; done[i].OK() && now != nil {
			details := job.Decoded[fields](json.RawMessage(done[i].Details))
			if details == nil {
				details = fields{}
			}
			details[modifiedTime] = now[modifiedTime]
			done[i].Details = string(job.Encode(details))
		}
	}
	return nil
}
