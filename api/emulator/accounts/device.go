package accounts

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// deviceLife is how long a user may take to consent. Zoho Accounts, OAuth 2.0, Initiation request: the user code
	// is valid for five minutes.
	deviceLife = 5 * time.Minute
	// deviceMemory is how long the server remembers the device code after that.
	deviceMemory = time.Hour
	// userCodeLetters form no words and look different from each other.
	userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"
)

// A device waits for its user's consent.
type device struct {
	consent
	userCode string
	expires  time.Time
	polled   time.Time // zero before the first poll
	decision string    // accept or deny; "" before the user decides
	location string    // data centre of the account, if it is another one
}

// A deviceReply starts the device flow. Both times are in milliseconds.
type deviceReply struct {
	UserCode        string `json:"user_code,omitempty"`
	DeviceCode      string `json:"device_code,omitempty"`
	VerificationURL string `json:"verification_url,omitempty"`
	// VerificationComplete has the user code in it. Clients receive it, although no page names it.
	VerificationComplete string `json:"verification_uri_complete,omitempty"`
	Interval             int64  `json:"interval,omitempty"`
	ExpiresIn            int64  `json:"expires_in,omitempty"`

	Error string `json:"error,omitempty"`
}

// startDevice answers an initiation request (Zoho Accounts, OAuth 2.0). It needs no secret.
func (s *Server) startDevice(r *http.Request) (int, deviceReply, error) {
	c, wrong := readConsent(r.Form)
	switch {
	case !s.onlyClient().hasID(r.Form.Get("client_id")):
		wrong = "invalid_client"
	case r.Form.Get("grant_type") != "device_request":
		wrong = "unsupported_grant_type"
	}
	if wrong != "" {
		return http.StatusOK, deviceReply{Error: wrong}, nil
	}
	d := &device{consent: c, userCode: newUserCode(), expires: s.now().Add(deviceLife)}
	value := randomToken()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addDevice(value, d)
	page := origin(r) + "/oauth/v3/device"
	return http.StatusOK, deviceReply{
		UserCode: d.userCode, DeviceCode: value,
		VerificationURL: page, VerificationComplete: page + "?user_code=" + url.QueryEscape(d.userCode),
		Interval: s.polls.Milliseconds(), ExpiresIn: deviceLife.Milliseconds(),
	}, nil
}

// addDevice adds a device and drops old ones. The caller holds the lock.
func (s *Server) addDevice(value string, d *device) {
	now := s.now()
	for old, of := range s.devices {
		if now.Sub(of.expires) > deviceMemory {
			delete(s.devices, old)
		}
	}
	s.devices[value] = d
}

// pollDevice answers a polling request (Zoho Accounts, OAuth 2.0).
func (s *Server) pollDevice(r *http.Request) (int, tokenReply, error) {
	client := r.Form.Get("client_id")
	if wrong := s.checkClient(client, r.Form.Get("client_secret")); wrong != "" {
		return refuse(wrong)
	}
	if r.Form.Get("grant_type") != "device_token" {
		return refuse("unsupported_grant_type")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	value := r.Form.Get("code")
	d, known := s.devices[value]
	if !known || d.Client != client {
		return refuse("invalid_code")
	}
	now := s.now()
	hasty := !d.polled.IsZero() && now.Sub(d.polled) < s.polls
	d.polled = now
	switch {
	case hasty:
		return refuse("slow_down")
	case d.decision == "" && !now.Before(d.expires):
		return refuse("expired")
	case d.decision == "":
		return refuse("authorization_pending")
	case d.decision == "deny":
		return refuse("access_denied")
	case d.location != "":
		return http.StatusOK, tokenReply{Error: "other_dc", UserLocation: d.location}, nil
	}
	delete(s.devices, value)
	return s.give(r, client, &d.consent)
}

// newUserCode makes a code such as BCDF-GHJK.
func newUserCode() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	for i := range b {
		b[i] = userCodeLetters[int(b[i])%len(userCodeLetters)]
	}
	return string(b[:4]) + "-" + string(b[4:])
}

// waiting finds the device of a user code. Case, hyphens and spaces do not matter. The caller holds the lock.
func (s *Server) waiting(typed string) (value string, d *device) {
	plain := strings.NewReplacer("-", "", " ", "")
	typed = strings.ToUpper(plain.Replace(typed))
	for value, d := range s.devices {
		if plain.Replace(d.userCode) == typed && d.decision == "" && s.now().Before(d.expires) {
			return value, d
		}
	}
	return "", nil
}
