package job

import (
	"context"
	"fmt"
	"strings"

	"rolecall/api"
)

// proof is what run.db says of a proof under way: who may vanish from which deal by it. A kill in the middle of a proof must not cost a deal its contacts.
type proof struct {
	Deal      string    `json:"deal"`
	Witnesses []witness `json:"witnesses"`
}

// witness is a contact that must still be on the deal after a call that does not name it.
type witness struct {
	Contact string      `json:"contact"`
	Role    api.RoleRef `json:"role"`
}

// prove finds out whether the collection PUT leaves alone whom it does not name, and does the rows of the batch by it: the deal is read, the first row is assigned by a call of its own, the
// others by the collection PUT, and the deal is read again. Whoever vanished is put back.
//
// It returns as send does, and leaves the question open where the deal cannot answer it.
func (w *dealWork) prove(ctx context.Context, batch []plannedRow) error {
	proven := false
	defer func() {
		if !proven {
			w.collection.giveUp()
		}
	}()
	before, err := w.zoho.DealContactRoles(ctx, w.deal)
	if err != nil {
		if _, err := OwnError(err); err != nil {
			return err
		}
		return w.oneByOne(ctx, batch) // they tell what is the matter with the deal
	}
	first, err := w.assign(ctx, w.deal, batch[0])
	if err == nil {
		err = w.keep([]outcome{first})
	}
	if err != nil || w.over() {
		return err
	}
	rest := batch[1:]
	p := proof{Deal: w.deal, Witnesses: w.witnesses(before, batch[0], first, rest)}
	if !p.serves() {
		return w.oneByOne(ctx, rest)
	}
	if err := w.s.Put("proof", p); err != nil {
		return err
	}
	outcomes, open, err := w.assignTogether(ctx, w.deal, rest)
	if err == nil {
		err = w.keep(outcomes)
	}
	if err != nil {
		return err
	}
	finding, err := w.judge(ctx, p, outcomes)
	if err != nil {
		return err
	}
	if finding != "" {
		proven = true
		w.collection.settle(finding)
	}
	return w.oneByOne(ctx, open)
}

// witnesses are those who are on the deal before the collection PUT and not named in it.
func (c *caller) witnesses(before []api.DealContact, r plannedRow, first outcome, rest []plannedRow) (all []witness) {
	if first.ok() {
		all = append(all, witness{r.contact.String(), c.roles[r.role].RoleRef})
	}
	for _, on := range before {
		if contact := newID(on.ID); !among(contact, rest) && (contact != r.contact || !first.ok()) {
			all = append(all, witness{on.ID, on.Role})
		}
	}
	return all
}

// serves says whether the proof can tell anything: somebody may vanish, and each of them can be put back.
func (p proof) serves() bool {
	for _, w := range p.Witnesses {
		if w.Role == (api.RoleRef{}) {
			return false
		}
	}
	return len(p.Witnesses) > 0
}

// judge reads the deal after the collection PUT, puts back whoever vanished, and returns what that says of the call; "" where it says nothing.
func (c *caller) judge(ctx context.Context, p proof, outcomes []outcome) (finding string, err error) {
	vanished, err := c.repair(ctx, p)
	if err != nil {
		return "", err
	}
	if c.collection.isRefused() {
		return CollectionRefused, nil
	}
	if vanished > 0 {
		return CollectionReplaces, nil
	}
	for _, o := range outcomes {
		if o.ok() {
			return CollectionMerges, nil
		}
	}
	return "", nil
}

// repair puts back whoever vanished from the deal of a proof, and forgets the proof.
func (c *caller) repair(ctx context.Context, p proof) (vanished int, err error) {
	now, err := c.zoho.DealContactRoles(ctx, p.Deal)
	if err != nil {
		return 0, ended(fmt.Errorf("read deal %s again, on which it was tried whether several contacts may go in one call: %w", p.Deal, err))
	}
	on := newDealRoles(now)
	var names []string
	for _, w := range p.Witnesses {
		if role, is := on[newID(w.Contact)]; is && sameRole(role, w.Role) {
			continue
		}
		if _, err := c.zoho.AssignContactRole(ctx, p.Deal, w.Contact, w.Role); err != nil {
			return 0, ended(fmt.Errorf("put contact %s back on deal %s with the role %q, from which a call for other contacts took it: %w", w.Contact, p.Deal, w.Role.Name, err))
		}
		names = append(names, w.Contact)
	}
	if len(names) > 0 {
		c.collection.say(fmt.Sprintf("a call for several contacts of deal %s took others off it: put back %s; from here on each row is a call of its own", p.Deal, strings.Join(names, ", ")))
	}
	return len(names), c.s.Forget("proof")
}

// ended makes an error one that ends the run, whatever it is: what was begun on a deal must not be left half done in silence.
func ended(err error) error {
	if StopOf(err) == nil {
		return &Stop{Refused, err}
	}
	return err
}

// mend finishes a proof that an earlier process could not finish.
func (c *caller) mend(ctx context.Context) error {
	var p proof
	if err := c.s.Get("proof", &p); err != nil || p.Deal == "" {
		return err
	}
	vanished, err := c.repair(ctx, p)
	if vanished > 0 {
		c.collection.settle(CollectionReplaces)
	}
	return err
}

// openProof names the deal of a proof that a stop or a kill cut short; "" where there is none.
func (r *run) openProof() (deal string, err error) {
	var p proof
	err = r.s.Get("proof", &p)
	return p.Deal, err
}
