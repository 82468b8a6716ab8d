package stakeholder

import (
	"context"
	"encoding/json"

	"rolecall/api"
	"rolecall/job"
)

// dealRoles is who is on a deal, with which role, by the contact's id.
type dealRoles map[string]api.RoleRef

func newDealRoles(contacts []api.DealContact) dealRoles {
	on := make(dealRoles, len(contacts))
	for _, c := range contacts {
		on[c.ID] = c.Role
	}
	return on
}

// read returns who is on each deal of some groups: nil for a deal that is not read, and for one that Zoho does not let
// read, whose writes tell why. An error ends the run.
func (w *work) read(ctx context.Context, groups []job.Group) ([]dealRoles, error) {
	on := make([]dealRoles, len(groups))
	if w.reader == nil {
		return on, nil
	}
	ids := make([]string, len(groups))
	for i := range groups {
		ids[i] = groups[i].Key
	}
	read, err := w.reader.Read(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range read {
		if read[i].Read {
			on[i] = newDealRoles(read[i].Contacts)
		}
	}
	return on, nil
}

// sameRole reports whether a role as a deal has it is a role of the org's list. Up to v3 a deal names a role by its id
// or by its name alone.
func sameRole(onDeal, listed api.RoleRef) bool {
	if onDeal.ID == "" {
		return onDeal.Name != "" && onDeal.Name == listed.Name
	}
	return onDeal.ID == listed.ID
}

// inPlace returns the outcome of a row that needs no call, because the deal, which was read, is as the row wants it.
//
// A row that an earlier process was about to send changed the deal itself: it is not unchanged, and its state before is
// the one that was recorded.
func (d *deal) inPlace(r *job.Row) (o job.Outcome, ok bool) {
	if d.on == nil {
		return o, false
	}
	now, is := d.on[r.Item]
	message := "the contact has this role already"
	if d.job == Remove {
		message, ok = "the contact is not on the deal", !is
	} else {
		ok = is && sameRole(now, askOf(r).ref())
	}
	if !ok || !r.Sent {
		return priorOf(job.Settle(r.N, job.ActionUnchanged, message, 0), d.prior(r)), ok
	}
	o = job.Settle(r.N, d.action(), "an earlier call may have made the change and its answer was lost; the deal, read "+
		"afterwards, is as the row wants it", 0)
	return priorOf(o, r.Prior), true
}

// action returns what the job does with a row.
func (w *work) action() string {
	if w.job == Remove {
		return job.ActionRemoved
	}
	return job.ActionAssigned
}

// prior returns the state of a row's contact before the row is sent; nil where it is not known. What an earlier process
// recorded before it sent the row counts.
func (d *deal) prior(r *job.Row) json.RawMessage {
	if r.Sent || d.on == nil {
		return r.Prior
	}
	now, is := d.on[r.Item]
	if !is {
		return job.Encode(before{Absent: true})
	}
	id, name := d.roles.Both(now)
	if name == "" {
		name = id // the org's list does not have the role
	}
	return job.Encode(before{role: role{id, name}})
}

// priorOf puts the state before into a success, and makes assigned either added or updated where it is known.
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

// took takes an outcome into what is known of the deal.
func (d *deal) took(o *job.Outcome, r *job.Row) {
	switch {
	case o.Code == job.CodeOutcomeUnknown:
		d.on = nil // who is on the deal is not known any more
	case d.on == nil || !o.OK():
	case d.job == Remove:
		delete(d.on, r.Item)
	default:
		d.on[r.Item] = askOf(r).ref()
	}
}
