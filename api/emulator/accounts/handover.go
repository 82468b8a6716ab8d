package accounts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// A handover tells another data centre about a code or a device whose account lives there, so that it gives the tokens.
// Zoho does not document how its centres do this; emulators do it this way.
type handover struct {
	CodeValue  string   `json:"code_value,omitempty"`
	Code       *code    `json:"code,omitempty"`
	DeviceCode string   `json:"device_code,omitempty"`
	Device     *consent `json:"device,omitempty"`
	Seconds    int64    `json:"expires_in"`
}

// handoverTime bounds a handover. It is long for two processes of one machine.
const handoverTime = 10 * time.Second

// handOver sends a handover to the accounts server of the other centre.
func handOver(ctx context.Context, server string, h *handover) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, handoverTime)
	defer cancel()
	//nolint:gosec // the owner of this emulator named the server
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server+"/__emulator/handover", bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r) //nolint:gosec // the request is that of the line above
	if err != nil {
		return fmt.Errorf("cannot reach the other data centre: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // only the status matters
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the other data centre answered %s", resp.Status)
	}
	return nil
}

// takeOver receives a handover.
func (s *Server) takeOver(h *handover) (map[string]string, error) {
	if h.Seconds < 1 || h.Seconds > int64(longestCodeLife.Seconds()) {
		return nil, fmt.Errorf("expires_in is %d", h.Seconds)
	}
	life := time.Duration(h.Seconds) * time.Second
	var c *consent
	switch {
	case h.CodeValue != "" && h.Code != nil && h.Device == nil:
		c = &h.Code.consent
	case h.DeviceCode != "" && h.Device != nil && h.Code == nil:
		c = h.Device
	default:
		return nil, errors.New("the body has neither a code nor a device")
	}
	var err error
	if c.scopes, err = ParseScopes(c.Scope); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if h.Code != nil {
		s.addCode(h.CodeValue, h.Code, life)
	} else {
		s.addDevice(h.DeviceCode, &device{consent: *c, decision: "accept", expires: s.now().Add(life)})
	}
	return map[string]string{"status": "success"}, nil
}
