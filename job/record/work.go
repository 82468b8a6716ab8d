package record

import (
	"cmp"
	"context"
	"errors"
	"time"

	"rolecall/api"
	"rolecall/api/gateway"
	"rolecall/job"
	"rolecall/job/report"
)

// autoReads is the most records of a run that reads first if the user says nothing about that (design.md, Reading
// first).
const autoReads = 1000

// The keys of the facts in the notebook.
const (
	keyTable = "table"       // table
	keyReads = "reads first" // work.reads
)

// work does the rows of a run.
type work struct {
	Options

	job  string
	org  *job.Org
	zoho zoho
	set  job.Settings
	desk job.Desk

	table      table
	fields     map[string]*api.Field // by API name
	reads      *bool                 // the run reads each record before it writes to it; nil: not decided
	price      price
	keys       map[uint64]uint64 // from the hash of a value to the key of its rows, if several columns find records
	users      names             // the ids of the users by e-mail; nil: not read
	nameFields map[int]string    // the field by which the cells of a column name a record, by the column's index
	undo       *undoPlan         // of undo; nil: of another job
}

// begin begins the work of a run on an org. It reads the module and its fields once per run.
func begin(ctx context.Context, name string, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
	w := &work{
		job: name, org: org, zoho: org.Client, set: set, desk: desk, fields: map[string]*api.Field{},
		keys: map[uint64]uint64{}, nameFields: map[int]string{},
	}
	if name == Undo {
		w.undo = &undoPlan{rows: map[verb]int64{}, fields: map[string]bool{}}
	}
	var err error
	if w.Options, err = job.OptionsOf[Options](set); err != nil {
		return nil, err
	}
	if err := desk.Notebook.Get(keyTable, &w.table); err != nil {
		return nil, err
	}
	if w.table.Module.APIName == "" {
		now := time.Now()
		if err := w.readTable(ctx); err != nil {
			return nil, err
		}
		w.table.Began, _ = w.zoho.Clock(now)
		if err := desk.Notebook.Put(keyTable, w.table); err != nil {
			return nil, err
		}
	}
	for i := range w.table.Columns {
		w.fields[w.table.Columns[i].Field.APIName] = &w.table.Columns[i].Field
	}
	return w, desk.Notebook.Get(keyReads, &w.reads)
}

// most returns the most records of a call.
func (v verb) most() int {
	if v == deletes {
		return api.MostDeleted
	}
	return api.MostWritten
}

// most returns the most records of a call to this org. A gateway may not forward an update of several records.
func (w *work) most(do verb) int {
	if do == updates && !w.org.Gateway.Has(gateway.Together) {
		return 1
	}
	return do.most()
}

// upserts reports whether Zoho itself finds the records of an upsert. A gateway may not forward this call.
func (w *work) upserts() bool { return w.org.Gateway.Has(gateway.Upsert) }

// cost returns the calls and the credits of writing records.
func (w *work) cost(do verb, records int64) (calls, credits int64) {
	calls = upTo(records, int64(w.most(do)))
	if do == deletes || do == restores || w.most(do) == 1 {
		return calls, calls
	}
	return calls, int64(api.WriteCredits(int(records)))
}

// Together implements job.Work.
func (w *work) Together(int) int { return verbOf(w.job).most() }

// Finish implements job.Work.
func (w *work) Finish(context.Context, job.Results) ([]job.Outcome, error) { return nil, nil }

// Open implements job.Work. It returns one Steps for all groups. It first settles the rows that an earlier process was
// about to send. It reads the records if the run reads first.
func (w *work) Open(ctx context.Context, groups []job.Group) ([]job.Steps, error) {
	b, err := w.open(ctx, groups)
	return []job.Steps{b}, err
}

func (w *work) open(ctx context.Context, groups []job.Group) (*batch, error) {
	b := &batch{
		work: w, originals: map[string]fields{}, inserted: map[string]bool{}, undone: map[string]*undone{},
	}
	var sent []*row
	for i := range groups {
		var queue []*row
		if w.undo != nil {
			b.undone[groups[i].Key] = newUndone(groups[i].Rows)
		}
		for _, r := range groups[i].Rows {
			if r.Done != nil {
				b.remember(r.Key, r.Done.Prior)
				if r.Done.Action == job.ActionInserted {
					b.inserted[idOf(&r, r.Done)] = true
				}
			}
			if !job.IsOpen(&r) {
				continue
			}
			one := &row{Row: r, ask: job.Decoded[ask](r.Ask), before: r.Prior}
			one.Do = cmp.Or(one.Do, verbOf(w.job))
			if was := job.Decoded[before](r.Prior); one.Do == upserts && was.ID != "" {
				one.Do, one.ID = updates, was.ID
			}
			queue = append(queue, one)
			if r.Sent {
				sent = append(sent, one)
				b.remember(r.Key, r.Prior)
			}
		}
		b.queues = append(b.queues, queue)
	}
	var err error
	if b.done, err = b.settle(ctx, sent); err != nil {
		return nil, job.AfterWrite(err)
	}
	for i := range b.done {
		if u := b.undone[b.done[i].IDs[keyRecord]]; u != nil {
			u.add(&b.done[i])
		}
	}
	if !w.readsFirst() {
		return b, nil
	}
	return b, b.readAll(ctx, groups)
}

// readAll reads the records. If Zoho refuses the read, no row is sent.
func (b *batch) readAll(ctx context.Context, groups []job.Group) (err error) {
	if b.states, err = b.read(ctx, groups); err != nil {
		b.states = nil
		b.unread, err = job.OwnError(err)
	}
	if b.unread != nil && b.unread.Code == notSupported && b.ReadFirst == job.On {
		b.desk.Say("Zoho answers no queries (COQL) here: --read-first off upserts without reading first, and then " +
			"rolecall undo cannot take the run back")
	}
	return err
}

// notSupported is Zoho's refusal of queries if COQL is off (Zoho CRM API v7, Get Records through a COQL Query).
const notSupported = "NOT_SUPPORTED"

// readsFirst reports whether the run reads each record before it writes to it. A deletion reads all records before its
// first call, and not once more.
func (w *work) readsFirst() bool {
	return w.job == Undo || w.job != Delete && w.reads != nil && *w.reads
}

// price counts the open rows of a run.
type price struct {
	records int64 // keys with open rows
	rows    int64 // open rows
	repeats int64
	unknown int64 // rows of an upsert whose records have no known id
}

// Count implements job.Work.
func (w *work) Count(g job.Group) error {
	p := &w.price
	p.repeats += int64(g.Repeats)
	open := int64(g.Open())
	if open == 0 {
		return nil
	}
	p.records, p.rows = p.records+1, p.rows+open
	if w.undo != nil {
		w.undo.count(g)
	}
	return nil
}

// Price implements job.Work.
func (w *work) Price() (report.Forecast, error) {
	if w.reads == nil {
		can := w.job == Update || w.job == Upsert || w.job == Delete || w.job == Undo
		reads := can && (w.job == Delete || w.job == Undo || w.ReadFirst == job.On ||
			w.ReadFirst == "" && w.price.records <= autoReads)
		if w.job == Upsert && !w.upserts() {
			if w.ReadFirst == job.Off {
				return report.Forecast{}, &job.UsageError{Err: errors.New("--read-first off: the gateway does not forward " +
					"upsert, so rolecall itself must look for each record: leave --read-first out; nothing was sent")}
			}
			reads = true
		}
		w.reads = &reads
		if err := w.desk.Notebook.Put(keyReads, reads); err != nil {
			return report.Forecast{}, err
		}
	}
	f := report.Forecast{Records: w.forecast(w.price.rows, 0)}
	f.Plan = report.Plan{
		Calls: f.Records.Calls, Reads: f.Records.Reads, Sent: w.price.rows, Repeats: w.price.repeats,
		ReadFirst: f.Records.ReadFirst, Cost: f.Records.Cost, Way: "together",
	}
	if w.undo == nil {
		return f, nil
	}
	f.Asks, f.Question = w.price.rows, w.undo.question()
	return f, w.undo.check(w)
}

// forecast returns the price of writing rows. read is how many records the look stage has read, or 0 before the stage.
func (w *work) forecast(rows, read int64) *report.Records {
	one := verbOf(w.job)
	p := &report.Records{
		Module: w.table.Module.APIName, Do: string(one), Records: rows, Keys: w.price.records, Exact: read > 0,
		Cost: w.org.Cost(w.set), ReadFirst: *w.reads, CanRead: w.job == Update || w.job == Upsert,
	}
	write := one
	if one == upserts && !w.upserts() { // at most: those that are inserted go together
		write = updates
	}
	p.Calls, p.Credits = w.cost(write, rows)
	p.Calls += min(w.price.unknown, rows-w.price.unknown, p.Calls) // the others go by id, in calls of their own
	p.Credits = max(p.Credits, p.Calls)
	if w.undo != nil {
		p.Do = "take back"
		p.Calls, p.Credits = w.undo.cost(w.cost)
	}
	each := w.readCalls()
	p.ReadCost = each * upTo(w.price.records, mostIDs)
	if p.ReadFirst {
		p.Reads = each * upTo(max(w.price.records, read), mostIDs)
		if len(w.table.Unlisted) > 0 {
			p.Reads += w.price.records
		}
		if w.Looks() && w.job != Delete {
			p.Reads += each * upTo(rows, mostIDs) // records that differ are read again right before the write
		}
	}
	if w.undo != nil {
		p.Reads += upTo(w.undo.rows[restores], mostIDs) // their Modified_Times, afterwards
	}
	p.Credits += p.Reads
	p.Reckon(w.set.Rate)
	return p
}

// readCalls returns how many calls read up to 100 records.
func (w *work) readCalls() int64 {
	calls := upTo(int64(len(w.readNames())), mostFields)
	if w.job == Upsert {
		calls += int64(len(w.table.Checks)) // to find the ids
	}
	return calls
}

// upTo returns how many calls n things take if one call takes size of them.
func upTo(n, size int64) int64 { return (n + size - 1) / size }
