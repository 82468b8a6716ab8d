// Package rig runs the emulator for its own tests: behind a real server or without a socket, with a token, and with the
// bodies and answers of Zoho's pages.
package rig

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"rolecall/api/emulator"
)

// Main runs the tests of a package that has tests of properties. Under the race detector, which makes each example
// several times as slow, these draw fewer examples. The flag -rapid.checks overrides that.
func Main(m *testing.M) {
	if underRace {
		if err := flag.Set("rapid.checks", "30"); err != nil { // the command line comes after this
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// A Rig is an emulator behind a real server, and a client with a token.
type Rig struct {
	T     *testing.T
	E     *emulator.Emulator
	URL   string
	Token string
}

// New serves an emulator and signs in.
func New(t *testing.T, o emulator.Options) *Rig {
	t.Helper()
	e := Open(t, o)
	t.Cleanup(func() { _ = e.Close() })
	return Serve(t, e)
}

// Open makes an emulator and does not close it at the end: a killed process closes nothing either.
func Open(t *testing.T, o emulator.Options) *emulator.Emulator {
	t.Helper()
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Serve serves an emulator and signs in.
func Serve(t *testing.T, e *emulator.Emulator) *Rig {
	t.Helper()
	r := &Rig{T: t, E: e}
	r.Start()
	r.Token = r.NewToken()
	return r
}

// Start serves the emulator, without a token.
func (r *Rig) Start() {
	server := httptest.NewServer(r.E)
	r.T.Cleanup(server.Close)
	r.URL = server.URL
}

// Do sends a request below /crm/ and returns status, headers and body.
func (r *Rig) Do(method, path, body string) (int, http.Header, string, error) {
	r.T.Helper()
	req, err := http.NewRequestWithContext(r.T.Context(), method, r.URL+"/crm/"+path, strings.NewReader(body))
	if err != nil {
		r.T.Fatal(err)
	}
	req.Header.Set("Authorization", "Zoho-oauthtoken "+r.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(b), err
}

// Call sends a request that must be answered.
func (r *Rig) Call(method, path, body string) (int, string) {
	r.T.Helper()
	status, _, got, err := r.Do(method, path, body)
	if err != nil {
		r.T.Fatalf("%s %s: %v", method, path, err)
	}
	return status, got
}

// Want checks a call against the status and JSON that Zoho documents.
func (r *Rig) Want(method, path, body string, status int, answer string) {
	r.T.Helper()
	gotStatus, got := r.Call(method, path, body)
	if gotStatus != status || !reflect.DeepEqual(Decode(r.T, answer), Decode(r.T, got)) {
		r.T.Errorf("%s %s %s:\ngot  %d %s\nwant %d %s", method, path, body, gotStatus, got, status, answer)
	}
}

// A Step is one call and its answer in Zoho's documents. It is an alias, so that tests may leave out the field names.
type Step = struct {
	Method, Path, Body string
	Status             int
	Answer             string
}

// Run makes the calls of one story, in order.
func (r *Rig) Run(steps []Step) {
	r.T.Helper()
	for _, s := range steps {
		r.Want(s.Method, s.Path, s.Body, s.Status, s.Answer)
	}
}

// Inspect reads one of the emulator's own pages.
func (r *Rig) Inspect(name string) string {
	r.T.Helper()
	return string(r.get("/__emulator/" + name))
}

func (r *Rig) get(path string) []byte {
	r.T.Helper()
	resp, err := http.Get(r.URL + path)
	if err != nil {
		r.T.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		r.T.Fatalf("%s: %d %v %s", path, resp.StatusCode, err, b)
	}
	return b
}

// Decode reads JSON. It leaves numbers and strings different: an id that became a number is an error.
func Decode(t *testing.T, s string) any {
	t.Helper()
	if s == "" {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}
