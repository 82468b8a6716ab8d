package emulator

import (
	"bytes"
)

// getContactDeals lists the deals that a contact has a role on. Zoho CRM API
// v7, Get Related Records, and Get Related Records using External ID, whose
// samples have Contact_Role as the id of the role: once as a string and once as
// a bare number. Here it is a string where the deal's id is even.
func (e *Emulator) getContactDeals(c *call) (answer, error) {
	l, err := e.listing(c, moduleDeals)
	if err != nil {
		return answer{}, err
	}
	contact, isID := parseID(c.ids[0])
	if !isID || !e.store.base.hasContact(contact) {
		return answer{}, invalidDeal() // the same for every module in front
	}
	wanted, filtered, err := c.idList()
	if err != nil {
		return answer{}, err
	}
	roles := make(map[id]id)
	var all idList
	for _, d := range e.store.dealsOf(contact) {
		roles[d.deal] = d.role
		all = append(all, d.deal)
	}
	if filtered {
		space := newIDSpace(all, 0, 0)
		all = known(idView{space: &space}, wanted)
	}
	b := e.store.base
	ids, empty := l.page(b, all)
	if empty != nil {
		return *empty, nil
	}
	return writeList(len(ids), func(out *bytes.Buffer, i int) {
		quote := ""
		if ids[i]%2 == 0 {
			quote = `"`
		}
		out.WriteString(`{"Contact_Role":` + quote + roles[ids[i]].String() + quote + `,`)
		writeRecord(out, b, moduleDeals, ids[i], l.fields, "Contact_Role")
	}, &l.info)
}
