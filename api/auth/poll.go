package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// The words of a poll that got no token (Zoho Accounts, device polling
// request); access_denied is the fifth.
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
	// longestLifetime is far above any access token's.
	longestLifetime = 24 * time.Hour
	// longestTrail is how many data centres one after the other may send a
	// device on: the user's is one, and a ring must end.
	longestTrail = 3
)

// PollDevice waits until the user has decided: it polls every 30 seconds, more
// slowly when asked to, and goes on at the user's own data centre when Zoho
// names it. A refusal of the user's is an *Error with Code access_denied; a
// code that ran out one with Code expired, whose Err is the last failure to ask
// if there was one. An accounts server that is not Zoho's is a *URLError.
func (c Client) PollDevice(ctx context.Context, d *Device) (Grant, error) {
	a, err := c.server(part{"device code", d.code, true})
	if err != nil {
		return Grant{}, err
	}
	p := &poller{server: a, device: d, interval: max(d.interval, a.shortestInterval())}
	for {
		if !time.Now().Before(d.Expires) {
			return Grant{}, &Error{Code: codeExpired, Description: "nobody entered the code in time; start the sign-in again", Err: p.last}
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
	trail    int   // data centres it was sent on to
	last     error // why the last poll was none
}

type grantAnswer struct {
	AccessToken  string      `json:"access_token"`
	RefreshToken string      `json:"refresh_token"`
	APIDomain    string      `json:"api_domain"`
	Scope        string      `json:"scope"`
	ExpiresIn    json.Number `json:"expires_in"`
	// UserLocation comes with other_dc.
	UserLocation string `json:"user_location"`
}

// poll asks once, and reports whether there is an end to it.
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

// moveOn polls at another data centre from here on.
func (p *poller) moveOn(ctx context.Context, location string) error {
	p.trail++
	base, err := p.server.elsewhere(ctx, location)
	if err != nil {
		return err
	}
	if p.trail > longestTrail || base.Host == p.server.base.Host {
		return &Error{Code: codeOtherDC, HTTP: http.StatusOK, Description: "the data centres send one another the sign-in; start it again with the user's own data centre"}
	}
	p.server = p.server.at(base)
	return nil
}

// wait ends after d, or with the context's error.
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
