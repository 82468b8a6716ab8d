package api

import (
	"errors"
	"net/http"
)

// errMisfit is the cause of a failure that another call for the same purpose may avoid.
var errMisfit = errors.New("this way of calling does not work here")

// NotOffered reports whether a call failed because of the way of calling, not because of what it carried, and there is
// another way: DealContactRoles instead of DealsContactRoles, AssignContactRole instead of AssignContactRoles, Records
// instead of Query; Records, CountRecords and QueryCount for one another. The path or the method is not there, or not
// in this version, or not within the token's scopes or, for Query, the user's rights; or the answer is not as
// documented.
//
// Such a failure does not end the run, whatever its Ends says: the other way shows whether the rest fails too. A write
// whose answer could not be read is still Uncertain.
func NotOffered(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Ends != EndNone && e.Ends != EndRefused && e.Ends != EndSignIn {
		return false
	}
	switch e.Code {
	case "":
		return errors.Is(e.Err, errMisfit) || disproves(e.HTTP)
	case "OAUTH_SCOPE_MISMATCH", "NOT_SUPPORTED":
		return true
	}
	return errors.Is(e.Err, errMisfit) || refusesAll(e.HTTP, refusalText{Code: text(e.Code), Details: e.Details})
}

// disproves reports whether an answer without a code of Zoho's proves that the documented path is not there: 404, 405,
// or a success that cannot be read.
func disproves(status int) bool {
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed ||
		status >= http.StatusOK && status < http.StatusMultipleChoices
}

// DealGone reports whether a deal's contact roles were not read because the deal does not exist, or not any more. For
// the errors of other calls it reports the same of the record that the path names.
//
// Zoho's OpenAPI v8, deal contact roles: INVALID_DATA that blames the second part of the path.
func DealGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == codeInvalidData && pathPart(e.Details) == "1"
}
