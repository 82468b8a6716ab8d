package stakeholder

import (
	"context"
	"fmt"
	"strings"

	"rolecall/api"
	"rolecall/job"
)

// keyProof is the key of the open proof in the notebook. After a kill, resume uses it to put contacts back on the deal.
const keyProof = "proof"

// proof holds the contacts that a call for several contacts may remove from a deal.
type proof struct {
	Deal      string    `json:"deal"`
	Witnesses []witness `json:"witnesses"`
}

// witness is a contact that the call does not name. The contact must still be on the deal after the call.
type witness struct {
	Contact string `json:"contact"`
	Role    role   `json:"role"`
}

// proving proves whether the collection PUT does what its answer says, and leaves alone the contacts that it does not
// name. It does so with the rows of a batch: it reads the deal, sends the first row alone, sends the others by the
// collection PUT, and reads the deal again. A row is a success only if the deal shows its change. proving puts back the
// contacts that vanished. If the deal shows nothing, the proof has no finding.
type proving struct {
	deal  *deal
	batch []job.Row

	stage   int
	proof   proof
	claimed []job.Outcome // the successes in the answer to the collection PUT, which the deal must show
	open    []job.Row     // rows that are still open after the collection PUT
}

// The stages of a proof, each a call.
const (
	proofFirst = iota
	proofRest
	proofJudge
	proofOver
)

// next returns the next call of the proof, or nil at its end.
func (p *proving) next() *job.Call {
	d := p.deal
	switch p.stage {
	case proofFirst:
		return d.call(p.batch[:1], p.first)
	case proofRest:
		return d.call(p.batch[1:], p.rest)
	case proofJudge:
		return &job.Call{Send: p.judge}
	}
	return nil
}

// giveUp ends the proof without a finding. The rows left go one by one.
func (p *proving) giveUp(left []job.Row) {
	p.stage = proofOver
	p.deal.collection.giveUp()
	p.deal.alone = append(p.deal.alone, left...)
}

// first reads the deal and assigns the first row alone.
func (p *proving) first(ctx context.Context, batch []job.Row) ([]job.Outcome, error) {
	d := p.deal
	before, err := d.zoho.DealContactRoles(ctx, d.id)
	if err != nil {
		if _, err := job.OwnError(err); err != nil {
			return nil, err
		}
		p.giveUp(p.batch[1:]) // the calls of the rows report what is wrong with the deal
		return d.assignOne(ctx, batch)
	}
	outcomes, err := d.assignOne(ctx, batch)
	if err != nil {
		return nil, err
	}
	p.proof = proof{Deal: d.id, Witnesses: witnesses(before, &batch[0], outcomes[0].OK(), p.batch[1:])}
	if !p.proof.serves() {
		p.giveUp(p.batch[1:])
		return outcomes, nil
	}
	p.stage = proofRest
	return outcomes, nil
}

// witnesses returns the contacts that are on the deal before the collection PUT and that it does not name.
func witnesses(before []api.DealContact, first *job.Row, assigned bool, rest []job.Row) (all []witness) {
	named := map[string]bool{}
	for i := range rest {
		named[rest[i].Item] = true
	}
	if assigned {
		all = append(all, witness{first.Item, askOf(first).role})
	}
	for _, on := range before {
		if !named[on.ID] && (on.ID != first.Item || !assigned) {
			all = append(all, witness{on.ID, role{on.Role.ID, on.Role.Name}})
		}
	}
	return all
}

// serves reports whether the proof can show anything: there are witnesses, and each of them can be put back.
func (p proof) serves() bool {
	for _, w := range p.Witnesses {
		if w.Role == (role{}) {
			return false
		}
	}
	return len(p.Witnesses) > 0
}

// rest assigns the other rows by the collection PUT. It returns the outcomes of refused rows only.
func (p *proving) rest(ctx context.Context, batch []job.Row) ([]job.Outcome, error) {
	if err := p.deal.desk.Notebook.Put(keyProof, p.proof); err != nil {
		return nil, err
	}
	outcomes, open, err := p.deal.assignMany(ctx, batch)
	p.stage, p.open = proofJudge, open
	var refused []job.Outcome
	for i := range outcomes {
		if outcomes[i].OK() {
			p.claimed = append(p.claimed, outcomes[i])
		} else {
			refused = append(refused, outcomes[i])
		}
	}
	return refused, err
}

// judge reads the deal after the collection PUT, puts back the contacts that vanished, and settles the finding. It
// returns the outcomes of the rows that the deal shows. The others go one by one.
func (p *proving) judge(ctx context.Context) ([]job.Outcome, error) {
	p.stage = proofOver
	d := p.deal
	on, vanished, err := d.repair(ctx, p.proof)
	shown, missing := p.check(on)
	if err != nil {
		return shown, err
	}
	d.alone = append(append(d.alone, missing...), p.open...)
	switch {
	case d.collection.isRefused():
	case vanished > 0:
		d.collection.settle(CollectionReplaces)
	case len(missing) > 0:
		d.collection.failed(d.id, len(missing), len(p.claimed))
	case len(shown) > 0:
		d.collection.settle(CollectionMerges)
	default:
		d.collection.giveUp()
	}
	return shown, nil
}

// check compares the successes in the answer with the contacts on the deal. missing holds the rows that the deal does
// not show.
func (p *proving) check(on dealRoles) (shown []job.Outcome, missing []job.Row) {
	claimed := map[int64]job.Outcome{}
	for _, o := range p.claimed {
		claimed[o.Row] = o
	}
	for _, r := range p.batch[1:] {
		o, is := claimed[r.N]
		if !is {
			continue
		}
		if role, there := on[r.Item]; !there || !sameRole(role, askOf(&r).ref()) {
			missing = append(missing, r)
			continue
		}
		shown = append(shown, priorOf(o, p.deal.prior(&r)))
	}
	return shown, missing
}

// repair puts back the contacts that vanished from the deal of a proof, and deletes the proof. vanished is their
// number. on is the contacts that the deal had before repair put any back; nil: the deal was not read.
func (w *work) repair(ctx context.Context, p proof) (on dealRoles, vanished int, err error) {
	now, err := w.zoho.DealContactRoles(ctx, p.Deal)
	if err != nil {
		return nil, 0, job.AsStop(fmt.Errorf("read deal %s again, after rolecall tried to send several of its "+
			"contacts in one "+
			"call: %w", p.Deal, err))
	}
	on = newDealRoles(now)
	var names []string
	for _, was := range p.Witnesses {
		is, there := on[was.Contact]
		if there && (w.job == Undo || sameRole(is, was.Role.ref())) { // undo leaves what somebody changed since
			continue
		}
		if _, err := w.zoho.AssignContactRole(ctx, p.Deal, was.Contact, was.Role.ref()); err != nil {
			return on, 0, job.AsStop(fmt.Errorf("put contact %s back on deal %s with the role %q, after a call for other "+
				"contacts took the contact off: %w", was.Contact, p.Deal, was.Role.Name, err))
		}
		names = append(names, was.Contact)
	}
	if len(names) > 0 {
		w.desk.Say(fmt.Sprintf("a call for several contacts of deal %s took others off it: put back %s; "+
			"sending each row alone", p.Deal, strings.Join(names, ", ")))
	}
	return on, len(names), w.desk.Notebook.Forget(keyProof)
}

// finishProof finishes the proof that an earlier process left open, if there is one.
func (w *work) finishProof(ctx context.Context) error {
	var p proof
	if err := w.desk.Notebook.Get(keyProof, &p); err != nil || p.Deal == "" {
		return err
	}
	_, vanished, err := w.repair(ctx, p)
	if vanished > 0 {
		w.collection.settle(CollectionReplaces)
	}
	return err
}

// keyTakenOver is the key in the notebook of whether undo has taken over the open proof of the earlier run.
const keyTakenOver = "proof taken over"

// takeOverProof makes the open proof of the run that undo takes back a proof of this run, once. So undo puts back the
// contacts that may have vanished before it judges any row.
func (w *work) takeOverProof() error {
	over := w.Proof == nil
	if !over {
		for _, is := range w.Proof.Witnesses {
			w.taken.Repairs++
			w.taken.Add("+ " + is.Contact + " on " + w.Proof.Deal + " as " + is.Role.Name + ", if a call took it off")
		}
	}
	if err := w.desk.Notebook.Get(keyTakenOver, &over); err != nil || over {
		return err
	}
	if err := w.desk.Notebook.Put(keyProof, w.Proof); err != nil {
		return err
	}
	return w.desk.Notebook.Put(keyTakenOver, true)
}

// openProof returns the deal of a proof that a stop or a kill left open, or "".
func openProof(notebook job.Notebook) (deal string, err error) {
	var p proof
	err = notebook.Get(keyProof, &p)
	return p.Deal, err
}
