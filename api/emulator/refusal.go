package emulator

import (
	"encoding/json"
	"errors"
	"net/http"
)

// A result is Zoho's word on one thing: an item of a write, or, flat, a whole
// request.
type result struct {
	Code    string  `json:"code"`
	Details details `json:"details"`
	Message string  `json:"message"`
	Status  string  `json:"status"`
}

func (r *result) failed() bool { return r.Status != "success" }

// details are all the keys that Zoho's documents show in "details" of the calls
// that are here; what is empty is left out.
type details struct {
	ID                string          `json:"id,omitempty"`
	APIName           string          `json:"api_name,omitempty"`
	JSONPath          string          `json:"json_path,omitempty"`
	ExpectedDataType  string          `json:"expected_data_type,omitempty"`
	MaximumLength     int             `json:"maximum_length,omitempty"`
	ParamName         string          `json:"param_name,omitempty"`
	ResourcePathIndex *int            `json:"resource_path_index,omitempty"`
	By                string          `json:"by,omitempty"`    // what a sub-request has too many of
	Limit             json.RawMessage `json:"limit,omitempty"` // a number for roles and sub-requests, a string for ids
	ExpectedFields    []fieldRef      `json:"expected_fields,omitempty"`
	AmbiguityDueTo    []paramRef      `json:"ambiguity_due_to,omitempty"`
	*coqlDetails
}

type paramRef struct {
	ParamName string `json:"param_name"`
}

type fieldRef struct {
	APIName  string `json:"api_name"`
	JSONPath string `json:"json_path"`
}

// success is an item that went well.
func success(id, message string) result {
	return result{Code: "SUCCESS", Details: details{ID: id}, Message: message, Status: "success"}
}

// failure is an item that did not.
func failure(code, message string, d details) result {
	return result{Code: code, Details: d, Message: message, Status: "error"}
}

// A refusal refuses a whole request: a flat body with its HTTP status.
type refusal struct {
	status int
	result result
}

func (r *refusal) Error() string { return r.result.Code + ": " + r.result.Message }

func refuse(status int, code, message string, d details) *refusal {
	return &refusal{status: status, result: failure(code, message, d)}
}

// bad is a refusal with 400, the status of nearly all of Zoho's refusals.
func bad(code, message string, d details) *refusal {
	return refuse(http.StatusBadRequest, code, message, d)
}

func atPath(index int) details { return details{ResourcePathIndex: &index} }

// refused turns what a handler returned as error into the answer. It is the
// one place that does: an error that is no refusal is the emulator's own
// trouble (a state file that cannot be written), which Zoho calls
// INTERNAL_ERROR.
func refused(err error) answer {
	r, isRefusal := errors.AsType[*refusal](err)
	if !isRefusal {
		r = internalError()
	}
	body, err := json.Marshal(&r.result)
	if err != nil { // details hold nothing that cannot be encoded
		body = []byte(`{"code":"INTERNAL_ERROR","details":{},"message":"Internal Server Error","status":"error"}`)
	}
	return answer{status: r.status, body: body}
}

// The refusals of whole requests, with the texts of Zoho's pages.

func internalError() *refusal {
	return refuse(http.StatusInternalServerError, "INTERNAL_ERROR", "Internal Server Error", details{})
}

// tooManyRequests says neither which limit was met nor when to come back:
// Zoho documents no Retry-After, so that no client learns to rely on one.
func tooManyRequests() *refusal {
	return refuse(http.StatusTooManyRequests, "TOO_MANY_REQUESTS",
		"You have made too many requests continuously. Please try again after some time.", details{})
}

func invalidURL() *refusal {
	return refuse(http.StatusNotFound, "INVALID_URL_PATTERN",
		"Please check if the URL trying to access is a correct one", details{})
}

func invalidMethod() *refusal {
	return bad("INVALID_REQUEST_METHOD", "The http request method type is not a valid one", details{})
}

func invalidModule() *refusal {
	return bad("INVALID_MODULE", "the module name given seems to be invalid", atPath(0))
}

func invalidDeal() *refusal {
	return bad("INVALID_DATA", "the related id given seems to be invalid", atPath(1))
}

func invalidRelation() *refusal {
	return bad("INVALID_DATA", "the relation name given seems to be invalid", atPath(2))
}

// invalidContact is for a contact named in the path; in a body it is an item.
func invalidContact() *refusal {
	return bad("INVALID_DATA", "the id given seems to be invalid", details{})
}

func paramMissing(name string) *refusal {
	return bad("REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", details{ParamName: name})
}

func unauthorised(code, message string) *refusal {
	return refuse(http.StatusUnauthorized, code, message, details{})
}
