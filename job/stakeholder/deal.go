package stakeholder

import (
	"context"
	"encoding/json"
	"slices"

	"rolecall/api"
	"rolecall/job"
)

// deal does the rows of one deal, in file order: job.Steps.
type deal struct {
	*work

	id     string
	rows   []job.Row         // open ones; those of undo that take a contact off the deal come last
	at     int               // index of the next row to take
	on     dealRoles         // the contacts on the deal before the first call; nil: not known
	names  map[string]string // the names of these contacts, by id
	unread *api.Error        // why the deal could not be read; nil: it was read, or the run does not read
	alone  []job.Row         // rows that a call for several contacts left open; each gets a call of its own
	proof  *proving          // the proof under way; nil: none
	sheet  sheet             // plan, apply, verify: what the file says about the deal
	base   string            // plan, apply: rc_base as it would be now

	primary       string     // plan, apply: the deal's own contact; "" if it has none
	primaryUnread *api.Error // why that is not known
}

// newDeal returns the deal of a group, which is not read yet.
func (w *work) newDeal(g *job.Group) *deal {
	d := &deal{work: w, id: g.Key}
	var off []job.Row
	for _, r := range g.Rows {
		switch {
		case !job.IsOpen(&r):
		case w.job == Undo && w.removes(&r):
			off = append(off, r)
		default:
			d.rows = append(d.rows, r)
		}
	}
	d.rows = append(d.rows, off...)
	if w.plans() || w.job == Verify {
		d.sheet = sheetOf(g.Rows)
		d.sheet.part = g.Phase != 0
	}
	return d
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
	if d.judges() && d.on == nil && d.unread == nil { // the run is over
		return nil, nil
	}
	unchanged := d.skip()
	most := d.most()
	proves := most == 1 && len(d.rows)-d.at > 1 && d.collection.begin()
	if proves {
		most = maxTogether
	}
	skipped, batch := d.next(most)
	unchanged = append(unchanged, skipped...)
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
	case d.removes(&batch[0]):
		return unchanged, d.call(batch, d.remove)
	case len(batch) == 1:
		return unchanged, d.call(batch, d.assignOne)
	}
	return unchanged, d.call(batch, d.assignTogether)
}

// most returns the most contacts that may go in one call with the next row.
func (d *deal) most() int {
	if d.at < len(d.rows) && d.removes(&d.rows[d.at]) || d.collection.works() {
		return maxTogether
	}
	return 1
}

// skip takes the next rows that need no call, up to the first that needs one, and returns their outcomes.
func (d *deal) skip() (unchanged []job.Outcome) {
	for ; d.at < len(d.rows); d.at++ {
		o, ok := d.inPlace(&d.rows[d.at])
		if !ok {
			break
		}
		unchanged = append(unchanged, o)
	}
	return unchanged
}

// next takes the next rows. batch is the rows that can go in one call, at most most of them. unchanged is the outcomes
// of rows before and between them that need no call. A batch has each contact only once, so that its effect equals that
// of its rows one by one.
func (d *deal) next(most int) (unchanged []job.Outcome, batch []job.Row) {
	in := map[string]bool{}
	for ; d.at < len(d.rows); d.at++ {
		r := d.rows[d.at]
		if len(batch) == most || in[r.Item] || len(batch) > 0 && d.removes(&r) != d.removes(&batch[0]) {
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
		Rows: batch, Prior: prior, Force: d.removes(&batch[0]), Repeatable: d.job == Assign && d.reader == nil,
		Send: func(ctx context.Context) ([]job.Outcome, error) {
			outcomes, err := send(ctx, batch)
			d.complete(outcomes, batch, prior)
			if d.unread != nil && slices.ContainsFunc(outcomes, writtenBlindly) {
				d.desk.Say(blindText)
			}
			return outcomes, err
		},
	}
}

// blindText is the note of a run that reads first but wrote to a deal that Zoho refused to show.
const blindText = "rolecall wrote to deals that it could not read first: undo cannot take those rows back " +
	"(" + job.CodePriorUnknown + ")"

// writtenBlindly reports whether a row changed its deal, and the state before is not known.
func writtenBlindly(o job.Outcome) bool { return o.OK() && o.Prior == nil }

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
