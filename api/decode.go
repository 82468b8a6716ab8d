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

// text is a JSON string, or a number as it is written: Zoho sends ids as strings, and in places as bare numbers (Zoho
// CRM API v7, Get Related Records). null is "".
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

// isPlain reports whether b is a string without escapes. Nearly every text is, and decoding texts is most of the work
// of a call.
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

// refusalText is Zoho's result for a request, or for one item of it. With the code SUCCESS it is no refusal.
type refusalText struct {
	Code    text            `json:"code"`
	Message text            `json:"message"`
	Status  text            `json:"status"`
	Details json.RawMessage `json:"details"`

	// Of an upsert. Nothing depends on them, so that their type does not matter.
	Action         json.RawMessage `json:"action"`
	DuplicateField json.RawMessage `json:"duplicate_field"`

	about *resultDetails // see details
}

// looseText returns a string or number, or "" for anything else.
func looseText(raw json.RawMessage) string {
	var t text
	if len(raw) == 0 || json.Unmarshal(raw, &t) != nil {
		return ""
	}
	return string(t)
}

// ok reports whether it is a success. Only code and status decide: Zoho's documents have different messages for the
// same success.
func (r refusalText) ok() bool { return r.Code == codeSuccess && r.Status != "error" }

// pageInfo is the part of an answer that tells whether more pages follow.
type pageInfo struct {
	MoreRecords   bool `json:"more_records"`
	PerPage       text `json:"per_page"`
	NextPageToken text `json:"next_page_token"`
}

// due describes the answer to a successful call: the key of the result, and its shape.
type due struct {
	name  string
	shape shape
}

type shape int

const (
	resultList   shape = iota // a write: a result for each item
	aList                     // a list, never missing
	listOrNone                // a list, or 204 if there is nothing (Zoho's OpenAPI v8)
	numberOrNone              // a number, or 204
	subAnswers                // the answers to the sub-requests of a composite request
	voiceResult               // of Zoho Voice
)

var (
	dueData  = due{"data", listOrNone}
	dueRoles = due{"contact_roles", listOrNone}
	dueOrg   = due{"org", aList}
	dueCount = due{"count", numberOrNone}
)

func (d due) mayBeEmpty() bool { return d.shape == listOrNone || d.shape == numberOrNone }

// fits reports whether the value of the key has the shape of a success.
func (d due) fits(raw json.RawMessage) bool {
	return len(raw) > 0 && (raw[0] == '[') == (d.shape != numberOrNone)
}

// envelope is every answer of Zoho's CRM: flat for a whole request, else a list under a name that depends on the call.
type envelope struct {
	refusalText
	info  *pageInfo
	lists map[string]json.RawMessage
}

func openEnvelope(body []byte) (*envelope, error) {
	var e envelope
	if err := json.Unmarshal(body, &e.lists); err != nil {
		return nil, notJSON(err)
	}
	e.Details = e.lists["details"]
	for _, part := range []struct {
		name string
		into any
	}{{"code", &e.Code}, {"message", &e.Message}, {"status", &e.Status}, {"info", &e.info}} {
		if raw, sent := e.lists[part.name]; sent && json.Unmarshal(raw, part.into) != nil {
			return nil, fmt.Errorf("%s is not of the documented type", part.name)
		}
	}
	return &e, nil
}

// reply is an answer that was decoded.
type reply struct {
	status int
	items  []refusalText   // of a write
	subs   []subReply      // of a composite request; nil: they cannot be read
	list   json.RawMessage // of a read; nil: nothing (204, 304)
	info   *pageInfo
	voice  *voiceAnswer // of Zoho Voice
}

// decode decodes an answer. It returns a fault for an answer that is not as documented.
func decode(status int, body []byte, d due) (*reply, *fault) {
	if status == http.StatusNoContent && d.mayBeEmpty() {
		return &reply{status: status}, &fault{answered: true}
	}
	if len(body) == 0 {
		return nil, classifyUnreadable(status, body, nil)
	}
	e, err := openEnvelope(body)
	if err != nil {
		return nil, classifyUnreadable(status, body, err)
	}
	raw := e.lists[d.name]
	if d.shape == resultList {
		if items := decodeItems(raw); items != nil {
			return decodeResults(status, body, items)
		}
	}
	if e.Code != "" && !e.ok() {
		return nil, classifyRefusal(status, e.refusalText)
	}
	// 400 with a list: no sub-request was triggered, and each says why.
	if d.shape == subAnswers &&
		(status < http.StatusMultipleChoices || status == http.StatusBadRequest && len(raw) > 0) {
		return decodeSubs(status, raw), &fault{answered: true}
	}
	if status >= http.StatusMultipleChoices || d.shape == resultList {
		for _, name := range []string{d.name, dueData.name, dueRoles.name} {
			if items := decodeItems(e.lists[name]); items != nil && !slices.ContainsFunc(items, refusalText.ok) {
				return nil, classifyRefusal(status, items[0])
			}
		}
		return nil, classifyUnreadable(status, body, nil)
	}
	if !d.fits(raw) {
		return nil, classifyUnreadable(status, body, nil)
	}
	return &reply{status: status, list: raw, info: e.info}, &fault{answered: true}
}

// decodeResults decodes the answer to a write that has items. A server's fault and a 429 concern the whole request,
// whatever the items say. So does a refusal that is not about one record, if all items repeat it: Zoho also sends the
// same text without items.
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
		f.lost = f.lost || someOK // the status and a result contradict each other
		return nil, f
	}
	if !someOK && alike(items) {
		if f := classifyRefusal(status, first); f.kind != kindRow || pathPart(first.Details) != "" {
			return nil, f
		}
	}
	return &reply{status: status, items: items}, &fault{answered: true}
}

// alike reports whether all results have one code and blame one part of the path, or none.
func alike(items []refusalText) bool {
	part := pathPart(items[0].Details)
	return !slices.ContainsFunc(items, func(r refusalText) bool {
		return r.Code != items[0].Code || pathPart(r.Details) != part
	})
}

// decodeItems decodes a list of results. It returns nil if there are none, or one has no code.
func decodeItems(raw json.RawMessage) []refusalText {
	var items []refusalText
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &items) != nil || len(items) == 0 ||
		slices.ContainsFunc(items, func(r refusalText) bool { return r.Code == "" }) {
		return nil
	}
	return items
}

// notJSON returns an error that says what is wrong with a body, and repeats none of its content.
func notJSON(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON, or cut off (at byte %d)", syntax.Offset)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s is not of the documented type", wrong.Field)
	}
	return errors.New("not the documented JSON")
}

// compact returns details in one line; nil if Zoho sent none.
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
