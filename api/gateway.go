package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
)

// notThroughGateway is the message of a call that a gateway refuses because it has no connection to Zoho.
const notThroughGateway = "the gateway does not let the call through"

// fromGateway changes the fault of an answer that came through a gateway. The client has no token, so a refusal of a
// token concerns the gateway's own connection to Zoho. An answer that is not Zoho's JSON is the gateway's own. No page
// documents its form, so only its status counts.
func (f *fault) fromGateway(status int) {
	own := f.refusal.Code == "" && f.kind != kindNone
	switch {
	case f.kind == kindToken && !own:
		f.kind = kindSignIn
	case !own:
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		f.kind, f.answered, f.lost, f.message = kindSignIn, true, false, notThroughGateway
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented:
		f.kind, f.answered, f.lost = kindRefused, true, false
		f.message, f.err = "the gateway does not forward this path", errors.Join(errMisfit, f.err)
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError:
		f.kind, f.answered, f.lost = kindRow, true, false
		f.message, f.err = "the gateway refused the call", errors.Join(errByGateway, f.err)
	case status < http.StatusMultipleChoices && saysError(f.body):
		// This is a refusal in spite of its status. It does not say whether Zoho got the call.
		f.kind, f.answered = kindRow, true
		f.message, f.err = "the gateway refused the call", errors.Join(errByGateway, f.err)
	}
}

// errByGateway is the cause of a refusal of one call by the gateway.
var errByGateway = errors.New("the answer is the gateway's own, not Zoho's")

// saysError reports whether an answer, or its beginning, is a JSON object with an error or a message.
func saysError(body string) bool {
	return strings.HasPrefix(body, "{") && (strings.Contains(body, `"error"`) || strings.Contains(body, `"message"`))
}

// Probe is a call that changes nothing, whatever the answer is.
type Probe struct {
	Method string
	Path   string // after the version: "/settings/fields"
	Query  string
	Body   json.RawMessage
	Name   string // of the list in the answer: "fields"
}

// Forwards makes a call that changes nothing, and reports whether the gateway forwards its path: whether Zoho answered
// in any way. It returns false if the gateway itself refuses the call, or if Zoho has no such path for this user. After
// an error the result is not known.
func (c *Client) Forwards(ctx context.Context, p Probe) (bool, error) {
	q := request{method: p.Method, path: p.Path, query: p.Query, body: p.Body, reads: true, paged: true}
	q.due = due{p.Name, listOrNone}
	_, err := read(ctx, c, q, func(*reply) (struct{}, error) { return struct{}{}, nil })
	failed, refused := errors.AsType[*Error](err)
	switch {
	case err == nil:
		return true, nil
	case !refused, failed.Temporary(), failed.HTTP == http.StatusUnauthorized && failed.Code == "":
		return false, err
	case NotOffered(err), failed.Code == "":
		return false, nil
	}
	missing := []string{"INVALID_URL_PATTERN", "NO_PERMISSION", "AUTHORIZATION_FAILED"}
	return failed.Ends != EndSignIn && !slices.Contains(missing, failed.Code), nil
}
