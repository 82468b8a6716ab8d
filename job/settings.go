package job

import (
	"encoding/json"
	"time"

	"rolecall/csvio"
)

// Settings are what the user asked for a run. run.db stores them, so that resume uses the same.
type Settings struct {
	Profile          string                 `json:"profile,omitempty"`
	Config           string                 `json:"config,omitempty"` // the config file; "": the default file
	Encoding         string                 `json:"encoding,omitempty"`
	Delimiter        rune                   `json:"delimiter,omitempty"`  // 0: detected from the header
	Map              map[csvio.Field]string `json:"map,omitempty"`        // the header of a field's column
	Limit            int64                  `json:"limit,omitempty"`      // read only so many rows; 0: all
	HeaderRow        int                    `json:"header_row,omitempty"` // the line of the header; 0: found
	Sheet            string                 `json:"sheet,omitempty"`      // of a workbook; "": found
	Hidden           Hidden                 `json:"hidden,omitempty"`     // what to do with hidden rows
	AcceptRoundedIDs bool                   `json:"accept_rounded_ids,omitempty"`
	LastWins         bool                   `json:"last_wins,omitempty"`    // superseded rows are unchanged, not errors
	ResultsCopy      string                 `json:"results,omitempty"`      // a copy of results.csv; "-" is stdout
	Concurrency      int                    `json:"concurrency,omitempty"`  // most calls in flight; 0: the default
	Rate             float64                `json:"rate,omitempty"`         // most calls a second; 0: no limit
	MaxCredits       int                    `json:"max_credits,omitempty"`  // credits of this process; 0: no limit
	MaxErrors        Threshold              `json:"max_errors,omitzero"`    // failed rows that stop the run
	MaxDelete        Threshold              `json:"max_delete,omitzero"`    // deletions that need no more leave
	MaxDuration      time.Duration          `json:"max_duration,omitempty"` // 0: no limit
	Reserve          Threshold              `json:"reserve,omitzero"`       // credits that the run must leave
	Wait             bool                   `json:"wait,omitempty"`         // without credits, wait for new ones
	Options          json.RawMessage        `json:"options,omitempty"`      // the settings of this kind of job
}

// Choice is On or Off for a feature, or "" if rolecall decides whether to use the feature.
type Choice string

// The values of Choice besides "".
const (
	On  Choice = "on"
	Off Choice = "off"
)
