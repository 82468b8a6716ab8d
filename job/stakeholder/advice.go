package stakeholder

import (
	"encoding/json"

	"rolecall/job"
)

// Zoho's codes that change what these jobs do (Zoho CRM API v8, Status Codes). All other codes only pass through.
const (
	codeInvalidData       = "INVALID_DATA"
	codeMandatoryNotFound = "MANDATORY_NOT_FOUND"
)

// advice returns what to do about a row that failed with a code and details, or "" for an unknown code. The codes and
// their causes: Zoho CRM API v8, Add Contact Roles to a Specific Deal, Remove Contact Role from a Specific Deal, and
// Status Codes.
func advice(name, code, details string) string {
	switch {
	case code == codeInvalidData && pathIndex(details) == 1:
		return "look the deal up in Zoho: there is none of that id, or this user may not see it"
	case name == Remove && absent(code, details):
		return "the contact is not on the deal; --ignore-not-found takes that as done"
	}
	if text, own := job.OwnAdvice(code); own {
		return text
	}
	if code == codeInvalidData {
		return "look the contact up in Zoho: there is none of that id, or this user may not see it; or the role is gone"
	}
	return job.ZohoAdvice(code)
}

// pathIndex returns the part of the path that a refusal points at: 0 the module, 1 the deal, 2 the relation, -1 none
// (Zoho CRM API v8, Add Contact Roles to a Specific Deal, possible errors: resource_path_index).
func pathIndex(details string) int {
	var d struct {
		Index *int `json:"resource_path_index"`
	}
	if json.Unmarshal([]byte(details), &d) != nil || d.Index == nil {
		return -1
	}
	return *d.Index
}
