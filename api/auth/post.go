package auth

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// largestAnswer is the most bytes read of an answer. Real answers have hundreds.
const largestAnswer = 1 << 20

// failure is the part of an answer that reports a refusal.
type failure struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// post sends a form and reads the answer. It is for the device flow, which
// x/oauth2 cannot do because Zoho does not follow the standard there.
func post[T any](ctx context.Context, a *accountsServer, path string, form url.Values) (T, error) {
	return ask[T](ctx, a, http.MethodPost, a.url(path), form)
}

// ask sends one request and reads the answer. A refusal with any status is an
// *Error. Then ask returns the other fields of the answer too.
func ask[T any](ctx context.Context, a *accountsServer, method, target string, form url.Values) (T, error) {
	var answer T
	bounded, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(bounded, method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return answer, &URLError{Reason: "not a valid address; check the accounts URL"}
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	body, status, err := a.send(r)
	if err != nil {
		if ctx.Err() != nil {
			return answer, ctx.Err()
		}
		return answer, err
	}
	var f failure
	unreadable := errors.Join(json.Unmarshal(body, &f), json.Unmarshal(body, &answer))
	switch {
	case f.Code != "" || status >= http.StatusMultipleChoices:
		return answer, a.refusal(f.Code, f.Description, status)
	case unreadable != nil:
		return answer, a.unreadable()
	}
	return answer, nil
}

// send sends a request and returns the body and the status of the answer.
func (a *accountsServer) send(r *http.Request) ([]byte, int, error) {
	resp, err := a.http.Do(r)
	if err != nil {
		failed, ok := errors.AsType[*url.Error](err)
		if !ok {
			return nil, 0, a.unreadable()
		}
		return nil, 0, a.noAnswer(failed)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, largestAnswer))
	if err != nil {
		return nil, 0, a.noAnswer(&url.Error{Err: err})
	}
	return body, resp.StatusCode, nil
}
