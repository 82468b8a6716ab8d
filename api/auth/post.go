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

// largestAnswer of an accounts server is read, in bytes; they have hundreds.
const largestAnswer = 1 << 20

// failure is what every answer says when it is none.
type failure struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// post sends a form. x/oauth2 serves where Zoho keeps to its standards; the
// device flow and revoking do not.
func post[T any](ctx context.Context, a *accountsServer, path string, form url.Values) (T, error) {
	return ask[T](ctx, a, http.MethodPost, a.url(path), form)
}

// ask sends one request and reads its answer, whose refusal, in whatever
// status, is an *Error; what else a refusal says comes along with it.
func ask[T any](ctx context.Context, a *accountsServer, method, target string, form url.Values) (T, error) {
	var answer T
	bounded, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(bounded, method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return answer, &URLError{Reason: "not an address that can be asked; check the accounts URL"}
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
