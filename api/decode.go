package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"
)

// text is a JSON string, or a number as it is written: Zoho sends ids as
// strings, and in places as bare numbers (Zoho CRM API v7, Get Related Records).
// null is "".
type text string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*t = ""
		return nil
	case isPlain(b):
		*t = text(b[1 : len(b)-1])
		return nil
	case len(b) > 0 && b[0] == '"':
		var s string
		err := json.Unmarshal(b, &s)
		*t = text(s)
		return err
	default:
		var n json.Number
		if err := json.Unmarshal(b, &n); err != nil {
			return errors.New("neither a string nor a number")
		}
		*t = text(n)
		return nil
	}
}

// isPlain reports that b is a string which stands for itself: nearly every text
// of Zoho's, and decoding them one by one is most of what a call costs.
func isPlain(b []byte) bool {
	if len(b) < 2 || b[0] != '"' {
		return false
	}
	for _, c := range b {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// refusalText is Zoho's word on a request or on one item of it; with the code
// SUCCESS it is no refusal.
type refusalText struct {
	Code    text            `json:"code"`
	Message text            `json:"message"`
	Status  text            `json:"status"`
	Details json.RawMessage `json:"details"`
}

// ok: decided by code and status, never by message (Zoho's documents differ in
// the messages of one and the same success).
func (r refusalText) ok() bool { return r.Code == codeSuccess && r.Status != "error" }

// pageInfo says whether more follows.
type pageInfo struct {
	MoreRecords   bool `json:"more_records"`
	PerPage       text `json:"per_page"`
	NextPageToken text `json:"next_page_token"`
}

// envelope is every answer of Zoho's CRM: flat for a whole request, else a list
// under a name that depends on what was asked.
type envelope struct {
	refusalText
	Data         json.RawMessage `json:"data"`
	ContactRoles json.RawMessage `json:"contact_roles"`
	Org          json.RawMessage `json:"org"`
	Users        json.RawMessage `json:"users"`
	Composite    json.RawMessage `json:"__composite_requests"`
	RelatedLists json.RawMessage `json:"related_lists"`
	Count        json.RawMessage `json:"count"`
	Info         *pageInfo       `json:"info"`
}

// results is the answer to a write, read in one go.
type results struct {
	Data         []refusalText `json:"data"`
	ContactRoles []refusalText `json:"contact_roles"`
}

// of gives what a write is due; nil unless every result has a code.
func (r *results) of(d due) []refusalText {
	list := r.Data
	if d == dueRoleItems {
		list = r.ContactRoles
	}
	if !coded(list) {
		return nil
	}
	return list
}

// due says what a call's success looks like.
type due int

const (
	dueItems     due = iota // a write: results in data
	dueData                 // a read: records in data, or 204
	dueRoles                // contact_roles, or 204
	dueOrg                  // org
	dueUsers                // users
	dueSubs                 // the answers to sub-requests
	dueLists                // related_lists, or 204
	dueCount                // count, or 204: no list, a number
	dueRoleItems            // a write of the role picklist: results in contact_roles
)

func (d due) list(e *envelope) json.RawMessage {
	switch d {
	case dueRoles, dueRoleItems:
		return e.ContactRoles
	case dueOrg:
		return e.Org
	case dueUsers:
		return e.Users
	case dueSubs:
		return e.Composite
	case dueLists:
		return e.RelatedLists
	case dueCount:
		return e.Count
	case dueItems, dueData:
	}
	return e.Data
}

// mayBeEmpty: reads answer 204 when there is nothing (Zoho's OpenAPI v8). A
// write always says what became of it.
func (d due) mayBeEmpty() bool {
	return d == dueData || d == dueRoles || d == dueLists || d == dueUsers || d == dueCount
}

// isWrite: each of what was asked has a result.
func (d due) isWrite() bool { return d == dueItems || d == dueRoleItems }

// fits reports that what was found under the name of the success may be one.
func (d due) fits(list json.RawMessage) bool {
	return len(list) > 0 && (list[0] == '[') == (d != dueCount)
}

// reply is an answer that was read.
type reply struct {
	status int
	items  []refusalText   // of a write
	subs   []subReply      // of a composite request; nil: they cannot be read
	list   json.RawMessage // of a read; nil: nothing (204, 304)
	info   *pageInfo
}

// decode reads an answer. What is not exactly what Zoho sends is a fault, never
// a success.
func decode(status int, body []byte, d due) (*reply, *fault) {
	if status == http.StatusNoContent && d.mayBeEmpty() {
		return &reply{status: status}, &fault{answered: true}
	}
	if len(body) == 0 {
		return nil, classifyUnreadable(status, body, nil)
	}
	if d.isWrite() {
		var all results
		if json.Unmarshal(body, &all) == nil && all.of(d) != nil {
			return decodeResults(status, body, all.of(d))
		}
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, classifyUnreadable(status, body, notJSON(err))
	}
	if e.Code != "" && !e.ok() {
		return nil, classifyRefusal(status, e.refusalText)
	}
	list := d.list(&e)
	// 400 with a list: none was triggered, and each says why.
	if d == dueSubs && (status < http.StatusMultipleChoices || status == http.StatusBadRequest && len(list) > 0) {
		return decodeSubs(status, list), &fault{answered: true}
	}
	if status >= http.StatusMultipleChoices || d.isWrite() {
		for _, raw := range []json.RawMessage{list, e.Data, e.ContactRoles} {
			if items := decodeItems(raw); len(items) > 0 && !slices.ContainsFunc(items, refusalText.ok) {
				return nil, classifyRefusal(status, items[0])
			}
		}
		return nil, classifyUnreadable(status, body, nil)
	}
	if !d.fits(list) {
		return nil, classifyUnreadable(status, body, nil)
	}
	return &reply{status: status, list: list, info: e.Info}, &fault{answered: true}
}

// decodeResults takes the items of a write. A server's fault and a 429 are the
// whole request's, whatever the items say; and what every item says of a refusal
// that is no record's own is what it would say flat: the same text arrives in
// either shape.
func decodeResults(status int, body []byte, items []refusalText) (*reply, *fault) {
	refused := slices.IndexFunc(items, func(r refusalText) bool { return !r.ok() })
	first := items[max(refused, 0)]
	someOK := slices.ContainsFunc(items, refusalText.ok)
	var f *fault
	switch {
	case refused >= 0 && (isThrottle(status, "") || isServerFault(status, "") || status == http.StatusUnauthorized):
		f = classifyRefusal(status, first)
	case someOK && status >= http.StatusBadRequest:
		f = classifyUnreadable(status, body, errors.New("a success inside a refusal"))
	}
	if f != nil {
		f.lost = f.lost || someOK // the status says one thing, and a result another
		return nil, f
	}
	if !someOK && alike(items) {
		if f := classifyRefusal(status, first); f.kind != kindRow || pathPart(first.Details) != "" {
			return nil, f
		}
	}
	return &reply{status: status, items: items}, &fault{answered: true}
}

// alike reports that all results have one code and blame one part of the path,
// or none.
func alike(items []refusalText) bool {
	part := pathPart(items[0].Details)
	return !slices.ContainsFunc(items, func(r refusalText) bool {
		return r.Code != items[0].Code || pathPart(r.Details) != part
	})
}

// decodeItems reads a list of results; nil unless every one has a code.
func decodeItems(raw json.RawMessage) []refusalText {
	if len(raw) == 0 || raw[0] != '[' {
		return nil
	}
	var items []refusalText
	if json.Unmarshal(raw, &items) != nil || !coded(items) {
		return nil
	}
	return items
}

// coded reports that there are results, and every one says what it is.
func coded(items []refusalText) bool {
	return len(items) > 0 && !slices.ContainsFunc(items, func(r refusalText) bool { return r.Code == "" })
}

// notJSON keeps what is wrong with a body and leaves out what is in it.
func notJSON(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON, or cut off (at byte %d)", syntax.Offset)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s is not of the documented type", wrong.Field)
	}
	return errors.New("not the documented JSON")
}

// compact gives details as one line; what Zoho left out is nil.
func compact(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if !bytes.ContainsAny(raw, " \t\r\n") {
		return raw
	}
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}
