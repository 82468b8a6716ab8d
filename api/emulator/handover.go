package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// A handover tells another data centre about a code, or a device, whose tokens
// are to be had there: its account lives there. How Zoho's centres tell each
// other is their own affair; this is how emulators do.
type handover struct {
	CodeValue  string   `json:"code_value,omitempty"`
	Code       *code    `json:"code,omitempty"`
	DeviceCode string   `json:"device_code,omitempty"`
	Device     *consent `json:"device,omitempty"`
	Seconds    int64    `json:"expires_in"`
}

// handoverTime is long for two processes of one machine.
const handoverTime = 10 * time.Second

// handOver sends it to the accounts server of the other centre.
func handOver(ctx context.Context, server string, h *handover) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, handoverTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server+"/__emulator/handover", bytes.NewReader(body)) //nolint:gosec // its owner named the server
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r) //nolint:gosec // as above
	if err != nil {
		return fmt.Errorf("the other data centre cannot be reached: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // only the status matters
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the other data centre answered %s", resp.Status)
	}
	return nil
}

// serveHandover is the receiving end.
func (a *accounts) serveHandover(w http.ResponseWriter, r *http.Request) {
	var h handover
	err := readJSON(w, r, &h)
	if err == nil {
		err = a.takeOver(&h)
	}
	if err != nil {
		http.Error(w, "handover: "+err.Error()+"; this is for emulators of other data centres", http.StatusBadRequest)
		return
	}
	writeJSON(w, map[string]string{"status": "success"})
}

func (a *accounts) takeOver(h *handover) error {
	if h.Seconds < 1 || h.Seconds > int64(longestCodeLife.Seconds()) {
		return fmt.Errorf("expires_in is %d", h.Seconds)
	}
	life := time.Duration(h.Seconds) * time.Second
	var c *consent
	switch {
	case h.CodeValue != "" && h.Code != nil && h.Device == nil:
		c = &h.Code.consent
	case h.DeviceCode != "" && h.Device != nil && h.Code == nil:
		c = h.Device
	default:
		return errors.New("it is about neither a code nor a device")
	}
	var err error
	if c.scopes, err = parseScopes(c.Scope); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if h.Code != nil {
		a.keepCode(h.CodeValue, h.Code, life)
		return nil
	}
	a.keepDevice(h.DeviceCode, &device{consent: *c, decision: "accept", expires: a.options.now().Add(life)})
	return nil
}
