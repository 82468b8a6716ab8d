package api

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"rolecall/api/auth"
	"rolecall/api/pace"
)

// TokenSource gives access tokens. [auth.Source] is one.
type TokenSource interface {
	// Token returns a token that is valid now. It may ask Zoho for one.
	Token(ctx context.Context) (string, error)
	// Invalidate drops a token that Zoho refused.
	Invalidate(token string)
}

// Config holds the settings of a Client.
type Config struct {
	BaseURL   string            // "https://www.zohoapis.com"; the path, if any, comes before /crm
	Version   Version           // zero: v8
	Tokens    TokenSource       // required, except with a gateway
	Pacer     *pace.Pacer       // nil: one of its own, with default limits
	Transport http.RoundTripper // nil: one made for many calls to one host
	Trace     func(Attempt)     // called after every attempt, by many goroutines; nil: not called
	Once      bool              // disables retries, except after an expired token

	// Gateway puts a gateway, which signs in to Zoho itself, before the transport; nil: none. See package gateway.
	Gateway    func(next http.RoundTripper) http.RoundTripper
	VoiceURL   string      // of Zoho Voice; "": https://voice.zoho.com
	VoicePacer *pace.Pacer // of the calls to Zoho Voice, see NewVoicePacer; nil: one of its own
}

// Client calls one Zoho CRM account. It is safe for use by many goroutines.
type Client struct {
	base      string // scheme, host, path and version; every path comes after it
	version   Version
	tokens    TokenSource // nil with a gateway
	pacer     *pace.Pacer
	transport http.RoundTripper
	trace     func(Attempt)
	policy    policy
	jitter    jitter
	agent     string
	scrub     atomic.Pointer[tokenScrubber] // of the last token
	ahead     atomic.Pointer[time.Duration] // how far Zoho's clock is ahead of this machine's; nil: not known

	decode func(status int, body []byte, wants due) (*reply, *fault)
	ping   request // what a probe sends
	voice  *voice  // Zoho Voice; nil in the Client that Voice itself uses
}

// New makes a Client. It sends nothing. A BaseURL that no token may be sent to is a *auth.URLError.
func New(c Config) (*Client, error) {
	base, err := auth.CheckURL(c.BaseURL)
	if err != nil {
		return nil, err
	}
	if c.Gateway != nil {
		c.Tokens = nil
	} else if c.Tokens == nil {
		return nil, errors.New("api: no token source")
	}
	version := c.Version
	if version == 0 {
		version = v8
	}
	if version < v2 || version > v8 {
		return nil, fmt.Errorf("api: no such version: %v", version)
	}
	client := &Client{
		base:      crmBase(base, version),
		version:   version,
		tokens:    c.Tokens,
		pacer:     c.Pacer,
		transport: c.Transport,
		trace:     c.Trace,
		policy:    defaultPolicy(),
		jitter:    rand.N[time.Duration],
		agent:     userAgent(),
		decode:    decode,
		ping:      request{method: http.MethodGet, path: "/org", due: dueOrg},
	}
	client.policy.once = c.Once
	if client.pacer == nil {
		client.pacer = pace.New(pace.Config{})
	}
	if client.transport == nil {
		client.transport = newTransport()
	}
	if client.voice, err = newVoice(client, c); err != nil {
		return nil, err
	}
	if c.Gateway != nil {
		client.transport = c.Gateway(client.transport)
		// A gateway may not forward the org. Its page names the users.
		client.ping = request{method: http.MethodGet, path: "/users", query: "type=CurrentUser", due: dueUsers}
	}
	return client, nil
}

// readClock compares Zoho's clock with this machine's, by the header Date of an answer (RFC 9110, section 6.6.1).
func (c *Client) readClock(h http.Header) {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		ahead := time.Until(at)
		c.ahead.Store(&ahead)
	}
}

// Clock returns what Zoho's clock showed at a time of this machine's clock, by the last answer. The result is early by
// up to a second and the time that the answer took, and never late. ok is false if no answer had a date.
func (c *Client) Clock(at time.Time) (time.Time, bool) {
	ahead := c.ahead.Load()
	if ahead == nil {
		return time.Time{}, false
	}
	return at.Add(*ahead), true
}

func crmBase(base *url.URL, v Version) string {
	return strings.TrimSuffix(base.String(), "/") + "/crm/" + v.String()
}

// userAgent names the program to Zoho's support.
func userAgent() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		version = info.Main.Version
	}
	return "rolecall/" + version
}

// token returns an access token. The wait for one can take minutes (Zoho gives ten in ten minutes), so it ends when the
// pacer stops.
func (c *Client) token(ctx context.Context) (string, *fault) {
	if c.tokens == nil {
		return "", nil
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-c.pacer.Stopped():
			cancel()
		case <-waiting.Done():
		}
	}()
	token, err := c.tokens.Token(waiting)
	if err == nil {
		return token, nil
	}
	if waiting.Err() != nil && ctx.Err() == nil {
		return "", &fault{kind: kindCancelled, unsent: true, stop: c.pacer.Pause(ctx, 0)}
	}
	return "", classifyToken(ctx, err)
}

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
