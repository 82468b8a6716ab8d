package stakeholder

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rolecall/job"
)

// The values of Options.OnConflict besides "", which skips a row that somebody changed in the file and in Zoho.
const (
	Mine   = "mine"   // the file's role is applied
	Theirs = "theirs" // Zoho's role stays
)

// plans reports whether the job is plan or apply: its look stage compares the rows with the org, and only rows that
// differ are sent.
func (w *work) plans() bool { return w.job == Plan || w.job == Apply }

// judges reports whether the job must read the deal of a row before it can do or judge the row.
func (w *work) judges() bool { return w.job == Undo || w.job == Verify || w.plans() }

// baseNow returns rc_base of the deal as it is now.
func (d *deal) baseNow() string {
	roles := make(map[string]string, len(d.on))
	for contact := range d.on {
		now := d.now(contact)
		roles[contact] = cmp.Or(now.ID, now.Name)
	}
	return baseOf(d.id, roles)
}

// readNow sets rc_base of the deal as it is now, after the deal was read. If a row of a copied or edited file has this
// rc_base, the deal did not change since the export.
func (d *deal) readNow() {
	d.base = d.baseNow()
	if !d.sheet.whole && d.sheet.bases[d.base] {
		d.sheet.base = d.base
	}
}

// lookPlans is Look for plan and apply. It reads only the deals for which mustRead is true.
func (w *work) lookPlans(ctx context.Context, groups []job.Group) ([]job.Look, error) {
	all, unread := make([]*deal, len(groups)), []*deal(nil)
	for i := range groups {
		all[i] = w.newDeal(&groups[i])
		if w.mustRead(&all[i].sheet, groups[i].Rows) {
			unread = append(unread, all[i])
		}
	}
	if err := w.read(ctx, unread); err != nil {
		return nil, err
	}
	if err := w.readPrimaries(ctx, unread); err != nil {
		return nil, err
	}
	looks := make([]job.Look, len(groups))
	for i, d := range all {
		if d.on != nil || d.unread != nil || !slices.Contains(unread, d) { // else nothing new may be sent
			looks[i] = d.planned()
		}
	}
	return looks, nil
}

// Spares implements job.Sparer. A deal that is not read takes no place in a composite read.
func (w *work) Spares(g *job.Group) bool {
	if !w.plans() {
		return false
	}
	s := sheetOf(g.Rows)
	return !w.mustRead(&s, g.Rows)
}

// mustRead reports whether the look stage reads a deal. It does not read a deal whose rows are all as at the export,
// because apply then changes nothing, whatever is in Zoho now.
func (w *work) mustRead(s *sheet, rows []job.Row) bool {
	if w.Prune || s.exported && !s.whole {
		return true
	}
	for i := range rows {
		a := askOf(&rows[i])
		if job.IsOpen(&rows[i]) && !a.Empty && a.Planned != planConflict && (a.Left != nil || !s.leaves(a)) {
			return true
		}
	}
	return false
}

// planned returns the result of the look stage for a deal: the rows that change something, with the present state of
// their contacts, and the outcomes of the other rows. The call stage sends a row only if that state is still the same.
func (d *deal) planned() (look job.Look) {
	note := looked{Read: d.on != nil, On: len(d.on)}
	for i := range d.rows {
		r := &d.rows[i]
		o, done := d.decide(r)
		if done {
			if d.on != nil && (o.Code == job.CodeChangedSince || o.Code == job.CodeConflict) {
				o.Prior = d.named(r) // for people
			}
			look.Outcomes = append(look.Outcomes, o)
			continue
		}
		a, now := askOf(r), d.now(r.Item)
		a.Left = &now
		r.Ask = job.Encode(a)
		look.Rows = append(look.Rows, *r)
		d.count(&note, r)
		if now.Absent {
			note.Stay++ // the row adds the contact
		}
		if d.desk.Dry {
			look.Outcomes = append(look.Outcomes, d.preview(r))
		}
	}
	d.unnamed(&look, &note)
	note.Stay += len(d.on) - note.Go
	look.Note = job.Encode(note)
	return look
}

// count adds a row that will be sent to the note of its deal.
func (d *deal) count(note *looked, r *job.Row) {
	if !d.removes(r) {
		note.Puts++
		return
	}
	note.Go++
	if len(note.First) < shownPeople {
		note.First = append(note.First, person{r.Item, d.names[r.Item]})
	}
}

// decide returns the outcome of a row that needs no call. ok is false if the row changes the deal.
func (d *deal) decide(r *job.Row) (o job.Outcome, ok bool) {
	a := askOf(r)
	switch {
	case a.Empty:
		o = *noStakeholder()
		o.Row = r.N
		return o, true
	case a.Planned == planConflict:
		return rejected(r, job.CodeConflict, fmt.Sprintf("the plan lists the contact as a conflict: the row wants %s, "+
			"and when the plan was made the contact was %s", before{role: a.role}, a.Left)), true
	case a.Left == nil && (d.sheet.whole || d.on == nil) && d.sheet.leaves(a):
		return job.Settle(r.N, job.ActionUnchanged, leftAlone, 0), true
	case d.unread != nil:
		return d.unreadable(r), true
	case a.Left != nil:
		return d.judge(r)
	}
	now, want := d.now(r.Item), before{role: a.role}
	switch same := d.sheet.exported && d.sheet.base == d.base; {
	case d.same(now, want):
		o = job.Settle(r.N, job.ActionUnchanged, "the contact has this role already", 0)
		return priorOf(o, job.Encode(now)), true
	case a.Gone && (now.Absent || !d.sheet.leaves(a)):
		return d.goneRole(r, a), true
	case want.role == role{}:
		return rejected(r, job.CodeRoleMissing, "the row names no role"), true
	case !d.sheet.exported, same:
		return o, false
	case d.sheet.leaves(a) && !now.Absent:
		return job.Settle(r.N, job.ActionUnchanged, leftAlone, 0), true
	case d.sheet.leaves(a):
		return d.conflict(r, now, "the row is as at the export, and the contact is off the deal now: either somebody "+
			"took the contact off, or the row is new and a copy of another; a new row has an empty role_id", false)
	case d.isBase(a, now):
		return o, false
	}
	return d.conflict(r, now, fmt.Sprintf("the file and somebody else changed the contact since the export: the file "+
		"wants %s, and now the contact is %s", want, now), true)
}

// leftAlone is the message for a row that nobody edited.
const leftAlone = "the row is as at the export"

// isBase reports whether a contact is on the deal as at the export.
func (d *deal) isBase(a ask, now before) bool {
	if !d.sheet.isOf(a) || a.Sheet.RoleID == "" {
		return now.Absent || now.role == role{}
	}
	return now.ID == a.Sheet.RoleID
}

// conflict returns the outcome of a row whose contact somebody changed in Zoho since the export. edited reports whether
// the row was changed too: --on-conflict mine applies only such a row.
func (d *deal) conflict(r *job.Row, now before, message string, edited bool) (o job.Outcome, ok bool) {
	switch {
	case d.OnConflict == Mine && edited:
		return o, false
	case d.OnConflict == Theirs:
		o = job.Settle(r.N, job.ActionUnchanged, message+" (--on-conflict theirs)", 0)
		return priorOf(o, job.Encode(now)), true
	}
	return rejected(r, job.CodeConflict, message), true
}

// rejected returns the outcome of a row that is not sent.
func rejected(r *job.Row, code, message string) job.Outcome {
	o := *job.Reject(code, message, "")
	o.Row = r.N
	return o
}
