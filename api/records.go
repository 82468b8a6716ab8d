package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Record is a record of some module.
type Record struct {
	ID     string
	Fields map[string]json.RawMessage // all else, by the name asked for, as Zoho sent it
}

// Page is a part of a list of records. A page without records and without More is the end.
type Page struct {
	Records []Record
	More    bool   // Zoho says that more records follow
	Token   string // of the next page of Records; empty where Zoho gives none, and always for Query
}

// What one Get Records takes (Zoho CRM API v8, Get Records).
const (
	MostPerPage = 200 // records of a page
	mostFields  = 50
)

// zohoTime is a time as in Zoho's samples of If-Modified-Since: "2019-07-25T15:26:49+05:30".
const zohoTime = "2006-01-02T15:04:05-07:00"

// RecordsQuery selects the records of a module to read. Its zero value reads the ids of the first page.
type RecordsQuery struct {
	Fields        []string  // by API name, 50 at most; none: only the id
	AllFields     bool      // in place of Fields; only before v3 (Zoho CRM API v2, Get Records)
	Page          int       // from 1; 0: the first. Only pages up to the 2,000th record have a number
	Token         string    // of the page before; never with Page
	PerPage       int       // records, MostPerPage at most; 0: as many
	IDs           []string  // none: every record; 100 at most
	ModifiedSince time.Time // zero: any time
	SortBy        string    // "id", "Created_Time" or "Modified_Time"; empty: Zoho's default, id
	SortOrder     string    // "asc" or "desc"; empty: Zoho's default, desc
}

// Records returns a page of a module's records ("Deals"). It costs one credit. With SortBy it is one of the ten heavy
// calls that an org lets be in flight. It needs the scope ZohoCRM.modules.ALL or ZohoCRM.modules.{module}.READ; without
// it NotOffered is true of the error. A refusal or failure is an *Error; an answer with a record that has no id is a
// failure.
//
// Zoho counts pages up to the 2,000th record, which is page 10 of 200, and refuses a page beyond it with
// DISCRETE_PAGINATION_LIMIT_EXCEEDED. In versions with tokens (Version.HasPageTokens) a page beyond it is named by the
// Token of the page before. All else must stay the same (TOKEN_BOUND_DATA_MISMATCH), also the user. Tokens are valid
// for 24 hours (EXPIRED_VALUE), and for records up to the 100,000th (PAGINATION_LIMIT_EXCEEDED).
//
// Zoho CRM API v8, Get Records.
func (c *Client) Records(ctx context.Context, module string, q RecordsQuery) (Page, error) {
	path, err := modulePath(module)
	query, queryErr := q.encode()
	call := request{
		method: http.MethodGet, path: path, query: query, due: dueData, paged: true, heavy: q.SortBy != "",
		invalid: cmp.Or(err, queryErr),
	}
	if !q.ModifiedSince.IsZero() {
		call.modified = q.ModifiedSince.Format(zohoTime)
	}
	return read(ctx, c, call, decodePage)
}

// Record returns one record of a module with the given fields, or with all fields and subforms if none is given. It
// returns false if Zoho shows no record with that id. It costs one credit, and its scopes are those of Records. A
// refusal or failure is an *Error. Zoho may also refuse an id that no record has: then DealGone is true of the error.
//
// Zoho CRM API v8, Get Records: a specific record.
func (c *Client) Record(ctx context.Context, module, id string, fields ...string) (Record, bool, error) {
	module, err := modulePath(module)
	path, idErr := pathOf("/%s", id)
	q := request{method: http.MethodGet, path: module + path, due: dueData, invalid: cmp.Or(err, idErr)}
	if len(fields) > 0 {
		q.query = fieldsQuery(fields, "")
	}
	records, err := read(ctx, c, q, func(r *reply) ([]Record, error) {
		records, err := decodeRecords(r.list)
		if len(records) > 1 || len(records) == 1 && records[0].ID != id {
			err = errors.New("the answer is about another record")
		}
		return records, err
	})
	if err != nil || len(records) == 0 {
		return Record{}, false, err
	}
	return records[0], true, nil
}

// encode returns the parameters of the query. It refuses what Zoho would refuse for certain.
func (q RecordsQuery) encode() (string, error) {
	switch {
	case q.Page != 0 && q.Token != "":
		return "", errors.New("a page is named by its number or by a token, never by both")
	case q.Page < 0:
		return "", fmt.Errorf("there is no page %d", q.Page)
	case q.PerPage < 0 || q.PerPage > MostPerPage:
		return "", fmt.Errorf("%d records a page; Zoho gives 1 to %d", q.PerPage, MostPerPage)
	case len(q.Fields) > mostFields:
		return "", fmt.Errorf("%d fields in one call; Zoho gives at most %d", len(q.Fields), mostFields)
	}
	var b strings.Builder
	if !q.AllFields {
		b.WriteString("&" + fieldsQuery(q.Fields, "id"))
	}
	if len(q.IDs) > 0 {
		ids, err := moduleRecords.query(q.IDs)
		if err != nil {
			return "", err
		}
		b.WriteString("&" + ids)
	}
	if q.Page > 0 {
		b.WriteString("&page=" + strconv.Itoa(q.Page))
	}
	if q.PerPage > 0 {
		b.WriteString("&per_page=" + strconv.Itoa(q.PerPage))
	}
	for _, p := range []struct{ name, value string }{
		{"sort_by", q.SortBy}, {"sort_order", q.SortOrder}, {"page_token", q.Token},
	} {
		if p.value != "" {
			b.WriteString("&" + p.name + "=" + url.QueryEscape(p.value))
		}
	}
	return strings.TrimPrefix(b.String(), "&"), nil
}

// decodePage decodes the records of one page.
func decodePage(r *reply) (Page, error) {
	records, err := decodeRecords(r.list)
	if err != nil {
		return Page{}, err
	}
	p := Page{Records: records}
	if r.info != nil {
		p.More, p.Token = r.info.MoreRecords, string(r.info.NextPageToken)
	}
	if p.More && len(records) == 0 {
		return Page{}, errors.New("the page is empty, but more_records is true")
	}
	return p, nil
}

// decodeRecords decodes a list of records. Every one must have an id.
func decodeRecords(list json.RawMessage) ([]Record, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var all []map[string]json.RawMessage
	if err := json.Unmarshal(list, &all); err != nil {
		return nil, notJSON(err)
	}
	records := make([]Record, len(all))
	for i, fields := range all {
		var id text
		if json.Unmarshal(fields["id"], &id) != nil || id == "" {
			return nil, fmt.Errorf("record %d has no id", i+1)
		}
		delete(fields, "id")
		records[i] = Record{ID: string(id), Fields: fields}
	}
	return records, nil
}

// CountRecords returns how many records of a module meet a criteria, written as for a search:
// "(Stage:equals:Negotiation)"; all of them if it is empty. It costs one credit. It needs three scopes that a run does
// not need otherwise: ZohoSearch.securesearch.READ, ZohoCRM.settings.layouts.READ and ZohoCRM.modules.{module}.READ;
// without them NotOffered is true of the error. A refusal or failure is an *Error.
//
// The count is one to ten minutes old: records that came or went in that time are missing in it.
//
// Zoho CRM API v7, Record Count in a Module. Zoho's SDKs for v2.1 and later have the call.
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
