package stakeholder

import (
	"fmt"
	"strconv"

	"rolecall/csvio"
	"rolecall/job"
)

// change is what a row of an earlier run did to a contact on a deal.
type change struct {
	was, left before // before the row and after it
	unknown   bool   // it is not known whether the row took effect
	read      bool   // was is known, because the run read the deal first
}

// changeOf returns the change of a row of a run of the job name. ok is false if the row changed nothing. Of the rows of
// one contact on one deal only one is ever sent (see job.Group), so each change is the only one of its contact.
func changeOf(name string, r *job.Row) (c change, ok bool) {
	prior := r.Prior
	switch o := r.Done; {
	case o == nil && r.Sent, o != nil && o.Code == job.CodeOutcomeUnknown:
		c.unknown = true
	case o == nil || !o.OK():
		return c, false
	case o.Action != job.ActionAssigned && o.Action != job.ActionAdded && o.Action != job.ActionUpdated &&
		o.Action != job.ActionRemoved:
		return c, false
	default:
		prior = o.Prior
	}
	c.was, c.read = job.Decoded[before](prior), len(prior) > 0
	a := askOf(r)
	c.left = before{role: a.role, Absent: name == Remove || a.TakesOff}
	return c, true
}

// inverse returns the job that takes a run of the job name back, and its input.
func inverse(name string, earlier *job.Earlier) (*job.Kind, *job.Made, error) {
	if err := wasRead(name, earlier); err != nil {
		return nil, nil, err
	}
	made, err := earlier.Taken(takenColumns(), func(r *job.Row) []csvio.Value {
		c, ok := changeOf(name, r)
		if !ok {
			return nil
		}
		return takenCells(r, c)
	})
	if err != nil {
		return nil, nil, err
	}
	var open proof
	if err := earlier.Notebook().Get(keyProof, &open); err != nil {
		return nil, nil, err
	}
	if open.Deal != "" {
		made.Adapt = func(set *job.Settings) {
			o := job.Decoded[Options](set.Options)
			o.Proof = &open
			set.Options = job.Encode(o)
		}
	}
	return kind(Undo), made, nil
}

// wasRead refuses a run that changed deals and read none of them before. A run that does not read records no row before
// it sends the row, so a stop or a kill may hide changes of it.
func wasRead(name string, earlier *job.Earlier) error {
	reads := true
	if err := earlier.Notebook().Get(keyReads, &reads); err != nil {
		return err
	}
	changed := !reads && !earlier.Finished
	for r, err := range earlier.InOrder() {
		if err != nil {
			return err
		}
		c, ok := changeOf(name, &r)
		if ok && c.read {
			return nil
		}
		changed = changed || ok && !c.unknown // an unknown row may be of a deal that the run could not read
	}
	if !changed {
		return nil
	}
	return &job.UsageError{Err: fmt.Errorf("%s cannot be taken back: the run did not read the deals before it wrote "+
		"to them, so it is not known who had which role; nothing was sent (%s)", earlier.Name, howToRead)}
}

// howToRead names the flag with which a later run can be taken back.
const howToRead = "a run with --read-first on reads first"

// The columns of the input of undo. The column csvio.UndoRow marks the table: no other job takes it.
const (
	undoLine    csvio.Field = "undo_line"    // the line of the row in the input of the earlier run
	undoOutcome csvio.Field = "undo_outcome" // of the row of the earlier run
	leftRole    csvio.Field = "left_role"    // what the earlier run left
	leftRoleID  csvio.Field = "left_role_id"
)

// The values of undo_action: what undo does to the contact. "" means that it is not known what was before.
const (
	undoAdd    = "add"    // puts the contact back on the deal
	undoUpdate = "update" // gives the contact its earlier role again
	undoRemove = "remove" // takes the contact off the deal
)

// outcomeUnknown is the value of undo_outcome for a row of which it is not known whether it took effect.
const outcomeUnknown = "unknown"

// takenColumns returns the columns of the input of undo.
func takenColumns() []csvio.Column {
	return []csvio.Column{
		{Name: string(csvio.UndoRow), Kind: csvio.PlainColumn}, {Name: string(undoLine), Kind: csvio.PlainColumn},
		{Name: string(csvio.UndoAction)},
		{Name: string(csvio.DealID), Kind: csvio.IDColumn}, {Name: string(csvio.ContactID), Kind: csvio.IDColumn},
		{Name: string(csvio.Role)}, {Name: string(csvio.RoleID), Kind: csvio.IDColumn},
		{Name: string(leftRole)}, {Name: string(leftRoleID), Kind: csvio.IDColumn}, {Name: string(undoOutcome)},
	}
}

// takenCells returns the row of the input of undo that takes back the change c of row r.
func takenCells(r *job.Row, c change) []csvio.Value {
	action, outcome := "", string(job.Success)
	switch {
	case !c.read:
	case c.was.Absent:
		action = undoRemove
	case c.left.Absent:
		action = undoAdd
	default:
		action = undoUpdate
	}
	if c.unknown {
		outcome = outcomeUnknown
	}
	var cells []csvio.Value
	for _, text := range []string{
		strconv.FormatInt(r.N, 10), strconv.FormatInt(r.Line, 10), action, r.Key, r.Item,
		c.was.Name, c.was.ID, c.left.Name, c.left.ID, outcome,
	} {
		cells = append(cells, csvio.Value{Text: text})
	}
	return cells
}
