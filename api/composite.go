package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// MostDeals is how many deals one DealsContactRoles takes: a composite request
// has at most five sub-requests (Zoho CRM API v8, Composite API).
const MostDeals = 5

const (
	// CompositePlaces is how many calls in flight a composite request counts
	// for: each takes five concurrency credits, whatever it holds (Zoho CRM API
	// v8, Composite API).
	CompositePlaces = 5
	// mostComposed is how many records a Get Related Records carries in a
	// composite request (Zoho CRM API v8, Composite API: 25).
	mostComposed = 25
)

// DealReading is what one read of several deals says of one of them. With More
// or Err only DealContactRoles tells what is on the deal.
type DealReading struct {
	Deal     string
	Contacts []DealContact // none: there are none, unless Err says otherwise
	More     bool          // it has more contacts than these, which are the first
	// Err is why the deal was not read: Zoho's refusal of it, or trouble with
	// this part of the call alone. A 429 or a server's fault inside the answer
	// closes no gate and is not sent again; it is Temporary, as elsewhere. It is
	// never Uncertain and ends nothing.
	Err *Error
}

// DealsContactRoles gives the contacts on up to MostDeals deals, in the order
// asked, with the fields of each contact that are named, as DealContactRoles
// does for one, and at most some twenty of each. It costs one credit in all and
// counts for five calls in flight. A request that is refused or fails as a whole
// is an *Error.
//
// Zoho has composite requests from v3 on, under a scope of their own
// (ZohoCRM.composite_requests.CUSTOM) beside those of DealContactRoles, and its
// documents do not say that contact roles may be read in them: where that does
// not work, NotOffered is true of the error.
//
// Zoho CRM API v8, Composite API; Get Related Records.
func (c *Client) DealsContactRoles(ctx context.Context, deals []string, fields ...string) ([]DealReading, error) {
	body, err := c.composeReads(deals, fields)
	if err != nil {
		return nil, notSent(err)
	}
	r, k, failed := c.do(ctx, request{
		method: http.MethodPost, path: "/__composite_requests", body: body, due: dueSubs, reads: true, places: CompositePlaces,
	})
	if failed != nil {
		return nil, failed
	}
	if err := checkSubs(r.subs, len(deals)); err != nil {
		return nil, k.unreadable(r, fmt.Errorf("%w: %w", errMisfit, err))
	}
	if !slices.ContainsFunc(r.subs, func(s subReply) bool { return !s.misfit() }) {
		failed = k.subError(&r.subs[0])
		failed.Err = errors.Join(errMisfit, failed.Err)
		return nil, failed
	}
	readings := make([]DealReading, len(deals))
	for i := range deals {
		readings[i] = k.reading(deals[i], &r.subs[i])
	}
	return readings, nil
}

// subRequest is a part of a composite request.
type subRequest struct {
	ID     string            `json:"sub_request_id"`
	Method string            `json:"method"`
	URI    string            `json:"uri"`
	Params map[string]string `json:"params"`
}

// composeReads makes the body. Its flags are left out: their defaults, no
// rollback and all at one time, are what reads want, and v3 has another name for
// one of them (Zoho CRM API v3, Composite API).
func (c *Client) composeReads(deals, fields []string) ([]byte, error) {
	if len(deals) == 0 || len(deals) > MostDeals {
		return nil, fmt.Errorf("%d deals in one call; Zoho takes 1 to %d", len(deals), MostDeals)
	}
	if len(fields) == 0 {
		fields = []string{defaultField}
	}
	subs := make([]subRequest, len(deals))
	for i, deal := range deals {
		path, err := contactRoles(deal)
		if err != nil {
			return nil, err
		}
		subs[i] = subRequest{
			ID: strconv.Itoa(i + 1), Method: http.MethodGet, URI: "/crm/" + c.version.String() + path,
			Params: map[string]string{"fields": strings.Join(fields, ","), "per_page": pageMark(i)},
		}
	}
	return json.Marshal(map[string][]subRequest{"__composite_requests": subs})
}

// pageMark is the page size that a sub-request asks for: another one for each,
// as the answer repeats it in info and nothing else in it tells one deal's
// contacts from another's. None is a size that Zoho's documents have as a
// default (25, 100, 200).
func pageMark(i int) string { return strconv.Itoa(mostComposed - 1 - i) }

// reading takes what a sub-request brought.
func (k *call) reading(deal string, s *subReply) DealReading {
	d := DealReading{Deal: deal}
	if s.reply == nil {
		d.Err = k.subError(s)
		return d
	}
	var err error
	if d.Contacts, err = decodeContacts(s.reply.list); err != nil {
		d.Err = k.unreadable(s.reply, err)
		return d
	}
	d.More = s.reply.info != nil && s.reply.info.MoreRecords
	return d
}

// subError makes the error of a sub-request that failed.
func (k *call) subError(s *subReply) *Error {
	e := k.refused(s.status, s.fault.refusal)
	e.Body, e.Err = s.fault.body, s.fault.err
	if e.Code == "" {
		e.Message = s.fault.message
	}
	return e
}
