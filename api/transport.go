package api

import (
	"net"
	"net/http"
	"time"
)

const (
	// connectTimeout bounds dialling, and then the TLS handshake.
	connectTimeout = 10 * time.Second
	// idleConnections is more than the calls in flight of any edition (25; Zoho CRM API v8, API Limits), so that no
	// call dials without need.
	idleConnections = 64
	// pingAfter is the silence after which an HTTP/2 connection is tested.
	pingAfter = 15 * time.Second
)

// newTransport makes the transport for calls to one host.
//
// No http.Client is around it, so nothing follows a redirect, and a token never leaves its host. The transport
// itself sends some requests again, past the pacer, if an idle connection turns out to be closed: a GET, and any
// request of which nothing was written. A POST, PUT or DELETE of which something was written is not sent again
// (net/http, Request.isReplayable).
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ExpectContinueTimeout: time.Second,
		MaxIdleConns:          idleConnections,
		MaxIdleConnsPerHost:   idleConnections,
		IdleConnTimeout:       90 * time.Second,
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter},
	}
}
