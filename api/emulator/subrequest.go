package emulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"rolecall/api/emulator/wire"
)

// A subRequest is a part of a composite request: a call, or why it is not triggered.
type subRequest struct {
	id    string // "" is none
	at    string // "$.__composite_requests[0]"
	call  *call
	wrong *wire.Result
}

// A textRule is the form of a text.
type textRule struct {
	shown   string // the pattern, as the documents have it
	pattern *regexp.Regexp
	longest int // in characters
}

func newRule(shown string, longest int) *textRule {
	return &textRule{shown, regexp.MustCompile(`^(` + shown + `)$`), longest}
}

// The patterns are the page's, the lengths those of the OpenAPI v8.0. One sample of the page lacks the first slash of a
// uri.
var (
	methodRule = newRule(`GET|POST|PUT|PATCH|DELETE`, 10)
	subIDRule  = newRule(`[a-zA-Z0-9][a-zA-Z0-9_]*`, 100)
	uriRule    = &textRule{
		`/crm(/.*)?/v[0-9]+([.][0-9]+)?/.*`, regexp.MustCompile(`^/?crm(/.*)?/v[0-9]+([.][0-9]+)?/.*$`), 2048,
	}
)

// readSubRequest reads a sub-request and finds its route.
func (e *Emulator) readSubRequest(c *wire.Call, raw json.RawMessage, at string) (s subRequest) {
	s.at = at
	it, wrong := wire.Object(raw, at)
	if wrong == nil {
		s.id, wrong = subText(it, at, "sub_request_id", subIDRule)
	}
	if wrong == nil {
		wrong = refuseReference(it, at)
	}
	var r *http.Request
	if wrong == nil {
		r, wrong = subHTTP(c.Request, it, at)
	}
	if wrong == nil {
		s.call, wrong = e.subCall(c, r, at)
	}
	s.wrong = wrong
	return s
}

// subHTTP makes the HTTP request that a sub-request stands for.
func subHTTP(outer *http.Request, it wire.Item, at string) (*http.Request, *wire.Result) {
	method, wrong := subText(it, at, "method", methodRule)
	if wrong != nil {
		return nil, wrong
	}
	target, wrong := subTarget(it, at)
	if wrong != nil {
		return nil, wrong
	}
	query, wrong := subParams(it, at)
	if wrong != nil {
		return nil, wrong
	}
	header, wrong := subHeaders(it, at)
	if wrong != nil {
		return nil, wrong
	}
	if _, wrong := subObject(it, at, "body"); wrong != nil {
		return nil, wrong
	}
	target.RawQuery = query.Encode()
	body, _ := it.Get("body")
	r := &http.Request{
		Method: method, URL: target, Header: header, Host: outer.Host, Body: io.NopCloser(bytes.NewReader(body)),
	}
	return r.WithContext(outer.Context()), nil
}

// subCall finds the route of a sub-request. Its version may not be higher than that of the composite request.
func (e *Emulator) subCall(outer *wire.Call, r *http.Request, at string) (*call, *wire.Result) {
	c := e.crm.match(r)
	c.service = &e.crm
	c.Composed, c.Allows = true, outer.Allows
	if c.Version > outer.Version {
		return nil, new(wire.Failure("NOT_ALLOWED",
			"the version of the sub request is higher than that of the composite request",
			wire.Details{SubVersion: int(c.Version) / 10, CompositeVersion: int(outer.Version) / 10}))
	}
	if !e.composable(c) {
		return nil, new(wire.Failure("NOT_SUPPORTED", "the API is not supported in a composite request",
			wire.Details{APIName: "uri", JSONPath: at + ".uri"}))
	}
	if r.Method == http.MethodDelete && r.URL.Query().Has("ids") {
		// "Bulk delete option is not supported". Code and details are inferred from restricted_headers.
		wrong := wire.Invalid("params", at+".params", "")
		wrong.Details.RestrictedParams = []string{"ids"}
		return nil, wrong
	}
	return c, nil
}

// composable reports whether the call is one of the page's "Allowed APIs". The page names related records. The contact
// roles of a deal count as such. The page does not name the role picklist. Its reads count as metadata. A path without
// a route is no API.
func (e *Emulator) composable(c *call) bool {
	if c.refused != nil {
		code := c.refused.Result.Code
		return code == "INVALID_MODULE" || code == "INVALID_DATA" // an API with a spelling mistake
	}
	path := strings.Split(c.route.Pattern[1:], "/")
	_, isModule := e.store.ModuleNamed(path[0])
	switch {
	case path[0] == "bulk": // the page does not name bulk reads
		return false
	case c.Method == http.MethodGet, c.Label == "POST /coql", strings.Contains(c.Label, " /Deals/{id}/Contact_Roles"):
		return true
	case !isModule:
		return false
	}
	// Insert, Update, Upsert and Delete Records.
	return len(path) == 1 || len(path) == 2 && (path[1] == "{id}" || path[1] == "upsert")
}

// refuseRepeats refuses all sub-requests that share an id, because a reference could mean any of them. Details as in
// the OpenAPI v8.0.
func refuseRepeats(subs []subRequest) {
	shared := make(map[string][]int)
	for i, s := range subs {
		if s.id != "" {
			shared[s.id] = append(shared[s.id], i)
		}
	}
	for i, s := range subs {
		if indexes := shared[s.id]; len(indexes) > 1 && s.wrong == nil {
			subs[i].wrong = new(wire.Failure("DUPLICATE_DATA", "duplicate data",
				wire.Details{APIName: "sub_request_id", JSONPath: s.at + ".sub_request_id", Indexes: indexes}))
		}
	}
}

// refuseReference refuses "@{1:$.data[0].details.id}". References to the answer of another sub-request are documented
// and not emulated.
func refuseReference(it wire.Item, at string) *wire.Result {
	for _, name := range []string{"uri", "params", "body"} {
		_, after, isReference := bytes.Cut(it[name], []byte("@{"))
		if !isReference {
			continue
		}
		inside, _, _ := bytes.Cut(after, []byte("}"))
		return new(wire.Failure("INVALID_REFERENCE", "this emulator resolves no references",
			wire.Details{APIName: name, JSONPath: at + "." + name, Reference: "@{" + string(inside) + "}"}))
	}
	return nil
}

// subText reads a text. Only sub_request_id is optional.
func subText(it wire.Item, at, name string, rule *textRule) (string, *wire.Result) {
	raw, given := it.Get(name)
	switch {
	case !given && name == "sub_request_id":
		return "", nil
	case !given:
		return "", wire.Mandatory(name, at+"."+name)
	}
	value, isText := wire.Unquote(raw)
	if len(value) > rule.longest {
		wrong := wire.Invalid(name, at+"."+name, "")
		wrong.Details.MaximumLength = rule.longest
		return "", wrong
	}
	if !isText || !rule.pattern.MatchString(value) {
		return "", badText(at, name, rule)
	}
	return value, nil
}

func badText(at, name string, rule *textRule) *wire.Result {
	wrong := wire.Invalid(name, at+"."+name, "text")
	wrong.Details.Regex = rule.shown
	return wrong
}

// subTarget reads the uri. It refuses a query in the uri: every sample uses params.
func subTarget(it wire.Item, at string) (*url.URL, *wire.Result) {
	text, wrong := subText(it, at, "uri", uriRule)
	if wrong != nil {
		return nil, wrong
	}
	target, err := url.ParseRequestURI("/" + strings.TrimPrefix(text, "/"))
	if err != nil || strings.ContainsAny(text, "?#") {
		return nil, badText(at, "uri", uriRule)
	}
	return target, nil
}

// subParams reads the parameters: texts, or values such as {"page": 1} in a sample.
func subParams(it wire.Item, at string) (url.Values, *wire.Result) {
	query := url.Values{}
	params, wrong := subObject(it, at, "params")
	for name, value := range params {
		text, isText := wire.Unquote(value)
		if !isText {
			text = string(value)
		}
		if value[0] == '{' || value[0] == '[' {
			wrong = notObject(at, "params")
		}
		query.Set(name, text)
	}
	return query, wrong
}

// subHeaders reads the headers. The page bars authorization and x-crm-org. Code and message are inferred, the details
// are the OpenAPI file's.
func subHeaders(it wire.Item, at string) (http.Header, *wire.Result) {
	header := http.Header{}
	headers, wrong := subObject(it, at, "headers")
	if wrong != nil {
		return nil, wrong
	}
	var barred []string
	for name, raw := range headers {
		value, isText := wire.Unquote(raw)
		if !isText && !wire.IsNull(raw) {
			return nil, notObject(at, "headers")
		}
		if strings.EqualFold(name, "Authorization") || strings.EqualFold(name, "X-CRM-ORG") {
			barred = append(barred, name)
		}
		header.Set(name, value)
	}
	if len(barred) > 0 {
		slices.Sort(barred)
		wrong := wire.Invalid("headers", at+".headers", "")
		wrong.Details.RestrictedHeaders = barred
		return nil, wrong
	}
	return header, nil
}

// subObject reads an optional object; nil is none.
func subObject(it wire.Item, at, name string) (wire.Item, *wire.Result) {
	raw, given := it.Get(name)
	if !given {
		return nil, nil
	}
	object, wrong := wire.Object(raw, at)
	if wrong != nil {
		return nil, notObject(at, name)
	}
	return object, nil
}

func notObject(at, name string) *wire.Result { return wire.Invalid(name, at+"."+name, "jsonobject") }
