package job

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// percentFrom is the finished row from which a percentage of failed rows counts, and allFailed the number of rows sent at the start which, if they all fail,
// stop a run that has no other limit: a wrong org must not cost a day's credits.
const (
	percentFrom = 100
	allFailed   = 100
)

// Threshold is a number, or a percentage of something that is known later: of failed rows that end a run, or of credits that are left untouched. The zero value is none.
type Threshold struct {
	Number  int64 // less than zero: Percent counts
	Percent float64
	Set     bool
}

// ParseThreshold reads "N" or "N%".
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

// String gives the limit as it is typed.
func (l Threshold) String() string {
	switch {
	case !l.Set:
		return ""
	case l.Number < 0:
		return strconv.FormatFloat(l.Percent, 'f', -1, 64) + "%"
	}
	return strconv.FormatInt(l.Number, 10)
}

// MarshalText keeps the limit as it is typed.
func (l Threshold) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a limit as it is typed; nothing is no limit.
func (l *Threshold) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*l = Threshold{}
		return nil
	}
	var err error
	*l, err = ParseThreshold(string(b))
	return err
}

// exceeded says whether so many failed rows among so many finished ones are too many.
func (l Threshold) exceeded(failed, finished int64) bool {
	switch {
	case !l.Set:
		return false
	case l.Number >= 0:
		return failed > l.Number
	}
	return finished >= percentFrom && float64(failed)*100 > l.Percent*float64(finished)
}

// Of is so much of a whole.
func (l Threshold) Of(whole int64) int64 {
	if l.Number >= 0 {
		return l.Number
	}
	return int64(math.Round(l.Percent * float64(whole) / 100))
}

// Relative says whether the whole must be known.
func (l Threshold) Relative() bool { return l.Set && l.Number < 0 }
