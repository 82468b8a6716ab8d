package stakeholder

import (
	"testing"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// A run.db with settings that only a newer version knows is refused.
func TestUnknownSettingsAreRefused(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"$.newer", "$.settings.newer", "$.settings.options.newer", "$.input.newer"} {
		r := newRig(t, emulator.Options{})
		q := r.request(Assign, jobtest.Triples(many(20)...))
		q.Settings.MaxCredits = 5
		r.run(q)
		r.ChangeDB(q.RunDir, "UPDATE facts SET value = json_set(value, '"+path+"', json('true')) WHERE key = 'run'")
		before := r.State()
		if _, err := job.Resume(t.Context(), job.Again{RunDir: q.RunDir, Env: r.Env()}); !isUsage(err) {
			t.Errorf("resume with %s: %v", path, err)
		}
		if _, err := job.Report(job.Again{RunDir: q.RunDir, Env: r.Env()}); !isUsage(err) {
			t.Errorf("report with %s: %v", path, err)
		}
		if len(r.State()) != len(before) {
			t.Errorf("resume with %s sent rows", path)
		}
	}
}
