package emulator

import "slices"

// maxRolesPerDeal keeps a generated deal's contacts on a page.
const maxRolesPerDeal = 200

// Who plays which role on generated deals is computed as well: deal i has
// i mod (RolesPerDeal+1) contacts, the k-th of them (from 0) is contact
// (i-1+k) mod M + 1 of M, and has role (i+k) mod R of R. So a contact's deals
// can be computed too.

// rolesOn is how many contacts generated deal i has.
func (b *base) rolesOn(i int) int {
	if len(b.roles) == 0 {
		return 0
	}
	return min(i%(b.generated.RolesPerDeal+1), b.generated.Contacts)
}

// madeUpRelations are the contacts of a generated deal, sorted; none for
// others.
func (b *base) madeUpRelations(deal id) []relation {
	if b.generated.RolesPerDeal == 0 || !within(deal, firstDeal, b.generated.Deals) {
		return nil
	}
	i := int(deal - firstDeal) //nolint:gosec // within maxGenerated
	list := make([]relation, b.rolesOn(i))
	for k := range list {
		j := (i-1+k)%b.generated.Contacts + 1
		list[k] = relation{contact: firstContact + id(j), role: b.roles[(i+k)%len(b.roles)]} //nolint:gosec // positive
	}
	slices.SortFunc(list, byContact)
	return list
}

// madeUpDealsOf are the generated deals of a contact, in no order.
func (b *base) madeUpDealsOf(contact id) []id {
	contacts := b.generated.Contacts
	if b.generated.RolesPerDeal == 0 || len(b.roles) == 0 || !within(contact, firstContact, contacts) {
		return nil
	}
	j := int(contact - firstContact) //nolint:gosec // within maxGenerated
	var list []id
	for k := range min(b.generated.RolesPerDeal, contacts) {
		// The smallest deal whose k-th contact this is, and every contacts-th
		// after it, if they have that many.
		for i := (j-1-k+contacts)%contacts + 1; i <= b.generated.Deals; i += contacts {
			if b.rolesOn(i) > k {
				list = append(list, firstDeal+id(i)) //nolint:gosec // positive
			}
		}
	}
	return list
}
