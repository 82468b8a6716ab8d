package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"rolecall/api/emulator"
)

// The credentials of the scripts. The client secret, the refresh token and the gateway's key are canaries: they must
// not be seen anywhere.
const (
	canarySecret  = "canary-client-secret"
	canaryRefresh = "canary-refresh-token"
	canaryGateway = "canary-key-of-the-gateway" // what the gateway wants
)

// world is what a script has outside its folder: one address with the emulator behind it, and the process that it last
// sent a signal to.
type world struct {
	server *httptest.Server
	last   *exec.Cmd

	mu     sync.Mutex
	emu    *emulator.Emulator
	tokens map[string]bool // every access token that was used
	given  map[string]bool // every code, and every refresh token that was exchanged for one
	ended  int             // how many tokens were to be revoked
	ahead  time.Duration   // how far its clock is from this machine's
	hold   string          // the method whose calls wait, "" for none
	passes int             // how many of them do not wait
	held   int             // how many of them wait, or waited
	freed  chan struct{}   // is closed when they need not wait any longer
	refuse string          // calls with this in their address are not permitted, "" for none
}

type worldKey struct{}

func newWorld() *world { return &world{tokens: map[string]bool{}, given: map[string]bool{}} }

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

func (w *world) close() {
	if w.server != nil {
		w.server.CloseClientConnections()
		w.server.Close()
	}
	if w.emu != nil {
		_ = w.emu.Close()
	}
}

// put puts another emulator behind the script's address.
func (w *world) put(o emulator.Options) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.emu != nil {
		if err := w.emu.Close(); err != nil {
			return err
		}
	}
	var err error
	w.emu, err = emulator.New(o)
	if w.server == nil {
		w.server = httptest.NewServer(w)
	}
	return err
}

// current is the emulator behind the address now.
func (w *world) current() *emulator.Emulator {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.emu
}

// ServeHTTP remembers access tokens, and lets the canary in where the emulator takes one refresh token only.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Zoho-oauthtoken "); ok {
		w.mu.Lock()
		w.tokens[token] = true
		w.mu.Unlock()
	}
	if r.URL.Path == "/oauth/v2/token" && r.ParseForm() == nil {
		if r.Form.Get("refresh_token") == canaryRefresh {
			r.Form.Set("refresh_token", "emulator")
		}
		body := r.Form.Encode()
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		r.Form, r.PostForm = nil, nil
	}
	if freed := w.holds(r.Method); freed != nil {
		body, err := io.ReadAll(r.Body) // with the body read, the server notices that the client goes
		select {
		case <-freed:
		case <-r.Context().Done():
		}
		if err != nil || r.Context().Err() != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if w.refuses(r.URL.Path) {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(rw, `{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_View_Deals"]},"message":"permission denied","status":"error"}`)
		return
	}
	w.mu.Lock()
	ahead := w.ahead
	if r.URL.Path == "/oauth/v2/token/revoke" {
		w.ended++
	}
	w.mu.Unlock()
	if ahead != 0 {
		rw.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
	}
	if !strings.HasPrefix(r.URL.Path, "/oauth/v3/device/") && r.URL.Path != "/oauth/v2/token" {
		w.current().ServeHTTP(rw, r)
		return
	}
	answer := httptest.NewRecorder()
	w.current().ServeHTTP(answer, r)
	var given struct {
		Refresh string `json:"refresh_token"`
		Device  string `json:"device_code"`
	}
	if json.Unmarshal(answer.Body.Bytes(), &given) == nil {
		w.give(given.Refresh, given.Device)
	}
	maps.Copy(rw.Header(), answer.Header())
	rw.WriteHeader(answer.Code)
	_, _ = rw.Write(answer.Body.Bytes())
}

// give remembers what must not be seen.
func (w *world) give(secrets ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range secrets {
		if s != "" {
			w.given[s] = true
		}
	}
}

func (w *world) refuses(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refuse != "" && strings.Contains(path, w.refuse)
}

// holdCalls lets the calls of a method wait, but for the first ones. Those that wait already go on.
func (w *world) holdCalls(method string, passes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.freed != nil {
		close(w.freed)
	}
	w.hold, w.passes, w.held, w.freed = method, passes, 0, make(chan struct{})
}

// holds returns what a call of that method has to wait for, or nil.
func (w *world) holds(method string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hold != method {
		return nil
	}
	if w.passes > 0 {
		w.passes--
		return nil
	}
	w.held++
	return w.freed
}

// TestCanary holds the rig itself: the emulator must see the canary's secrets, or their absence elsewhere would prove
// nothing.
func TestCanary(t *testing.T) {
	t.Parallel()
	w := newWorld()
	t.Cleanup(w.close)
	if err := w.put(emulator.Options{TokenRequests: -1}); err != nil {
		t.Fatal(err)
	}
	for refresh, want := range map[string]string{canaryRefresh: `"access_token"`, "another": `"invalid_code"`} {
		form := "grant_type=refresh_token&client_id=x&client_secret=" + canarySecret + "&refresh_token=" + refresh
		res, err := http.Post(w.server.URL+"/oauth/v2/token", "application/x-www-form-urlencoded",
			strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("refresh token %s: got %s, %v, want %s", refresh, body, err, want)
		}
	}
}
