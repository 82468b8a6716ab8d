package stakeholder

import (
	"context"
	"encoding/json"

	"rolecall/api"
	"rolecall/job"
)

// dealRoles maps the contacts on a deal, by id, to their roles.
type dealRoles map[string]api.RoleRef

func newDealRoles(contacts []api.DealContact) dealRoles {
	on := make(dealRoles, len(contacts))
	for _, c := range contacts {
		on[c.ID] = c.Role
	}
	return on
}

// read reads the contacts on the deals and sets them. It does nothing if the run does not read deals. If Zoho refuses
// to show a deal, read sets only the reason. An error ends the run.
func (w *work) read(ctx context.Context, deals []*deal) error {
	if w.reader == nil || len(deals) == 0 {
		return nil
	}
	ids := make([]string, len(deals))
	for i := range deals {
		ids[i] = deals[i].id
	}
	read, err := w.reader.Read(ctx, ids)
	if err != nil {
		return err
	}
	for i := range read {
		if read[i].Read {
			deals[i].on, deals[i].names = newDealRoles(read[i].Contacts), namesOf(read[i].Contacts)
			if w.plans() {
				deals[i].readNow()
			}
		}
		deals[i].unread = read[i].Err
	}
	return nil
}

// sameRole reports whether the role on a deal is the listed role. Up to v3 a deal has only the id or only the name of a
// role.
func sameRole(onDeal, listed api.RoleRef) bool {
	if onDeal.ID == "" {
		return onDeal.Name != "" && onDeal.Name == listed.Name
	}
	return onDeal.ID == listed.ID
}

// inPlace returns the outcome of a row that needs no call, because the deal is already as the row wants it. ok is false
// if the row needs a call.
//
// If an earlier process was about to send the row, the row itself changed the deal. Its outcome is then not
// "unchanged", and its prior state is the recorded one.
//
// If Zoho refuses to show the deal, the row of a remove, undo or verify fails with this refusal. The row of an assign
// fails too if the refusal is temporary, because its change could not be undone. After other refusals the row is sent,
// and Zoho's answer says what is wrong with the deal.
func (d *deal) inPlace(r *job.Row) (o job.Outcome, ok bool) {
	switch {
	case d.job == Verify:
		return d.verifies(r), true
	case d.plans() && (d.on != nil || d.unread != nil):
		return d.decide(r)
	case d.unread != nil && d.judges():
		return d.unreadable(r), true
	case d.unread != nil && (d.job == Remove || d.unread.Temporary()) && !r.Sent:
		return job.Refuse(r.N, d.unread), true
	case d.on == nil:
		return o, false
	}
	if d.judges() {
		return d.judge(r)
	}
	now, is := d.on[r.Item]
	message := "the contact has this role already"
	if d.job == Remove {
		message, ok = "the contact is not on the deal", !is
	} else {
		ok = is && sameRole(now, askOf(r).ref())
	}
	switch {
	case !ok:
		return o, false
	case !r.Sent && d.job == Remove && !d.IgnoreNotFound:
		o = *job.Reject(job.CodeNotOnDeal, message, "")
		o.Row = r.N
		return o, true
	case !r.Sent:
		return priorOf(job.Settle(r.N, job.ActionUnchanged, message, 0), d.prior(r)), true
	}
	return d.changedByLostCall(r), true
}

// unreadable returns the outcome of a row whose deal Zoho refuses to show. If an earlier process was about to send the
// row, it may have made the change, so the outcome is unknown.
func (d *deal) unreadable(r *job.Row) job.Outcome {
	o := job.Refuse(r.N, d.unread)
	if r.Sent {
		o.Code = job.CodeOutcomeUnknown
		o.Message = "an earlier call may have made the change and its answer was lost; reading the deal did not " +
			"settle it: " + d.unread.Error()
	}
	return o
}

// changedByLostCall returns the outcome of a row that an earlier process was about to send, if the deal is as the row
// wants it.
func (d *deal) changedByLostCall(r *job.Row) job.Outcome {
	action := job.ActionAssigned
	if d.removes(r) {
		action = job.ActionRemoved
	}
	o := job.Settle(r.N, action, "an earlier call may have made the change and its answer was lost; "+
		"the deal, read afterwards, is as the row wants it", 0)
	return priorOf(o, r.Prior)
}

// removes reports whether a row takes its contact off the deal.
func (w *work) removes(r *job.Row) bool { return w.job == Remove || w.judges() && askOf(r).TakesOff }

// prior returns the state of a row's contact before the row is sent, or nil if it is not known. If an earlier process
// sent the row, prior returns the state that it recorded.
func (d *deal) prior(r *job.Row) json.RawMessage {
	if r.Sent || d.on == nil {
		return r.Prior
	}
	now := d.now(r.Item)
	if now.Name == "" {
		now.Name = now.ID // the org's list does not have the role
	}
	return job.Encode(now)
}

// now returns the state of a contact on the deal, as it was read.
func (d *deal) now(contact string) before {
	is, on := d.on[contact]
	if !on {
		return before{Absent: true}
	}
	id, name := d.roles.Both(is)
	return before{role: role{id, name}}
}

// priorOf adds the prior state to an outcome. If the state is known, the action "assigned" becomes "added" or
// "updated".
func priorOf(o job.Outcome, prior json.RawMessage) job.Outcome {
	if prior == nil || !o.OK() {
		return o
	}
	o.Prior = prior
	if o.Action == job.ActionAssigned {
		o.Action = job.ActionAdded
		if !job.Decoded[before](prior).Absent {
			o.Action = job.ActionUpdated
		}
	}
	return o
}
