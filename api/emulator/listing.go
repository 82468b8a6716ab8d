package emulator

import (
	"cmp"
	"net/url"
	"slices"
	"sort"
	"time"
)

// maxFields is how many fields may be named. Zoho CRM API v7, Get Records.
const maxFields = 50

// A listing is what a call asks of a list of records, besides which list.
type listing struct {
	module  module
	version version
	fields  []string
	sortBy  string // id, Created_Time or Modified_Time
	desc    bool
	since   *int64 // only what is newer, Unix time
	info    pageInfo
	token   *pageToken
	bound   uint64
	now     time.Time
}

// paged says whether lists have page tokens and limits (from v3; the page of
// v2 has neither).
func (l *listing) paged() bool { return l.version >= v3 }

// listing reads the parameters of Get Records, which are those of Get Related
// Records too (Zoho CRM API v7).
func (e *Emulator) listing(c *call, m module) (*listing, error) {
	query := c.query()
	l := &listing{module: m, version: c.version, now: e.gate.now()}
	var err error
	if l.fields, err = recordFields(query, c.version.needsFields()); err != nil {
		return nil, err
	}
	if err := checkViews(query); err != nil {
		return nil, err
	}
	if l.info, err = c.page(query); err != nil {
		return nil, err
	}
	if err := l.readOrder(query); err != nil {
		return nil, err
	}
	if l.since, err = c.modifiedSince(); err != nil {
		return nil, err
	}
	if !l.paged() {
		return l, nil
	}
	l.bound = c.bind(query)
	if l.token, err = c.pageToken(query, l.bound, l.now); err != nil {
		return nil, err
	}
	// In this order nothing overflows, whatever page was asked for.
	if l.info.Page > discretePages/l.info.PerPage {
		return nil, bad("DISCRETE_PAGINATION_LIMIT_EXCEEDED", "You can only get the first 2000 records without using page_token param",
			details{Limit: []byte("2000")})
	}
	return l, nil
}

// recordFields reads the fields, at most 50.
func recordFields(query url.Values, needed bool) ([]string, error) {
	fields, err := fieldsOf(query, needed)
	if err == nil && len(fields) > maxFields {
		return nil, bad("LIMIT_EXCEEDED", "Fields limit exceeded", details{ParamName: "fields", Limit: []byte("50")})
	}
	return fields, err
}

// checkViews refuses what is documented and not emulated: custom views and
// territories.
func checkViews(query url.Values) error {
	if query.Has("cvid") && query.Has("sort_by") {
		return bad("AMBIGUITY_DURING_PROCESSING", "You cannot use both cvid and sort_by",
			details{AmbiguityDueTo: []paramRef{{"cvid"}, {"sort_by"}}})
	}
	for _, name := range []string{"cvid", "territory_id"} {
		if query.Has(name) {
			return bad("NOT_SUPPORTED", "this emulator has no custom views and no territories", details{ParamName: name})
		}
	}
	return nil
}

// readOrder reads sort_by and sort_order; other values than the documented
// ones are refused, with a code and details that are inferred.
func (l *listing) readOrder(query url.Values) error {
	l.sortBy = cmp.Or(query.Get("sort_by"), "id")
	if !slices.Contains([]string{"id", "Created_Time", "Modified_Time"}, l.sortBy) {
		return bad("INVALID_DATA", "invalid data", details{ParamName: "sort_by"})
	}
	order := cmp.Or(query.Get("sort_order"), "desc")
	if order != "asc" && order != "desc" {
		return bad("INVALID_DATA", "invalid data", details{ParamName: "sort_order"})
	}
	l.desc = order == "desc"
	return nil
}

// modifiedSince reads If-Modified-Since, an ISO 8601 time (Zoho CRM API v7,
// Get Records). What another text gives is not documented.
func (c *call) modifiedSince() (*int64, error) {
	text := c.r.Header.Get("If-Modified-Since")
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, bad("INVALID_DATA", "invalid data", details{APIName: "If-Modified-Since", ExpectedDataType: "datetime"})
	}
	return new(t.Unix()), nil
}

// cursor is a record's place in the list.
func (l *listing) cursor(b *base, n id) cursor {
	if l.sortBy == "id" {
		return cursor{id: n}
	}
	created, modified := b.times(l.module, n)
	if l.sortBy == "Created_Time" {
		return cursor{created, n}
	}
	return cursor{modified, n}
}

// compare puts cursors in the order asked for; equal times go by the id.
func (l *listing) compare(x, y cursor) int {
	c := cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.id, y.id))
	if l.desc {
		return -c
	}
	return c
}

// arrange takes ids in ascending order and gives those that are new enough, in
// the order asked for. By id nothing is sorted, and without a time nothing is
// looked at.
func (l *listing) arrange(b *base, all sequence) sequence {
	if l.since == nil && l.sortBy == "id" {
		if l.desc {
			return reversed{all}
		}
		return all
	}
	var list []cursor
	for i := range all.len() {
		n := all.at(i)
		if l.since != nil {
			if _, modified := b.times(l.module, n); modified <= *l.since {
				continue
			}
		}
		list = append(list, l.cursor(b, n))
	}
	slices.SortFunc(list, l.compare)
	ids := make(idList, len(list))
	for i, place := range list {
		ids[i] = place.id
	}
	return ids
}

// cut gives the ids of the page that was asked for and fills in info.
func (l *listing) cut(b *base, all sequence) []id {
	from := 0
	switch {
	case l.token != nil:
		// After the last row rather than at a number: what was deleted in the
		// meantime moves nothing.
		from = sort.Search(all.len(), func(i int) bool { return l.compare(l.cursor(b, all.at(i)), l.token.last) > 0 })
	case l.info.Page-1 > all.len()/l.info.PerPage:
		return nil
	default:
		from = min((l.info.Page-1)*l.info.PerPage, all.len())
	}
	before := from
	if l.token != nil {
		before = l.token.count
	}
	to := min(from+l.info.PerPage, all.len())
	if l.paged() {
		to = min(to, from+tokenPages-before)
	}
	ids := make([]id, 0, to-from)
	for i := from; i < to; i++ {
		ids = append(ids, all.at(i))
	}
	l.info.Count, l.info.MoreRecords = len(ids), to < all.len()
	if l.info.MoreRecords && l.paged() {
		expires := l.now.Add(pageTokenTTL).Unix()
		next := pageToken{bound: l.bound, expires: expires, count: before + len(ids), last: l.cursor(b, ids[len(ids)-1])}
		l.info.NextPageToken, l.info.PageTokenExpiry = new(next.String()), new(timeText(expires))
	}
	return ids
}

// page arranges and cuts. An answer instead of rows is for a list without
// any: 304 when nothing is newer, else 204.
func (l *listing) page(b *base, all sequence) (ids []id, empty *answer) {
	arranged := l.arrange(b, all)
	if l.since != nil && arranged.len() == 0 {
		return nil, new(notModified())
	}
	if ids = l.cut(b, arranged); len(ids) == 0 {
		return nil, new(noContent())
	}
	return ids, nil
}
