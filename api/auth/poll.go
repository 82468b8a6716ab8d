package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// The codes of a poll that got no token (Zoho Accounts, device polling request).
// The fifth is codeDenied.
const (
	codePending = "authorization_pending"
	codeSlow    = "slow_down"
	codeOtherDC = "other_dc"
	codeExpired = "expired"
)

const (
	// slower is added to the time between polls when Zoho asks for it
	// (RFC 8628, 3.5: five seconds).
	slower = 5 * time.Second
	// longestLifetime is far longer than the life of any access token.
	longestLifetime = 24 * time.Hour
	// longestTrail is how often a device may be sent to another data centre.
	// Once is enough. More would be a loop.
	longestTrail = 3
)

// PollDevice waits until the user has decided, and returns the grant. It polls
// every 30 seconds, or more slowly if Zoho asks for that. If Zoho names the
// user's own data centre, it goes on there.
//
// If the user refuses, the error is an *Error with Code access_denied. If the
// code expires, it is an *Error with Code expired, and its Err is the error of
// the last poll, if that failed. If the named accounts server is not Zoho's, it
// is a *URLError.
func (c Client) PollDevice(ctx context.Context, d *Device) (Grant, error) {
	a, err := c.server(part{"device code", d.code, true})
	if err != nil {
		return Grant{}, err
	}
	p := &poller{server: a, device: d, interval: max(d.interval, a.shortestInterval())}
	for {
		if !time.Now().Before(d.Expires) {
			return Grant{}, &Error{
				Code: codeExpired, Description: "nobody entered the code in time; start the sign-in again", Err: p.last,
			}
		}
		if err := wait(ctx, p.interval); err != nil {
			return Grant{}, err
		}
		if g, done, err := p.poll(ctx); done || err != nil {
			return g, err
		}
	}
}

// poller is a device that waits for its user.
type poller struct {
	server   *accountsServer
	device   *Device
	interval time.Duration
	trail    int   // how often it was sent to another data centre
	last     error // why the last poll failed; nil: it did not
}

// grantAnswer is the answer to a poll.
type grantAnswer struct {
	AccessToken  string      `json:"access_token"`
	RefreshToken string      `json:"refresh_token"`
	APIDomain    string      `json:"api_domain"`
	Scope        string      `json:"scope"`
	ExpiresIn    json.Number `json:"expires_in"`
	// UserLocation comes with other_dc.
	UserLocation string `json:"user_location"`
}

// poll asks once. The bool reports whether the polling is over.
func (p *poller) poll(ctx context.Context) (Grant, bool, error) {
	client := p.server.client
	answer, err := post[grantAnswer](ctx, p.server, "oauth/v3/device/token", url.Values{
		"grant_type":    {"device_token"},
		"client_id":     {client.ID},
		"client_secret": {client.Secret},
		"code":          {p.device.code},
	})
	if err == nil && answer.AccessToken != "" {
		g := answer.grant(p.server)
		return g, true, g.lacks()
	}
	if err == nil {
		err = p.server.unreadable()
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return Grant{}, true, err
	}
	switch {
	case e.Code == codePending:
		p.last = nil
	case e.Code == codeSlow, e.Throttled():
		p.interval += slower
	case e.Code == codeOtherDC:
		return Grant{}, false, p.moveOn(ctx, answer.UserLocation)
	case e.Temporary():
		p.last = e
	case e.Code == codeDenied:
		e.Description = "consent was refused on Zoho's page"
		return Grant{}, true, e
	case e.Code == codeExpired:
		e.Description = "nobody entered the code in time; start the sign-in again"
		return Grant{}, true, e
	default:
		return Grant{}, true, e
	}
	return Grant{}, false, nil
}

// grant returns the answer as a Grant.
func (g grantAnswer) grant(a *accountsServer) Grant {
	return Grant{
		AccessToken:  g.AccessToken,
		RefreshToken: g.RefreshToken,
		Expires:      time.Now().Add(duration(g.ExpiresIn, time.Second, longestLifetime, defaultLifetime)).Round(0),
		APIDomain:    g.APIDomain,
		Scopes:       splitScopes(g.Scope),
		AccountsURL:  a.address(),
	}
}

// moveOn makes the later polls go to the data centre of a location.
func (p *poller) moveOn(ctx context.Context, location string) error {
	p.trail++
	base, err := p.server.elsewhere(ctx, location)
	if err != nil {
		return err
	}
	if p.trail > longestTrail || base.Host == p.server.base.Host {
		return &Error{Code: codeOtherDC, HTTP: http.StatusOK,
			Description: "the data centres send one another the sign-in; " +
				"start it again with the user's own data centre"}
	}
	p.server = p.server.at(base)
	return nil
}

// wait waits for d. It returns the context's error if the context ends first.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
