package crm

import (
	"bytes"
	"slices"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// dealOf reads the deal in the path.
func (a *API) dealOf(c *wire.Call) (org.ID, error) {
	deal, isID := org.ParseID(c.IDs[0])
	if !isID || !a.store.View(org.Deals).Has(deal) {
		return 0, invalidDeal()
	}
	return deal, nil
}

// relationOf reads the deal and the contact in the path. It checks the deal first, because its segment comes first.
func (a *API) relationOf(c *wire.Call) (deal, contact org.ID, err error) {
	if deal, err = a.dealOf(c); err != nil {
		return 0, 0, err
	}
	contact, isID := org.ParseID(c.IDs[1])
	if !isID || !a.store.HasContact(contact) {
		return 0, 0, invalidContact()
	}
	return deal, contact, nil
}

// getDealRoles lists a deal's contacts. Zoho CRM API, Get Contact Roles of a Specific Deal. Its paging is that of Get
// Related Records.
func (a *API) getDealRoles(c *wire.Call) (wire.Answer, error) {
	fields, err := wire.ReadFields(c.Query(), c.Version.NeedsFields())
	if err != nil {
		return wire.Answer{}, err
	}
	deal, err := a.dealOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	wanted, filtered, err := c.ReadIDs()
	if err != nil {
		return wire.Answer{}, err
	}
	info, err := wire.ReadPage(c)
	if err != nil {
		return wire.Answer{}, err
	}
	relations, p := a.store.Deal(deal)
	rows := slices.Clone(relations)
	if filtered {
		rows = slices.DeleteFunc(rows, func(r org.Relation) bool {
			return !slices.Contains(wanted, r.Contact.String())
		})
	}
	// By id, descending by default. Relations have no times here, so sort_by Created_Time and Modified_Time give the
	// same order.
	if c.Query().Get("sort_order") != "asc" {
		slices.Reverse(rows)
	}
	rows = wire.CutPage(&info, rows)
	if len(rows) == 0 {
		return wire.NoContent(), nil
	}
	return a.listRelations(c, rows, &p, fields, &info)
}

// getDealRole returns one contact of a deal, without info. Newer documents require fields here. The SDKs send none, so
// they are optional. The answer is 204 for a contact who is not on the deal (OpenAPI v8.0), and for an id that no
// contact has: only the pages of the writes have an error for such an id.
func (a *API) getDealRole(c *wire.Call) (wire.Answer, error) {
	fields, err := wire.ReadFields(c.Query(), false)
	if err != nil {
		return wire.Answer{}, err
	}
	deal, err := a.dealOf(c)
	if err != nil {
		return wire.Answer{}, err
	}
	contact, _ := org.ParseID(c.IDs[1])
	relations, p := a.store.Deal(deal)
	at, exists := slices.BinarySearchFunc(relations, contact, org.ByContact)
	if !exists {
		return wire.NoContent(), nil
	}
	return a.listRelations(c, relations[at:at+1], &p, fields, nil)
}

// listRelations encodes contacts of a deal. They always have id and Contact_Role.
func (a *API) listRelations(
	c *wire.Call, rows []org.Relation, p *org.Picklist, fields []string, info *wire.PageInfo,
) (wire.Answer, error) {
	return wire.List(len(rows), func(b *bytes.Buffer, i int) {
		role, _ := p.ByID(rows[i].Role)
		value := wire.Quote(role.ID.String())
		if c.Version.RolesAreObjects() {
			value = slices.Concat([]byte(`{"name":`), wire.Quote(role.Name), []byte(`,"id":`), value, []byte(`}`))
		}
		b.WriteString(`{"Contact_Role":`)
		b.Write(value)
		b.WriteByte(',')
		a.store.Row(org.Contacts, rows[i].Contact).Write(b, fields, "Contact_Role")
	}, info)
}

// getContactDeals lists the deals that a contact has a role on. Zoho CRM API v7, Get Related Records, and Get Related
// Records using External ID. One sample has Contact_Role, the role's id, as a string, the other as a number. Here it is
// a string if the deal's id is even.
func (a *API) getContactDeals(c *wire.Call) (wire.Answer, error) {
	l, err := a.readListing(c, org.Deals)
	if err != nil {
		return wire.Answer{}, err
	}
	contact, isID := org.ParseID(c.IDs[0])
	if !isID || !a.store.HasContact(contact) {
		return wire.Answer{}, invalidDeal() // the same for each module at the start of the path
	}
	wanted, filtered, err := c.ReadIDs()
	if err != nil {
		return wire.Answer{}, err
	}
	roles := make(map[org.ID]org.ID)
	var all org.List
	for _, d := range a.store.DealsOf(contact) {
		if filtered && !slices.Contains(wanted, d.Deal.String()) {
			continue
		}
		roles[d.Deal] = d.Role
		all = append(all, d.Deal)
	}
	return a.list(l, all, &l.info, func(b *bytes.Buffer, deal org.ID) {
		role := roles[deal].String()
		if deal%2 == 0 {
			role = `"` + role + `"`
		}
		b.WriteString(`{"Contact_Role":` + role + `,`)
		a.store.Row(org.Deals, deal).Write(b, l.fields, "Contact_Role")
	})
}
