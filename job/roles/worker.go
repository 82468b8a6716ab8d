package roles

import (
	"context"
	"errors"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/picklist"
)

// worker does the rows of a run. Its calls go one after the other: each round depends on the one before.
type worker struct {
	*state

	zoho     Zoho
	s        store
	stop     *job.Stopper
	progress *job.Progress
	say      func(text string)
	spent    func() error // what is written along with each outcome

	noted  map[int64]op          // what was sent for rows, or was about to be
	lost   map[int64]*api.Error  // why it is open what became of them
	claims map[int64]api.Outcome // what stands in an answer at their place
	tries  map[int64]int         // how often they were sent
	passed map[string]passedName // Sync: roles that got another name for a while
	freed  map[string]int        // Sync: how often each of them did in this process
	gone   map[string]outcome    // Sync: what became of the roles that the table does not name
	looked bool                  // the list is as it is now
}

// mostTries is how often a row is sent whose answers tell nothing, while the list does not show its change.
const mostTries = 3

// errStopped ends the work where something has stopped the calls.
var errStopped = errors.New("stopped")

// run does everything that is left, or what can be done until something stops it. The list is to be read already, or nothing of it sent.
func (w *worker) run(ctx context.Context) error {
	err := w.work(ctx)
	if errors.Is(err, errStopped) {
		return nil
	}
	return err
}

func (w *worker) work(ctx context.Context) error {
	if !w.looked {
		if err := w.look(ctx); err != nil {
			return err
		}
	}
	if err := w.rounds(ctx); err != nil {
		return err
	}
	if w.command == Delete {
		return nil
	}
	if err := w.order(ctx); err != nil {
		return err
	}
	if w.set.Prune {
		if err := w.prune(ctx, len(w.list)); err != nil {
			return err
		}
	}
	return w.giveBack(ctx)
}

// rounds does the rows.
func (w *worker) rounds(ctx context.Context) error {
	for {
		rd := w.next()
		if err := w.record(rd.local, false); err != nil {
			return err
		}
		if len(rd.ops) == 0 && len(rd.local) > 0 {
			continue // others may have waited for these
		}
		if len(rd.ops) == 0 {
			if freed, err := w.freeName(ctx); err != nil || !freed {
				return err
			}
			continue
		}
		if err := w.send(ctx, rd.ops); err != nil {
			return err
		}
		if err := w.look(ctx); err != nil {
			return err
		}
	}
}

// look reads the list, and lets it tell what answers did not.
func (w *worker) look(ctx context.Context) error {
	if w.stop.Stopped() {
		return errStopped
	}
	l, err := picklist.Read(ctx, w.zoho)
	if err != nil {
		return err
	}
	w.see(l)
	w.looked = true
	return errors.Join(w.settle(), w.verify())
}

// record writes outcomes down: they are done from its return on. sent says that Zoho was asked.
func (w *worker) record(outcomes []outcome, sent bool) error {
	if len(outcomes) == 0 {
		return nil
	}
	err := w.s.InTransaction(func() error { return errors.Join(w.s.put(outcomes...), w.spent()) })
	if err != nil {
		return err
	}
	for i := range outcomes {
		o := &outcomes[i]
		_, again := w.done[o.row]
		w.done[o.row] = *o
		if !again {
			w.progress.Finished(!o.ok())
			w.stop.Count(!o.ok(), sent)
		}
	}
	return nil
}
