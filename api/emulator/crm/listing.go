package crm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"sort"
	"time"

	"rolecall/api/emulator/org"
	"rolecall/api/emulator/wire"
)

// A listing is the parameters of a call that lists records.
type listing struct {
	store  *org.Store
	module org.Module
	paged  bool // the list has page tokens and limits (from v3; the page of v2 has neither)
	fields []string
	sortBy string // id, Created_Time or Modified_Time
	desc   bool
	since  *int64 // only what is newer, Unix time
	info   wire.PageInfo
	token  *pageToken
	bound  uint64
	now    time.Time
}

// readListing reads the parameters of Get Records, which are also those of Get Related Records (Zoho CRM API v7).
func (a *API) readListing(c *wire.Call, m org.Module) (*listing, error) {
	query := c.Query()
	l := &listing{store: a.store, module: m, paged: c.Version >= wire.V3, now: a.Now()}
	var err error
	if l.fields, err = wire.RecordFields(query, c.Version.NeedsFields()); err != nil {
		return nil, err
	}
	if err := checkViews(query); err != nil {
		return nil, err
	}
	if l.info, err = wire.ReadPage(c); err != nil {
		return nil, err
	}
	if err := l.readOrder(query); err != nil {
		return nil, err
	}
	if l.since, err = wire.ModifiedSince(c); err != nil {
		return nil, err
	}
	if !l.paged {
		return l, nil
	}
	l.bound = bind(c)
	if l.token, err = readPageToken(query, l.bound, l.now); err != nil {
		return nil, err
	}
	if l.info.Page > discretePages/l.info.PerPage { // no overflow, whatever the page
		return nil, wire.Bad("DISCRETE_PAGINATION_LIMIT_EXCEEDED",
			"You can only get the first 2000 records without using page_token param",
			wire.Details{Limit: json.RawMessage("2000")})
	}
	return l, nil
}

// checkViews refuses custom views and territories, which are documented and not emulated.
func checkViews(query url.Values) error {
	if query.Has("cvid") && query.Has("sort_by") {
		return wire.Ambiguous("You cannot use both cvid and sort_by", "cvid", "sort_by")
	}
	for _, name := range []string{"cvid", "territory_id"} {
		if query.Has(name) {
			return wire.NotEmulated("custom views and no territories", wire.Details{ParamName: name})
		}
	}
	return nil
}

// readOrder reads sort_by and sort_order. It refuses values that are not documented; the code and details are inferred.
func (l *listing) readOrder(query url.Values) error {
	l.sortBy = cmp.Or(query.Get("sort_by"), "id")
	if !slices.Contains([]string{"id", "Created_Time", "Modified_Time"}, l.sortBy) {
		return wire.InvalidParam("sort_by", "")
	}
	order := cmp.Or(query.Get("sort_order"), "desc")
	if order != "asc" && order != "desc" {
		return wire.InvalidParam("sort_order", "")
	}
	l.desc = order == "desc"
	return nil
}

// cursor returns the position of a record in the list.
func (l *listing) cursor(n org.ID) cursor {
	if l.sortBy == "id" {
		return cursor{id: n}
	}
	created, modified := l.store.Times(l.module, n)
	if l.sortBy == "Created_Time" {
		return cursor{created, n}
	}
	return cursor{modified, n}
}

// compare puts cursors in the wanted order. Equal times go by the id.
func (l *listing) compare(x, y cursor) int {
	c := cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.id, y.id))
	if l.desc {
		return -c
	}
	return c
}

// arrange takes ids in ascending order. It returns those that are new enough, in the wanted order. In the order of ids
// it does not sort, and without If-Modified-Since it reads no record.
func (l *listing) arrange(all org.Sequence) org.Sequence {
	if l.since == nil && l.sortBy == "id" {
		if l.desc {
			return org.Reversed{Sequence: all}
		}
		return all
	}
	var list []cursor
	for i := range all.Len() {
		n := all.At(i)
		if l.since != nil {
			if _, modified := l.store.Times(l.module, n); modified <= *l.since {
				continue
			}
		}
		list = append(list, l.cursor(n))
	}
	slices.SortFunc(list, l.compare)
	ids := make(org.List, len(list))
	for i, c := range list {
		ids[i] = c.id
	}
	return ids
}

// cut returns the ids of the wanted page and completes info.
func (l *listing) cut(all org.Sequence) []org.ID {
	from := l.info.Start(all.Len())
	before := from
	if l.token != nil {
		// The page begins after a row, not at a number: deletions in the meantime move nothing.
		from = sort.Search(all.Len(), func(i int) bool { return l.compare(l.cursor(all.At(i)), l.token.last) > 0 })
		before = l.token.count
	}
	to := min(from+l.info.PerPage, all.Len())
	if l.paged {
		to = min(to, from+tokenPages-before)
	}
	ids := make([]org.ID, 0, to-from)
	for i := from; i < to; i++ {
		ids = append(ids, all.At(i))
	}
	l.info.Count, l.info.MoreRecords = len(ids), to < all.Len()
	if l.info.MoreRecords && l.paged {
		expires := l.now.Add(pageTokenTTL).Unix()
		last := l.cursor(ids[len(ids)-1])
		next := pageToken{bound: l.bound, expires: expires, count: before + len(ids), last: last}
		l.info.NextPageToken, l.info.PageTokenExpiry = new(next.String()), new(org.TimeText(expires))
	}
	return ids
}

// list answers with a page of a list. info may point into the listing, which list completes. Without rows the answer is
// 304 if nothing is newer than If-Modified-Since, else 204.
func (a *API) list(l *listing, all org.Sequence, info any, row func(*bytes.Buffer, org.ID)) (wire.Answer, error) {
	arranged := l.arrange(all)
	if l.since != nil && arranged.Len() == 0 {
		return wire.NotModified(), nil
	}
	ids := l.cut(arranged)
	if len(ids) == 0 {
		return wire.NoContent(), nil
	}
	return wire.List(len(ids), func(b *bytes.Buffer, i int) { row(b, ids[i]) }, &info)
}
