package job

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
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
	HeaderRow        int                    `json:"header_row,omitempty"` // the line of the header; 0: detected
	Sheet            string                 `json:"sheet,omitempty"`      // of a workbook; "": detected
	Hidden           Hidden                 `json:"hidden,omitempty"`     // what to do with hidden rows
	AcceptRoundedIDs bool                   `json:"accept_rounded_ids,omitempty"`
	LastWins         bool                   `json:"last_wins,omitempty"`    // superseded rows are unchanged, not errors
	ResultsCopy      string                 `json:"results,omitempty"`      // a copy of results.csv; "-" is stdout
	Concurrency      int                    `json:"concurrency,omitempty"`  // most calls in flight; 0: the default
	Rate             float64                `json:"rate,omitempty"`         // most calls a second; 0: no limit
	MaxCredits       int                    `json:"max_credits,omitempty"`  // credits of this process; 0: no limit
	MaxErrors        Threshold              `json:"max_errors,omitzero"`    // failed rows that stop the run
	MaxDelete        Threshold              `json:"max_delete,omitzero"`    // the most deletions: --max-delete
	MaxDuration      time.Duration          `json:"max_duration,omitempty"` // 0: no limit
	Reserve          Threshold              `json:"reserve,omitzero"`       // credits that the run must leave
	Wait             bool                   `json:"wait,omitempty"`         // wait for new credits when none are left
	VoiceURL         string                 `json:"voice_url,omitempty"`    // of Zoho Voice; "": the data centre's
	Options          json.RawMessage        `json:"options,omitempty"`      // the settings of this kind of job
}

// Choice is On or Off for a feature, or "" if rolecall decides whether to use the feature.
type Choice string

// The values of Choice besides "".
const (
	On  Choice = "on"
	Off Choice = "off"
)

const (
	// percentFrom is the number of finished rows from which a percentage of failed rows counts.
	percentFrom = 100
	// allFailed is the number of rows sent first that stop a run without another limit, if all of them fail: a wrong
	// org must not cost a day's credits.
	allFailed = 100
)

// Threshold is a number, or a percentage of a whole that is known later. It limits the failed rows of a run, or the
// credits that a run must leave. The zero value is no limit.
type Threshold struct {
	Number  int64   // less than 0: Percent is the limit
	Percent float64 // from 0 to 100
	Set     bool    // there is a limit
}

// ParseThreshold reads a whole number of at least 0, such as "5", or a percentage from 0% to 100%, such as "5%".
func ParseThreshold(s string) (Threshold, error) {
	if p, ok := strings.CutSuffix(s, "%"); ok {
		f, err := strconv.ParseFloat(p, 64)
		if err != nil || !(f >= 0 && f <= 100) {
			return Threshold{}, fmt.Errorf("%q is not a percentage from 0%% to 100%%", s)
		}
		return Threshold{Percent: f, Number: -1, Set: true}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return Threshold{}, fmt.Errorf("%q is neither a number nor a percentage such as 5%%", s)
	}
	return Threshold{Number: n, Set: true}, nil
}

// String returns the limit as the user types it, or "" if there is none.
func (l Threshold) String() string {
	switch {
	case !l.Set:
		return ""
	case l.Number < 0:
		return strconv.FormatFloat(l.Percent, 'f', -1, 64) + "%"
	}
	return strconv.FormatInt(l.Number, 10)
}

// MarshalText returns the limit as String does. It never fails.
func (l Threshold) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a limit as ParseThreshold does. An empty text is no limit.
func (l *Threshold) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*l = Threshold{}
		return nil
	}
	var err error
	*l, err = ParseThreshold(string(b))
	return err
}

// exceeded reports whether too many of the finished rows failed.
func (l Threshold) exceeded(failed, finished int64) bool {
	switch {
	case !l.Set:
		return false
	case l.Number >= 0:
		return failed > l.Number
	}
	return finished >= percentFrom && float64(failed)*100 > l.Percent*float64(finished)
}

// Of returns the number, or the percentage of whole, rounded.
func (l Threshold) Of(whole int64) int64 {
	if l.Number >= 0 {
		return l.Number
	}
	return int64(math.Round(l.Percent * float64(whole) / 100))
}

// Relative reports whether the limit is a percentage, so that the whole must be known.
func (l Threshold) Relative() bool { return l.Set && l.Number < 0 }
