package emulator

import (
	"bytes"
	"slices"
)

// recordsInfo is "info" of Get Records, with the keys of the sample (Zoho CRM
// API v7). Page is 1 with a page token, as it is there; there is no previous
// page token in it either.
type recordsInfo struct {
	Call bool `json:"call"`
	pageInfo
	SortBy    string `json:"sort_by"`
	SortOrder string `json:"sort_order"`
	Email     bool   `json:"email"`
}

// plainInfo is "info" of lists without page tokens: Get Records before v3, Get
// Deleted Records.
type plainInfo struct {
	PerPage     int  `json:"per_page"`
	Count       int  `json:"count"`
	Page        int  `json:"page"`
	MoreRecords bool `json:"more_records"`
}

func (info *pageInfo) plain() *plainInfo {
	return &plainInfo{PerPage: info.PerPage, Count: info.Count, Page: info.Page, MoreRecords: info.MoreRecords}
}

func (e *Emulator) getDeals(c *call) (answer, error)    { return e.getRecords(c, moduleDeals) }
func (e *Emulator) getContacts(c *call) (answer, error) { return e.getRecords(c, moduleContacts) }
func (e *Emulator) getDeal(c *call) (answer, error)     { return e.getRecord(c, moduleDeals) }
func (e *Emulator) getContact(c *call) (answer, error)  { return e.getRecord(c, moduleContacts) }

// getRecords lists the records of a module. Zoho CRM API v7, Get Records.
func (e *Emulator) getRecords(c *call, m module) (answer, error) {
	l, err := e.listing(c, m)
	if err != nil {
		return answer{}, err
	}
	wanted, filtered, err := c.idList()
	if err != nil {
		return answer{}, err
	}
	view := e.store.view(m)
	var all sequence = view
	if filtered {
		all = known(view, wanted)
	}
	b := e.store.base
	ids, empty := l.page(b, all)
	if empty != nil {
		return *empty, nil
	}
	row := func(out *bytes.Buffer, i int) {
		out.WriteByte('{')
		writeRecord(out, b, m, ids[i], l.fields, "")
	}
	if !l.paged() {
		return writeList(len(ids), row, l.info.plain())
	}
	order := "asc"
	if l.desc {
		order = "desc"
	}
	return writeList(len(ids), row, &recordsInfo{pageInfo: l.info, SortBy: l.sortBy, SortOrder: order})
}

// known gives those of the ids that are there, ascending, each once.
func known(v idView, wanted []string) idList {
	var list idList
	for _, text := range wanted {
		if n, isID := parseID(text); isID && v.has(n) {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// getRecord gives one record, without info; fields are mandatory for lists
// only. One that is not there is 204, which the SDKs expect; what the page
// says of it: nothing.
func (e *Emulator) getRecord(c *call, m module) (answer, error) {
	fields, err := recordFields(c.query(), false)
	if err != nil {
		return answer{}, err
	}
	since, err := c.modifiedSince()
	if err != nil {
		return answer{}, err
	}
	n, isID := parseID(c.ids[0])
	b := e.store.base
	switch {
	case !isID:
		return answer{}, bad("INVALID_DATA", badContactMessage, atPath(1))
	case !e.store.view(m).has(n):
		return noContent(), nil
	}
	if _, modified := b.times(m, n); since != nil && modified <= *since {
		return notModified(), nil
	}
	return writeList[plainInfo](1, func(out *bytes.Buffer, _ int) {
		out.WriteByte('{')
		writeRecord(out, b, m, n, fields, "")
	}, nil)
}
