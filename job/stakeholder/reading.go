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

// readFirst returns what the deal of each group holds. It is the zero value if the run does not read deals. An error
// ends the run.
func (w *work) readFirst(ctx context.Context, groups []job.Group) ([]reading, error) {
	deals := make([]reading, len(groups))
	if w.reader == nil {
		return deals, nil
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
		deals[i].refused = read[i].Err
		if read[i].Read {
			deals[i].on, deals[i].names = newDealRoles(read[i].Contacts), namesOf(read[i].Contacts)
		}
	}
	return deals, nil
}

// reading is what a deal holds before the first call that writes to it.
type reading struct {
	on      dealRoles         // the contacts on the deal; nil: not known
	names   map[string]string // of these contacts, by id
	refused *api.Error        // why Zoho does not let the deal be read; nil: it does, or it was not asked
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
// A contact is not removed blindly: if Zoho does not let the deal be read, that is what the row fails with. Other writes
// go out all the same, and report what is wrong with the deal.
func (d *deal) inPlace(r *job.Row) (o job.Outcome, ok bool) {
	switch {
	case d.refused != nil && d.job == Remove && !r.Sent:
		return job.Refuse(r.N, d.refused), true
	case d.on == nil:
		return o, false
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
	o = job.Settle(r.N, d.action(), "an earlier call may have made the change and its answer was lost; "+
		"the deal, read afterwards, is as the row wants it", 0)
	return priorOf(o, r.Prior), true
}

// action returns the action of a successful row.
func (w *work) action() string {
	if w.job == Remove {
		return job.ActionRemoved
	}
	return job.ActionAssigned
}

// prior returns the state of a row's contact before the row is sent, or nil if it is not known. If an earlier process
// sent the row, prior returns the state that it recorded.
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

// priorOf returns the outcome with the prior state. If that is known, the action "assigned" becomes "added" or
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
