package job

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sort"

	"rolecall/api"
)

// dealWork is the rows of one deal on their way through the calls, in file order.
type dealWork struct {
	*caller

	deal  string
	rows  []plannedRow
	at    int               // what comes before it is on its way, done, or not to be sent
	on    dealRoles         // who is on the deal; nil: it was not read
	fresh map[int64]outcome // what repeats may need; nil: there are none
}

// work does the rows of one deal. on is who is on it, nil where it was not read.
func (c *caller) work(ctx context.Context, d dealRows, on dealRoles) error {
	w := &dealWork{caller: c, deal: d.deal.String(), rows: c.plan(d), on: on}
	if slices.ContainsFunc(w.rows, func(r plannedRow) bool { return r.sameAs != 0 }) {
		w.fresh = map[int64]outcome{}
	}
	for !c.over() {
		more, err := w.step(ctx)
		if err != nil {
			if err := c.end(err); err != nil {
				return err
			}
			break
		}
		if !more {
			break
		}
	}
	return w.repeats()
}

// step sends the next batch. An error ends the run: nothing is known of the rows without an outcome, and they stay open.
func (w *dealWork) step(ctx context.Context) (more bool, err error) {
	most := w.most()
	proves := w.command == Assign && most == 1 && len(w.rows)-w.at > 1 && w.collection.begin()
	if proves {
		most = maxTogether
	}
	unchanged, batch := w.next(most)
	if err := w.record(unchanged, false); err != nil {
		return false, err
	}
	switch {
	case proves && len(batch) > 1:
		return true, w.prove(ctx, batch)
	case proves:
		w.collection.leaveOpen()
	}
	if len(batch) == 0 {
		return len(unchanged) > 0, nil
	}
	return true, w.send(ctx, batch)
}

// most is how many contacts may go in one call.
func (c *caller) most() int {
	if c.command == Remove || c.collection.works() {
		return maxTogether
	}
	return 1
}

// next takes the next rows: those that can go in one call of at most so many contacts, and the outcomes of those before and between them that find everything in place.
func (w *dealWork) next(most int) (unchanged []outcome, batch []plannedRow) {
	for ; w.at < len(w.rows) && len(unchanged) < maxTogether; w.at++ {
		r := w.rows[w.at]
		if !r.sendable(w.done.has) {
			continue
		}
		if len(batch) == most || among(r.contact, batch) {
			break
		}
		if o, ok := w.inPlace(r); ok {
			unchanged = append(unchanged, w.kept(o))
			continue
		}
		batch = append(batch, r)
	}
	return unchanged, batch
}

// send makes the calls of a batch and records their outcomes.
func (w *dealWork) send(ctx context.Context, batch []plannedRow) error {
	switch {
	case w.command == Remove:
		outcomes, err := w.remove(ctx, w.deal, batch)
		if err != nil {
			return err
		}
		return w.keep(outcomes)
	case len(batch) == 1:
		return w.oneByOne(ctx, batch)
	}
	outcomes, open, err := w.assignTogether(ctx, w.deal, batch)
	if err == nil {
		err = w.keep(outcomes)
	}
	if err != nil {
		return err
	}
	return w.oneByOne(ctx, open)
}

// oneByOne assigns rows each with a call of its own.
func (w *dealWork) oneByOne(ctx context.Context, rows []plannedRow) error {
	for i, r := range rows {
		if i > 0 && w.over() {
			return nil
		}
		o, err := w.assign(ctx, w.deal, r)
		if err == nil {
			err = w.keep([]outcome{o})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keep records what Zoho was asked for.
func (w *dealWork) keep(outcomes []outcome) error {
	if w.on != nil || w.fresh != nil {
		for i := range outcomes {
			outcomes[i] = w.kept(outcomes[i])
		}
	}
	return w.record(outcomes, true)
}

// kept takes an outcome into what is known of the deal. Where that was read, it says what was there before.
func (w *dealWork) kept(o outcome) outcome {
	if o.code == CodeOutcomeUnknown {
		w.on = nil // what is on the deal is not known any more
	}
	if w.on != nil && o.ok() {
		r := w.rows[sort.Search(len(w.rows), func(i int) bool { return w.rows[i].row >= o.row })]
		o = w.on.change(o, r.contact, w.roles[r.role].RoleRef)
		o.prior = cmp.Or(o.prior, w.roleName(o.priorID))
	}
	if w.fresh != nil {
		w.fresh[o.row] = o
	}
	return o
}

// roleName is what the org calls a role of which a deal gave the id alone, as it does up to v3. One that the input does not name goes by its id.
func (c *caller) roleName(id string) string {
	for _, role := range c.roles {
		if role.ID == id {
			return role.Name
		}
	}
	return id
}

// repeats gives the rows that equal the latest earlier row of their contact that row's outcome. One whose original has none yet stays open, as its original does.
func (w *dealWork) repeats() error {
	if w.fresh == nil {
		return nil
	}
	if err := w.recall(); err != nil {
		return err
	}
	var outcomes []outcome
	for _, r := range w.rows {
		if r.sameAs == 0 || w.done.has(r.row) {
			continue
		}
		original, ok := w.fresh[r.sameAs]
		if !ok {
			continue
		}
		o := repeatOf(original, r.row)
		w.fresh[r.row] = o
		outcomes = append(outcomes, o)
	}
	return w.record(outcomes, false)
}

// recall adds the outcomes that earlier processes recorded for the originals of open repeats.
func (w *dealWork) recall() error {
	wanted := map[int64]bool{}
	for _, r := range w.rows {
		if r.sameAs != 0 && !w.done.has(r.row) && w.done.has(r.sameAs) {
			wanted[r.sameAs] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	recorded, err := w.s.outcomesOf(func(row int64) bool { return wanted[row] })
	maps.Copy(w.fresh, recorded)
	return err
}

// record hands outcomes to the recorder, and counts them once they are committed. sent says whether Zoho was asked.
func (c *caller) record(outcomes []outcome, sent bool) error {
	if len(outcomes) == 0 {
		return nil
	}
	if err := c.rec.add(outcomes...); err != nil {
		return err
	}
	for i := range outcomes {
		failed := !outcomes[i].ok()
		c.progress.Finished(failed)
		c.stop.Count(failed, sent)
	}
	return nil
}

// dealRoles is who is on a deal, with which role.
type dealRoles map[recordID]api.RoleRef

func newDealRoles(contacts []api.DealContact) dealRoles {
	on := make(dealRoles, len(contacts))
	for _, c := range contacts {
		on[newID(c.ID)] = c.Role
	}
	return on
}

// inPlace is the outcome of a row that needs no call, since the deal, which was read, is as the row wants it.
func (w *dealWork) inPlace(r plannedRow) (o outcome, ok bool) {
	if w.on == nil {
		return o, false
	}
	now, is := w.on[r.contact]
	message := "the contact has this role already"
	if w.command == Remove {
		message, ok = "the contact is not on the deal", !is
	} else {
		ok = is && sameRole(now, w.roles[r.role].RoleRef)
	}
	return outcome{row: r.row, answer: answer{StatusSuccess, ActionUnchanged, codeSuccess, message, 0}}, ok
}

// sameRole says whether a role as a deal has it is one of the org's list. Up to v3 a deal names it by id or by name alone.
func sameRole(onDeal, role api.RoleRef) bool {
	if onDeal.ID == "" {
		return onDeal.Name != "" && onDeal.Name == role.Name
	}
	return onDeal.ID == role.ID
}

// change takes a success into what is known of the deal, and says in it what was there before.
func (on dealRoles) change(o outcome, contact recordID, role api.RoleRef) outcome {
	prior, was := on[contact]
	o.prior, o.priorID = prior.Name, prior.ID
	switch o.action {
	case ActionAssigned:
		o.action = ActionAdded
		if was {
			o.action = ActionUpdated
		}
		on[contact] = role
	case ActionRemoved:
		delete(on, contact)
	}
	return o
}
