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
)

// A subRequest is a part of a composite request: a call, or why there is none.
type subRequest struct {
	id    string // "" is none
	at    string // "$.__composite_requests[0]"
	call  *call
	wrong *subResult
}

// A textRule is what a text must be.
type textRule struct {
	shown   string         // the pattern, as the documents have it
	pattern *regexp.Regexp // for the whole text
	longest int            // in characters
}

// The patterns are the page's, the lengths those of the OpenAPI v8.0. One
// sample of the page leaves the first slash of a uri out.
var (
	methodRule = textRule{`GET|POST|PUT|PATCH|DELETE`, regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE)$`), 10}
	subIDRule  = textRule{`[a-zA-Z0-9][a-zA-Z0-9_]*`, regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_]*$`), 100}
	uriRule    = textRule{`/crm(/.*)?/v[0-9]+([.][0-9]+)?/.*`, regexp.MustCompile(`^/?crm(/.*)?/v[0-9]+([.][0-9]+)?/.*$`), 2048}
)

// subRequest reads a sub-request and finds its handler.
func (e *Emulator) subRequest(c *call, raw json.RawMessage, at string) subRequest {
	s := subRequest{at: at}
	if !isObject(raw) {
		s.wrong = subFailure("INVALID_DATA", "invalid data", subDetails{JSONPath: at, ExpectedDataType: "jsonobject"})
		return s
	}
	if s.id, s.wrong = subText(item(raw), at, "sub_request_id", &subIDRule); s.wrong != nil {
		return s
	}
	if s.wrong = reference(item(raw), at); s.wrong != nil {
		return s
	}
	r, wrong := composedRequest(c.r, item(raw), at)
	if wrong != nil {
		s.wrong = wrong
		return s
	}
	s.call, s.wrong = e.composedCall(c, r, at)
	return s
}

// composedRequest makes the HTTP request that a sub-request stands for.
func composedRequest(outer *http.Request, it item, at string) (*http.Request, *subResult) {
	method, wrong := subText(it, at, "method", &methodRule)
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
	body, wrong := subObject(it, at, "body")
	if wrong != nil {
		return nil, wrong
	}
	target.RawQuery = query.Encode()
	r := &http.Request{Method: method, URL: target, Header: header, Host: outer.Host, Body: io.NopCloser(bytes.NewReader(body))}
	return r.WithContext(outer.Context()), nil
}

// composedCall finds the handler of a sub-request, of a version that is no
// higher than its composite request's.
func (e *Emulator) composedCall(outer *call, r *http.Request, at string) (*call, *subResult) {
	c := e.match(r)
	c.composed, c.scopes = true, outer.scopes
	if c.version > outer.version {
		return nil, subFailure("NOT_ALLOWED", "the version of the sub request is higher than that of the composite request",
			subDetails{Version: int(c.version) / 10, CompositeVersion: int(outer.version) / 10})
	}
	if !c.composable() {
		return nil, subFailure("NOT_SUPPORTED", "the API is not supported in a composite request", subDetails{APIName: "uri", JSONPath: at + ".uri"})
	}
	if r.Method == http.MethodDelete && r.URL.Query().Has("ids") {
		// "Bulk delete option is not supported"; code and details are inferred
		// from restricted_headers.
		return nil, subFailure("INVALID_DATA", "invalid data", subDetails{APIName: "params", JSONPath: at + ".params", RestrictedParams: []string{"ids"}})
	}
	return c, nil
}

// composable says whether the call is one of the page's "Allowed APIs". The
// contact roles of a deal are taken for related records, which it names; the
// role picklist it does not name, and only reads of it are let through, as
// metadata. What has no route is no API.
func (c *call) composable() bool {
	if c.refusal != nil {
		code := c.refusal.result.Code
		return code == "INVALID_MODULE" || code == "INVALID_DATA" // an API, misspelt
	}
	return c.r.Method == http.MethodGet || c.label == "POST /coql" || c.label == "DELETE /Deals/{id}" ||
		strings.Contains(c.label, " /Deals/{id}/Contact_Roles")
}

// refuseRepeats refuses the sub-requests that share an id, all of them: which
// one a reference would mean cannot be told. Details as in the OpenAPI v8.0.
func refuseRepeats(subs []subRequest) {
	shared := make(map[string][]int)
	for i, s := range subs {
		if s.id != "" {
			shared[s.id] = append(shared[s.id], i)
		}
	}
	for i, s := range subs {
		if indexes := shared[s.id]; len(indexes) > 1 && s.wrong == nil {
			subs[i].wrong = subFailure("DUPLICATE_DATA", "duplicate data",
				subDetails{APIName: "sub_request_id", JSONPath: s.at + ".sub_request_id", Indexes: indexes})
		}
	}
}

// reference refuses "@{1:$.data[0].details.id}": references to another
// sub-request's answer are documented and not emulated.
func reference(it item, at string) *subResult {
	for _, name := range []string{"uri", "params", "body"} {
		raw, _ := it.get(name)
		_, after, found := bytes.Cut(raw, []byte("@{"))
		if !found {
			continue
		}
		inside, _, _ := bytes.Cut(after, []byte("}"))
		return subFailure("INVALID_REFERENCE", "this emulator resolves no references",
			subDetails{APIName: name, JSONPath: at + "." + name, Reference: "@{" + string(inside) + "}"})
	}
	return nil
}

// subText reads a text. Only sub_request_id may be left out.
func subText(it item, at, name string, rule *textRule) (string, *subResult) {
	d := subDetails{APIName: name, JSONPath: at + "." + name}
	raw, found := it.get(name)
	switch {
	case (!found || isNull(raw)) && name == "sub_request_id":
		return "", nil
	case !found || isNull(raw):
		return "", subFailure("MANDATORY_NOT_FOUND", "required field not found", d)
	}
	value, isText := unquote(raw)
	if len(value) > rule.longest {
		d.MaximumLength = rule.longest
		return "", subFailure("INVALID_DATA", "invalid data", d)
	}
	if !isText || !rule.pattern.MatchString(value) {
		d.ExpectedDataType, d.Regex = "text", rule.shown
		return "", subFailure("INVALID_DATA", "invalid data", d)
	}
	return value, nil
}

// subTarget reads the uri. A query in it is refused: params are for that, in
// every sample.
func subTarget(it item, at string) (*url.URL, *subResult) {
	text, wrong := subText(it, at, "uri", &uriRule)
	if wrong != nil {
		return nil, wrong
	}
	target, err := url.ParseRequestURI("/" + strings.TrimPrefix(text, "/"))
	if err != nil || strings.ContainsAny(text, "?#") {
		return nil, subFailure("INVALID_DATA", "invalid data",
			subDetails{APIName: "uri", JSONPath: at + ".uri", ExpectedDataType: "text", Regex: uriRule.shown})
	}
	return target, nil
}

// subParams reads the parameters: texts, or as in a sample {"page": 1}.
func subParams(it item, at string) (url.Values, *subResult) {
	query := url.Values{}
	raw, wrong := subObject(it, at, "params")
	if wrong != nil || raw == nil {
		return query, wrong
	}
	var params map[string]json.RawMessage
	if err := json.Unmarshal(raw, &params); err != nil {
		return nil, wrongObject(at, "params")
	}
	for name, value := range params {
		text, isText := unquote(value)
		if !isText {
			text = string(value)
		}
		if value[0] == '{' || value[0] == '[' {
			return nil, wrongObject(at, "params")
		}
		query.Set(name, text)
	}
	return query, nil
}

// subHeaders reads the headers. The page bars authorization and x-crm-org;
// code and message are inferred, the details are the OpenAPI file's.
func subHeaders(it item, at string) (http.Header, *subResult) {
	header := http.Header{}
	raw, wrong := subObject(it, at, "headers")
	if wrong != nil || raw == nil {
		return header, wrong
	}
	var headers map[string]string
	if err := json.Unmarshal(raw, &headers); err != nil {
		return nil, wrongObject(at, "headers")
	}
	var barred []string
	for name, value := range headers {
		if strings.EqualFold(name, "Authorization") || strings.EqualFold(name, "X-CRM-ORG") {
			barred = append(barred, name)
		}
		header.Set(name, value)
	}
	if len(barred) > 0 {
		slices.Sort(barred)
		return nil, subFailure("INVALID_DATA", "invalid data", subDetails{APIName: "headers", JSONPath: at + ".headers", RestrictedHeaders: barred})
	}
	return header, nil
}

// subObject reads an object that may be left out; nil is none.
func subObject(it item, at, name string) (json.RawMessage, *subResult) {
	raw, found := it.get(name)
	if !found || isNull(raw) {
		return nil, nil
	}
	if !isObject(raw) {
		return nil, wrongObject(at, name)
	}
	return raw, nil
}

func wrongObject(at, name string) *subResult {
	return subFailure("INVALID_DATA", "invalid data", subDetails{APIName: name, JSONPath: at + "." + name, ExpectedDataType: "jsonobject"})
}
