package api

import (
	"errors"
	"net/http"
)

// errMisfit is the cause of a failure of the way of calling, not of what was asked for.
var errMisfit = errors.New("this way of calling does not work here")

// NotOffered reports whether a call failed because of the way of calling, not because of what it carried, and there is
// another way: DealContactRoles instead of DealsContactRoles, AssignContactRole instead of AssignContactRoles, Records
// instead of Query; Records, CountRecords and QueryCount for one another. The path or the method is not there, or not
// in this version, or not within the token's scopes or, for Query, the user's rights; or the answer is not as
// documented.
//
// Such a failure ends nothing, whatever its Ends says: the other way tells whether the rest would fail too. A write
// whose answer could not be read is still Uncertain.
func NotOffered(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Ends != EndNone && e.Ends != EndRefused && e.Ends != EndSignIn {
		return false
	}
	switch e.Code {
	case "":
		return errors.Is(e.Err, errMisfit) || !misses(e.HTTP)
	case "OAUTH_SCOPE_MISMATCH", "NOT_SUPPORTED":
		return true
	}
	return errors.Is(e.Err, errMisfit) || refusesAll(e.HTTP, refusalText{Code: text(e.Code), Details: e.Details})
}

// misses reports whether an answer without a code of Zoho's proves nothing about the path. A success that cannot be
// read proves that the path is not the documented one. 404 and 405 prove that it does not exist.
func misses(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return false
	}
	return status < http.StatusOK || status >= http.StatusMultipleChoices
}

// DealGone reports whether a deal's contact roles were not read because the deal does not exist, or not any more. For
// the errors of other calls it reports the same of the record that the path names.
//
// Zoho's OpenAPI v8, deal contact roles: INVALID_DATA that blames the second part of the path.
func DealGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == codeInvalidData && pathPart(e.Details) == "1"
}
