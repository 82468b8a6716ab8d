package voice

import (
	"context"
	"fmt"
	"sync"
	"time"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// work does the rows of a run.
type work struct {
	Options

	job  string
	org  *job.Org
	zoho zoho
	set  job.Settings
	desk job.Desk

	keepWay  sync.Once
	began    time.Time         // by Zoho's clock, or a little before; zero: no answer told the time
	statuses []api.VoiceStatus // nil: not read
	known    map[string]known  // by Options.Match, as far as rows need it
	rows     map[verb]int64    // the open rows
	repeats  int64
	replaced int64 // rows that a later row of their contact supersedes
}

// begin begins the work of a run on an org.
func begin(name string, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
	if err := org.UseVoice(); err != nil {
		return nil, err
	}
	w := &work{job: name, org: org, zoho: org.Client, set: set, desk: desk, rows: map[verb]int64{}, known: map[string]known{}}
	w.zoho.ExpectVoiceWay(api.VoiceWay(org.Known(finding)))
	var err error
	if w.Options, err = job.OptionsOf[Options](set); err != nil {
		return nil, err
	}
	if err := desk.Notebook.Get(keyBegan, &w.began); err != nil || !w.began.IsZero() {
		return w, err
	}
	w.began, _ = w.zoho.Clock(time.Now())
	return w, desk.Notebook.Put(keyBegan, w.began)
}

// keyBegan is the key in the notebook of the time when the run began, by Zoho's clock.
const keyBegan = "began"

// finding is the name of the stored finding about the form in which a write sends the contact: api.VoiceWay.
const finding = "voice contact"

// keep stores the api.VoiceWay after the first write that worked, so that later runs need not find it out.
func (w *work) keep() {
	w.keepWay.Do(func() { w.org.Keep(finding)(string(w.zoho.VoiceWay())) })
}

// Count implements job.Work.
func (w *work) Count(g job.Group) error {
	w.repeats, w.replaced = w.repeats+int64(g.Repeats), w.replaced+int64(g.Superseded)
	for i := range g.Rows {
		if r := &g.Rows[i]; job.IsOpen(r) {
			w.rows[job.Decoded[ask](r.Ask).Do]++
		}
	}
	return nil
}

// Price implements job.Work. A create takes one call. An update or a deletion reads its contact right before.
func (w *work) Price() (report.Forecast, error) {
	created, updated, deleted := w.rows[creates], w.rows[updates], w.rows[deletes]
	all := created + updated + deleted
	p := w.price(updated + deleted)
	p.Exact = p.Reads == 0 // after a read, some contacts may need no write
	f := report.Forecast{Records: p}
	f.Plan = report.Plan{Calls: p.Calls, Reads: p.Reads, Sent: all, Repeats: w.repeats, Cost: p.Cost, Way: "one by one"}
	switch {
	case all == 0:
	case w.job == Undo:
		if created > 0 {
			w.desk.Say("contacts that are created again have new ids")
		}
		if updated+created > 0 {
			w.desk.Say("Voice does not show the status of a contact, so undo does not put it back")
		}
		f.Asks = all
		f.Question = "About to " + report.TakeBackVoice(updated, deleted, created) + ". Go on?"
	case deleted > 0:
		f.Ask(w.deletions(true))
	}
	if most := w.set.MaxDelete.Of(all); w.job == Delete && w.set.MaxDelete.Set && deleted > most {
		return f, &job.Stop{Reason: job.Refused, Err: fmt.Errorf("this would delete %s, and --max-delete allows %d: "+
			"nothing was sent; if this is meant, give --max-delete %d",
			report.Plural(deleted, "Voice contact"), most, deleted)}
	}
	return f, nil
}

// price returns the price of the open rows.
func (w *work) price(reads int64) *report.Records {
	all := w.rows[creates] + w.rows[updates] + w.rows[deletes]
	p := &report.Records{
		Voice: true, Module: "Voice", Do: w.does(), Records: all, Keys: all, Calls: all, Reads: reads,
		Cost: w.org.Cost(w.set), Exact: true,
	}
	p.CreditsLeft = -1
	p.Reckon(w.set.Rate)
	return p
}

// deletions returns what the run deletes. nil: nothing.
func (w *work) deletions(atMost bool) *report.Deletions {
	if w.job != Delete || w.rows[deletes] == 0 {
		return nil
	}
	return &report.Deletions{Count: w.rows[deletes], AtMost: atMost, Of: "Voice contact",
		Warning: "rolecall undo creates them again with new ids"}
}

// does returns what the rows of the run do, in words.
func (w *work) does() string {
	switch {
	case w.job == Delete:
		return "delete"
	case w.job == Undo:
		return "take back"
	case w.rows[updates] == 0:
		return "create"
	case w.rows[creates] == 0:
		return "update"
	}
	return fmt.Sprintf("create (%s) and update (%s)", report.Count(w.rows[creates]), report.Count(w.rows[updates]))
}

// Together implements job.Work.
func (w *work) Together(int) int { return 1 }

// Open implements job.Work.
func (w *work) Open(_ context.Context, groups []job.Group) ([]job.Steps, error) {
	all := make([]job.Steps, len(groups))
	for i := range groups {
		s := &steps{work: w}
		for _, r := range groups[i].Rows {
			if job.IsOpen(&r) {
				s.row, s.ask, s.known, s.open = r, job.Decoded[ask](r.Ask), r.Prior, true
			}
		}
		all[i] = s
	}
	return all, nil
}
