package roles

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
	"rolecall/api/pace"
	"rolecall/job"
	"rolecall/job/rundir"
)

// rig is an emulator and the way to run jobs over its list of roles.
type rig struct {
	t      testing.TB
	emu    *emulator.Emulator
	url    string
	dir    string
	direct http.RoundTripper // in place of real HTTP; nil: that
	token  string            // the refresh token; "": any
	orgID  string            // of the org that is signed in to

	front front
}

// front is what stands before the emulator: it writes down the calls, and a test may have it meddle with them.
type front struct {
	mu     sync.Mutex
	calls  []string
	meddle func(w http.ResponseWriter, q *http.Request, body string, pass func(http.ResponseWriter)) // nil: everything passes
	next   http.Handler
}

func (f *front) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if !strings.HasPrefix(q.URL.Path, "/crm/") {
		f.next.ServeHTTP(w, q)
		return
	}
	body, _ := io.ReadAll(q.Body) // what a client cut short the emulator refuses
	q.Body = io.NopCloser(bytes.NewReader(body))
	call := q.Method + " " + strings.TrimPrefix(q.URL.RequestURI(), "/crm/v8")
	if len(body) > 0 {
		call += " " + string(body)
	}
	f.mu.Lock()
	at := len(f.calls)
	f.calls = append(f.calls, call)
	meddle := f.meddle
	f.mu.Unlock()
	defer func() { // one that Zoho did not take is none
		f.mu.Lock()
		defer f.mu.Unlock()
		if rec, ok := w.(*httptest.ResponseRecorder); ok && rec.Code == http.StatusTooManyRequests && at < len(f.calls) {
			f.calls[at] = "429 " + call
		}
	}()
	pass := func(w http.ResponseWriter) { f.next.ServeHTTP(w, q) }
	if meddle == nil {
		pass(w)
		return
	}
	meddle(w, q, string(body), pass)
}

// sent are the calls since the last time, without those of signing in.
func (r *rig) sent() []string {
	r.front.mu.Lock()
	defer r.front.mu.Unlock()
	calls := r.front.calls
	r.front.calls = nil
	return calls
}

// writes are those of the calls that change something.
func writesOf(calls []string) (writes []string) {
	for _, c := range calls {
		if !strings.HasPrefix(c, "GET ") {
			writes = append(writes, c)
		}
	}
	return writes
}

// newRig serves an org over real HTTP.
func newRig(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	r := newBareRig(t, t.TempDir(), o)
	server := httptest.NewServer(&r.front)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// errCut is an exchange that broke off.
var errCut = errors.New("connection reset")

// newDirectRig is a rig without sockets: for the very many runs of a property, and for synctest, whose time passes only when everybody waits, which a socket never looks like.
func newDirectRig(t testing.TB, dir string, o emulator.Options) *rig {
	t.Helper()
	r := newBareRig(t, dir, o)
	r.url = "http://127.0.0.1:1"
	r.direct = roundTripper(func(q *http.Request) (resp *http.Response, err error) {
		if q.Body == nil {
			q.Body = http.NoBody
		}
		defer func() {
			if recover() != nil { // http.ErrAbortHandler
				resp, err = nil, errCut
			}
		}()
		w := httptest.NewRecorder()
		r.front.ServeHTTP(w, q)
		return w.Result(), nil
	})
	return r
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

func newBareRig(t testing.TB, dir string, o emulator.Options) *rig {
	t.Helper()
	o.TokenRequests = -1
	emu, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = emu.Close() })
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return &rig{t: t, emu: emu, dir: dir, orgID: "1", token: "emulator", front: front{next: emu}}
}

// orgOf is an org with a list of roles. Each is a name, and gets the id that idOf tells of its place.
func orgOf(names ...string) *emulator.Org {
	o := &emulator.Org{Roles: []emulator.OrgRole{}}
	for i, name := range names {
		o.Roles = append(o.Roles, emulator.OrgRole{ID: idOf(i + 1), Name: name, Sequence: i + 1})
	}
	return o
}

// idOf is the id of the n-th role of an org, and newID that of the n-th role that is created in one.
func idOf(n int) string  { return fmt.Sprint(4150868000000001000 + n) }
func newID(n int) string { return fmt.Sprint(4150868000000006870 + n) }

// numbered are names with numbers.
func numberedNames(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("Role %03d", i+1))
	}
	return names
}

func (r *rig) connect(ctx context.Context, set job.Settings, h job.Hooks) (*job.Org, error) {
	credentials := auth.Credentials{AccountsURL: r.url, ClientID: "c", ClientSecret: "s", RefreshToken: r.token}
	source, err := auth.NewSource(credentials, auth.Options{Transport: r.direct})
	if err != nil {
		return nil, err
	}
	pacer := pace.New(pace.Config{InFlight: 2, MaxCredits: set.MaxCredits, OnEpisode: h.Episode})
	client, err := api.New(api.Config{BaseURL: r.url, Tokens: source, Pacer: pacer, Transport: r.direct, Trace: h.Attempt})
	if err != nil {
		return nil, err
	}
	return &job.Org{Zoho: client, Pacer: pacer, Identity: job.Identity{APIURL: r.url, ClientID: "c", OrgID: r.orgID}, InFlight: 2}, nil
}

func (r *rig) env() Env {
	return Env{Env: job.Env{Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Connect: r.connect, Progress: &job.Progress{}, Version: "test", Now: time.Now}}
}

// request is a run of a command over a table.
func (r *rig) request(command job.Command, lines ...string) Request {
	r.t.Helper()
	input := filepath.Join(r.dir, "input.csv")
	if err := os.WriteFile(input, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return Request{Command: command, Settings: Settings{MaxDelete: 10}, Input: input, RunDir: filepath.Join(r.dir, "run"), Env: r.env()}
}

// run does a request that must come to its end, whatever its rows come to.
func (r *rig) run(q Request) *Result {
	r.t.Helper()
	res, err := Start(r.t.Context(), q)
	if err != nil || res.Stop != nil {
		r.t.Fatalf("%+v, %v", res, err)
	}
	r.sums(q.RunDir, res)
	return res
}

// again is the resuming of a run.
func (r *rig) again(dir string) Again { return Again{RunDir: dir, Env: r.env()} }

// list is the org's list, by name, and ids the ids of it in the same order.
func (r *rig) list() (names []string) {
	for _, role := range r.roles() {
		names = append(names, role.Name)
	}
	return names
}

// roles asks the emulator itself, past everything that is in front of it.
func (r *rig) roles() []emulator.OrgRole {
	w := httptest.NewRecorder()
	r.emu.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/__emulator/org", http.NoBody))
	var org emulator.Org
	if err := json.Unmarshal(w.Body.Bytes(), &org); err != nil {
		r.t.Fatal(err)
	}
	return org.Roles
}

// made is how many roles the emulator ever created: ids are never used again, so that the next one tells.
func (r *rig) idsOf() map[string]string {
	ids := map[string]string{}
	for _, role := range r.roles() {
		ids[role.Name] = role.ID
	}
	return ids
}

// table reads a result table.
func (r *rig) table(path string) (rows []map[string]string) {
	r.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// results are some columns of results.csv, joined by spaces, without the ends of what is empty.
func (r *rig) results(columns ...string) (all []string) {
	r.t.Helper()
	for _, row := range r.table(filepath.Join(r.dir, "run", rundir.Results)) {
		var cells []string
		for _, c := range columns {
			cells = append(cells, row[c])
		}
		all = append(all, strings.TrimRight(strings.Join(cells, " "), " "))
	}
	return all
}

// outcomesOf are action and code of each row.
func (r *rig) outcomesOf() []string { return r.results("rc_action", "rc_code") }

// sums holds results.csv, failed.csv and the summary to one another: one row for each row of the input, in its order.
func (r *rig) sums(dir string, res *Result) {
	r.t.Helper()
	rows, failed := r.table(filepath.Join(dir, rundir.Results)), r.table(filepath.Join(dir, rundir.Failed))
	status, action := map[string]int64{}, map[string]int64{}
	for i, row := range rows {
		if row["rc_row"] != fmt.Sprint(i+1) {
			r.t.Errorf("row %d of the results is row %s", i+1, row["rc_row"])
		}
		if ok := row["rc_status"] == job.StatusSuccess; ok != (row["rc_action"] != "") || ok != (row["rc_code"] == "SUCCESS") && row["rc_status"] != job.StatusNotAttempted {
			r.t.Errorf("row %d: %v", i+1, row)
		}
		status[row["rc_status"]]++
		action[row["rc_action"]]++
	}
	got := res.Summary.Rows
	if got.Total != int64(len(rows)) || got.Success != status[job.StatusSuccess] || got.Error != status[job.StatusError] || got.NotAttempted != status[job.StatusNotAttempted] ||
		got.Created != action[job.ActionCreated] || got.Updated != action[job.ActionUpdated] || got.Deleted != action[job.ActionDeleted] || got.Unchanged != action[job.ActionUnchanged] ||
		int64(len(failed)) != got.Error {
		r.t.Errorf("rows %v %v, %d failed, and the summary %+v", status, action, len(failed), got)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func apiRole(o emulator.OrgRole) api.Role {
	return api.Role{ID: o.ID, Name: o.Name, Sequence: o.Sequence}
}

// nobody is a sign-in that is refused.
func nobody(context.Context, job.Settings, job.Hooks) (*job.Org, error) {
	return nil, &api.Error{Code: "AUTHENTICATION_FAILURE", HTTP: http.StatusUnauthorized, Ends: api.EndSignIn}
}

// connectBy signs in to the rig of a profile.
func connectBy(rigs map[string]*rig) job.Connect {
	return func(ctx context.Context, set job.Settings, h job.Hooks) (*job.Org, error) {
		return rigs[set.Profile].connect(ctx, set, h)
	}
}

// leftBehind is what is in the rig's folder.
func (r *rig) leftBehind() []string {
	left, _ := filepath.Glob(filepath.Join(r.dir, "*"))
	hidden, _ := filepath.Glob(filepath.Join(r.dir, ".*"))
	return append(left, hidden...)
}
