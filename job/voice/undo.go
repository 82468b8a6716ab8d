package voice

import (
	"encoding/json"
	"maps"
	"strconv"

	"rolecall/csvio"
	"rolecall/job"
)

// The columns of the input of undo. The column csvio.UndoRow marks the table: no other job takes it.
const (
	undoPrior csvio.Field = "undo_prior" // the contact before the earlier run, as JSON
	undoLeft  csvio.Field = "undo_left"  // the contact as the earlier run left it, as JSON
)

// takenColumns returns the columns of the input of undo.
func takenColumns() []csvio.Column {
	return []csvio.Column{
		{Name: string(csvio.UndoRow), Kind: csvio.PlainColumn}, {Name: string(csvio.UndoAction)},
		{Name: string(ID), Kind: csvio.IDColumn}, {Name: string(undoPrior)}, {Name: string(undoLeft)},
	}
}

// inverse returns the job that takes a run back, and its input.
func inverse(earlier *job.Earlier) (*job.Kind, *job.Made, error) {
	made, err := earlier.Taken(takenColumns(), takenCells)
	if err != nil {
		return nil, nil, err
	}
	made.Adapt = func(set *job.Settings) { set.Options = job.Encode(Options{}) }
	return kind(Undo), made, nil
}

// takenCells returns the row of the input of undo that takes back a row, or nil if the row changed nothing.
func takenCells(r *job.Row) []csvio.Value {
	o, prior, a := r.Done, r.Prior, job.Decoded[ask](r.Ask)
	switch {
	case o == nil && r.Sent, o != nil && o.Code == job.CodeOutcomeUnknown && o.SameAs == 0:
	case o == nil || !o.OK() || o.SameAs != 0 || o.Action == job.ActionUnchanged:
		return nil
	default:
		prior = o.Prior
	}
	was, left := job.Decoded[before](prior).Fields, a.Fields
	do := map[verb]verb{creates: deletes, updates: updates, deletes: creates}[a.Do]
	if a.Do == updates { // the run sent the whole contact
		left = fields{}
		maps.Copy(left, was)
		maps.Copy(left, a.Fields)
	}
	var cells []csvio.Value
	for _, text := range []string{
		strconv.FormatInt(r.N, 10), string(do), idOf(r, o), string(job.Encode(was)), string(job.Encode(left)),
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
		Do: verb(in.Value(csvio.UndoAction)), Fields: job.Decoded[fields](json.RawMessage(in.Value(undoPrior))),
		Left: job.Decoded[fields](json.RawMessage(in.Value(undoLeft))),
	}
	id, bad := csvio.ParseID(in.Value(ID))
	switch {
	case bad != nil:
		row.Done = job.Reject(job.CodePriorUnknown, "no answer had the id of the contact", "")
	case a.Do != deletes && len(a.Fields) == 0:
		row.Done = job.Reject(job.CodePriorUnknown, "the run could not read the earlier values of the contact", "")
	}
	a.ID, row.Key, row.Item = id, id, id
	row.Ask = job.Encode(a)
	return row, nil
}

// End implements job.Survey.
func (undoSurvey) End(*csvio.Reader, func(string), func(string)) error { return nil }

// judgeUndo returns the outcome of a row of undo that needs no call, or nil: the contact is already as it was before
// the earlier run, or somebody changed it since.
func (s *steps) judgeUndo() *job.Outcome {
	asBefore := func(text string) *job.Outcome {
		o := job.Settle(s.row.N, job.ActionUnchanged, text, 0)
		return &o
	}
	has := fields(nil)
	if s.now != nil {
		has = s.now.Fields
	}
	switch {
	case s.now == nil && s.ask.Do == deletes && s.sent():
		return s.settled(job.ActionDeleted)
	case s.now == nil && s.ask.Do == deletes:
		return asBefore("the contact is deleted already")
	case s.now != nil && s.ask.Do == updates && hasAll(has, s.ask.Fields) && s.sent():
		return s.settled(job.ActionUpdated)
	case s.now != nil && s.ask.Do == updates && hasAll(has, s.ask.Fields):
		return asBefore("the contact has its earlier values already")
	case s.now != nil && hasAll(filled(s.ask.Left, has), has):
		return nil
	}
	return job.Reject(job.CodeChangedSince,
		"somebody changed or deleted the contact since the run, so it was not touched", "")
}

// filled returns the values of some for all fields of the contact of; a field without a value is "", as after a create.
func filled(some, of fields) fields {
	all := fields{}
	for name := range of {
		all[name] = some[name]
	}
	return all
}
