package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// Story is the outcome of one row of a run, and how the outcome is known. New versions only add fields.
type Story struct {
	RunDir  string   `json:"run_dir"`
	Command string   `json:"command"`
	State   string   `json:"run_state"`
	Process *Process `json:"process,omitempty"` // works on the run now

	Row   int64  `json:"row"`
	Input string `json:"input,omitempty"` // "": the row was listed from Zoho
	Line  int64  `json:"line,omitempty"`
	Cells []Fact `json:"cells"`
	// Unread is why the cells cannot be read; "": they were read.
	Unread string `json:"cells_unread,omitempty"`

	Key        string    `json:"key"`
	Understood []Fact    `json:"understood"`
	Sent       time.Time `json:"recorded_before_sending,omitzero"`
	Attempts   []Attempt `json:"attempts"` // those in log.jsonl
	LogUnread  string    `json:"log_unread,omitempty"`

	Status   string    `json:"status"`
	Action   string    `json:"action,omitempty"`
	Code     string    `json:"code,omitempty"`
	Message  string    `json:"message,omitempty"`
	Details  string    `json:"details,omitempty"`
	HTTP     int       `json:"http,omitempty"`
	Tries    int       `json:"attempts_made,omitempty"`
	Recorded time.Time `json:"recorded,omitzero"` // when the outcome was recorded
	SameAs   int64     `json:"same_as_row,omitempty"`
	Known    string    `json:"how_known"`
	Next     string    `json:"next,omitempty"`
}

// Fact is a name and its text, such as a column and its cell.
type Fact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Attempt is an attempt of a call, as log.jsonl has it.
type Attempt struct {
	Time    time.Time `json:"time"` // of the answer
	Method  string    `json:"method"`
	Path    string    `json:"path"`
	Number  int       `json:"attempt"`
	HTTP    int       `json:"http,omitempty"` // 0: no answer
	Code    string    `json:"code,omitempty"`
	Message string    `json:"message,omitempty"`
	Error   string    `json:"error,omitempty"`
	Took    int64     `json:"ms"`
	Wait    int64     `json:"wait_ms,omitempty"` // before the next attempt
	Others  bool      `json:"may_be_of_other_rows,omitempty"`
}

// timeFormat is the format of a moment in a story.
const timeFormat = "2006-01-02 15:04:05.000"

// WriteText writes the story in sentences.
func (s *Story) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	_ = Printf(b, "row %d of %s in %s\n", s.Row, s.Command, s.RunDir) // b keeps the first error
	s.read(b)
	for _, f := range s.Understood {
		_ = Printf(b, "  %-11s %s\n", f.Name, f.Text)
	}
	if !s.Sent.IsZero() {
		_ = Printf(b, "  sent        %s: recorded before the first call with the row went out\n", moment(s.Sent))
	}
	for i := range s.Attempts {
		_ = Printf(b, "  attempt     %s\n", s.Attempts[i].text())
	}
	if s.LogUnread != "" {
		_ = Printf(b, "  attempts    failed ones are not known: %s\n", s.LogUnread)
	}
	s.outcome(b)
	_ = Printf(b, "  known by    %s\n", s.Known)
	if s.Next != "" {
		_ = Printf(b, "  ->          %s\n", s.Next)
	}
	return b.Flush()
}

// read writes the row as it was read.
func (s *Story) read(w io.Writer) {
	switch {
	case s.Input == "":
		_ = Printf(w, "  read        not from a file: it was listed from Zoho\n")
		return
	case s.Line > 0:
		_ = Printf(w, "  read        %s:%d\n", s.Input, s.Line)
	default:
		_ = Printf(w, "  read        %s\n", s.Input)
	}
	for _, c := range s.Cells {
		_ = Printf(w, "    %s = %q\n", c.Name, c.Text)
	}
	if s.Unread != "" {
		_ = Printf(w, "    its cells cannot be shown: %s\n", s.Unread)
	}
}

// outcome writes the outcome of the row.
func (s *Story) outcome(w io.Writer) {
	text := s.Status
	if s.Action != "" {
		text += ", " + s.Action
	}
	var parts []string
	if answer := strings.TrimSpace(s.Code + " " + s.Message); answer != "" {
		parts = append(parts, answer)
	}
	if s.HTTP > 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", s.HTTP))
	}
	if s.Tries > 0 {
		parts = append(parts, Plural(int64(s.Tries), "attempt"))
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, "; ")
	}
	if !s.Recorded.IsZero() {
		text = moment(s.Recorded) + " " + text
	}
	_ = Printf(w, "  outcome     %s\n", text)
	if s.Details != "" && s.Details != "{}" {
		_ = Printf(w, "  details     %s\n", s.Details)
	}
}

// text returns the attempt in words.
func (a *Attempt) text() string {
	answer := "no answer"
	if a.HTTP > 0 {
		answer = fmt.Sprintf("HTTP %d", a.HTTP)
	}
	text := fmt.Sprintf("%s %s %s, attempt %d: %s after %s", moment(a.Time), a.Method, a.Path, a.Number, answer,
		Duration(time.Duration(a.Took)*time.Millisecond))
	if more := strings.TrimSpace(a.Code + " " + a.Message); more != "" {
		text += ", " + more
	} else if a.Error != "" {
		text += ", " + a.Error
	}
	if a.Wait > 0 {
		text += ", tried again " + Duration(time.Duration(a.Wait)*time.Millisecond) + " later"
	}
	if a.Others {
		text += " (the call may be of other rows)"
	}
	return text
}

func moment(t time.Time) string { return t.Local().Format(timeFormat) }
