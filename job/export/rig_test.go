package export

import (
	"bytes"
	"context"
	"errors"
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
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/disk"
)

// rig is an emulator over real HTTP and the way to export from it.
type rig struct {
	t       testing.TB
	emu     *emulator.Emulator
	url     string
	dir     string
	version string // of the API; "": the newest
}

func newRig(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	return newRigBehind(t, o, func(h http.Handler) http.Handler { return h })
}

// newRigBehind has something in front of the emulator.
func newRigBehind(t testing.TB, o emulator.Options, front func(http.Handler) http.Handler) *rig {
	t.Helper()
	o.TokenRequests = -1
	emu, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(front(emu))
	t.Cleanup(func() { server.Close(); _ = emu.Close() })
	return &rig{t: t, emu: emu, url: server.URL, dir: t.TempDir()}
}

func readOrg(t testing.TB, text string) *emulator.Org {
	t.Helper()
	org, err := emulator.ReadOrg(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return org
}

func (r *rig) connect(ctx context.Context, set job.Settings, h job.Hooks) (*job.Org, error) {
	credentials := auth.Credentials{AccountsURL: r.url, ClientID: "c", ClientSecret: "s", RefreshToken: "emulator"}
	source, err := auth.NewSource(credentials, auth.Options{})
	if err != nil {
		return nil, err
	}
	var version api.Version
	if r.version != "" {
		if version, err = api.ParseVersion(r.version); err != nil {
			return nil, err
		}
	}
	workers := max(set.Concurrency, 1)
	pacer := pace.New(pace.Config{InFlight: workers, Rate: set.Rate, MaxCredits: set.MaxCredits, OnEpisode: h.Episode})
	client, err := api.New(api.Config{BaseURL: r.url, Version: version, Tokens: source, Pacer: pacer, Trace: h.Attempt})
	if err != nil {
		return nil, err
	}
	identity := job.Identity{APIURL: r.url, ClientID: "c", Fingerprint: credentials.Fingerprint()}
	return &job.Org{Zoho: client, Pacer: pacer, Identity: identity, InFlight: workers, Version: version, Composes: version.HasComposite()}, nil
}

func (r *rig) env() Env {
	return Env{
		State: filepath.Join(r.dir, "state"),
		Env:   job.Env{Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Connect: r.connect, Progress: &job.Progress{}, Version: "test", Now: time.Now},
	}
}

// request asks for an export of the usual kind to a file in the rig's folder.
func (r *rig) request(name string) Request {
	format, ok := csvio.FormatOf(name)
	if !ok {
		r.t.Fatal(name)
	}
	return Request{Env: r.env(), Settings: Settings{Output: filepath.Join(r.dir, name), Format: format, Shape: Long, Pace: job.Settings{Concurrency: 8}}}
}

// export does one that must finish, and gives the file.
func (r *rig) export(q Request) (string, *Result) {
	r.t.Helper()
	res, err := Start(r.t.Context(), q)
	if err != nil || res.Stop != nil {
		r.t.Fatalf("%+v, %v", res, err)
	}
	return r.read(q), res
}

func (r *rig) read(q Request) string {
	r.t.Helper()
	b, err := os.ReadFile(q.Settings.Output)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// stops does one that must stop for a reason and leave no file.
func (r *rig) stops(q Request, reason job.Reason, says string) *Result {
	r.t.Helper()
	res, err := Start(r.t.Context(), q)
	var stop *job.Stop
	if res != nil {
		stop = res.Stop
	} else {
		errors.As(err, &stop)
	}
	if stop == nil || stop.Reason != reason || !strings.Contains(stop.Error(), says) {
		r.t.Errorf("%+v, %v, want reason %d and %q", res, err, reason, says)
	}
	if _, err := os.Stat(q.Settings.Output); !errors.Is(err, os.ErrNotExist) {
		r.t.Errorf("there is a file: %v", err)
	}
	return res
}

// rowsIn are the data rows of a CSV file whose cells have no line break.
func rowsIn(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")[1:]
}

// dealID is the id of a deal of a generated org.
func dealID(i int) string { return fmt.Sprint(4150868000010000000 + i) }

// newStore makes a database as an export has it.
func newStore(t testing.TB) store {
	t.Helper()
	db, err := disk.Create(filepath.Join(t.TempDir(), dbFile), schema())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return store{db}
}
