package job

import (
	"fmt"

	"rolecall/csvio"
	"rolecall/job/report"
)

// Hidden is what a run does with the rows that the sheet of a workbook does not show. "": they are rows like all
// others, and a job that takes something away refuses them.
type Hidden string

// The values of Hidden besides "".
const (
	IncludeHidden Hidden = "include"
	SkipHidden    Hidden = "skip"
)

// Removal is what a job takes away from an org.
type Removal int

// The values of Removal.
const (
	RemovesNothing Removal = iota
	RemovesNamed           // what the rows of its table name
	RemovesOthers          // what the rows of its table do not name
)

// removal returns what the run takes away.
func (r *run) removal() Removal {
	if r.kind.Removes == nil {
		return RemovesNothing
	}
	return r.kind.Removes(r.Settings)
}

// checkHidden refuses a run that would remove what the hidden rows name, because it leaves these rows out.
func (r *run) checkHidden() error {
	if r.Settings.Hidden != SkipHidden || r.removal() != RemovesOthers {
		return nil
	}
	return &UsageError{Err: fmt.Errorf(
		"--hidden skip with --prune would delete what the hidden rows name: give one of them")}
}

// countHidden counts the rows of the input, and those that its sheet does not show.
func (r *run) countHidden(in *csvio.Reader) {
	r.Input.Rows, r.Input.Hidden = r.surveyed, int64(in.Hidden())
	if r.Settings.Hidden == SkipHidden {
		r.Input.Rows += r.Input.Hidden
	}
}

// inputFacts returns what the summary says about the input.
func (r *run) inputFacts() report.Input {
	in := report.Input{Name: r.Input.Name, Dialect: r.Input.Dialect, SHA256: r.Input.SHA256}
	if r.Input.Hidden > 0 {
		in.Hidden = report.Hidden{Rows: r.Input.Hidden, Of: r.Input.Rows, Skipped: r.Settings.Hidden == SkipHidden}
	}
	return in
}

// tellHidden tells people about hidden rows before the first call. A run that takes something away stops here, unless
// the user says what to do with such rows. A dry run goes on.
func (r *run) tellHidden(dry bool) error {
	hidden := r.inputFacts().Hidden
	if hidden.Rows == 0 {
		return nil
	}
	text := fmt.Sprintf("%s: %s", r.Input.Name, hidden)
	r.log.Warn("hidden rows", "hidden", hidden.Rows, "of", hidden.Of, "skipped", hidden.Skipped)
	switch removal := r.removal(); {
	case r.Settings.Hidden != "":
	case removal == RemovesNothing && r.Quiet:
		r.Warn(text)
	case removal == RemovesNothing:
		text += "; --hidden skip leaves them out"
	case !dry:
		return &UsageError{Err: r.unseen(removal, hidden)}
	default:
		text = "without --dry-run: " + r.unseen(removal, hidden).Error()
		r.say(text)
	}
	r.tell(text)
	return nil
}

// unseen returns the error of a run that would take something away because of rows that nobody sees.
func (r *run) unseen(removal Removal, hidden report.Hidden) error {
	err := fmt.Errorf("%s: %s, and %s would take something away by rows that nobody sees: nothing was sent; "+
		"give --hidden skip to leave them out, or --hidden include if they are meant",
		r.Input.Name, hidden.Count(), r.Kind)
	if removal == RemovesOthers {
		err = fmt.Errorf("%s: %s, and with --prune %s deletes what its rows do not name: nothing was sent; "+
			"give --hidden include if the hidden rows belong to the table, or delete them from the sheet",
			r.Input.Name, hidden.Count(), r.Kind)
	}
	return err
}
