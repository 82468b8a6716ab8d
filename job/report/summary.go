// Package report holds the summary and the price of a run, and writes them as JSON for machines or as sentences for
// people. It knows no Zoho call, no file of a run and no command line.
package report

import (
	"encoding/json"
	"io"
	"strconv"
	"time"
)

// States of a run.
const (
	Finished = "finished" // every row has its outcome
	Stopped  = "stopped"  // rows have no outcome yet; the command in Next continues the run
	DryRun   = "dry-run"  // nothing was sent

	AtWork     = "at-work"    // a process works on the run
	BrokenOff  = "broken-off" // the process that worked on the run was killed; the command in Next continues the run
	Unreadable = "unreadable" // the run is damaged, of another version, or cannot be read now
)

// Summary is the result of a run: summary.json, and the last line on stdout with --json. New versions only add fields.
type Summary struct {
	Version   string     `json:"version"` // of rolecall
	Command   string     `json:"command"`
	Input     Input      `json:"input"`
	RunDir    string     `json:"run_dir,omitempty"`
	State     string     `json:"state"`
	Stopped   string     `json:"stopped_because,omitempty"`
	Process   *Process   `json:"process,omitempty"` // works on the run now
	Rows      Rows       `json:"rows"`
	Plan      Plan       `json:"plan"`
	Roles     *Roles     `json:"roles,omitempty"`     // instead of Plan for a run over the list of roles
	Records   *Records   `json:"records,omitempty"`   // the price of a run over records
	Taken     *Taken     `json:"taken,omitempty"`     // of an undo: what it takes back
	LookUp    *LookUp    `json:"look_up,omitempty"`   // what the run looked up before its first write
	Deletions *Deletions `json:"deletions,omitempty"` // what the user agreed to, or must agree to
	Unnamed   *Unnamed   `json:"unnamed,omitempty"`   // of plan and apply: contacts that the file does not name
	// UnknownRoles are the names of roles in the input that the org does not have; nil: none.
	UnknownRoles *UnknownRoles `json:"unknown_roles,omitempty"`

	Changes *Preview `json:"changes,omitempty"` // only of a dry run that reads first
	Errors  []Group  `json:"errors"`
	Spent   Spent    `json:"spent"`
	Notes   []string `json:"notes,omitempty"` // what people should know

	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Seconds  float64   `json:"seconds"` // working time of all processes of the run, without the time between them

	Files Files  `json:"files"`
	Next  string `json:"next,omitempty"` // the command that continues the run

	// Export holds the fields of an export. If it is set, WriteJSON and WriteText write an Export instead.
	Export *Export `json:"-"`
}

// Input is the file that was read.
type Input struct {
	Name    string `json:"name"`
	Dialect string `json:"dialect"` // encoding and delimiter, in words
	SHA256  string `json:"sha256"`
	Hidden  Hidden `json:"hidden,omitzero"` // only if there are hidden rows
}

// Process is a process that works on a run.
type Process struct {
	PID   int       `json:"pid,omitempty"` // 0: not known
	Host  string    `json:"host,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// String returns the process in words.
func (p Process) String() string {
	if p.PID == 0 {
		return "another process"
	}
	text := "process " + strconv.Itoa(p.PID)
	if p.Host != "" {
		text += " on " + p.Host
	}
	if !p.Since.IsZero() {
		text += " since " + p.Since.Local().Format(time.DateTime)
	}
	return text
}

// Rows counts the rows of the input by status and by action.
type Rows struct {
	Total        int64 `json:"total"`
	Success      int64 `json:"success"`
	Error        int64 `json:"error"`
	NotAttempted int64 `json:"not_attempted"`
	Superseded   int64 `json:"superseded,omitempty"` // errors that are not in failed.csv, because a later row counts

	Assigned  int64 `json:"assigned"`
	Added     int64 `json:"added"`   // the run read the deal first, and it did not have the contact
	Updated   int64 `json:"updated"` // the run read the deal first, and the contact had another role
	Removed   int64 `json:"removed"`
	Unchanged int64 `json:"unchanged"`
	Created   int64 `json:"created"` // roles
	Deleted   int64 `json:"deleted"` // roles or records

	Match    int64 `json:"match,omitempty"`    // verify
	Inserted int64 `json:"inserted"`           // records
	Restored int64 `json:"restored,omitempty"` // records, from the recycle bin
}

// Add counts n rows by their status, such as "success", and their action, such as "assigned".
func (r *Rows) Add(status, action string, n int64) {
	r.Total += n
	switch status {
	case "success":
		r.Success += n
	case "error":
		r.Error += n
	default:
		r.NotAttempted += n
	}
	counts := map[string]*int64{
		"assigned": &r.Assigned, "added": &r.Added, "updated": &r.Updated, "removed": &r.Removed,
		"unchanged": &r.Unchanged, "created": &r.Created, "deleted": &r.Deleted,
		"inserted": &r.Inserted, "restored": &r.Restored, "match": &r.Match,
	}
	if count := counts[action]; count != nil {
		*count += n
	}
}

// Unnamed counts contacts on the deals of a file that the file does not name.
type Unnamed struct {
	Removed   int64  `json:"removed"`
	Failed    int64  `json:"failed"` // not taken off
	FailedWhy string `json:"failed_because,omitempty"`
	Kept      int64  `json:"kept"` // not to be taken off, such as the deal's own contact
	Open      int64  `json:"open"` // not attempted
	Stay      int64  `json:"stay"` // without --prune
}

// Group describes rows that failed with one code.
type Group struct {
	Code    string `json:"code"`
	Message string `json:"message"`                    // the message of the first row
	Various bool   `json:"various_messages,omitempty"` // the rows have different messages
	Rows    int64  `json:"rows"`
	Line    int64  `json:"first_line"` // the line of the first row in the input
	Advice  string `json:"advice,omitempty"`

	Lines     []int64      `json:"first_lines,omitempty"`      // the lines of the first rows
	Values    []GroupValue `json:"values,omitempty"`           // what differs between the rows, the most rows first
	OtherRows int64        `json:"other_value_rows,omitempty"` // rows with further values, which Values does not have
}

// GroupValue is a value of failed rows, such as the name of a role in quotes.
type GroupValue struct {
	Value string  `json:"value"`
	Rows  int64   `json:"rows"`
	Lines []int64 `json:"first_lines"`
}

// Files holds the paths of the run's files; "" for a file that the run does not have.
type Files struct {
	Results string `json:"results,omitempty"`
	Failed  string `json:"failed,omitempty"`
	Summary string `json:"summary,omitempty"`
	// FailedBook is Failed as a workbook. A run over a workbook has it.
	FailedBook string `json:"failed_xlsx,omitempty"`
	Log        string `json:"log,omitempty"`
	Undo       string `json:"undo,omitempty"`
	Before     string `json:"before,omitempty"`   // the list of roles before the run
	RoleMap    string `json:"role_map,omitempty"` // the unknown roles, to fill in
	Pruned     string `json:"pruned,omitempty"`   // the roles that the input leaves out, and their outcomes
}

// WriteJSON writes the summary as one JSON object: on several lines with indent, else on one line.
func (s *Summary) WriteJSON(w io.Writer, indent bool) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if indent {
		e.SetIndent("", "  ")
	}
	if s.Export != nil {
		return e.Encode(s.export())
	}
	return e.Encode(s)
}
