package record

import (
	"encoding/json"
	"strings"

	"rolecall/job"
)

// advice returns what to do about a row that failed with a code and details, or "" for an unknown code. The codes and
// their causes are from Zoho CRM API v7, Insert, Update, Upsert and Delete Records, and zoho-api-records.md 3.3.
func advice(code, details string) string {
	if text, own := job.OwnAdvice(code); own {
		switch code {
		case job.CodeOutcomeUnknown:
			return "look for the record in Zoho as the message says; insert and upsert send the row again only after " +
				"you empty its rc_code"
		case job.CodePriorUnknown:
			return "look the record up in Zoho, and change it there: the run did not record what was before"
		}
		return text
	}
	var d struct {
		Field     string `json:"api_name"`
		ID        string `json:"id"`
		Duplicate struct {
			ID string `json:"id"`
		} `json:"duplicate_record"`
		Errors []struct {
			Code    string          `json:"code"`
			Details json.RawMessage `json:"details"`
		} `json:"errors"`
	}
	_ = json.Unmarshal([]byte(details), &d) // without details the advice names no field
	if d.Duplicate.ID != "" {
		d.ID = d.Duplicate.ID
	}
	switch code {
	case "MULTIPLE_OR_MULTI_ERRORS":
		var all []string
		for _, e := range d.Errors {
			if text := advice(e.Code, string(e.Details)); text != "" {
				all = append(all, text)
			}
		}
		return strings.Join(all, "; ")
	case "DUPLICATE_DATA":
		return "record " + d.ID + " has this " + d.Field + ": take the row out, or give it to records upsert or update"
	case "MANDATORY_NOT_FOUND":
		return "fill in " + d.Field
	case "INVALID_DATA":
		if d.Field == "" || d.Field == "id" {
			return "look the record up in Zoho: there is none of this id, or this user may not see it"
		}
		return "look at " + d.Field + ": rc_details says what Zoho expects"
	case "RECORD_IN_BLUEPRINT":
		return "a blueprint owns the field: change it by the blueprint in Zoho"
	case "CONVERTED_RECORD", "ID_ALREADY_CONVERTED":
		return "the lead is converted: change the contact instead"
	case "DEPENDENT_FIELD_MISSING", "DEPENDENT_MISMATCH", "EXPECTED_FIELD_MISSING":
		return "fill in the field that rc_details names too"
	}
	return job.ZohoAdvice(code)
}
