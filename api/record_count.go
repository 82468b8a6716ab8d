package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
)

// CountRecords returns how many records of a module meet a criteria, written as for a search:
// "(Stage:equals:Negotiation)"; all of them if it is empty. It costs one credit. It needs three scopes that a run does
// not need otherwise: ZohoSearch.securesearch.READ, ZohoCRM.settings.layouts.READ and ZohoCRM.modules.{module}.READ;
// without them NotOffered is true of the error. A refusal or failure is an *Error.
//
// The count is one to ten minutes old: records that came or went in that time are missing in it.
//
// Zoho CRM API v7, Record Count in a Module. Zoho's SDKs have it since that for v2.1.
func (c *Client) CountRecords(ctx context.Context, module, criteria string) (int64, error) {
	path, err := modulePath(module)
	q := request{method: http.MethodGet, path: path + "/actions/count", due: dueCount, invalid: err}
	if criteria != "" {
		q.query = "criteria=" + url.QueryEscape(criteria)
	}
	return read(ctx, c, q, func(r *reply) (int64, error) {
		n, ok := parseCount(r.list)
		if r.list != nil && !ok {
			return 0, errors.New("the count is not a number of records")
		}
		return n, nil
	})
}

// parseCount reads a number of records, as a JSON number or in a string.
func parseCount(raw json.RawMessage) (n int64, ok bool) {
	var t text
	if json.Unmarshal(raw, &t) != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(t), 10, 64)
	return n, err == nil && n >= 0
}
