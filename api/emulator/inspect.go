package emulator

import (
	"bufio"
	"io"
	"net/http"

	"rolecall/api/emulator/wire"
)

// Stats returns the counts so far.
func (e *Emulator) Stats() Stats {
	s := e.crm.gate.snapshot()
	if v := e.voice.gate.snapshot(); len(v.Calls) > 0 {
		s.Voice = &VoiceStats{Calls: v.Calls, MaxInFlight: v.MaxInFlight, TooManyRequests: v.TooManyRequests}
	}
	return s
}

// SetLimits changes limits while calls come in and returns all of them.
func (e *Emulator) SetLimits(l Limits) (Limits, error) { return e.crm.gate.set(l) }

// SnapshotState returns who plays which role, by deal id and contact id. It has no deals without roles.
func (e *Emulator) SnapshotState() map[string]map[string]RoleRef { return e.store.Snapshot() }

// serveInspection answers the emulator's own pages, which are no part of Zoho. They need no token.
func (e *Emulator) serveInspection(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /__emulator/stats":
		wire.WriteJSON(w, e.Stats())
	case "GET /__emulator/state":
		stream(w, e.store.WriteState)
	case "GET /__emulator/org":
		stream(w, func(w io.Writer) error { return e.store.WriteSeed(w, e.edition) })
	case "POST /__emulator/limits":
		wire.Control(w, r, "limits", `send for example {"in_flight": 5, "credits": 100}`,
			func(l *Limits) (Limits, error) { return e.SetLimits(*l) })
	case "POST /__emulator/grant", "POST /__emulator/client", "POST /__emulator/centres", "POST /__emulator/handover":
		e.accounts.ServeHTTP(w, r)
	default:
		http.Error(w, "there are GET /__emulator/stats, /__emulator/state and /__emulator/org, "+
			"and POST /__emulator/limits, /__emulator/grant, /__emulator/client and /__emulator/centres",
			http.StatusNotFound)
	}
}

// stream sends JSON of any length: an org may have a million deals.
func stream(w http.ResponseWriter, write func(io.Writer) error) {
	w.Header().Set("Content-Type", "application/json")
	b := bufio.NewWriterSize(w, 64<<10)
	if write(b) == nil {
		_ = b.Flush() // an error means that the client is gone
	}
}
