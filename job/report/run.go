package report

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Run is a run in a list of runs. New versions only add fields.
type Run struct {
	Dir     string   `json:"run_dir"`
	State   string   `json:"state"`
	Problem string   `json:"problem,omitempty"` // why the run cannot be read
	Process *Process `json:"process,omitempty"` // works on the run now
	Command string   `json:"command,omitempty"`
	Input   string   `json:"input,omitempty"`
	Profile string   `json:"profile,omitempty"`
	Org     RunOrg   `json:"org,omitzero"`
	Rows    Rows     `json:"rows"`

	Started  time.Time `json:"started"`           // for a run that cannot be read: when its run.db was changed last
	Finished time.Time `json:"finished,omitzero"` // only of a run that is finished
	Next     string    `json:"next,omitempty"`    // the command that continues the run
}

// RunOrg is the org of a run.
type RunOrg struct {
	APIURL string `json:"api_url"`
	ID     string `json:"org_id,omitempty"`
}

// String returns the org in words.
func (o RunOrg) String() string { return cmp.Or(o.ID, o.APIURL, "-") }

// counts returns the run's progress, in words.
func (r *Run) counts() string {
	done := r.Rows.Total - r.Rows.NotAttempted
	text := Plural(r.Rows.Total, "row")
	if done < r.Rows.Total {
		text = fmt.Sprintf("%s of %s", Count(done), text)
	}
	if r.Rows.Error > 0 {
		text += fmt.Sprintf(", %s failed", Count(r.Rows.Error))
	}
	return text
}

// word returns the state as people read it.
func (r *Run) word() string {
	switch r.State {
	case AtWork:
		return "at work"
	case BrokenOff:
		return "broken off"
	}
	return r.State
}

// WriteRuns writes a list of runs as a table for people. Below the table it writes the commands that continue them.
func WriteRuns(w io.Writer, runs []Run) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "STARTED\tSTATE\tCOMMAND\tINPUT\tORG\tROWS\tRUN") // Flush returns the first error
	for i := range runs {
		r, rows := &runs[i], "-"
		if r.State != Unreadable {
			rows = r.counts()
		}
		_ = Printf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Started.Local().Format(time.DateTime), r.word(),
			cmp.Or(r.Command, "-"), cmp.Or(r.Input, "-"), r.Org, rows, r.Dir)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for i := range runs {
		var err error
		switch r := &runs[i]; {
		case r.Problem != "":
			err = Printf(w, "%s cannot be read: %s\n", r.Dir, r.Problem)
		case r.Process != nil:
			err = Printf(w, "%s is at work: %s\n", r.Dir, r.Process)
		case r.Next != "":
			err = Printf(w, "go on with: %s\n", r.Next)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
