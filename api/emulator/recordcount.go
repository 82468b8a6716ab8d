package emulator

import "slices"

func (e *Emulator) countDeals(c *call) (answer, error) { return e.countRecords(c, moduleDeals) }
func (e *Emulator) countContacts(c *call) (answer, error) {
	return e.countRecords(c, moduleContacts)
}

type countAnswer struct {
	Count int `json:"count"`
}

// countRecords counts the records of a module. Zoho CRM API v7, Record Count in
// a Module, which says that Zoho's count is one to ten minutes late: this one
// is not. Searching and custom views are not emulated.
func (e *Emulator) countRecords(c *call, m module) (answer, error) {
	if c.version < v21 {
		return answer{}, bad("API_NOT_SUPPORTED", "api not supported in this version", details{})
	}
	query := c.query()
	searches := []string{"criteria", "email", "phone", "word"}
	searched := slices.IndexFunc(searches, query.Has)
	switch {
	case searched >= 0 && query.Has("cvid"):
		return answer{}, bad("AMBIGUITY_DURING_PROCESSING",
			"Please use either Cvid or Search Params. Combination of both the params is not allowed",
			details{AmbiguityDueTo: []paramRef{{"cvid"}, {searches[searched]}}})
	case searched >= 0:
		return answer{}, bad("NOT_SUPPORTED", "this emulator counts whole modules only", details{ParamName: searches[searched]})
	case query.Has("cvid"):
		return answer{}, bad("NOT_SUPPORTED", "this emulator has no custom views", details{ParamName: "cvid"})
	}
	return ok(countAnswer{Count: e.store.view(m).len()})
}
