// Package auth signs in to Zoho and gets access tokens.
//
// It knows Zoho's data centres, the URLs that a secret may be sent to, the ways
// to sign in (a self client's code, consent in a browser, a device) and the
// refresh-token grant. It stores access tokens between runs. Zoho gives at most
// ten access tokens per refresh token in ten minutes (Zoho CRM API, Token
// Validity). So all goroutines of a process share a token, and so do all
// processes of a user, through a folder of 0600 files with locks.
//
// Nothing in this package puts a token or a secret into an error.
package auth
