package emulator

import "net/http"

// serveDevice is the page that a device sends its user to. It asks for the
// user code, or with it (?user_code=) for the decision, which is taken as on
// the consent page.
func (a *accounts) serveDevice(w http.ResponseWriter, r *http.Request) {
	typed := r.Form.Get("user_code")
	if typed == "" && r.Method == http.MethodGet {
		writePage(w, http.StatusOK, page{Title: "Connect a device", AskCode: true})
		return
	}
	a.mu.Lock()
	_, d := a.waiting(typed)
	a.mu.Unlock()
	switch {
	case d == nil:
		errorPage(w, http.StatusBadRequest, "invalid_user_code")
	case r.Method == http.MethodGet:
		a.consentPage(w, &d.consent)
	default:
		a.decideDevice(w, r, typed)
	}
}

// decideDevice takes the decision. An account of another data centre gets its
// tokens there: the device is told so, and the other centre about the device.
func (a *accounts) decideDevice(w http.ResponseWriter, r *http.Request, typed string) {
	decision := r.Form.Get("decision")
	a.mu.Lock()
	value, d := a.waiting(typed)
	location, server, elsewhere, known := a.centre.find(r.Form.Get("location"), origin(r))
	wrong := ""
	switch {
	case decision != "accept" && decision != "deny":
		wrong = "invalid_decision"
	case !known:
		wrong = "invalid_location"
	case d == nil: // decided a moment ago
		wrong = "invalid_user_code"
	default:
		d.decision = decision
		if elsewhere {
			d.location = location
		}
	}
	a.mu.Unlock()
	if wrong != "" {
		errorPage(w, http.StatusBadRequest, wrong)
		return
	}
	if decision == "deny" {
		writePage(w, http.StatusOK, page{Title: "Access was denied", Text: "The device is told so. You may close this page."})
		return
	}
	if elsewhere {
		if err := handOver(r.Context(), server, &handover{DeviceCode: value, Device: &d.consent, Seconds: int64(deviceLife.Seconds())}); err != nil {
			a.mu.Lock()
			d.decision, d.location = "", "" // to be tried again
			a.mu.Unlock()
			errorPage(w, http.StatusBadGateway, err.Error())
			return
		}
	}
	writePage(w, http.StatusOK, page{Title: "Access was granted", Text: "The device goes on by itself. You may close this page."})
}
