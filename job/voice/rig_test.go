package voice

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// TestMain makes the properties draw few examples, because each takes some runs. -rapid.checks on the command line
// wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "10"); err != nil {
		panic(err)
	}
	os.Exit(jobtest.Main{M: m}.Run())
}

const seed = `{"org": {"edition": "enterprise"}, "contact_roles": [{"id": "4150868000000006871", "name": "User"}]}`

type rig struct {
	*jobtest.Rig

	ahead atomic.Int64 // how far the emulator's clock is ahead, in nanoseconds
}

// newRig returns an org without contacts of Voice.
func newRig(t testing.TB) *rig {
	t.Helper()
	return newRigOf(t, emulator.Options{})
}

func newRigOf(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	var err error
	if o.Org, err = emulator.ReadOrg(strings.NewReader(seed)); err != nil {
		t.Fatal(err)
	}
	r := &rig{}
	o.Now = func() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }
	r.Rig = jobtest.New(t, o)
	r.Kinds = Kinds()
	r.Front.Keep = true
	return r
}

// request returns a run of a job over a file with the given text, in a folder of its own.
func (r *rig) request(name, text string, o Options) job.Request {
	r.T.Helper()
	all, err := filepath.Glob(filepath.Join(r.Dir, "run*"))
	if err != nil {
		r.T.Fatal(err)
	}
	env := r.Env()
	env.Yes = true
	return job.Request{
		Kind: kind(name), Settings: job.Settings{Concurrency: 4, Options: job.Encode(o)},
		Input: r.Input("input.csv", text), RunDir: filepath.Join(r.Dir, fmt.Sprintf("run%d", len(all))), Env: env,
	}
}

// do does a run and returns its results.
func (r *rig) do(name, text string, o Options) (jobtest.Table, *job.Result) {
	r.T.Helper()
	q := r.request(name, text, o)
	res := r.Start(q)
	return r.Table(filepath.Join(q.RunDir, "results.csv")), res
}

// undo takes back the run of a folder.
func (r *rig) undo(folder string) jobtest.Table {
	r.T.Helper()
	env := r.Env()
	env.Yes = true
	earlier, err := job.OpenEarlier(folder, env)
	if err != nil {
		r.T.Fatal(err)
	}
	defer earlier.Close()
	k, made, err := earlier.Inverse()
	if err != nil {
		r.T.Fatal(err)
	}
	q := r.request(Undo, "", Options{})
	q.Kind, q.Made, q.Input = k, made, ""
	r.Start(q)
	return r.Table(filepath.Join(q.RunDir, "results.csv"))
}

// lastRun is the folder of the latest run.
func (r *rig) lastRun() string {
	all, _ := filepath.Glob(filepath.Join(r.Dir, "run*"))
	return filepath.Join(r.Dir, fmt.Sprintf("run%d", len(all)-1))
}

// contacts returns the contacts of Voice as a client reads them, without the empty fields, in the order of their ids.
func (r *rig) contacts() (all []api.VoiceContact) {
	r.T.Helper()
	org, err := r.Connect(context.Background(), job.Settings{}, job.LogHooks(rundir.NewLog(false)))
	if err != nil {
		r.T.Fatal(err)
	}
	keep := r.Front.Keep
	r.Front.Keep = false
	defer func() { r.Front.Keep = keep }()
	whole, err := list(context.Background(), org.Client, func() { all = nil }, func(c *api.VoiceContact) {
		for name, value := range c.Fields {
			if value == "" {
				delete(c.Fields, name)
			}
		}
		all = append(all, *c)
	})
	if err != nil || !whole {
		r.T.Fatal(whole, err)
	}
	return all
}

// lines returns the contacts as "field=value ..." lines, without their ids.
func (r *rig) lines() (all []string) {
	for _, c := range r.contacts() {
		var parts []string
		for _, name := range api.VoiceFields() {
			if c.Fields[name] != "" {
				parts = append(parts, name+"="+c.Fields[name])
			}
		}
		all = append(all, strings.Join(parts, " "))
	}
	return all
}
