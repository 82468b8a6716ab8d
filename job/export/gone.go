package export

import (
	"context"
	"slices"

	"rolecall/api"
	"rolecall/job"
)

// lookForGone looks once more at the deals, where an export goes by contacts: one that was deleted meanwhile may have lost some of its stakeholders on the way, and be told as one with the others.
func (r *run) lookForGone(ctx context.Context, org *job.Org, stop *job.Stopper) error {
	ctx = context.WithoutCancel(ctx) // a signal drains the pacer
	l := r.lister(org, modDeals)
	for last := ""; !stop.Stopped(); {
		ids, err := r.s.kept(last, org.Version.MostInQuery())
		if err != nil || len(ids) == 0 {
			return err
		}
		there, err := l.byIDs(ctx, ids)
		if err != nil {
			return err
		}
		var gone []read
		for _, id := range ids {
			if !slices.ContainsFunc(there, func(deal api.Record) bool { return key(deal.ID) == key(id) }) {
				gone = append(gone, read{id: id, gone: true})
			}
		}
		if err := r.s.InTransaction(func() error { return r.s.keep(gone) }); err != nil {
			return err
		}
		last = key(ids[len(ids)-1])
	}
	return nil
}
