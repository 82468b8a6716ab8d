package export

import (
	"context"
	"errors"
	"fmt"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/picklist"
)

// stages does the stages before the writing.
func (r *run) stages(ctx context.Context, org *job.Org, stop *job.Stopper, dry bool) error {
	if err := r.list(ctx, org); err != nil {
		return err
	}
	var err error
	if r.plan, err = r.price(org); err != nil {
		return err
	}
	if err := r.s.Put("plan", r.plan); err != nil {
		return err
	}
	r.log.Info("price", "plan", r.plan)
	if dry {
		return nil
	}
	if r.Announce != nil {
		r.Announce(r.plan)
	}
	r.Progress.Enter(job.Reading, r.plan.Left, 0)
	if err := r.reading(org, stop).run(ctx); err != nil || !r.set.ViaContacts {
		return err
	}
	return r.lookForGone(ctx, org, stop)
}

// list lists what is to be read, unless that was done before.
func (r *run) list(ctx context.Context, org *job.Org) error {
	listed := false
	if err := errors.Join(r.s.Get("listed", &listed), r.s.Get("roles", &r.roles)); err != nil || listed {
		return err
	}
	r.Progress.Enter(job.Listing, 0, 0)
	ctx = context.WithoutCancel(ctx) // a signal drains the pacer
	var err error
	if r.roles, err = picklist.Read(ctx, org.Zoho); err != nil {
		return err
	}
	l := r.lister(org, modDeals)
	l.where, l.since = r.set.Where, r.set.Since
	list := l.list
	if r.set.Named {
		list = l.listNamed
	}
	if err := list(ctx); err != nil {
		return r.explain(err)
	}
	if r.set.ViaContacts {
		if err := r.lister(org, modContacts).list(ctx); err != nil {
			return r.explain(err)
		}
	}
	return errors.Join(r.s.Put("roles", r.roles), r.s.Put("listed", true))
}

func (r *run) lister(org *job.Org, module string) *lister {
	return &lister{zoho: org.Zoho, version: org.Version, s: r.s, module: module, fields: fieldsOf(module, r.set.Fields), window: windowRows, told: r.told, say: r.note, seen: func(n int) {
		for range n {
			r.Progress.Finished(false)
		}
	}}
}

// explain says of a list that Zoho refuses what the user may have typed wrongly.
func (r *run) explain(err error) error {
	if job.StopOf(err) != nil || r.set.Where == "" && len(r.set.Fields) == 0 {
		return err
	}
	more := ""
	if e, ok := errors.AsType[*api.Error](err); ok && len(e.Details) > 0 && string(e.Details) != "{}" {
		more = " " + string(e.Details) // they name the column, or the place in the condition
	}
	return &job.UsageError{Err: fmt.Errorf("Zoho does not take the list of deals: %w%s; look at --where and --fields", err, more)} //nolint:staticcheck // a name
}

// reading makes the call stage.
func (r *run) reading(org *job.Org, stop *job.Stopper) *reading {
	rd := &reading{
		s: r.s, workers: max(org.InFlight, 1), stop: stop, progress: r.Progress, table: "deals", column: "deal",
		spent: func() error { return r.keepSpent(org) },
	}
	if r.set.ViaContacts {
		rd.table, rd.column, rd.source = "contacts", "contact", byContacts{zoho: org.Zoho, s: r.s, roles: r.roles}
		return rd
	}
	fields := fieldsOf(modContacts, r.set.Fields)
	rd.source = byDeals{fields: fields, roles: r.roles, told: r.told, reader: deals.New(deals.Options{
		Zoho: org.Zoho, Fields: fields, Plain: !r.plan.Composite, Known: org.Known(deals.Finding), Remember: org.Keep(deals.Finding), Say: r.note,
		Places: func() int { return org.Pacer.Stats().Limit }, Over: stop.Stopped,
	})}
	return rd
}
