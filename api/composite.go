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

// MostDeals is how many deals one DealsContactRoles takes: a composite request has at most five sub-requests (Zoho CRM
// API v8, Composite API).
const MostDeals = 5

const (
	// CompositePlaces is how many calls in flight a composite request counts for: it takes five concurrency credits,
	// whatever it holds (Zoho CRM API v8, Composite API).
	CompositePlaces = 5
	// mostComposed is how many records a Get Related Records returns in a composite request (Zoho CRM API v8,
	// Composite API: 25).
	mostComposed = 25
)

// DealReading is the result for one deal of a read of several. With More or Err, call DealContactRoles to learn who is
// on the deal.
type DealReading struct {
	Deal     string
	Contacts []DealContact // empty without Err: the deal has no contacts
	More     bool          // the deal has more contacts: these are the first
	// Err is why the deal was not read: Zoho refused it, its part of the call failed, or no part of the answer names
	// it. A 429 or a server's fault inside the answer closes no gate and is not sent again; it is Temporary, as
	// elsewhere. Err is never Uncertain and ends nothing.
	Err *Error
}

// DealsContactRoles returns the contacts on up to MostDeals deals, in the order asked, as DealContactRoles does for one
// deal, with at most some twenty contacts of each. It costs one credit in all, and counts for five calls in flight. A
// request that is refused or fails as a whole is an *Error.
//
// Zoho has composite requests from v3 on, under a scope of their own (ZohoCRM.composite_requests.CUSTOM) beside those
// of DealContactRoles. Its documents do not say that contact roles may be read in them: where that does not work,
// NotOffered is true of the error.
//
// Zoho CRM API v8, Composite API; Get Related Records.
func (c *Client) DealsContactRoles(ctx context.Context, deals []string, fields ...string) ([]DealReading, error) {
	body, err := c.composeReads(deals, fields)
	r, k, failed := c.do(ctx, request{
		method: http.MethodPost, path: "/" + compositeList, body: body, reads: true, places: CompositePlaces,
		heavy: true,
		due:   due{compositeList, subAnswers}, invalid: err,
	})
	if failed != nil {
		return nil, failed
	}
	paired, err := pairSubs(r.subs, len(deals))
	if err != nil {
		return nil, k.unreadable(r, fmt.Errorf("%w: %w", errMisfit, err))
	}
	if !slices.ContainsFunc(r.subs, func(s subReply) bool { return !s.misfit() }) {
		failed = k.fail(r.subs[0].fault, verdict{})
		failed.Err = errors.Join(errMisfit, failed.Err)
		return nil, failed
	}
	readings := make([]DealReading, len(deals))
	for i := range deals {
		readings[i] = k.reading(deals[i], paired[i], r)
	}
	return readings, nil
}

// compositeList is the name of the list in a composite request and in its answer.
const compositeList = "__composite_requests"

// subRequest is a part of a composite request.
type subRequest struct {
	ID     string            `json:"sub_request_id"`
	Method string            `json:"method"`
	URI    string            `json:"uri"`
	Params map[string]string `json:"params"`
}

// composeReads makes the body. It sends no flags: their defaults (no rollback, all in parallel) suit reads, and v3 has
// another name for one of them (Zoho CRM API v3, Composite API).
func (c *Client) composeReads(deals, fields []string) ([]byte, error) {
	if len(deals) == 0 || len(deals) > MostDeals {
		return nil, fmt.Errorf("%d deals in one call; Zoho takes 1 to %d", len(deals), MostDeals)
	}
	if len(fields) == 0 {
		fields = []string{defaultField}
	}
	subs := make([]subRequest, len(deals))
	for i, deal := range deals {
		path, err := pathOf(pathContactRoles, deal)
		if err != nil {
			return nil, err
		}
		subs[i] = subRequest{
			ID: strconv.Itoa(i + 1), Method: http.MethodGet, URI: "/crm/" + c.version.String() + path,
			Params: map[string]string{"fields": strings.Join(fields, ","), "per_page": pageMark(i)},
		}
	}
	return json.Marshal(map[string][]subRequest{compositeList: subs})
}

// pageMark returns the page size that sub-request i asks for. Each asks for a different size, because the answer
// repeats the size in info, and nothing else in the answer names the deal. No mark is a default in Zoho's documents
// (25, 100, 200).
func pageMark(i int) string { return strconv.Itoa(mostComposed - 1 - i) }

// reading returns the result for a deal. s is the answer to its sub-request, or nil if that answer is not known.
func (k *call) reading(deal string, s *subReply, whole *reply) DealReading {
	d := DealReading{Deal: deal}
	if s == nil {
		d.Err = k.unreadable(whole, errors.New("the answer does not say which of its parts is about this deal"))
		return d
	}
	if s.reply == nil {
		d.Err = k.fail(s.fault, verdict{})
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
