package jobtest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"rolecall/api/emulator"
)

// NewBehind serves an org over real HTTP. front returns a handler that sees and can change the calls and answers.
func NewBehind(t testing.TB, o emulator.Options, front func(http.Handler) http.Handler) *Rig {
	t.Helper()
	r := newRig(t, o)
	server := httptest.NewServer(front(r.Emu))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}
