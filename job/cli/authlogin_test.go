package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"rolecall/api/emulator"
	"rolecall/job"
)

// TestServerClock: five minutes are the least that is told, in both directions, and an answer without a date tells nothing.
func TestServerClock(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]string{
		0: "", 4 * time.Minute: "", -4 * time.Minute: "", time.Hour: "1h0m0s behind", -time.Hour: "1h0m0s ahead of",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		}))
		t.Cleanup(server.Close)
		c := &serverClock{}
		res, err := (&http.Client{Transport: c}).Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := c.wrong(); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s ahead: %q, want %q", ahead, got, want)
		}
	}
	if got := (&serverClock{}).wrong(); got != "" {
		t.Errorf("before any answer: %q", got)
	}
}

// TestAnswersFromAPipe: a line for each question, the last one without its end, and no secret in an error.
func TestAnswersFromAPipe(t *testing.T) {
	t.Parallel()
	p := newTestProcess(t, "", nil)
	p.stdin = strings.NewReader("one\r\n two \n\nmore than a word\nlast")
	a := p.answers()
	for _, want := range []string{"one", "two", "", "", "last", ""} {
		got, err := a.ask("Code", "code", true)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		if err != nil && (codeOf(err) != exitSignIn || strings.Contains(err.Error(), "word\n") || strings.Contains(err.Error(), "than a")) {
			t.Errorf("error: %v", err)
		}
	}
}

// TestAnswersAreInterrupted: whoever waits for an answer that never comes can be stopped.
func TestAnswersAreInterrupted(t *testing.T) {
	t.Parallel()
	p := newTestProcess(t, "", nil)
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	p.ctx, p.stdin = ctx, r
	cancel()
	_, err := p.answers().ask("Code", "code", true)
	if stop, ok := errors.AsType[*job.Stop](err); !ok || stop.Reason != job.Interrupted {
		t.Errorf("got %v", err)
	}
}

// TestLoginKeepsInKeyring signs in with --keyring and out again: nothing secret is in a file meanwhile, nor in the keyring afterwards but the client's.
func TestLoginKeepsInKeyring(t *testing.T) { //nolint:paralleltest // the keyring is the process's
	keyring.MockInit()
	emu, err := emulator.New(emulator.Options{TokenRequests: -1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emu)
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	for stored, config := range map[string][]string{`^acme$`: nil, `^acme@[0-9a-f]{8}$`: {"--config", filepath.Join(t.TempDir(), "mine.yaml")}} {
		keepsInKeyring(t, server.URL, regexp.MustCompile(stored), config)
	}
}

// keepsInKeyring signs in to the profile acme of a config file and out again; stored is what the keyring calls that.
func keepsInKeyring(t *testing.T, url string, stored *regexp.Regexp, config []string) {
	t.Helper()
	res, err := http.Post(url+"/__emulator/grant", "application/json", strings.NewReader(`{"scope": "ZohoCRM.modules.ALL"}`))
	if err != nil {
		t.Fatal(err)
	}
	code, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(code), `"code":"`)
	grant, _, _ := strings.Cut(after, `"`)

	p := newTestProcess(t, "", map[string]string{envClientSecret: canary})
	var said bytes.Buffer
	p.stderr, p.stdin = &said, strings.NewReader(grant+"\n")
	if code := run(p, append([]string{"auth", "login", "--profile", "acme", "--api-url", url, "--client-id", "x", "--keyring"}, config...)); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &said)
	}
	used := openConfig(t, p).profiles[0]
	if !used.secret.keyring || !used.refresh.keyring || strings.Contains(said.String(), canary) || strings.Contains(said.String(), grant) {
		t.Errorf("profile %+v; said %s", used, &said)
	}
	account := used.refresh.account()
	if name := strings.TrimSuffix(account, "-refresh-token"); !stored.MatchString(name) {
		t.Errorf("it is kept as %s", account)
	}
	refresh, err := keyring.Get(keyringService, account)
	if err != nil || refresh == "" || strings.Contains(said.String(), refresh) {
		t.Errorf("refresh token in the keyring: %v; said %s", err, &said)
	}
	if code := run(p, append([]string{"auth", "logout", "--profile", "acme"}, config...)); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &said)
	}
	if _, err := keyring.Get(keyringService, account); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("after logout: %v", err)
	}
	if openConfig(t, p).profiles[0].refresh.set() {
		t.Error("the profile still has a refresh token")
	}
}
