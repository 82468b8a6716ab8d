package api

import (
	"errors"
	"net/http"
)

// errMisfit is the cause of a failure that lies in a way of calling, not in
// what was asked for.
var errMisfit = errors.New("this way of calling does not work here")

// NotOffered reports that a call which there is another way to make failed
// because of its way, not because of what it carried: DealsContactRoles, for
// which DealContactRoles does as well, AssignContactRoles, for which
// AssignContactRole does, Query, for which Records does, and Records,
// CountRecords and QueryCount for one another. The path or the method is not
// there, not in this version, not within the token's scopes or, for Query, the
// user's rights, or the answer is not what the documents say.
//
// Such a failure ends nothing, whatever its Ends says: the other way tells
// whether the rest would fail too. A write whose answer could not be read is
// still Uncertain.
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

// misses reports that an answer without a code of Zoho's says nothing of its
// path: it is none, or not its last word. A success that cannot be read is not
// the documented one, and what is not found or not allowed is not there.
func misses(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return false
	}
	return status < http.StatusOK || status >= http.StatusMultipleChoices
}

// DealGone reports that a deal's contact roles were not read because there is no
// such deal, or no more. Of other calls' errors it says the same of the record
// that the path names.
//
// Zoho's OpenAPI v8, deal contact roles: INVALID_DATA that blames the second
// part of the path.
func DealGone(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == codeInvalidData && pathPart(e.Details) == "1"
}
