package api

import (
	"net"
	"net/http"
	"time"
)

const (
	// connectTimeout bounds dialling, and again the TLS handshake.
	connectTimeout = 10 * time.Second
	// idleConnections outnumbers the calls in flight that any edition allows
	// (25; Zoho CRM API v8, API Limits), so that no call dials without need.
	idleConnections = 64
	// pingAfter of silence asks an HTTP/2 connection whether it still lives.
	pingAfter = 15 * time.Second
)

// newTransport makes the transport for calls to one host.
//
// It is used directly, without an http.Client: nothing then follows a redirect,
// and so a token never leaves its host. It does send some requests again by
// itself, past the pacer, when a kept-alive connection turns out to be closed:
// a GET, and any request of which nothing was written. A POST, PUT or DELETE of
// which something was written is not sent again (net/http, Request.isReplayable).
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
