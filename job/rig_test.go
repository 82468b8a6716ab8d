package job

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
	"rolecall/api/pace"
	"rolecall/job/rundir"
)

// rig is an emulator and the way to run jobs against it.
type rig struct {
	t   testing.TB
	emu *emulator.Emulator
	url string
	dir string
	// transport is what the calls travel by; nil: real HTTP.
	transport http.RoundTripper
	tokens    http.RoundTripper // the same for the accounts server
	org       func(*Org)        // changes what was signed in to; nil: nothing
	set       func(*Settings)   // changes what a property test asks for
	// attempt is told of each attempt, beside the log.
	attempt func(api.Attempt)
}

// The ids of generated orgs.
func dealID(i int) string    { return fmt.Sprint(4150868000010000000 + i) }
func contactID(j int) string { return fmt.Sprint(4150868000020000000 + j) }

// newRig serves a generated org over real HTTP.
func newRig(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	if o.Deals == 0 && o.Org == nil {
		o.Deals, o.Contacts = 50, 400
	}
	o.TokenRequests = -1
	emu, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emu)
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	return &rig{t: t, emu: emu, url: server.URL, dir: t.TempDir()}
}

// newVirtualRig is a rig without sockets, for tests inside a synctest bubble: time there passes only when everybody waits, and a socket never looks like waiting.
func newVirtualRig(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	o.TokenRequests = -1
	emu, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, emu: emu, url: "http://127.0.0.1:1", dir: t.TempDir()}
	r.tokens = direct(emu)
	r.transport = r.tokens
	return r
}

// direct is a transport that calls a handler, and cuts where the handler would cut the connection.
func direct(h http.Handler) http.RoundTripper {
	return roundTripper(func(q *http.Request) (resp *http.Response, err error) {
		defer func() {
			if cut := recover(); cut != nil {
				resp, err = nil, errCut
			}
		}()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, q)
		return w.Result(), nil
	})
}

// connect signs in to the emulator.
func (r *rig) connect(ctx context.Context, set Settings, h Hooks) (*Org, error) {
	credentials := auth.Credentials{AccountsURL: r.url, ClientID: "c", ClientSecret: "s", RefreshToken: "emulator"}
	source, err := auth.NewSource(credentials, auth.Options{Transport: r.tokens})
	if err != nil {
		return nil, err
	}
	trace := h.Attempt
	if r.attempt != nil {
		trace = func(a api.Attempt) { h.Attempt(a); r.attempt(a) }
	}
	workers := max(set.Concurrency, 1)
	pacer := pace.New(pace.Config{InFlight: workers, Rate: set.Rate, MaxCredits: set.MaxCredits, OnEpisode: h.Episode})
	client, err := api.New(api.Config{BaseURL: r.url, Tokens: source, Pacer: pacer, Transport: r.transport, Trace: trace})
	if err != nil {
		return nil, err
	}
	org, err := client.Org(ctx)
	if err != nil {
		return nil, err
	}
	identity := Identity{APIURL: r.url, ClientID: "c", Fingerprint: credentials.Fingerprint(), OrgID: org.ID}
	signedIn := &Org{Zoho: client, Pacer: pacer, Identity: identity, InFlight: workers}
	if r.org != nil {
		r.org(signedIn)
	}
	return signedIn, nil
}

func (r *rig) env() Env {
	return Env{Stdin: strings.NewReader(""), Stdout: &strings.Builder{}, Connect: r.connect, Progress: &Progress{}, Version: "test", Now: time.Now}
}

// request is a run of command over a file with the given text.
func (r *rig) request(command Command, text string) Request {
	r.t.Helper()
	input := filepath.Join(r.dir, "input.csv")
	if err := os.WriteFile(input, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return Request{Command: command, Settings: Settings{Concurrency: 4}, Input: input, RunDir: filepath.Join(r.dir, "run"), Env: r.env()}
}

// run does a request that is expected to start.
func (r *rig) run(q Request) *Result {
	r.t.Helper()
	res, err := Start(r.t.Context(), q)
	if err != nil {
		r.t.Fatalf("Start: %v", err)
	}
	return res
}

// state is who plays which role now: deal, contact, role name.
func (r *rig) state() map[string]map[string]string {
	state := map[string]map[string]string{}
	for deal, contacts := range r.emu.SnapshotState() {
		for contact, role := range contacts {
			if state[deal] == nil {
				state[deal] = map[string]string{}
			}
			state[deal][contact] = role.Name
		}
	}
	return state
}

// table is a CSV file with a header.
type table struct {
	header []string
	rows   []map[string]string
}

func (r *rig) table(path string) table {
	r.t.Helper()
	f, err := os.Open(path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		r.t.Fatal(err)
	}
	t := table{header: records[0]}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[t.header[i]] = cell
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func (r *rig) results() table { return r.table(filepath.Join(r.dir, "run", rundir.Results)) }

// column lists some columns of each row, joined by spaces.
func (t table) column(names ...string) []string {
	var all []string
	for _, row := range t.rows {
		var cells []string
		for _, name := range names {
			cells = append(cells, row[name])
		}
		all = append(all, strings.Join(cells, " "))
	}
	return all
}

// triples makes an input of "deal contact role" lines with the numbers of generated deals and contacts; anything else in place of a number stays as it is.
func triples(lines ...string) string {
	var b strings.Builder
	b.WriteString("deal_id,contact_id,role\n")
	for _, line := range lines {
		parts := strings.SplitN(line, " ", 3)
		for len(parts) < 3 {
			parts = append(parts, "")
		}
		var i, j int
		if _, err := fmt.Sscanf(parts[0], "%d", &i); err == nil && fmt.Sprint(i) == parts[0] {
			parts[0] = dealID(i)
		}
		if _, err := fmt.Sscanf(parts[1], "%d", &j); err == nil && fmt.Sprint(j) == parts[1] {
			parts[1] = contactID(j)
		}
		fmt.Fprintf(&b, "%s,%s,%s\n", parts[0], parts[1], parts[2])
	}
	return b.String()
}
