// Package auth gives access tokens for a Zoho account.
//
// It knows Zoho's data centres, which URLs a secret may be sent to, the ways to
// sign in (a self client's code, a browser's consent, a device), the
// refresh-token grant, and where an access token is kept between runs. Zoho
// gives at most ten access tokens per refresh token in ten minutes (Zoho CRM
// API, Token Validity), so a token is shared: by all goroutines of a process
// and, through a folder of 0600 files under locks, by all processes of a user.
//
// Nothing in this package puts a token or a secret into an error.
package auth
