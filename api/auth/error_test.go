package auth

import (
	"errors"
	"testing"
)

// The text of a sign-in error has Zoho's code and description, the status and the cause, as far as they are known.
func TestTheTextOfASignInError(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]Error{
		"sign-in": {},
		"sign-in: invalid_code: it is used up (HTTP 200)": {
			Code: "invalid_code", Description: "it is used up", HTTP: 200,
		},
		"sign-in: invalid_client (HTTP 400)": {Code: "invalid_client", HTTP: 400},
		"sign-in: no answer from accounts.zoho.eu: broken pipe": {
			Description: "no answer from accounts.zoho.eu", Err: errors.New("broken pipe"),
		},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
