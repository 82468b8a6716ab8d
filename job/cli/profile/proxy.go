package profile

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"rolecall/job"
)

// CheckProxy refuses a proxy variable that is no URL, if a server of here is behind that proxy. With such a variable,
// Go's own client would use no proxy, or a wrong host. The message does not show the value, because it may hold a
// password.
func (p *Profiles) CheckProxy(here Place) error {
	either := func(name string) (used, value string) {
		if value = p.Getenv(name); value != "" {
			return name, value
		}
		return strings.ToLower(name), p.Getenv(strings.ToLower(name))
	}
	_, no := either("NO_PROXY")
	anyProxy := (&httpproxy.Config{HTTPProxy: "http://proxy", HTTPSProxy: "http://proxy", NoProxy: no}).ProxyFunc()
	for _, address := range []string{here.APIURL, here.Credentials.AccountsURL} {
		server, err := url.Parse(address)
		if err != nil {
			continue // checked elsewhere
		}
		name, value := either(strings.ToUpper(server.Scheme) + "_PROXY")
		if value == "" || isProxy(value) {
			continue
		}
		if proxied, err := anyProxy(server); err == nil && proxied != nil {
			return &job.UsageError{Err: fmt.Errorf("%s is no URL of a proxy: it is http://HOST:PORT, or "+
				"http://USER:PASSWORD@HOST:PORT; in a password write %% @ # / : and a space as "+
				"%%25 %%40 %%23 %%2F %%3A %%20",
				name)}
		}
	}
	return nil
}

// isProxy reports whether a text is the address of a proxy. A text without a scheme is an HTTP proxy.
func isProxy(value string) bool {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, " \t") ||
		u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return false
	}
	_, err = strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16)
	return err == nil && slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme)
}
