package crm

import (
	"bytes"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// recordsInfo is "info" of Get Records, with the keys of the sample (Zoho CRM API v7). As there, page is 1 with a page
// token, and the previous page token is null.
type recordsInfo struct {
	Call bool `json:"call"`
	*wire.PageInfo
	SortBy    string `json:"sort_by"`
	SortOrder string `json:"sort_order"`
	Email     bool   `json:"email"`
}

// getRecords lists the records of a module. Zoho CRM API v7, Get Records.
func (a *API) getRecords(c *wire.Call, m org.Module) (wire.Answer, error) {
	l, err := a.readListing(c, m)
	if err != nil {
		return wire.Answer{}, err
	}
	wanted, filtered, err := c.ReadIDs()
	if err != nil {
		return wire.Answer{}, err
	}
	view := a.store.View(m)
	var all org.Sequence = view
	if filtered {
		all = view.Only(wanted)
	}
	var info any = &l.info.PlainInfo
	if l.paged {
		order := "asc"
		if l.desc {
			order = "desc"
		}
		info = &recordsInfo{PageInfo: &l.info, SortBy: l.sortBy, SortOrder: order}
	}
	return a.list(l, all, info, func(b *bytes.Buffer, n org.ID) {
		b.WriteByte('{')
		a.store.Row(m, n).Listed().Write(b, l.fields, "")
	})
}

// getRecord returns one record, without info. Fields are mandatory for lists only. A record that does not exist is 204,
// which the SDKs expect; the page does not mention the case.
func (a *API) getRecord(c *wire.Call, m org.Module) (wire.Answer, error) {
	fields, err := wire.RecordFields(c.Query(), false)
	if err != nil {
		return wire.Answer{}, err
	}
	since, err := wire.ModifiedSince(c)
	if err != nil {
		return wire.Answer{}, err
	}
	n, isID := org.ParseID(c.IDs[0])
	switch {
	case !isID:
		return wire.Answer{}, wire.Bad("INVALID_DATA", badContactMessage, wire.AtPath(1))
	case !a.store.View(m).Has(n):
		return wire.NoContent(), nil
	}
	if _, modified := a.store.Times(m, n); since != nil && modified <= *since {
		return wire.NotModified(), nil
	}
	return wire.List[wire.PlainInfo](1, func(b *bytes.Buffer, _ int) {
		b.WriteByte('{')
		a.store.Row(m, n).Write(b, fields, "")
	}, nil)
}
