package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"

	"rolecall/api/auth"
	"rolecall/api/pace"
)

// kind is the result of an attempt, from which the policy decides what follows.
type kind int

const (
	kindNone          kind = iota // an answer to use
	kindRow                       // Zoho refuses this call
	kindRefused                   // Zoho would refuse every call like this
	kindSignIn                    // Zoho refuses the sign-in
	kindToken                     // Zoho refuses the access token
	kindThrottle                  // 429
	kindTransient                 // no answer, one that cannot be read, or a server's fault
	kindTokenServer               // no token at the moment
	kindTokenThrottle             // too many tokens were asked for
	kindCancelled                 // the caller gave up
)

// fault is the result of an attempt, for the policy and for the error. A success has one too, of kindNone.
type fault struct {
	kind     kind
	answered bool          // Zoho answered, whatever it said
	unsent   bool          // certainly never sent
	lost     bool          // it may have been applied, but no answer says so
	after    time.Duration // the wait that a 429 asks for
	lock     pace.Lock     // the limit on one kind of call that a 429 names
	refusal  refusalText   // Zoho's own words
	body     string        // first bytes of what was not Zoho's JSON
	message  string        // ours, where there is no refusal
	status   int           // 0: no answer
	credits  int           // with saysCredits: how many remain, as Zoho says
	err      error
	stop     *pace.Stop // why the pacer did not let it start

	saysCredits bool
}

// result returns what the pacer needs to know of an attempt.
func (f *fault) result() pace.Result {
	return pace.Result{
		Answered: f.answered, Throttled: f.kind == kindThrottle, After: f.after, Failed: f.kind == kindTransient,
		Unsent: f.unsent, Credits: f.credits, SaysCredits: f.saysCredits, Lock: f.lock,
	}
}

// scrub removes secrets from the texts of the fault. An error of net/http repeats headers, statuses and the answers of
// proxies, and a redirect names a host. The body is clean already.
func (f *fault) scrub(s *auth.Scrubber) *fault {
	f.message, f.err = s.Text(f.message), s.Error(f.err)
	return f
}

// refusesAll reports whether Zoho would refuse every row like this one, because the URL, the module or the method is
// wrong. These are the same for all rows.
func refusesAll(status int, r refusalText) bool {
	switch r.Code {
	case "INVALID_URL_PATTERN", "INVALID_MODULE", "INVALID_REQUEST_METHOD", "API_NOT_SUPPORTED":
		return true
	case codeInvalidData:
		return wrongPath(r.Details)
	}
	return status == http.StatusMethodNotAllowed
}

// wrongPath reports whether details blame the module (path index 0) or the related list (2), not the deal (1): Zoho's
// OpenAPI v8, deal contact roles.
func wrongPath(details json.RawMessage) bool {
	index := pathPart(details)
	return index == "0" || index == "2"
}

// pathPart returns the part of the path that details blame; "" if none.
func pathPart(details json.RawMessage) string {
	if len(details) == 0 {
		return ""
	}
	var d struct {
		Index *text `json:"resource_path_index"`
	}
	if json.Unmarshal(details, &d) != nil || d.Index == nil {
		return ""
	}
	return string(*d.Index)
}

// classifyRefusal makes the fault of a refusal in Zoho's JSON.
func classifyRefusal(status int, r refusalText) *fault {
	f := &fault{kind: kindRow, answered: true, refusal: r}
	switch {
	case isThrottle(status, string(r.Code)):
		f.kind = kindThrottle
	case r.Code == codeInvalidToken:
		f.kind = kindToken
	case r.Code == codeDuplicate: // duplicate columns come with 401 (Zoho CRM API v7, Get Records through a COQL Query)
	case r.Code == "AUTHENTICATION_FAILURE", r.Code == "OAUTH_SCOPE_MISMATCH", status == http.StatusUnauthorized:
		f.kind = kindSignIn
	case isServerFault(status, string(r.Code)):
		f.kind = kindTransient
		f.lost = true // the server failed, and does not say what it did before
	case refusesAll(status, r):
		f.kind = kindRefused
	}
	return f
}

// classifyUnreadable makes the fault of an answer that is not Zoho's JSON, by its status alone.
func classifyUnreadable(status int, body []byte, why error) *fault {
	f := &fault{kind: kindTransient, lost: true, body: printable(body), message: "the answer cannot be read", err: why}
	switch {
	case status == http.StatusTooManyRequests:
		*f = fault{kind: kindThrottle, answered: true, body: f.body, message: "too many requests"}
	case status == http.StatusUnauthorized:
		*f = fault{kind: kindToken, body: f.body, message: "unauthorised, and the answer cannot be read"}
	case refusesWithoutJSON(status):
		*f = fault{kind: kindRow, body: f.body, message: strings.ToLower(http.StatusText(status))}
		if status == http.StatusMethodNotAllowed {
			f.kind = kindRefused
		}
	case len(body) == 0:
		f.message = "an empty answer"
	}
	return f
}

// classifyRedirect makes the fault of a redirect. Zoho documents none. A client that follows it could send the token to
// another host, or turn a PUT into a GET.
func classifyRedirect(from string, location string) *fault {
	to := "elsewhere"
	if u, err := http.NewRequest(http.MethodGet, location, nil); err == nil && u.URL.Host != "" {
		to = u.URL.Scheme + "://" + u.URL.Host
	}
	message := fmt.Sprintf("%s redirects to %s, which is not followed; check the API URL", from, to)
	return &fault{kind: kindRefused, message: message}
}

// classifyTransport makes the fault of an attempt without an answer.
func classifyTransport(ctx context.Context, err error) *fault {
	if ctx.Err() != nil {
		return &fault{kind: kindCancelled, lost: true, err: ctx.Err(), message: "cancelled before the answer came"}
	}
	f := &fault{kind: kindTransient, message: "no answer", err: err, unsent: neverSent(err)}
	f.lost = !f.unsent
	if auth.IsCertificate(err) {
		f.kind = kindRefused
		f.message = "the server's certificate cannot be trusted; check the API URL and the system's certificates"
	}
	return f
}

// neverSent reports whether an error is a failure to connect. Once connected, a client may have sent the request.
func neverSent(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	_, ok := errors.AsType[*net.DNSError](err)
	return ok || auth.IsCertificate(err)
}

// classifyToken makes the fault of an attempt without a token.
func classifyToken(ctx context.Context, err error) *fault {
	f := &fault{kind: kindSignIn, unsent: true, message: "no access token", err: err}
	e, ok := errors.AsType[*auth.Error](err)
	switch {
	case ctx.Err() != nil:
		f.kind, f.err = kindCancelled, ctx.Err()
	case ok && e.Throttled():
		f.kind = kindTokenThrottle
	case ok && e.Temporary():
		f.kind = kindTokenServer
	}
	return f
}

// longestBody is the most bytes that an error shows of an answer that is not Zoho's JSON.
const longestBody = 300

// printable returns the beginning of a body in one line.
func printable(body []byte) string {
	cut := body[:min(len(body), longestBody)]
	text := strings.ToValidUTF8(string(cut), "?")
	text = strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, text)
	return strings.Join(strings.Fields(text), " ")
}
