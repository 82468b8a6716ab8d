package export

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// rig exports from an emulated org.
type rig struct{ *jobtest.Rig }

func newRig(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	return newRigBehind(t, o, func(h http.Handler) http.Handler { return h })
}

// newRigBehind has something in front of the emulator.
func newRigBehind(t testing.TB, o emulator.Options, front func(http.Handler) http.Handler) *rig {
	t.Helper()
	r := &rig{jobtest.NewBehind(t, o, front)}
	r.Kinds = Kinds()
	r.Org = func(o *job.Org) { o.Composes = o.Version.HasComposite() }
	return r
}

func readOrg(t testing.TB, text string) *emulator.Org {
	t.Helper()
	org, err := emulator.ReadOrg(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return org
}

// request asks for an export of the usual kind to a file in the rig's folder.
func (r *rig) request(name string) Request {
	format, ok := csvio.FormatOf(name)
	if !ok {
		r.T.Fatal(name)
	}
	return Request{
		Kind:  Kinds()[0],
		State: filepath.Join(r.Dir, "state"), Env: r.Env(), Settings: job.Settings{Concurrency: 8},
		Options: Options{Output: filepath.Join(r.Dir, name), Format: format, Shape: Long},
	}
}

// again asks to go on with an export that stopped, with so many more credits.
func (r *rig) again(dir string, credits int) job.Again {
	return job.Again{RunDir: dir, Env: r.Env(), Change: func(s *job.Settings) { s.MaxCredits = credits }}
}

// export does an export that must finish, and returns the file.
func (r *rig) export(q Request) (string, *job.Result) {
	r.T.Helper()
	res, err := Start(r.T.Context(), q)
	if err != nil || res.Stop != nil {
		r.T.Fatalf("%+v, %v", res, err)
	}
	return r.read(q), res
}

func (r *rig) read(q Request) string {
	r.T.Helper()
	b, err := os.ReadFile(q.Options.Output)
	if err != nil {
		r.T.Fatal(err)
	}
	return string(b)
}

// stops does an export that must stop for a reason and leave no file.
func (r *rig) stops(q Request, reason job.Reason, says string) *job.Result {
	r.T.Helper()
	res, err := Start(r.T.Context(), q)
	var stop *job.Stop
	if res != nil {
		stop = res.Stop
	} else {
		errors.As(err, &stop)
	}
	if stop == nil || stop.Reason != reason || !strings.Contains(stop.Error(), says) {
		r.T.Errorf("%+v, %v, want reason %d and %q", res, err, reason, says)
	}
	if _, err := os.Stat(q.Options.Output); !errors.Is(err, os.ErrNotExist) {
		r.T.Errorf("there is a file: %v", err)
	}
	return res
}

// reads returns how many deals were read by calls of their own.
func (r *rig) reads() int { return r.Emu.Stats().Calls["GET /Deals/{id}/Contact_Roles"] }

// rowsIn returns the data rows of a CSV file whose cells have no line break.
func rowsIn(text string) []string {
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")[1:]
}
