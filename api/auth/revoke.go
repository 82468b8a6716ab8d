package auth

import (
	"context"
	"net/http"
	"net/url"
)

// Revoke revokes a refresh token and its access tokens, for everybody who uses
// them (Zoho CRM API v8, Revoke Tokens). An *Error that is not Temporary means
// that there was no such token.
func (c Client) Revoke(ctx context.Context, refreshToken string) error {
	a, err := c.serverFor([]part{{"refresh token", refreshToken, true}})
	if err != nil {
		return err
	}
	// Zoho documents only the query as the place of the token.
	target := a.url("oauth/v2/token/revoke") + "?" + url.Values{"token": {refreshToken}}.Encode()
	answer, err := ask[struct {
		Status string `json:"status"`
	}](ctx, a, http.MethodPost, target, nil)
	if err != nil {
		return err
	}
	if answer.Status != "success" {
		return &Error{Description: "the accounts server does not say that the token is revoked; " +
			"look under Connected Apps in the Zoho account"}
	}
	return nil
}
