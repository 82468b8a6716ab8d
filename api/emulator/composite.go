package emulator

import (
	"encoding/json"
	"net/http"
)

// Zoho CRM API v7, Composite API: how many sub-requests a composite request
// has, the concurrency credits it takes whatever their number, and the records
// of one Get Related Records.
const (
	mostSubRequests = 5
	compositePlaces = 5
	composedPage    = 25
)

const compositeKey = "__composite_requests"

type compositeAnswer struct {
	Results []subResult `json:"__composite_requests"`
}

// A subResult is Zoho's word on one sub-request: its answer, or why it was not
// triggered. It names the sub-request nowhere; the samples have the order of
// the request.
type subResult struct {
	Code    string     `json:"code"`
	Details subDetails `json:"details"`
	Message string     `json:"message"`
	Status  string     `json:"status"`
}

// subDetails are the keys of "details" that the OpenAPI v8.0 declares for
// composite requests; what is empty is left out.
type subDetails struct {
	Response          *subResponse `json:"response,omitempty"`
	APIName           string       `json:"api_name,omitempty"`
	JSONPath          string       `json:"json_path,omitempty"`
	ExpectedDataType  string       `json:"expected_data_type,omitempty"`
	MaximumLength     int          `json:"maximum_length,omitempty"`
	Regex             string       `json:"regex,omitempty"`
	Reference         string       `json:"reference,omitempty"`
	RestrictedHeaders []string     `json:"restricted_headers,omitempty"`
	RestrictedParams  []string     `json:"restricted_params,omitempty"`
	Indexes           []int        `json:"sub_request_indexes,omitempty"`
	Version           int          `json:"sub_request_version,omitempty"`
	CompositeVersion  int          `json:"composite_request_version,omitempty"`
	AmbiguityDueTo    []fieldRef   `json:"ambiguity_due_to,omitempty"`
}

// A subResponse is the answer to a sub-request. Its body is null for 204: the
// earlier OpenAPI v8.0 says that it is there and nullable, and no sample shows
// one without.
type subResponse struct {
	Headers map[string]string `json:"headers"`
	Status  int               `json:"status_code"`
	Body    json.RawMessage   `json:"body"`
}

// postComposite executes up to five sub-requests, one after the other: nothing
// promises that they run at one time. It counts once for sub-concurrency: that
// of its sub-requests, which the page adds, is not counted. Zoho CRM API v7,
// Composite API.
func (e *Emulator) postComposite(c *call) (answer, error) {
	if c.version < v3 {
		// The code is the page's, the text is ours.
		return answer{}, bad("API_NOT_SUPPORTED", "the API is not supported in this version", details{})
	}
	body, err := c.body()
	if err != nil {
		return answer{}, err
	}
	if refused, err := checkFlags(body); refused || err != nil {
		return ambiguous(), err
	}
	list, err := body.list(compositeKey)
	if err != nil {
		return answer{}, err
	}
	if len(list) > mostSubRequests {
		// INVALID_DATA by the page, with the details of the OpenAPI file.
		return answer{}, bad("INVALID_DATA", "invalid data",
			details{APIName: compositeKey, JSONPath: "$." + compositeKey, MaximumLength: mostSubRequests})
	}
	subs := make([]subRequest, len(list))
	for i, raw := range list {
		subs[i] = e.subRequest(c, raw, path(compositeKey, i))
	}
	refuseRepeats(subs)
	return e.executeAll(subs)
}

// checkFlags looks at rollback_on_fail and parallel_execution, which v3 calls
// concurrent_execution; both is true when both are.
func checkFlags(body item) (both bool, err error) {
	rollback, err := flag(body, "rollback_on_fail")
	if err != nil {
		return false, err
	}
	for _, name := range []string{"parallel_execution", "concurrent_execution"} {
		parallel, err := flag(body, name)
		if err != nil {
			return false, err
		}
		both = both || rollback && parallel
	}
	if rollback && !both {
		// Documented, and not emulated: it would need transactions.
		return false, bad("NOT_SUPPORTED", "this emulator has no rollback_on_fail; send false", details{})
	}
	return both, nil
}

// flag reads a flag. One left out is false here, which the documents say of
// rollback_on_fail only: the other then goes by it.
func flag(body item, name string) (bool, error) {
	switch raw, found := body.get(name); {
	case !found, isNull(raw):
		return false, nil
	case string(raw) == "true", string(raw) == "false":
		return string(raw) == "true", nil
	}
	return false, bad("INVALID_DATA", "invalid data", details{APIName: name, JSONPath: "$." + name, ExpectedDataType: "boolean"})
}

// ambiguous is the answer to both flags set.
func ambiguous() answer {
	refusal := subFailure("AMBIGUITY_DURING_PROCESSING", "ambiguity while processing the request", subDetails{
		AmbiguityDueTo: []fieldRef{
			{APIName: "rollback_on_fail", JSONPath: "$.rollback_on_fail"},
			{APIName: "parallel_execution", JSONPath: "$.parallel_execution"},
		},
	})
	body, err := json.Marshal(refusal)
	if err != nil {
		return refused(err)
	}
	return answer{status: http.StatusBadRequest, body: body}
}

// executeAll gives each sub-request its result. The status tells how many were
// triggered, not how they went: 200 for all, 207 for some, 400 for none. Zoho
// CRM API v7, Composite API, Status Codes.
func (e *Emulator) executeAll(subs []subRequest) (answer, error) {
	all := compositeAnswer{Results: make([]subResult, len(subs))}
	triggered := 0
	for i, s := range subs {
		if s.wrong != nil {
			all.Results[i] = *s.wrong
			continue
		}
		triggered++
		all.Results[i] = e.execute(s.call)
	}
	a, err := ok(all)
	switch {
	case triggered == 0:
		a.status = http.StatusBadRequest
	case triggered < len(subs):
		a.status = http.StatusMultiStatus
	}
	return a, err
}

// execute runs a sub-request. One that was answered is a success whatever the
// answer: the page's sample has SUCCESS around a status_code of 400.
func (e *Emulator) execute(c *call) subResult {
	a, err := e.perform(c)
	if err != nil {
		a = refused(err)
	}
	response := &subResponse{Headers: map[string]string{}, Status: a.status, Body: json.RawMessage("null")}
	if len(a.body) > 0 {
		response.Headers["content-type"] = "application/json;charset=utf-8"
		response.Body = a.body
	}
	return subResult{
		Code: "SUCCESS", Details: subDetails{Response: response},
		Message: "composite sub request executed successfully", Status: "success",
	}
}

// subFailure is a sub-request that was not triggered.
func subFailure(code, message string, d subDetails) *subResult {
	return &subResult{Code: code, Details: d, Message: message, Status: "error"}
}
