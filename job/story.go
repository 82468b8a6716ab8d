package job

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"rolecall/csvio"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// mostAttempts is the most attempts that a story shows. It shows the last ones.
const mostAttempts = 50

// Why returns the story of a row. name is its number, or the id of the record that is its key. Its error is a
// *[UsageError] if there is no such row, or one of those of [Again.Past].
func Why(a Again, name string) (s *report.Story, err error) {
	err = a.Past(func(p *Past) error {
		s, err = p.story(name)
		return err
	})
	return s, err
}

// story returns the story of a row.
func (p *Past) story(name string) (*report.Story, error) {
	r := p.r
	if err := r.db.Index(); err != nil {
		return nil, err
	}
	row, err := p.row(name)
	if err != nil {
		return nil, err
	}
	s := &report.Story{
		RunDir: r.folder.Name, Command: r.Kind, State: p.State, Process: p.Process, Row: row.N, Line: row.Line,
		Input: r.Input.Name, Cells: []report.Fact{}, Key: row.Key, Sent: row.SentAt,
		Understood: []report.Fact{}, Attempts: []report.Attempt{},
	}
	if err := r.asRead(&row, s); err != nil {
		s.Unread = err.Error()
	}
	understood := Understood{Facts: []report.Fact{{Name: "key", Text: row.Key}, {Name: "item", Text: row.Item}}}
	if r.kind.Story != nil {
		if understood, err = r.kind.Story(&row, Results{r.db}); err != nil {
			return nil, err
		}
	}
	s.Understood = append(s.Understood, understood.Facts...)
	if !row.Unsendable && understood.About != nil {
		s.Attempts, err = r.attempts(understood.About)
		if err != nil {
			s.LogUnread = err.Error()
		}
	}
	p.outcome(s, &row)
	return s, nil
}

// row finds a row by its number, or by the id of its key.
func (p *Past) row(name string) (row Row, err error) {
	n, bad := strconv.ParseInt(name, 10, 64)
	found := false
	if bad == nil {
		if row, found, err = p.r.db.Row(n); err != nil || found {
			return row, err
		}
	}
	if id, wrong := csvio.ParseID(name); wrong == nil && p.r.kind.Whole { // an export has no results.csv with numbers
		if n, err = p.r.db.Keyed(id); err == nil && n > 0 {
			row, found, err = p.r.db.Row(n)
		}
	}
	if err != nil || found {
		return row, err
	}
	what := fmt.Sprintf("a row is a number from 1 to %d, rc_row in results.csv", p.Rows.Total)
	switch {
	case p.Rows.Total == 0:
		what = "the run has no rows"
	case p.r.kind.Whole:
		what = fmt.Sprintf("give the id of a deal, or a number from 1 to %d", p.Rows.Total)
	}
	return row, &UsageError{Err: fmt.Errorf("%s has no row %q: %s", p.Dir, name, what)}
}

// asRead adds to a story the cells of a row, from the copy of the input.
func (r *run) asRead(row *Row, s *report.Story) error {
	if r.Input.File == "" || row.Extra {
		s.Input = ""
		return nil
	}
	if r.Made {
		s.Line = 0
	}
	path := r.folder.File(r.Input.File)
	info, err := os.Lstat(path)
	if filepath.Base(r.Input.File) != r.Input.File || err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file of the run's folder", r.Input.File)
	}
	if err := r.checkInput(); err != nil {
		return err
	}
	kept, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = kept.Close() }()
	options := r.readerOptions()
	options.TempDir = "" // nothing is written into the folder
	in, err := csvio.NewReader(kept, options)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	for n := int64(1); n < row.N; n++ {
		if _, err := in.Read(); err != nil {
			return err
		}
	}
	cells, err := r.cells(in, row)
	if err != nil {
		return err
	}
	cells = in.ResultCells(cells)
	for i, name := range in.Header() {
		if i < len(cells) {
			s.Cells = append(s.Cells, report.Fact{Name: name, Text: cells[i]})
		}
	}
	return nil
}

// attempts returns the attempts in the log that may be about a row.
func (r *run) attempts(about func(path string) (may, others bool)) ([]report.Attempt, error) {
	all := []report.Attempt{}
	err := rundir.ReadLog(r.folder.File(rundir.LogFile), func(e *rundir.LogEntry) {
		may, others := about(e.Path)
		if !may {
			return
		}
		if len(all) == mostAttempts {
			all = append(all[:0], all[1:]...)
		}
		all = append(all, report.Attempt{
			Time: e.Time, Method: e.Method, Path: e.Path, Number: e.Attempt, HTTP: e.HTTP, Code: e.Code,
			Message: e.Message, Error: e.Error, Took: e.Took, Wait: e.Wait, Others: others,
		})
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New(rundir.LogFile + " is gone")
	}
	return all, err
}

// outcome adds to a story the outcome of the row, how the outcome is known, and what to do next.
func (p *Past) outcome(s *report.Story, row *Row) {
	s.Status, s.Known = string(NotAttempted), howKnown(row, p.r.kind.Whole)
	o := row.Done
	switch {
	case o == nil && p.State == report.AtWork:
		s.Next = "the run is at work: " + p.Process.String()
	case o == nil:
		s.Next = p.Next
	}
	if o == nil {
		return
	}
	s.Status, s.Action, s.Code, s.Message, s.Details = string(o.Status), o.Action, o.Code, o.Message, o.Details
	s.HTTP, s.Tries, s.Recorded, s.SameAs = o.HTTP, o.Attempts, o.At, o.SameAs
	why := "rolecall why " + rundir.ShellQuote(rundir.Argument(p.Dir)) + " %d"
	switch other := decidedBy(o); {
	case other > 0:
		s.Next = fmt.Sprintf("the other row's story: "+why, other)
	case o.Status == Failed && p.r.kind.Advice != nil:
		s.Next = p.r.kind.Advice(o.Code, o.Details)
	}
}

// decidedBy returns the row that decided the outcome of another row, or 0.
func decidedBy(o *Outcome) int64 {
	var by struct {
		Row int64 `json:"superseded_by_row"`
	}
	if o.SameAs > 0 {
		return o.SameAs
	}
	if json.Unmarshal([]byte(o.Details), &by) != nil {
		return 0
	}
	return by.Row
}

// howKnown returns how the outcome of a row is known. reads reports whether the job only reads.
func howKnown(r *Row, reads bool) string {
	o := r.Done
	switch {
	case o == nil && r.Sent:
		return "not known: a call with the row was about to go out, and no answer is recorded yet"
	case o == nil:
		return "no call with the row is recorded"
	case o.SameAs > 0:
		return fmt.Sprintf("the row asks the same as row %d, so it has the outcome of that row", o.SameAs)
	case decidedBy(o) > 0:
		return fmt.Sprintf("row %d of the same contact counts, so this row was not sent", decidedBy(o))
	case r.Unsendable:
		return "rolecall's own check before the first call; the row was never sent"
	case o.Code == CodeOutcomeUnknown:
		return "not known: neither Zoho's answer nor a later read shows whether the change was made"
	case o.Code == CodeNoAnswer:
		return "no attempt got a usable answer, and the later read, if there was one, did not show the change"
	case o.HTTP > 0, reads:
		return "Zoho's answer"
	case o.OK() && r.Sent && o.Attempts == 0:
		return "a process ended before it recorded the answer; a read afterwards shows the change"
	case o.OK() && o.Attempts == 0:
		return "a read before the write; nothing was sent"
	case o.OK():
		return "no usable answer came; a read afterwards shows the change"
	}
	return "rolecall's own check; see the message"
}
