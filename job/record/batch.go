package record

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"rolecall/api"
	"rolecall/job"
)

// mostTries is how often a row is sent if neither the answers nor a read shows its change.
const mostTries = 3

// row is an open row with what this process knows about it.
type row struct {
	job.Row
	ask

	write    fields          // what the next call sends: only what differs, if the record was read
	before   json.RawMessage // the state before, for undo; nil: not read
	tries    int             // how often this process sent it
	noAnswer *api.Error      // why the last call had no usable answer
	single   bool            // Zoho refused a call with several records, so this row gets a call of its own
}

// batch does the rows of up to 100 keys: job.Steps. A call takes at most one row of each key, so that its effect equals
// that of the rows one by one.
type batch struct {
	*work

	queues    [][]*row           // the open rows of each key, in file order
	done      []job.Outcome      // of rows that an earlier process sent
	states    map[string]*state  // of the records before the next row, by key; nil: the run does not read
	originals map[string]fields  // by key, the values before the first row of the run that changed them
	inserted  map[string]bool    // ids of the records that rows of these keys inserted
	undone    map[string]*undone // of undo, by key
	unread    *api.Error         // why the records could not be read
}

// remember stores the values of a record before its first change by the run.
func (b *batch) remember(key string, prior json.RawMessage) {
	for name, value := range job.Decoded[before](prior).Fields {
		if b.originals[key] == nil {
			b.originals[key] = fields{}
		}
		if _, has := b.originals[key][name]; !has {
			b.originals[key][name] = value
		}
	}
}

// Next implements job.Steps.
func (b *batch) Next() ([]job.Outcome, *job.Call) {
	done := b.done
	b.done = nil
	for i := range done {
		b.drop(done[i].Row)
	}
	next := map[verb][]*row{}
	for i := range b.queues {
		for len(b.queues[i]) > 0 {
			r := b.queues[i][0]
			o, needless := b.judge(r)
			if !needless {
				next[r.Do] = append(next[r.Do], r)
				break
			}
			done, b.queues[i] = append(done, o), b.queues[i][1:]
		}
	}
	for _, do := range []verb{restores, inserts, updates, upserts, deletes} {
		if rows := next[do]; len(rows) > 0 {
			return done, b.call(do, together(rows, b.most(do)))
		}
	}
	return done, nil
}

// together returns the first rows that may go in one call.
func together(rows []*row, most int) []*row {
	if i := slices.IndexFunc(rows, func(r *row) bool { return r.single }); i >= 0 {
		return rows[i : i+1]
	}
	return rows[:min(len(rows), most)]
}

// drop removes a row that is done from its queue.
func (b *batch) drop(n int64) {
	for i, queue := range b.queues {
		b.queues[i] = slices.DeleteFunc(queue, func(r *row) bool { return r.N == n })
	}
}

// judge prepares a row for its call. If the row needs no call, judge returns its outcome.
func (b *batch) judge(r *row) (o job.Outcome, needless bool) {
	r.write = r.Write
	if r.tries >= mostTries {
		return b.giveUp(r), true
	}
	if b.unread != nil {
		return job.Refuse(r.N, b.unread), true
	}
	if b.states == nil || r.Do == inserts {
		return o, false
	}
	s := b.states[r.Key]
	if b.job == Undo {
		return b.judgeUndo(r, s)
	}
	if s.vague && b.upserts() {
		return o, false
	}
	if s.vague {
		o = *job.Reject(job.CodeValueInvalid, "several records fit the row, and the gateway does not forward upsert, "+
			"with which Zoho chooses one of them: give the row to records update, with the id of one", "")
		o.Row = r.N
		return o, true
	}
	if r.Do == deletes {
		return b.missing(r, "nothing was deleted"), s.values == nil
	}
	if s.values == nil { // Zoho says what is wrong with the id of an update
		if r.Do == upserts && r.before == nil {
			r.before = job.Encode(before{})
		}
		return o, false
	}
	r.Do, r.ID = updates, s.id
	r.write = b.differing(r.Write, s.values)
	if len(r.write) == 0 {
		o = job.Settle(r.N, job.ActionUnchanged, "the record has these values already", 0)
		o.IDs = map[string]string{keyRecord: s.id}
		return o, true
	}
	if r.before == nil {
		r.before = b.valuesBefore(r, s)
	}
	return o, false
}

// missing returns the outcome of a row whose record a read did not find.
func (b *batch) missing(r *row, so string) job.Outcome {
	o := job.Reject(job.CodeRecordNotFound, "the module has no such record, or does not show it to this user: "+so, "")
	o.Row = r.N
	return b.about(*o, r.ID)
}

// differing returns the values that a record does not have.
func (w *work) differing(want, have fields) fields {
	differ := fields{}
	for name, value := range want {
		if f := w.fields[name]; f == nil || !same(f, value, have[name]) {
			differ[name] = value
		}
	}
	return differ
}

// valuesBefore returns the values that a row is about to change, as they were before the run.
func (b *batch) valuesBefore(r *row, s *state) json.RawMessage {
	was := before{ID: s.id, Fields: fields{}}
	for name := range r.write {
		was.Fields[name] = s.values[name]
		if value, changed := b.originals[r.Key][name]; changed {
			was.Fields[name] = value
		}
		if was.Fields[name] == nil {
			was.Fields[name] = json.RawMessage("null")
		}
		was.Cut = was.Cut || b.isCut(name, was.Fields[name])
	}
	return job.Encode(was)
}

// giveUp returns the outcome of a row that was sent mostTries times without an answer about the row.
func (b *batch) giveUp(r *row) job.Outcome {
	e := r.noAnswer
	if e == nil {
		e = &api.Error{Err: errors.New("no answer names this record"), Attempts: r.tries}
	}
	return job.Refuse(r.N, e)
}

// call returns the call for some rows.
func (b *batch) call(do verb, rows []*row) *job.Call {
	c := &job.Call{Force: do != updates, Repeatable: do == updates && !b.readsFirst()}
	for _, r := range rows {
		c.Rows, c.Prior = append(c.Rows, r.Row), append(c.Prior, r.before)
	}
	c.Send = func(ctx context.Context) ([]job.Outcome, error) {
		outcomes, err := b.send(ctx, do, rows)
		for i := range outcomes {
			at := slices.IndexFunc(rows, func(r *row) bool { return r.N == outcomes[i].Row })
			b.applied(rows[at], &outcomes[i])
			b.drop(outcomes[i].Row)
		}
		return outcomes, err
	}
	return c
}

// applied completes the outcome of a row, and notes what the row changed for the next rows of its key.
func (b *batch) applied(r *row, o *job.Outcome) {
	if u := b.undone[r.Key]; u != nil && o.OK() {
		u.add(o)
		if r.Do == deletes {
			b.states[r.Key].values = nil
		}
	}
	if !o.OK() || r.Do == deletes || r.Do == restores {
		return
	}
	if o.Action == job.ActionInserted {
		b.inserted[o.IDs[keyRecord]] = true
	}
	if was := job.Decoded[before](r.before); was.ID != "" && o.Action != job.ActionInserted {
		o.Prior = r.before
		b.remember(r.Key, r.before)
	}
	s := b.states[r.Key]
	if s == nil || s.vague {
		return
	}
	if s.values == nil {
		s.values = fields{}
	}
	s.id = o.IDs[keyRecord]
	maps.Copy(s.values, r.write)
}

// modifiedOf returns the Modified_Time in the answer to a write, or "".
func modifiedOf(o *job.Outcome) string {
	return textOf(job.Decoded[fields](json.RawMessage(o.Details))[modifiedTime])
}

// send makes a call and returns the outcomes that the answer, or else a read, shows. If Zoho refuses the whole call,
// and one of the records may be the reason, each record then gets a call of its own.
func (b *batch) send(ctx context.Context, do verb, rows []*row) ([]job.Outcome, error) {
	for _, r := range rows {
		if r.SentAt.IsZero() {
			r.SentAt = time.Now()
		}
	}
	answers, err := b.write(ctx, do, rows)
	if err != nil {
		e, err := job.OwnError(err)
		if err != nil {
			return nil, err
		}
		if !e.Uncertain && len(rows) > 1 && !job.Forbids(e) && !aboutCall(e) {
			for _, r := range rows {
				r.single = true
			}
			return nil, nil
		}
		for range rows {
			answers = append(answers, api.Outcome{Err: e, Answer: api.Answer{Uncertain: e.Uncertain}, Known: true})
		}
	}
	if do == inserts || do == upserts {
		if err := b.knowByPosition(ctx, rows, answers); err != nil {
			return nil, job.AfterWrite(err)
		}
	}
	var done []job.Outcome
	var open []*row
	for i, r := range rows {
		r.tries++
		a := &answers[i]
		switch uncertain := !a.Known || a.Err != nil && (a.Err.Uncertain || a.Answer.Uncertain); {
		case uncertain || a.Err != nil && again(r, do, a.Err.Code):
			r.noAnswer = a.Err
			open = append(open, r)
		case a.Err != nil:
			done = append(done, b.about(job.Refuse(r.N, a.Err), r.ID))
		default:
			done = append(done, b.about(job.Confirm(r.N, b.action(do, a.Answer.Action), a.Answer), a.ID))
		}
	}
	settled, err := b.settle(ctx, open)
	if err == nil && do == restores {
		err = b.readRestored(ctx, done)
	}
	if err != nil {
		return done, job.AfterWrite(err)
	}
	return append(done, settled...), nil
}

// aboutCall reports whether a refusal names a parameter of the call, so that it is about no single record.
func aboutCall(e *api.Error) bool {
	var d struct {
		Param string `json:"param_name"`
		Path  string `json:"json_path"`
	}
	_ = json.Unmarshal(e.Details, &d) // without details nothing is named
	return d.Param != "" || d.Path != "" && !strings.HasPrefix(d.Path, "$.data")
}

// again reports whether a refusal may come from an earlier call of the row whose answer was lost.
func again(r *row, do verb, code string) bool {
	sent := r.Sent || r.tries > 1
	return sent && (do == deletes || do == restores || do == inserts && code == duplicateData)
}

// duplicateData is Zoho's refusal of a second record with a unique value (Zoho CRM API v7, Insert Records).
const duplicateData = "DUPLICATE_DATA"

// write makes the API call for some rows.
func (b *batch) write(ctx context.Context, do verb, rows []*row) ([]api.Outcome, error) {
	module := b.table.Module.APIName
	o := api.WriteOptions{Trigger: b.Trigger, DuplicateCheck: b.DuplicateCheck, Features: b.Rules}
	writes, ids := make([]api.RecordWrite, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		writes[i], ids[i] = fields{}, r.ID
		maps.Copy(writes[i], r.write)
		if do == updates {
			writes[i]["id"] = job.Encode(r.ID)
		}
	}
	switch do {
	case inserts:
		return b.zoho.InsertRecords(ctx, module, writes, o)
	case updates:
		o.DuplicateCheck, o.ByID = nil, b.most(updates) == 1
		return b.zoho.UpdateRecords(ctx, module, writes, o)
	case upserts:
		if !b.upserts() { // the run looked for the records, and these do not exist
			o.DuplicateCheck = nil
			return b.zoho.InsertRecords(ctx, module, writes, o)
		}
		return b.zoho.UpsertRecords(ctx, module, writes, o)
	case restores:
		return b.zoho.RestoreRecords(ctx, ids)
	case deletes:
	}
	return b.zoho.DeleteRecords(ctx, module, ids, len(b.Trigger) > 0 || b.Trigger == nil)
}

// action returns the action of a row in results.csv. said is the action in Zoho's answer to an upsert.
func (w *work) action(do verb, said string) string {
	switch {
	case do == inserts, said == "insert", do == upserts && !w.upserts():
		return job.ActionInserted
	case do == deletes:
		return job.ActionDeleted
	case do == restores:
		return job.ActionRestored
	}
	return job.ActionUpdated
}

// about returns the outcome with the id of its record.
func (w *work) about(o job.Outcome, id string) job.Outcome {
	if id != "" {
		o.IDs = map[string]string{keyRecord: id}
	}
	return o
}
