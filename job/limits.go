package job

import (
	"fmt"
	"strconv"
	"strings"
)

// percentFrom is the finished row from which a percentage of failed rows counts, and allFailed the number of rows sent at the start which, if they all fail,
// stop a run that has no other limit: a wrong org must not cost a day's credits.
const (
	percentFrom = 100
	allFailed   = 100
)

// ErrorLimit is how many failed rows end a run: a number, or a percentage of the finished rows. The zero value is no limit.
type ErrorLimit struct {
	Rows    int64
	Percent float64
	Set     bool
}

// ParseErrorLimit reads "N" or "N%".
func ParseErrorLimit(s string) (ErrorLimit, error) {
	if p, ok := strings.CutSuffix(s, "%"); ok {
		f, err := strconv.ParseFloat(p, 64)
		if err != nil || !(f >= 0 && f <= 100) {
			return ErrorLimit{}, fmt.Errorf("%q is not a percentage from 0%% to 100%%", s)
		}
		return ErrorLimit{Percent: f, Rows: -1, Set: true}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return ErrorLimit{}, fmt.Errorf("%q is neither a number of rows nor a percentage such as 5%%", s)
	}
	return ErrorLimit{Rows: n, Set: true}, nil
}

// String gives the limit as it is typed.
func (l ErrorLimit) String() string {
	switch {
	case !l.Set:
		return ""
	case l.Rows < 0:
		return strconv.FormatFloat(l.Percent, 'f', -1, 64) + "%"
	}
	return strconv.FormatInt(l.Rows, 10)
}

// MarshalText keeps the limit as it is typed.
func (l ErrorLimit) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a limit as it is typed; nothing is no limit.
func (l *ErrorLimit) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*l = ErrorLimit{}
		return nil
	}
	var err error
	*l, err = ParseErrorLimit(string(b))
	return err
}

// exceeded says whether so many failed rows among so many finished ones are too many.
func (l ErrorLimit) exceeded(failed, finished int64) bool {
	switch {
	case !l.Set:
		return false
	case l.Rows >= 0:
		return failed > l.Rows
	}
	return finished >= percentFrom && float64(failed)*100 > l.Percent*float64(finished)
}
