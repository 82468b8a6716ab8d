package emulator

import (
	"net/http"

	"rolecall/api/emulator/wire"
)

// Zoho CRM API v7, Composite API: how many sub-requests a composite request has, and the calls in flight that it counts
// for, whatever their number.
const (
	mostSubRequests = 5
	compositePlaces = 5
)

const compositeKey = "__composite_requests"

func (e *Emulator) compositeRoute() wire.Route {
	return wire.Route{
		Method: "POST", Pattern: "/" + compositeKey, Scopes: "composite_requests.CUSTOM",
		Handler: e.postComposite, Places: compositePlaces, Heavy: true,
	}
}

// postComposite executes up to five sub-requests, one after another: no document promises that they run in parallel. It
// counts once for sub-concurrency. By the page, the sub-requests count too; here they do not. Zoho CRM API v7,
// Composite API.
func (e *Emulator) postComposite(c *wire.Call) (wire.Answer, error) {
	if c.Version < wire.V3 {
		// The code is the page's, the text is ours.
		return wire.Answer{}, wire.Bad("API_NOT_SUPPORTED", "the API is not supported in this version", wire.Details{})
	}
	body, err := c.ReadBody()
	if err != nil {
		return wire.Answer{}, err
	}
	if err := checkFlags(body); err != nil {
		return wire.Answer{}, err
	}
	list, err := body.List(compositeKey)
	if err != nil {
		return wire.Answer{}, err
	}
	if len(list) > mostSubRequests {
		// INVALID_DATA by the page, with the details of the OpenAPI file.
		return wire.Answer{}, wire.Bad("INVALID_DATA", "invalid data",
			wire.Details{APIName: compositeKey, JSONPath: "$." + compositeKey, MaximumLength: mostSubRequests})
	}
	subs := make([]subRequest, len(list))
	for i, raw := range list {
		subs[i] = e.readSubRequest(c, raw, wire.Path(compositeKey, i))
	}
	refuseRepeats(subs)
	return e.executeAll(subs)
}

// checkFlags checks rollback_on_fail and parallel_execution, which v3 calls concurrent_execution.
func checkFlags(body wire.Item) error {
	rollback, err := flag(body, "rollback_on_fail")
	if err != nil {
		return err
	}
	for _, name := range []string{"parallel_execution", "concurrent_execution"} {
		parallel, err := flag(body, name)
		if err != nil {
			return err
		}
		if rollback && parallel {
			return wire.Bad("AMBIGUITY_DURING_PROCESSING", "ambiguity while processing the request", wire.Details{
				AmbiguityDueTo: []wire.Ref{
					{APIName: "rollback_on_fail", JSONPath: "$.rollback_on_fail"},
					{APIName: "parallel_execution", JSONPath: "$.parallel_execution"},
				},
			})
		}
	}
	if rollback {
		// Documented, and not emulated: it would need transactions.
		return wire.NotEmulated("rollback_on_fail; send false", wire.Details{})
	}
	return nil
}

// flag reads a flag. A missing flag is false. The documents say so of rollback_on_fail only.
func flag(body wire.Item, name string) (bool, error) {
	switch raw, given := body.Get(name); {
	case !given:
		return false, nil
	case string(raw) == "true", string(raw) == "false":
		return string(raw) == "true", nil
	}
	return false, &wire.Refusal{Status: http.StatusBadRequest, Result: *wire.Invalid(name, "$."+name, "boolean")}
}

// executeAll gives each sub-request its result: its answer, or why it was not triggered. The results name no
// sub-request. They have the order of the request, as in the samples. The status says how many were triggered, not
// whether they succeeded: 200 for all, 207 for some, 400 for none. Zoho CRM API v7, Composite API, Status Codes.
func (e *Emulator) executeAll(subs []subRequest) (wire.Answer, error) {
	results := make([]wire.Result, len(subs))
	triggered := 0
	for i, s := range subs {
		if s.wrong != nil {
			results[i] = *s.wrong
			continue
		}
		triggered++
		results[i] = e.execute(s.call)
	}
	a, err := wire.OK(map[string][]wire.Result{compositeKey: results})
	switch {
	case triggered == 0:
		a.Status = http.StatusBadRequest
	case triggered < len(subs):
		a.Status = http.StatusMultiStatus
	}
	return a, err
}

// execute runs a sub-request. A sub-request with an answer is a success, whatever the answer: the page's sample has
// SUCCESS around a status_code of 400.
func (e *Emulator) execute(c *call) wire.Result {
	a := e.perform(c)
	response := &wire.SubResponse{Headers: map[string]string{}, Status: a.Status, Body: wire.Null()}
	if len(a.Body) > 0 {
		response.Headers["content-type"] = "application/json;charset=utf-8"
		response.Body = a.Body
	}
	result := wire.Success("", "composite sub request executed successfully")
	result.Details.Response = response
	return result
}
