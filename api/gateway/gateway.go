// Package gateway sends the calls of package api through PinkConnect, a gateway that signs in to Zoho for its users.
//
// PinkConnect serves version 2 of Zoho's API at PC_BASE_URL + "crm/v2/", writes modules in lower case, and wraps an
// answer in {"output": ...}. Its page shows no key and no error (docs.pinkfish.ai, slash-commands/zoho). A [Transport]
// stands before the one of an [api.Client], so that no other part of rolecall knows of that.
package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rolecall/api/auth"
)

// PinkConnect is the name of the only gateway.
const PinkConnect = "pinkconnect"

// Version is the version of Zoho's API that the gateway serves.
const Version = "v2"

// Transport sends requests through the gateway. It is safe for use by many goroutines.
type Transport struct {
	Header  string            // that the gateway wants; "": none
	Value   string            // of the header: a secret
	Next    http.RoundTripper // makes the connections
	Forward *Forward          // what the gateway forwards; nil: not known

	scrub *auth.Scrubber
}

// Before returns what [api.Config] wants of a gateway.
func Before(header, value string, forward *Forward) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper { return New(header, value, next, forward) }
}

// New returns a Transport. The value of the header is a secret: the Transport removes it from each answer.
func New(header, value string, next http.RoundTripper, forward *Forward) *Transport {
	return &Transport{
		Header: header, Value: value, Next: next, Forward: forward,
		scrub: auth.NewScrubber(append(strings.Fields(value), value)...),
	}
}

// largestAnswer is the most bytes of an answer that are unwrapped. An api.Client reads as many.
const largestAnswer = 32 << 20

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	before, path, isCRM := cutVersion(r.URL.Path)
	if isCRM && t.Forward.Lacks(r.Method, path) {
		return notForwarded(r, path), nil
	}
	out := r.Clone(r.Context())
	out.Header.Del("Authorization")
	if t.Header != "" {
		out.Header.Set(t.Header, t.Value)
	}
	if isCRM {
		out.URL.Path, out.URL.RawPath = before+lowerModule(path), ""
	}
	resp, err := t.Next.RoundTrip(out)
	if err != nil {
		return nil, t.scrub.Error(err)
	}
	t.unwrap(resp)
	return resp, nil
}

// cutVersion cuts a path behind its last "/crm/v2/".
func cutVersion(path string) (before, rest string, is bool) {
	const mark = "/crm/" + Version + "/"
	i := strings.LastIndex(path, mark)
	if i < 0 {
		return "", path, false
	}
	return path[:i+len(mark)], path[i+len(mark):], true
}

// lowerModule writes the module of a path in lower case. The picklist of roles is no module: Zoho's pages have it as
// Contacts/roles.
func lowerModule(path string) string {
	if path == string(Roles) || strings.HasPrefix(path, string(Roles)+"/") {
		return path
	}
	module, rest, more := strings.Cut(path, "/")
	if more {
		rest = "/" + rest
	}
	return strings.ToLower(module) + rest
}

// notForwarded answers in place of a gateway that is known not to forward a path. Nothing is sent.
func notForwarded(r *http.Request, path string) *http.Response {
	if r.Body != nil {
		_ = r.Body.Close() // a RoundTripper closes it in any case
	}
	body := fmt.Sprintf(`{"error":"not_forwarded","message":%q}`, "the gateway does not forward "+path)
	return &http.Response{
		Status: "404 Not Found", StatusCode: http.StatusNotFound, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Request: r, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}
}

// unwrap makes the gateway's answer the one that Zoho gave.
func (t *Transport) unwrap(resp *http.Response) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestAnswer+1))
	closeErr := resp.Body.Close()
	if err == nil {
		err = closeErr
	}
	if err != nil {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), broken{err})) // status and headers are whole
		return
	}
	for _, values := range resp.Header {
		for i := range values {
			values[i] = t.scrub.Text(values[i])
		}
	}
	status, inner := Unwrap(resp.StatusCode, body)
	inner = t.scrub.Bytes(inner)
	if status != resp.StatusCode {
		resp.StatusCode, resp.Status = status, strconv.Itoa(status)+" "+http.StatusText(status)
	}
	resp.Header.Del("Content-Length")
	resp.ContentLength, resp.Body = int64(len(inner)), io.NopCloser(bytes.NewReader(inner))
}

// broken is the rest of an answer that broke off.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// Unwrap returns Zoho's status and body from an answer of the gateway. An answer that is not wrapped stays as it is.
//
// In {"output": ...}, the output is Zoho's body, and a number in the key status is Zoho's status (docs.pinkfish.ai,
// other skills). Without output, status 204 is Zoho's empty answer, and the status of an error is the gateway's own.
func Unwrap(status int, body []byte) (int, []byte) {
	var wrapped struct {
		Output json.RawMessage `json:"output"`
		Status json.RawMessage `json:"status"`
	}
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) || json.Unmarshal(body, &wrapped) != nil {
		return status, body
	}
	inner, err := strconv.Atoi(string(wrapped.Status))
	given := err == nil && http.StatusText(inner) != ""
	hasOutput := len(wrapped.Output) > 0 && string(wrapped.Output) != "null" && string(wrapped.Output) != `""`
	switch {
	case given && inner == http.StatusNoContent && !hasOutput:
		return inner, nil
	case hasOutput && given:
		return inner, wrapped.Output
	case hasOutput:
		return status, wrapped.Output
	case given && inner >= http.StatusBadRequest:
		return inner, body
	}
	return status, body
}

// Address returns PC_BASE_URL as an api.Client takes it: without the slash at its end. The error is an *auth.URLError.
func Address(raw string) (string, error) {
	u, err := auth.CheckURL(raw)
	if err != nil {
		return "", err
	}
	out := url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/")}
	return out.String(), nil
}
