package emulator

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// deviceLife is how long a user may take to consent. Zoho Accounts, OAuth
	// 2.0, Initiation request: the user code is valid for five minutes.
	deviceLife = 5 * time.Minute
	// deviceMemory is how long a device code is then still known.
	deviceMemory = time.Hour
	// userCodeLetters make no words and are not mistaken for each other.
	userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"
)

// A device is one that waits for its user's consent.
type device struct {
	consent
	userCode string
	expires  time.Time
	polled   time.Time // zero before the first time
	decision string    // "" while there is none, else accept or deny
	location string    // accepted in another data centre
}

// A deviceAnswer starts the device flow. Both times are in milliseconds.
type deviceAnswer struct {
	UserCode        string `json:"user_code,omitempty"`
	DeviceCode      string `json:"device_code,omitempty"`
	VerificationURL string `json:"verification_url,omitempty"`
	// With the user code in it: clients meet it, no page names it.
	VerificationComplete string `json:"verification_uri_complete,omitempty"`
	Interval             int64  `json:"interval,omitempty"`
	ExpiresIn            int64  `json:"expires_in,omitempty"`

	Error string `json:"error,omitempty"`
}

// startDevice is Zoho Accounts, OAuth 2.0, Initiation request: no secret.
func (a *accounts) startDevice(r *http.Request) (int, deviceAnswer, error) {
	if !a.client().known(r.Form.Get("client_id")) {
		return http.StatusOK, deviceAnswer{Error: "invalid_client"}, nil
	}
	if r.Form.Get("grant_type") != "device_request" {
		return http.StatusOK, deviceAnswer{Error: "unsupported_grant_type"}, nil
	}
	c, wrong := readConsent(r.Form)
	if wrong != "" {
		return http.StatusOK, deviceAnswer{Error: wrong}, nil
	}
	now := a.options.now()
	d := &device{consent: c, userCode: newUserCode(), expires: now.Add(deviceLife)}
	value := randomToken()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keepDevice(value, d)
	page := origin(r) + "/oauth/v3/device"
	return http.StatusOK, deviceAnswer{
		UserCode: d.userCode, DeviceCode: value,
		VerificationURL: page, VerificationComplete: page + "?user_code=" + url.QueryEscape(d.userCode),
		Interval: a.options.polls.Milliseconds(), ExpiresIn: deviceLife.Milliseconds(),
	}, nil
}

// keepDevice notes a device and forgets old ones. The lock is held.
func (a *accounts) keepDevice(value string, d *device) {
	now := a.options.now()
	for old, of := range a.devices {
		if now.Sub(of.expires) > deviceMemory {
			delete(a.devices, old)
		}
	}
	a.devices[value] = d
}

// pollDevice is Zoho Accounts, OAuth 2.0, Polling request.
func (a *accounts) pollDevice(r *http.Request) (int, tokenAnswer, error) {
	client := r.Form.Get("client_id")
	if wrong := a.refuseClient(client, r.Form.Get("client_secret")); wrong != "" {
		return refusedToken(wrong)
	}
	if r.Form.Get("grant_type") != "device_token" {
		return refusedToken("unsupported_grant_type")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	value := r.Form.Get("code")
	d, known := a.devices[value]
	if !known || d.Client != client {
		return refusedToken("invalid_code")
	}
	now := a.options.now()
	hasty := !d.polled.IsZero() && now.Sub(d.polled) < a.options.polls
	d.polled = now
	switch {
	case hasty:
		return refusedToken("slow_down")
	case d.decision == "" && !now.Before(d.expires):
		return refusedToken("expired")
	case d.decision == "":
		return refusedToken("authorization_pending")
	case d.decision == "deny":
		return refusedToken("access_denied")
	case d.location != "":
		return http.StatusOK, tokenAnswer{Error: "other_dc", UserLocation: d.location}, nil
	}
	delete(a.devices, value)
	return a.give(r, client, &d.consent)
}

// newUserCode makes a code such as BCDF-GHJK.
func newUserCode() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	for i := range b {
		b[i] = userCodeLetters[int(b[i])%len(userCodeLetters)]
	}
	return string(b[:4]) + "-" + string(b[4:])
}

// waiting finds the device of a user code, however it was typed. The lock is
// held.
func (a *accounts) waiting(typed string) (value string, d *device) {
	plain := strings.NewReplacer("-", "", " ", "")
	typed = strings.ToUpper(plain.Replace(typed))
	for value, d := range a.devices {
		if plain.Replace(d.userCode) == typed && d.decision == "" && a.options.now().Before(d.expires) {
			return value, d
		}
	}
	return "", nil
}
