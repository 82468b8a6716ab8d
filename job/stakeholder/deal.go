package stakeholder

import (
	"context"
	"encoding/json"

	"rolecall/job"
)

// deal does the rows of one deal, in file order: job.Steps.
type deal struct {
	*work
	reading

	id    string
	rows  []job.Row // open ones
	at    int       // index of the next row to take
	alone []job.Row // rows that a call for several contacts left open: each goes in a call of its own
	proof *proving  // the proof under way; nil: none
}

// Next implements job.Steps.
func (d *deal) Next() ([]job.Outcome, *job.Call) {
	if d.proof != nil {
		if call := d.proof.next(); call != nil {
			return nil, call
		}
		d.proof = nil
	}
	if len(d.alone) > 0 {
		r := d.alone[:1]
		d.alone = d.alone[1:]
		return nil, d.call(r, d.assignOne)
	}
	most := d.most()
	proves := most == 1 && len(d.rows)-d.at > 1 && d.collection.begin()
	if proves {
		most = maxTogether
	}
	unchanged, batch := d.next(most)
	switch {
	case proves && len(batch) > 1:
		d.proof = &proving{deal: d, batch: batch}
		return unchanged, d.proof.next()
	case proves:
		d.collection.leaveOpen()
	}
	switch {
	case len(batch) == 0:
		return unchanged, nil
	case d.job == Remove:
		return unchanged, d.call(batch, d.remove)
	case len(batch) == 1:
		return unchanged, d.call(batch, d.assignOne)
	}
	return unchanged, d.call(batch, d.assignTogether)
}

// most returns the most contacts that may go in one call.
func (w *work) most() int {
	if w.job == Remove || w.collection.works() {
		return maxTogether
	}
	return 1
}

// next takes the next rows. batch holds the rows that can go in one call, up to most of them. unchanged holds the
// outcomes of rows before and between them that need no call. A batch has each contact once, so that it has the same
// effect as its rows one by one.
func (d *deal) next(most int) (unchanged []job.Outcome, batch []job.Row) {
	in := map[string]bool{}
	for ; d.at < len(d.rows); d.at++ {
		r := d.rows[d.at]
		if len(batch) == most || in[r.Item] {
			break
		}
		if o, ok := d.inPlace(&r); ok {
			unchanged = append(unchanged, o)
			continue
		}
		batch, in[r.Item] = append(batch, r), true
	}
	return unchanged, batch
}

// call returns the call for the rows of a batch. send makes the call and returns their outcomes.
func (d *deal) call(batch []job.Row, send func(context.Context, []job.Row) ([]job.Outcome, error)) *job.Call {
	prior := make([]json.RawMessage, len(batch))
	for i := range batch {
		prior[i] = d.prior(&batch[i])
	}
	return &job.Call{
		Rows: batch, Prior: prior, Force: d.job == Remove, Repeatable: d.job == Assign && d.reader == nil,
		Send: func(ctx context.Context) ([]job.Outcome, error) {
			outcomes, err := send(ctx, batch)
			d.complete(outcomes, batch, prior)
			return outcomes, err
		},
	}
}

// complete adds the prior state to the outcomes of a batch.
func (d *deal) complete(outcomes []job.Outcome, batch []job.Row, prior []json.RawMessage) {
	for i := range outcomes {
		for k := range batch {
			if batch[k].N == outcomes[i].Row {
				outcomes[i] = priorOf(outcomes[i], prior[k])
			}
		}
	}
}
