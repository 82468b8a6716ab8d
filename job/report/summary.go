// Package report is what a run says afterwards: the summary as one value with two faces, JSON for machines and sentences for people. It knows no Zoho call, no file of a run and no command line.
package report

import (
	"encoding/json"
	"io"
	"time"
)

// States of a run.
const (
	Finished = "finished" // every row has its outcome
	Stopped  = "stopped"  // rows are left; Next goes on
	DryRun   = "dry-run"  // nothing was sent
)

// Summary is what became of a run: summary.json, and the last line on stdout with --json. Fields are only ever added.
type Summary struct {
	Version string   `json:"version"` // of rolecall
	Command string   `json:"command"`
	Input   Input    `json:"input"`
	RunDir  string   `json:"run_dir,omitempty"`
	State   string   `json:"state"`
	Stopped string   `json:"stopped_because,omitempty"`
	Rows    Rows     `json:"rows"`
	Plan    Plan     `json:"plan"`
	Roles   *Roles   `json:"roles,omitempty"` // of a run over the list of roles, in place of Plan
	Errors  []Group  `json:"errors"`
	Spent   Spent    `json:"spent"`
	Notes   []string `json:"notes,omitempty"` // what was found out on the way, and people should know

	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Seconds  float64   `json:"seconds"` // in the processes that worked on the run, the time between them left out

	Files Files  `json:"files"`
	Next  string `json:"next,omitempty"` // the command to go on with
}

// Input is the file that was read.
type Input struct {
	Name    string `json:"name"`
	Dialect string `json:"dialect"` // encoding and delimiter, in words
	SHA256  string `json:"sha256"`
}

// Rows counts the rows of the input by what became of them.
type Rows struct {
	Total        int64 `json:"total"`
	Success      int64 `json:"success"`
	Error        int64 `json:"error"`
	NotAttempted int64 `json:"not_attempted"`

	Assigned  int64 `json:"assigned"`
	Added     int64 `json:"added"`   // assigned, to a deal that was read and did not have the contact
	Updated   int64 `json:"updated"` // assigned, to a deal that was read and had the contact with another role
	Removed   int64 `json:"removed"`
	Unchanged int64 `json:"unchanged"`
	Created   int64 `json:"created"` // roles
	Deleted   int64 `json:"deleted"` // roles
}

// Group is the rows that failed alike.
type Group struct {
	Code    string `json:"code"`
	Message string `json:"message"` // of the first of them
	Various bool   `json:"various_messages,omitempty"`
	Rows    int64  `json:"rows"`
	Line    int64  `json:"first_line"` // of the input file
	Advice  string `json:"advice,omitempty"`
}

// Files are where things are.
type Files struct {
	Results string `json:"results,omitempty"`
	Failed  string `json:"failed,omitempty"`
	Summary string `json:"summary,omitempty"`
	Log     string `json:"log,omitempty"`
	Undo    string `json:"undo,omitempty"`
	Before  string `json:"before,omitempty"` // the list of roles before the run
	Pruned  string `json:"pruned,omitempty"` // what became of the roles that the file does not name
}

// WriteJSON writes the summary as one JSON object: over several lines for a file, on one line without indent.
func (s *Summary) WriteJSON(w io.Writer, indent bool) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if indent {
		e.SetIndent("", "  ")
	}
	return e.Encode(s)
}
