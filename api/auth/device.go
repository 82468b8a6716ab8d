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
	// deviceInterval is the shortest time between two polls (Zoho Accounts,
	// device polling request: one request in 30 seconds).
	deviceInterval = 30 * time.Second
	// deviceLife is how long a user code is valid if the answer does not say
	// (Zoho Accounts, device initiation request: five minutes).
	deviceLife = 5 * time.Minute
)

// Device is a sign-in that waits for the user, who enters UserCode at
// VerificationURL in any browser. It prints without its secret code.
type Device struct {
	UserCode        string
	VerificationURL string
	// CompleteURL is VerificationURL with the code in it, or "".
	CompleteURL string
	Expires     time.Time // the end of the code

	code     string        // the secret code for polling
	interval time.Duration // the time between polls
}

// String shows the code, the URL and the end of the code.
func (d *Device) String() string {
	return "device code " + d.UserCode + " at " + d.VerificationURL + " until " + d.Expires.UTC().Format(time.RFC3339)
}

// GoString keeps %#v from printing the fields.
func (d *Device) GoString() string { return "auth.Device(" + d.String() + ")" }

// LogValue keeps slog from printing the fields.
func (d *Device) LogValue() slog.Value { return slog.StringValue(d.String()) }

// deviceAnswer is the answer to an initiation request. In Zoho's sample the two
// times are in milliseconds.
type deviceAnswer struct {
	UserCode    string      `json:"user_code"`
	DeviceCode  string      `json:"device_code"`
	URL         string      `json:"verification_url"`
	URI         string      `json:"verification_uri"` // RFC 8628's name
	CompleteURI string      `json:"verification_uri_complete"`
	ExpiresIn   json.Number `json:"expires_in"`
	Interval    json.Number `json:"interval"`
}

// StartDevice begins a sign-in on a machine without a browser. The client must
// be registered as a non-browser client. PollDevice waits until the user has
// decided.
//
// Zoho's device flow is older than RFC 8628 and has other paths, parameters and
// units, so x/oauth2 cannot be used (Zoho Accounts, OAuth for non-browser
// devices).
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
	if d.code == "" || d.VerificationURL == "" || d.UserCode == "" ||
		(secrets{d.code}).clean(d.UserCode) != d.UserCode {
		return nil, a.unreadable()
	}
	return d, nil
}

// page returns raw if it is a page of an accounts server, else "". Other pages
// could ask the user for a password.
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

// shortestInterval returns the shortest time between two polls: Zoho's rule, or
// almost none for an emulator on loopback.
func (a *accountsServer) shortestInterval() time.Duration {
	if a.isLoopback() {
		return time.Millisecond
	}
	return deviceInterval
}

// longestDevice is longer than the life of any code. A larger number of seconds
// must be in milliseconds.
const longestDevice = time.Hour

// times returns how long the code is valid, and the time between two polls. In
// the answer both have the same unit.
func (d deviceAnswer) times() (life, interval time.Duration) {
	unit := time.Second
	if n, err := d.ExpiresIn.Int64(); err == nil && n > int64(longestDevice.Seconds()) {
		unit = time.Millisecond
	}
	return duration(d.ExpiresIn, unit, longestDevice, deviceLife),
		duration(d.Interval, unit, longestDevice, deviceInterval)
}

// duration returns n units. It returns otherwise if n is no positive number, or
// if the result would be more than longest.
func duration(n json.Number, unit, longest, otherwise time.Duration) time.Duration {
	v, err := n.Int64()
	if err != nil || v <= 0 || v > int64(longest/unit) {
		return otherwise
	}
	return time.Duration(v) * unit
}
