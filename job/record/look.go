package record

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"rolecall/job"
	"rolecall/job/report"
)

// looked is what the look stage notes of a key.
type looked struct {
	Read   bool   `json:"read,omitempty"`   // the record was read, or its rows are refused
	Writes int64  `json:"writes,omitempty"` // rows that are sent
	New    int64  `json:"new,omitempty"`    // how many of Writes an upsert sends without the id of a record
	Record fields `json:"record,omitempty"` // delete: the record as it was; nil: there was none
}

// Looks implements job.Looker. A run that reads first reads all records before its first write, so that its price is
// exact and its calls are full. A dry run reads them to show the changes.
func (w *work) Looks() bool {
	return w.desk.Dry || w.job != Undo && *w.reads && (w.job != Delete || !w.desk.Agreed)
}

// Look implements job.Looker.
func (w *work) Look(ctx context.Context, groups []job.Group) ([]job.Look, error) {
	looks := make([]job.Look, len(groups))
	b, err := w.open(ctx, groups)
	if err == nil && w.job == Delete {
		err = b.readAll(ctx, groups)
	}
	if err != nil {
		return nil, err
	}
	if b.unread != nil && b.unread.Code == notSupported && w.job == Upsert && w.ReadFirst == "" {
		b.unread = nil // Judge lets the run go on without reading
	}
	for i, queue := range b.queues {
		note := looked{Read: b.states != nil || b.unread != nil}
		if s := b.states[groups[i].Key]; s != nil && w.job == Delete {
			note.Record = s.values
		}
		for _, r := range queue {
			o, needless := b.judge(r)
			if w.desk.Dry && !needless && b.isMissing(r) {
				o, needless = b.missing(r, "the run would send the row, and Zoho refuse it"), true
			}
			switch {
			case needless && (note.Writes == 0 || w.desk.Dry):
				looks[i].Outcomes = append(looks[i].Outcomes, o)
				continue
			case w.desk.Dry:
				if r.Do == deletes && b.states[r.Key] != nil {
					r.before = job.Encode(before{ID: r.ID, Fields: w.nameOf(b.states[r.Key].values)})
				}
				o = job.Outcome{Row: r.N, Status: job.NotAttempted, Prior: r.before}
				o.Message = "a dry run: not sent; the record would be " + b.wouldBe(r)
				looks[i].Outcomes = append(looks[i].Outcomes, w.about(o, r.ID))
			}
			if note.Writes++; r.Do == upserts {
				note.New++
			}
			supposed := w.about(job.Outcome{Row: r.N, Status: job.Success, Action: b.wouldBe(r)}, r.ID)
			b.applied(r, &supposed)
		}
		looks[i].Note = job.Encode(note)
	}
	return looks, nil
}

// isMissing reports whether a row updates a record that a read did not find.
func (b *batch) isMissing(r *row) bool {
	return b.job == Update && b.states != nil && b.states[r.Key].values == nil
}

// wouldBe returns the action of a row that a dry run does not send.
func (b *batch) wouldBe(r *row) string {
	switch {
	case r.Do != upserts || b.states != nil && r.before == nil:
		return b.action(r.Do, "")
	case b.states == nil:
		return job.ActionInserted + " or " + job.ActionUpdated
	}
	return job.ActionInserted
}

// shownRecords is the most records that the question before a deletion shows.
const shownRecords = 3

// Judge implements job.Looker. It makes the price exact, because the records are read now.
func (w *work) Judge(
	_ context.Context, notes iter.Seq2[job.Entry, error], price *report.Forecast,
) (*report.Deletions, error) {
	read, writes, there := int64(0), int64(0), int64(0)
	var first []string
	blind := false // a record was not read
	for e, err := range notes {
		if err != nil {
			return nil, err
		}
		note := job.Decoded[looked](e.Value)
		read, writes, w.price.unknown = read+1, writes+note.Writes, w.price.unknown+note.New
		blind = blind || !note.Read
		if note.Record == nil {
			continue
		}
		if there++; len(first) < shownRecords {
			first = append(first, e.Key)
			for _, name := range w.nameOf(note.Record) {
				first[there-1] += " " + string(name)
			}
		}
	}
	if w.job != Delete {
		switch {
		case blind && w.job == Upsert && *w.reads:
			w.desk.Warn("Zoho answers no queries (COQL) here, so the run does not read the records first, and " +
				"rolecall undo cannot take it back")
			*w.reads = false
			price.Records = w.forecast(writes, 0)
			price.Records.ReadCost = 0
			return nil, w.desk.Notebook.Put(keyReads, w.reads)
		case *w.reads:
			price.Records = w.forecast(writes, read)
		}
		return nil, nil
	}
	if there == 0 {
		return nil, nil
	}
	d := &report.Deletions{Count: there, Of: w.table.Module.APIName + " record", First: first}
	if w.recoverable() {
		w.desk.Say("rolecall undo restores deleted records from the recycle bin, where Zoho keeps them for 60 days")
	} else {
		d.Warning = "they do not come back: records insert takes before.csv, and gives the records new ids, " +
			"without their notes, files, related records and history"
		if len(w.table.Unlisted) > 0 {
			d.Warning += ", and without " + strings.Join(w.table.Unlisted, ", ")
		}
		w.desk.Say("deleted records " + strings.TrimPrefix(d.Warning, "they "))
	}
	if most := w.set.MaxDelete.Of(w.price.records); w.set.MaxDelete.Set && d.Count > most {
		return d, &job.Stop{Reason: job.Refused, Err: fmt.Errorf("this would delete %s, and --max-delete allows %d: "+
			"nothing was sent; if this is meant, give --max-delete %d",
			report.Plural(d.Count, "record"), most, d.Count)}
	}
	return d, nil
}

// nameOf returns the field of a record that Zoho shows as its name, or nothing.
func (w *work) nameOf(record fields) fields {
	for _, name := range nameFields(w.table.Module.APIName) {
		if value := record[name]; !isNull(value) {
			return fields{name: value}
		}
	}
	return nil
}

// recoverable reports whether undo can restore a deleted record.
func (w *work) recoverable() bool { return w.table.Module.RecycleBin && w.org.Version.HasRestore() }

// Changes implements job.Looker.
func (w *work) Changes(_ context.Context, rows job.Results) (*report.Preview, error) {
	p := &report.Preview{List: []report.Change{}}
	counts := map[string]*int64{
		report.AddContact: &p.Added, report.UpdateContact: &p.Updated, report.RemoveContact: &p.Removed,
		report.WriteRecord: &p.Written, report.LeaveContact: &p.ChangedSince,
	}
	for r, err := range rows.InOrder() {
		if err != nil {
			return nil, err
		}
		if c := w.foreseen(&r); c.Do != "" {
			if *counts[c.Do]++; len(p.List) < report.ShownChanges {
				p.List = append(p.List, c)
			}
		}
	}
	return p, nil
}

// foreseen returns what the run would do with a row. Do is "" if a dry run does not show the row.
func (w *work) foreseen(r *job.Row) report.Change {
	if r.Done == nil || r.Done.SameAs != 0 ||
		r.Done.Status != job.NotAttempted && r.Done.Code != job.CodeChangedSince {
		return report.Change{}
	}
	was, a := job.Decoded[before](r.Done.Prior), job.Decoded[ask](r.Ask)
	c := report.Change{Row: r.N, RecordID: cmp.Or(was.ID, idOf(r, r.Done)), Set: a.Write}
	switch do := cmp.Or(a.Do, verbOf(w.job)); {
	case r.Done.Code == job.CodeChangedSince: // no change, but people must know
		c.Do, c.Set, c.Now = report.LeaveContact, nil, "deleted"
		if at := modifiedOf(r.Done); at != "" {
			c.Now = "modified at " + at
		}
	case do == deletes:
		c.Do, c.Set, c.Was = report.RemoveContact, nil, was.Fields
	case len(was.Fields) > 0: // only what differs
		c.Do, c.Was, c.Set = report.UpdateContact, was.Fields, fields{}
		for name := range was.Fields {
			c.Set[name] = a.Write[name]
		}
	case do == updates:
		c.Do = report.UpdateContact
	case do == upserts && !*w.reads:
		c.Do = report.WriteRecord
	default:
		c.Do = report.AddContact
	}
	return c
}

func unique(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}
