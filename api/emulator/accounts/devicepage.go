package accounts

import "net/http"

// serveDevice answers with the page that a device sends its user to. It asks for the user code. With the code
// (?user_code=) it asks for the decision, like the consent page.
func (s *Server) serveDevice(w http.ResponseWriter, r *http.Request) {
	typed := r.Form.Get("user_code")
	if typed == "" && r.Method == http.MethodGet {
		writePage(w, http.StatusOK, page{Title: "Connect a device", AskCode: true})
		return
	}
	s.mu.Lock()
	_, d := s.waiting(typed)
	s.mu.Unlock()
	switch {
	case d == nil:
		errorPage(w, http.StatusBadRequest, "invalid_user_code")
	case r.Method == http.MethodGet:
		s.consentPage(w, &d.consent)
	default:
		s.decideDevice(w, r, typed)
	}
}

// decideDevice takes the decision. An account of another data centre gets its tokens there: the device learns the
// location, and the other centre learns about the device.
func (s *Server) decideDevice(w http.ResponseWriter, r *http.Request, typed string) {
	decision := r.Form.Get("decision")
	s.mu.Lock()
	value, d := s.waiting(typed)
	location, server, elsewhere, known := s.centre.lookup(r.Form.Get("location"), origin(r))
	wrong := ""
	switch {
	case decision != "accept" && decision != "deny":
		wrong = "invalid_decision"
	case !known:
		wrong = "invalid_location"
	case d == nil: // somebody decided a moment ago
		wrong = "invalid_user_code"
	default:
		d.decision = decision
		if elsewhere {
			d.location = location
		}
	}
	s.mu.Unlock()
	if wrong != "" {
		errorPage(w, http.StatusBadRequest, wrong)
		return
	}
	if decision == "deny" {
		writePage(
			w,
			http.StatusOK,
			page{Title: "Access was denied", Text: "The device knows. You may close this page."},
		)
		return
	}
	if elsewhere {
		h := handover{DeviceCode: value, Device: &d.consent, Seconds: int64(deviceLife.Seconds())}
		if err := handOver(r.Context(), server, &h); err != nil {
			s.mu.Lock()
			d.decision, d.location = "", "" // the user may try once more
			s.mu.Unlock()
			errorPage(w, http.StatusBadGateway, err.Error())
			return
		}
	}
	writePage(
		w,
		http.StatusOK,
		page{Title: "Access was granted", Text: "The device continues. You may close this page."},
	)
}
