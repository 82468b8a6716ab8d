package stakeholder

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/report"
)

// looked is what the look stage notes of a deal.
type looked struct {
	Read bool `json:"read,omitempty"` // Zoho let the deal be read
	Go   int  `json:"go,omitempty"`   // the contacts that are taken off the deal
	Stay int  `json:"stay,omitempty"` // the contacts that stay on the deal
	Puts int  `json:"puts,omitempty"` // plan, apply: the contacts that are put on the deal or get another role
	On   int  `json:"on,omitempty"`   // plan, apply: the contacts on the deal
	// Pruned is how many of Go the file only implies.
	Pruned int `json:"pruned,omitempty"`
	// Unclear is how many contacts stay because a row of the deal names a contact who was not found.
	Unclear int `json:"unclear,omitempty"`
	// First is the first contacts that go. Their names may be empty.
	First []person `json:"first,omitempty"`
}

// person is a contact for people.
type person struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// shownPeople is the most contacts that the question before a remove names.
const shownPeople = 3

// Looks implements job.Looker. Remove reads all deals before its first write, because its question to the user shows
// what the deals lose. Apply reads them to plan all changes. A dry run reads them to show the changes.
func (w *work) Looks() bool {
	return w.reads && (w.desk.Dry || (w.job == Remove || w.plans()) && !w.desk.Agreed)
}

// Look implements job.Looker.
func (w *work) Look(ctx context.Context, groups []job.Group) ([]job.Look, error) {
	if w.plans() {
		return w.lookPlans(ctx, groups)
	}
	steps, err := w.Open(ctx, groups)
	if err != nil {
		return nil, err
	}
	looks := make([]job.Look, len(groups))
	for i := range steps {
		if d := steps[i].(*deal); d.on != nil || d.unread != nil { // else nothing new may be sent
			d.supposeRepaired()
			looks[i] = d.look()
		}
	}
	return looks, nil
}

// look returns what the rows of the deal would do.
func (d *deal) look() (look job.Look) {
	note := looked{Read: d.on != nil, Stay: len(d.on)}
	for i := range d.rows {
		r := &d.rows[i]
		o, done := d.inPlace(r)
		switch {
		case done:
			if d.desk.Dry && o.Code == job.CodeChangedSince {
				o.Prior = d.named(r) // for people
			}
			look.Outcomes = append(look.Outcomes, o)
			continue
		case d.desk.Dry:
			look.Outcomes = append(look.Outcomes, d.preview(r))
		}
		if d.job == Remove && d.on != nil {
			note.Go, note.Stay = note.Go+1, note.Stay-1
			if len(note.First) < shownPeople {
				note.First = append(note.First, person{r.Item, d.names[r.Item]})
			}
		}
	}
	look.Note = job.Encode(note)
	return look
}

// supposeRepaired adds to a deal the contacts that undo will put back because a proof may have taken them off. A dry
// run does not put them back, but shows the changes as if it did.
func (d *deal) supposeRepaired() {
	if !d.desk.Dry || d.on == nil || d.Proof == nil || d.Proof.Deal != d.id {
		return
	}
	for _, was := range d.Proof.Witnesses {
		if _, there := d.on[was.Contact]; !there {
			d.on[was.Contact] = was.Role.ref()
		}
	}
}

// named returns the prior state of a row with the name of its contact, or nil if the state is not known.
func (d *deal) named(r *job.Row) json.RawMessage {
	prior := d.prior(r)
	if prior == nil {
		return nil
	}
	was := job.Decoded[before](prior)
	was.Contact = d.names[r.Item]
	return job.Encode(was)
}

// preview returns the outcome of a row that a dry run does not send.
func (d *deal) preview(r *job.Row) job.Outcome {
	o := job.Outcome{Row: r.N, Status: job.NotAttempted, Prior: d.named(r)}
	o.Message = "a dry run: not sent; the contact would be " + done(d.change(r, o.Prior))
	return o
}

// change returns what a row does to its contact, as a value of report.Change.Do; "" if prior is not known.
func (w *work) change(r *job.Row, prior json.RawMessage) string {
	switch {
	case w.removes(r):
		return report.RemoveContact
	case prior == nil:
		return ""
	case job.Decoded[before](prior).Absent:
		return report.AddContact
	}
	return report.UpdateContact
}

// done returns the action, for people, of a change.
func done(change string) string {
	switch change {
	case report.RemoveContact:
		return job.ActionRemoved
	case report.AddContact:
		return job.ActionAdded
	case report.UpdateContact:
		return job.ActionUpdated
	}
	return job.ActionAssigned
}

// The default of --max-delete for a remove: it may leave so many of its deals without any stakeholder (design.md,
// Deletions ask).
const (
	emptiedPercent = 10
	emptiedAtLeast = 10
)

// Judge implements job.Looker.
func (w *work) Judge(
	ctx context.Context, notes iter.Seq2[job.Entry, error], forecast *report.Forecast,
) (*report.Deletions, error) {
	if w.plans() {
		if err := w.exactPrice(notes, forecast); err != nil {
			return nil, err
		}
	} else if w.job != Remove {
		return nil, nil
	}
	d, deals := &report.Deletions{Of: "contact"}, int64(0)
	var pruned, on, kept int64
	var unclear []string
	var first []onDeal
	for e, err := range notes {
		if err != nil {
			return nil, err
		}
		note := job.Decoded[looked](e.Value)
		if note.Read {
			deals++
		}
		pruned, on = pruned+int64(note.Pruned), on+int64(note.On)
		if note.Unclear > 0 {
			unclear, kept = append(unclear, e.Key), kept+int64(note.Unclear)
		}
		if note.Go == 0 {
			continue
		}
		d.Count, d.Deals = d.Count+int64(note.Go), d.Deals+1
		if note.Stay == 0 {
			d.Emptied++
		}
		for _, p := range note.First[:min(len(note.First), shownPeople-len(first))] {
			first = append(first, onDeal{deal: e.Key, contact: p.ID, name: p.Name})
		}
	}
	w.tellUnclear(ctx, unclear, kept)
	if d.Count == 0 {
		return nil, nil
	}
	named := w.lookUp(ctx, first)
	for _, p := range first {
		d.First = append(d.First, named.contact(p)+" off "+named.deal(p.deal))
	}
	if pruned > 0 {
		return d, w.tooManyPruned(pruned, on)
	}
	return d, w.tooMany(d, deals)
}

// tooMany returns an error if the run would leave more deals without any stakeholder than the user allows. deals is how
// many deals were read.
func (w *work) tooMany(d *report.Deletions, deals int64) error {
	most := max(emptiedAtLeast, deals*emptiedPercent/100)
	if w.set.MaxDelete.Set {
		most = w.set.MaxDelete.Of(deals)
	}
	if d.Emptied <= most {
		return nil
	}
	return &job.Stop{Reason: job.Refused, Err: fmt.Errorf(
		"this would take %s off %s and leave %d of %s without any stakeholder, and --max-delete allows %d: "+
			"nothing was sent; if this is meant, give --max-delete %d", report.Plural(d.Count, "contact"),
		report.Plural(d.Deals, "deal"), d.Emptied, report.Plural(deals, "deal"), most, d.Emptied)}
}

// foreseen returns what the run would do with a row, as a value of report.Change.Do. ok is false if a dry run does not
// show the row.
func (w *work) foreseen(r *job.Row) (do string, ok bool) {
	switch {
	case r.Done == nil || r.Done.SameAs != 0:
	case r.Done.Code == job.CodeChangedSince, r.Done.Code == job.CodeConflict: // no change, but people must know
		return map[string]string{
			job.CodeChangedSince: report.LeaveContact, job.CodeConflict: report.ConflictContact,
		}[r.Done.Code], true
	case r.Done.Code == job.CodeNotInFile, r.Done.Code == job.CodePrimaryContact,
		r.Extra && r.Done.Code == job.CodeContactUnknown:
		return report.StayContact, true
	case r.Done.Code == job.CodeRoleCleared:
		return report.ClearedContact, w.plans() && r.Key != "" && r.Item != ""
	case r.Done.Status == job.NotAttempted:
		return w.change(r, r.Done.Prior), true
	}
	return "", false
}

// Changes implements job.Looker.
func (w *work) Changes(ctx context.Context, rows job.Results) (*report.Preview, error) {
	p := &report.Preview{List: []report.Change{}}
	counts := map[string]*int64{
		report.AddContact: &p.Added, report.UpdateContact: &p.Updated, report.RemoveContact: &p.Removed, "": &p.Unknown,
		report.LeaveContact: &p.ChangedSince, report.ConflictContact: &p.Conflicts,
		report.StayContact: &p.Stay, report.ClearedContact: &p.Cleared,
	}
	var shown []onDeal
	order := rows.InOrder()
	if p.ByDeal = w.plans(); p.ByDeal {
		order = byDeal(rows)
	}
	for r, err := range order {
		if err != nil {
			return nil, err
		}
		do, ok := w.foreseen(&r)
		if !ok {
			continue
		}
		*counts[do]++
		if do == "" || len(shown) == report.ShownChanges {
			continue
		}
		was := job.Decoded[before](r.Done.Prior)
		shown = append(shown, onDeal{deal: r.Key, contact: r.Item, name: was.Contact})
		one := report.Change{
			Row: r.N, Do: do, DealID: r.Key, ContactID: r.Item, Role: askOf(&r).Name, PriorRole: was.Name,
		}
		switch do {
		case report.LeaveContact:
			one.Role, one.Now = was.Name, was.String()
		case report.ConflictContact:
			one.Now = was.String()
		case report.StayContact:
			one.Now = r.Done.Message
		case report.ClearedContact:
			_, one.PriorRole = w.roles.Both(api.RoleRef{ID: askOf(&r).Sheet.RoleID})
		}
		p.List = append(p.List, one)
	}
	named := w.lookUp(ctx, shown)
	for i, s := range shown {
		p.List[i].Deal, p.List[i].Contact = named.deals[s.deal], named.contacts[s.contact]
	}
	return p, nil
}
