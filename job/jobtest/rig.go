package jobtest

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
	"rolecall/api/pace"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/rundb"
	"rolecall/job/rundir"
)

// Rig is an emulated org and the way to run jobs against it.
type Rig struct {
	T   testing.TB
	Emu *emulator.Emulator
	URL string
	Dir string // the folder of the test's files; the run is in its folder run

	Front     *Front            // the handler before the emulator
	Transport http.RoundTripper // how calls travel; nil: real HTTP
	Tokens    http.RoundTripper // the same for the accounts server
	Version   string            // of the API; "": the newest
	Org       func(*job.Org)    // changes the org after the sign-in; nil: no change
	Attempt   func(api.Attempt) // called after each attempt, like the log; nil: not called
	Kinds     []*job.Kind       // the jobs that resume and report know
}

// DealID returns the id of deal i of a generated org, ContactID that of contact j.
func DealID(i int) string { return fmt.Sprint(4150868000010000000 + i) }

// ContactID returns the id of contact j of a generated org.
func ContactID(j int) string { return fmt.Sprint(4150868000020000000 + j) }

// New serves an org over real HTTP. Without options it has 50 deals and 400 contacts.
func New(t testing.TB, o emulator.Options) *Rig {
	t.Helper()
	if o.Deals == 0 && o.Org == nil {
		o.Deals, o.Contacts = 50, 400
	}
	r := newRig(t, o)
	server := httptest.NewServer(r.Front)
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// NewVirtual returns a rig without sockets. It uses the options as they are. It is for tests inside a synctest bubble:
// there time passes only while all goroutines are blocked, and a goroutine that waits for a socket does not count.
func NewVirtual(t testing.TB, o emulator.Options) *Rig {
	t.Helper()
	r := newRig(t, o)
	r.URL = "http://127.0.0.1:1"
	r.Tokens = Direct(r.Front)
	r.Transport = r.Tokens
	return r
}

func newRig(t testing.TB, o emulator.Options) *Rig {
	t.Helper()
	o.TokenRequests = -1
	emu, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = emu.Close() })
	return &Rig{T: t, Emu: emu, Dir: t.TempDir(), Front: &Front{next: emu}}
}

// ErrCut is the error of a call whose connection broke.
var ErrCut = errors.New("connection reset")

// RoundTripper is a function that is an http.RoundTripper.
type RoundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f RoundTripper) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

// Direct returns a transport that calls a handler. It returns ErrCut if the handler cuts the connection.
func Direct(h http.Handler) http.RoundTripper {
	return RoundTripper(func(q *http.Request) (resp *http.Response, err error) {
		defer func() {
			if cut := recover(); cut != nil {
				resp, err = nil, ErrCut
			}
		}()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, q)
		return w.Result(), nil
	})
}

// Connect signs in to the emulator.
func (r *Rig) Connect(ctx context.Context, set job.Settings, h job.Hooks) (*job.Org, error) {
	credentials := auth.Credentials{AccountsURL: r.URL, ClientID: "c", ClientSecret: "s", RefreshToken: "emulator"}
	source, err := auth.NewSource(credentials, auth.Options{Transport: r.Tokens})
	if err != nil {
		return nil, err
	}
	var version api.Version
	if r.Version != "" {
		if version, err = api.ParseVersion(r.Version); err != nil {
			return nil, err
		}
	}
	trace := h.Attempt
	if r.Attempt != nil {
		trace = func(a api.Attempt) { h.Attempt(a); r.Attempt(a) }
	}
	workers := max(set.Concurrency, 1)
	pacer := pace.New(pace.Config{
		InFlight: workers, Rate: set.Rate, MaxCredits: set.MaxCredits, OnEpisode: h.Episode,
	})
	voice := api.NewVoicePacer(pace.Config{InFlight: workers, Rate: set.Rate, OnEpisode: h.Episode})
	client, err := api.New(api.Config{
		BaseURL: r.URL, Version: version, Tokens: source, Pacer: pacer, Transport: r.Transport, Trace: trace,
		VoiceURL: r.URL, VoicePacer: voice,
	})
	if err != nil {
		return nil, err
	}
	org, err := client.Org(ctx)
	if err != nil {
		return nil, err
	}
	identity := job.Identity{APIURL: r.URL, ClientID: "c", Fingerprint: credentials.Fingerprint(), OrgID: org.ID}
	signedIn := &job.Org{Client: client, Pacer: pacer, Identity: identity, InFlight: workers, Version: version, Voice: voice}
	if r.Org != nil {
		r.Org(signedIn)
	}
	return signedIn, nil
}

// Env returns an Env for a run against the rig.
func (r *Rig) Env() job.Env {
	return job.Env{
		Stdin: strings.NewReader(""), Stdout: &strings.Builder{}, Connect: r.Connect, Progress: &job.Progress{},
		Kinds: r.kind, Version: "test", Now: time.Now,
		Seal: func(record []byte) (string, error) { return fmt.Sprintf("%x", sha256.Sum256(record)), nil },
	}
}

func (r *Rig) kind(name string) *job.Kind {
	for _, k := range r.Kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// Input writes a file of the test and returns its path.
func (r *Rig) Input(name, text string) string {
	r.T.Helper()
	path := filepath.Join(r.Dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.T.Fatal(err)
	}
	return path
}

// RunDir is the folder of the rig's run.
func (r *Rig) RunDir() string { return filepath.Join(r.Dir, "run") }

// Start does a run that is expected to start.
func (r *Rig) Start(q job.Request) *job.Result {
	r.T.Helper()
	res, err := job.Start(r.T.Context(), q)
	if err != nil {
		r.T.Fatalf("Start: %v", err)
	}
	return res
}

// State returns the present role names, by deal and contact.
func (r *Rig) State() map[string]map[string]string {
	state := map[string]map[string]string{}
	for deal, contacts := range r.Emu.SnapshotState() {
		for contact, role := range contacts {
			if state[deal] == nil {
				state[deal] = map[string]string{}
			}
			state[deal][contact] = role.Name
		}
	}
	return state
}

// Table is a CSV file with a header.
type Table struct {
	Header []string
	Rows   []map[string]string
}

// Table reads a CSV file.
func (r *Rig) Table(path string) Table {
	r.T.Helper()
	f, err := os.Open(path)
	if err != nil {
		r.T.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		r.T.Fatal(err)
	}
	records[0][0] = strings.TrimPrefix(records[0][0], csvio.MarkUTF8)
	t := Table{Header: records[0]}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[t.Header[i]] = cell
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// Results reads the results of the rig's run.
func (r *Rig) Results() Table { return r.Table(filepath.Join(r.RunDir(), rundir.Results)) }

// Column returns, for each row, the cells of some columns joined by spaces.
func (t Table) Column(names ...string) []string {
	var all []string
	for _, row := range t.Rows {
		var cells []string
		for _, name := range names {
			cells = append(cells, row[name])
		}
		all = append(all, strings.Join(cells, " "))
	}
	return all
}

// Triples returns an input from lines of the form "deal contact role". It replaces the numbers of generated deals and
// contacts by their ids. Other words stay as they are.
func Triples(lines ...string) string {
	var b strings.Builder
	b.WriteString("deal_id,contact_id,role\n")
	for _, line := range lines {
		parts := strings.SplitN(line, " ", 3)
		for len(parts) < 3 {
			parts = append(parts, "")
		}
		var i, j int
		if _, err := fmt.Sscanf(parts[0], "%d", &i); err == nil && fmt.Sprint(i) == parts[0] {
			parts[0] = DealID(i)
		}
		if _, err := fmt.Sscanf(parts[1], "%d", &j); err == nil && fmt.Sprint(j) == parts[1] {
			parts[1] = ContactID(j)
		}
		fmt.Fprintf(&b, "%s,%s,%s\n", parts[0], parts[1], parts[2])
	}
	return b.String()
}

// ChangeDB runs SQL on the run.db in a run's folder. No process may hold the run.
func (r *Rig) ChangeDB(runDir, script string) {
	r.T.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(runDir, rundir.Database), sqlite.OpenReadWrite)
	if err != nil {
		r.T.Fatal(err)
	}
	if err := errors.Join(sqlitex.ExecScript(conn, script), conn.Close()); err != nil {
		r.T.Fatal(err)
	}
}

// Rows returns the rows in the run.db of a run's folder. No process may hold the run.
func (r *Rig) Rows(runDir string) (rows []job.Row) {
	r.T.Helper()
	db, err := rundb.Open(filepath.Join(runDir, rundir.Database))
	if err != nil {
		r.T.Fatal(err)
	}
	defer db.Close()
	for row, err := range db.InOrder() {
		if err != nil {
			r.T.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// Sent returns the numbers of the rows that are recorded as sent in the run.db of a run's folder.
func (r *Rig) Sent(runDir string) (sent []int64) {
	r.T.Helper()
	for _, row := range r.Rows(runDir) {
		if row.Sent {
			sent = append(sent, row.N)
		}
	}
	return sent
}

// Copy copies a run's folder and returns the copy, which is what a kill at this moment would leave on the disk.
func (r *Rig) Copy(runDir, name string) string {
	r.T.Helper()
	to := filepath.Join(r.Dir, name)
	if err := os.CopyFS(to, os.DirFS(runDir)); err != nil {
		r.T.Error(err)
	}
	return to
}
