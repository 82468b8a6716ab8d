package job

import (
	"errors"
	"time"

	"rolecall/job/report"
	"rolecall/job/rundir"
)

// runFacts is what run.db says of a run from the survey on.
type runFacts struct {
	Command  Command      `json:"command"`
	Settings Settings     `json:"settings"`
	Input    rundir.Input `json:"input"`
	Survey   surveyFacts  `json:"survey"`
	Started  time.Time    `json:"started"`
	Version  string       `json:"version"` // of the rolecall that began it
}

// keepFacts writes down what resume needs.
func (r *run) keepFacts() error {
	return r.s.Put("facts", runFacts{r.command, r.settings, r.input, r.surveyed, r.started.UTC(), r.Version})
}

// addSeconds adds the time of this process to that of the run.
func (r *run) addSeconds() error {
	var seconds float64
	if err := r.s.Get("seconds", &seconds); err != nil {
		return err
	}
	return r.s.Put("seconds", seconds+max(0, r.Now().Sub(r.began).Seconds())) // the clock may have been set back
}

// summary says what became of the run.
func (r *run) summary(t *tally, stop *Stop) report.Summary {
	undo := ""
	if t.undo > 0 {
		undo = r.folder.File(undoFile)
	}
	sum := report.Summary{
		Version: r.Version, Command: string(r.command), RunDir: r.folder.Name, State: report.Finished,
		Input: report.Input{Name: r.input.Name, Dialect: r.input.Dialect, SHA256: r.input.SHA256},
		Rows:  t.rows, Errors: t.groups.List(),
		Plan: r.told, Notes: r.notes.list(),
		Started: r.started.UTC(), Finished: r.Now().UTC(),
		Files: report.Files{
			Results: r.folder.File(rundir.Results), Failed: r.folder.File(rundir.Failed), Summary: r.folder.File(rundir.Summary), Log: r.folder.File(rundir.Log), Undo: undo,
		},
	}
	if stop != nil {
		sum.State, sum.Stopped = report.Stopped, stop.Error()
	}
	if t.rows.NotAttempted > 0 || stop != nil {
		sum.Next = r.resumeCommand()
	}
	// What cannot be read here stays out of the summary: the results do not depend on it.
	_ = errors.Join(r.s.Get("spent", &sum.Spent), r.s.Get("seconds", &sum.Seconds))
	return sum
}

// resumeCommand is the exact command that goes on with the run.
func (r *run) resumeCommand() string { return ResumeCommand(r.folder.Name, r.settings) }
