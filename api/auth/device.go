package auth

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

const (
	// deviceInterval is between two polls at the least (Zoho Accounts, device
	// polling request: one request in 30 seconds).
	deviceInterval = 30 * time.Second
	// deviceLife is a user code's, for an answer that does not say (Zoho
	// Accounts, device initiation request: five minutes).
	deviceLife = 5 * time.Minute
)

// Device is a sign-in that waits for its user, who enters the code at the URL
// in any browser. It prints without what is secret in it.
type Device struct {
	UserCode        string
	VerificationURL string
	// CompleteURL is VerificationURL with the code in it; "" when there is none.
	CompleteURL string
	Expires     time.Time

	code     string        // for polling
	interval time.Duration // between polls
}

// String shows what the user is to know.
func (d *Device) String() string {
	return "device code " + d.UserCode + " at " + d.VerificationURL + " until " + d.Expires.UTC().Format(time.RFC3339)
}

// GoString keeps %#v from printing the fields.
func (d *Device) GoString() string { return "auth.Device(" + d.String() + ")" }

// LogValue keeps slog from printing the fields.
func (d *Device) LogValue() slog.Value { return slog.StringValue(d.String()) }

// deviceAnswer is that to an initiation request. Zoho's sample has the two
// times in milliseconds.
type deviceAnswer struct {
	UserCode    string      `json:"user_code"`
	DeviceCode  string      `json:"device_code"`
	URL         string      `json:"verification_url"`
	URI         string      `json:"verification_uri"` // RFC 8628's name
	CompleteURI string      `json:"verification_uri_complete"`
	ExpiresIn   json.Number `json:"expires_in"`
	Interval    json.Number `json:"interval"`
}

// StartDevice begins a sign-in for a machine without a browser; the client has
// to be registered as a non-browser one. PollDevice waits for its end.
//
// Zoho's device flow is older than RFC 8628 and differs from it in paths, in
// parameters and in units, so x/oauth2 does not serve (Zoho Accounts, OAuth
// for non-browser devices).
func (c Client) StartDevice(ctx context.Context, scopes []string) (*Device, error) {
	a, err := c.server()
	if err != nil {
		return nil, err
	}
	answer, err := post[deviceAnswer](ctx, a, "oauth/v3/device/code", url.Values{
		"grant_type":  {"device_request"},
		"client_id":   {c.ID},
		"scope":       {strings.Join(scopes, ",")},
		"access_type": {"offline"},
		"prompt":      {"consent"},
	})
	if err != nil {
		return nil, err
	}
	life, interval := answer.times()
	d := &Device{
		UserCode:        answer.UserCode,
		VerificationURL: a.page(answer.URL),
		CompleteURL:     a.page(answer.CompleteURI),
		Expires:         time.Now().Add(life).Round(0),
		code:            answer.DeviceCode,
		interval:        max(interval, a.shortestInterval()),
	}
	if d.VerificationURL == "" {
		d.VerificationURL = a.page(answer.URI)
	}
	if d.code == "" || d.VerificationURL == "" || d.UserCode == "" || (secrets{d.code}).clean(d.UserCode) != d.UserCode {
		return nil, a.unreadable()
	}
	return d, nil
}

// page is a page of the accounts server to send the user to, "" when raw is
// none: nobody is sent to where a password might be asked for by others.
func (a *accountsServer) page(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil {
		return ""
	}
	base := &url.URL{Scheme: u.Scheme, Host: u.Host}
	if base.Host != a.base.Host || base.Scheme != a.base.Scheme {
		if _, err := checkAccounts(base.String(), a.isLoopback()); err != nil {
			return ""
		}
	}
	return u.String()
}

// shortestInterval is Zoho's rule, whatever its answer says; an emulator may
// have another.
func (a *accountsServer) shortestInterval() time.Duration {
	if a.isLoopback() {
		return time.Millisecond
	}
	return deviceInterval
}

// longestDevice tells seconds from milliseconds: no code lives longer.
const longestDevice = time.Hour

// times reads how long the code lives and what is to be between two polls. Both
// have one unit.
func (d deviceAnswer) times() (life, interval time.Duration) {
	unit := time.Second
	if n, err := d.ExpiresIn.Int64(); err == nil && n > int64(longestDevice.Seconds()) {
		unit = time.Millisecond
	}
	return duration(d.ExpiresIn, unit, longestDevice, deviceLife), duration(d.Interval, unit, longestDevice, deviceInterval)
}

// duration reads a positive number of units, up to longest.
func duration(n json.Number, unit, longest, otherwise time.Duration) time.Duration {
	v, err := n.Int64()
	if err != nil || v <= 0 || v > int64(longest/unit) {
		return otherwise
	}
	return time.Duration(v) * unit
}
