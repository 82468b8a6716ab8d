package export

import (
	"context"
	"errors"
	"fmt"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/deals"
	"rolecall/job/picklist"

	"golang.org/x/sync/errgroup"
)

// source reads who is on deals, some ids to a call. An error is one that ends the export.
type source interface {
	together() int
	read(ctx context.Context, ids []string) ([]read, error)
}

// reading does the calls of an export: everything that was listed and is not done.
type reading struct {
	s             store
	source        source
	table, column string // whose ids are read
	workers       int
	stop          *job.Stopper
	progress      *job.Progress
	spent         func() error // kept with what was read, inside a transaction
}

// ahead is how many ids are taken out of the store at a time.
const ahead = 1000

// run reads until everything is done or something ends the export. Its error is trouble with the export's own files; what Zoho says that ends it is the stopper's.
func (r *reading) run(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // a signal drains the pacer instead of cutting the calls in flight
	rec := startRecorder(r.s, r.spent, func(err error) { r.stop.Stop(&job.Stop{Reason: job.Broken, Err: fmt.Errorf("%s: %w", r.s.Path, err)}) })
	groups := make(chan []string, ahead/r.source.together()) // nobody waits for the store while it commits
	var g errgroup.Group
	g.Go(func() error {
		defer close(groups)
		return r.hand(groups)
	})
	for range r.workers {
		g.Go(func() error {
			for ids := range groups {
				r.group(ctx, ids, rec)
			}
			return nil
		})
	}
	return errors.Join(g.Wait(), rec.close())
}

// group reads some ids, unless the export is over.
func (r *reading) group(ctx context.Context, ids []string, rec *recorder) {
	if r.stop.Stopped() {
		return
	}
	all, err := r.source.read(ctx, ids)
	if err != nil {
		r.stop.Stop(stopFor(err))
		return
	}
	rec.add(all)
	for range all {
		r.progress.Finished(false)
	}
}

// stopFor is why an error ends an export: a refusal, too, since a file without that deal would not be whole.
func stopFor(err error) *job.Stop {
	if stop := job.StopOf(err); stop != nil {
		return stop
	}
	return &job.Stop{Reason: job.Refused, Err: err}
}

// hand hands out the ids that are not done.
func (r *reading) hand(groups chan<- []string) error {
	for last := ""; ; {
		ids, err := r.s.after(r.table, r.column, last, ahead)
		if err != nil || len(ids) == 0 {
			return err
		}
		last = key(ids[len(ids)-1])
		for len(ids) > 0 {
			n := min(r.source.together(), len(ids))
			select {
			case groups <- ids[:n]:
				ids = ids[n:]
			case <-r.stop.Done:
				return nil
			}
		}
	}
}

// byDeals reads each deal's contacts.
type byDeals struct {
	reader *deals.Reader
	fields []string // of each contact
	roles  picklist.List
	told   *told
}

func (b byDeals) together() int { return b.reader.Together() }

func (b byDeals) read(ctx context.Context, ids []string) ([]read, error) {
	readings, err := b.reader.Read(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []read
	for i, id := range ids {
		switch {
		case readings[i].Read:
			r := read{id: id}
			for _, c := range readings[i].Contacts {
				if err := checkID(c.ID); err != nil {
					return nil, fmt.Errorf("deal %s: %w", id, err)
				}
				b.told.see(modContacts, c.Fields)
				roleID, name := b.roles.Both(c.Role)
				r.on = append(r.on, stakeholder{deal: id, contact: c.ID, roleID: roleID, role: name, fields: pack(b.fields, c.Fields)})
			}
			all = append(all, r)
		case readings[i].Err != nil && api.DealGone(readings[i].Err):
			all = append(all, read{id: id, gone: true})
		case readings[i].Err != nil:
			return nil, fmt.Errorf("deal %s cannot be read: %w", id, readings[i].Err)
		}
	}
	return all, nil
}

// byContacts reads each contact's deals.
type byContacts struct {
	zoho  job.Zoho
	s     store
	roles picklist.List
}

func (byContacts) together() int { return 1 }

func (b byContacts) read(ctx context.Context, ids []string) ([]read, error) {
	id := ids[0]
	on, err := b.zoho.ContactDeals(ctx, id)
	if err != nil {
		if job.StopOf(err) == nil && api.DealGone(err) {
			return []read{{id: id, gone: true}}, nil
		}
		return nil, fmt.Errorf("contact %s cannot be read: %w", id, err)
	}
	r := read{id: id}
	if len(on) == 0 {
		return []read{r}, nil
	}
	fields, err := b.s.fields(modContacts, id)
	if err != nil {
		return nil, err
	}
	for _, d := range on {
		if err := checkID(d.Deal); err != nil {
			return nil, fmt.Errorf("contact %s: %w", id, err)
		}
		roleID, name := b.roles.Both(d.Role)
		r.on = append(r.on, stakeholder{deal: d.Deal, contact: id, roleID: roleID, role: name, fields: fields})
	}
	return []read{r}, nil
}
