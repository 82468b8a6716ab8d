package stakeholder

import (
	"testing"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// rig runs the jobs of this package against an emulated org.
type rig struct {
	*jobtest.Rig

	set func(*request) // changes what a property test asks for
}

func newRig(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	r := &rig{Rig: jobtest.New(t, o)}
	r.Kinds = Kinds()
	return r
}

func newVirtualRig(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	r := &rig{Rig: jobtest.NewVirtual(t, o)}
	r.Kinds = Kinds()
	return r
}

// of returns the rig for a test within the test.
func (r *rig) of(t *testing.T) *rig {
	inner := *r.Rig
	inner.T = t
	return &rig{Rig: &inner, set: r.set}
}

// request is a run as a test asks for it.
type request struct {
	job.Request

	Options Options
}

// onOff returns the choice that a user makes.
func onOff(on bool) job.Choice {
	if on {
		return job.On
	}
	return job.Off
}

// everything is a --max-delete that allows all deletions.
func everything() job.Threshold { return job.Threshold{Percent: 100, Number: -1, Set: true} }

// request returns a run of a job over a file with the given text. An assign does not read first, so that most tests see
// the writes alone. A remove may leave every deal without stakeholders.
func (r *rig) request(name, text string) request {
	r.T.Helper()
	return request{Request: job.Request{
		Kind: kind(name), Settings: job.Settings{Concurrency: 4, MaxDelete: everything()},
		Input: r.Input("input.csv", text), RunDir: r.RunDir(), Env: r.Env(),
	}, Options: Options{ReadFirst: job.Off}}
}

// with returns the request as the engine takes it.
func (q request) with() job.Request {
	q.Settings.Options = job.Encode(q.Options)
	return q.Request
}

// oneByOne changes the settings of a run that goes on: it sends each row alone.
func oneByOne(s *job.Settings) {
	o := job.Decoded[Options](s.Options)
	o.OneByOne = true
	s.Options = job.Encode(o)
}

// run does a request that is expected to start.
func (r *rig) run(q request) *job.Result {
	r.T.Helper()
	return r.Start(q.with())
}
