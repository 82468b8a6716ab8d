package auth

import (
	"net/netip"
	"net/url"
	"strings"
)

// URLError reports why secrets may not be sent to a URL. The cause is in the
// configuration and never temporary.
type URLError struct {
	URL    string // without user, password, query and fragment
	Reason string
}

func (e *URLError) Error() string {
	if e.URL == "" {
		return "url: " + e.Reason
	}
	return "url " + e.URL + ": " + e.Reason
}

// CheckURL parses raw as the base URL of an accounts or API server. The URL must
// be absolute, without user, query and fragment, and https. http is allowed only
// for loopback (127.0.0.0/8, ::1, localhost), where an emulator listens. The
// error is a *URLError.
func CheckURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The text of url.Parse repeats its input, which may hold a password.
		return nil, &URLError{Reason: "not a URL; want something like https://www.zohoapis.com"}
	}
	shown := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	refuse := func(reason string) (*url.URL, error) {
		return nil, &URLError{URL: shown, Reason: reason}
	}
	switch {
	case u.Scheme == "" || u.Hostname() == "":
		return refuse("want an absolute URL, like https://www.zohoapis.com")
	case u.Scheme != "https" && u.Scheme != "http":
		return refuse("want https")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return refuse("plain http would show secrets to the network; use https (http is for loopback only)")
	case u.User != nil:
		return refuse("rolecall uses no user and no password in a URL; remove them")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return refuse("a base URL has no query and no fragment; remove them")
	}
	return u, nil
}

// checkNamed checks a URL that a server named, and that gets secrets next. It must be https and a host of Zoho's. A
// server on loopback may name loopback, so that an emulator can name itself and other emulators. what is the reason in
// the error.
func checkNamed(raw, what string, fromLoopback bool, isZoho func(host string) bool) (*url.URL, error) {
	u, err := CheckURL(raw)
	if err != nil {
		return nil, err
	}
	if fromLoopback && isLoopback(u.Hostname()) {
		return u, nil
	}
	if u.Scheme != "https" || !isZoho(u.Hostname()) || (u.Port() != "" && u.Port() != "443") {
		return nil, &URLError{URL: (&url.URL{Scheme: u.Scheme, Host: u.Host}).String(), Reason: what}
	}
	return u, nil
}

// checkAPIDomain checks an API domain that the accounts server named.
func checkAPIDomain(raw string, accounts *url.URL) error {
	_, err := checkNamed(raw,
		"the accounts server names this API domain, which is not Zoho's; if it is right, set the API URL",
		isLoopback(accounts.Hostname()), isZohoAPI)
	return err
}

// checkAccounts checks an accounts server that a server named, and returns its
// base URL.
func checkAccounts(raw string, fromLoopback bool) (*url.URL, error) {
	u, err := checkNamed(raw,
		"Zoho's answer names this accounts server, which is not one of Zoho's; no secret was sent there",
		fromLoopback, isZohoAccounts)
	if err != nil {
		return nil, err
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// isLoopback reports whether host is localhost or a loopback address. It does
// not resolve names, because their addresses may change before the connection.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
