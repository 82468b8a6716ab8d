package picklist

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
)

// The most rows and bytes of a table of roles, which stays in memory. An org has at most 100 roles, so a larger table
// is a wrong file.
const (
	mostRows  = 10_000
	mostBytes = 16 << 20
)

// shownUnread is the most columns that get a note because they are not read.
const shownUnread = 10

// theKey is the key of every row, so that one worker sends all rows of a run in order.
const theKey = "list"

// survey turns the records of a table into rows.
type survey struct {
	Options

	job, input string
	accept     bool // send ids that look rounded
	rounding   csvio.Rounding
	rows, size int
	ask        json.RawMessage // of the previous row
	item       string          // of the previous row
}

func newSurvey(name string, set job.Settings, input string) *survey {
	s := &survey{job: name, input: input, accept: set.AcceptRoundedIDs, rounding: csvio.Rounding{File: input}}
	s.Options, _ = job.OptionsOf[Options](set) // Begin returns the error
	s.ByName = s.ByName || name == Copy
	return s
}

// Row implements job.Survey.
func (s *survey) Row(in *csvio.Reader, rec *csvio.Record) (job.Row, error) {
	s.rows, s.size = s.rows+1, s.size+rec.Size
	if s.rows > mostRows || s.size > mostBytes {
		return job.Row{}, fmt.Errorf(
			"%s:%d: the table has more than %d rows or %d MiB, and an org has %d roles at most: "+
				"is it a table of roles? (--limit takes the first rows of it)",
			s.input, rec.Line, mostRows, mostBytes>>20, MostRoles)
	}
	a, bad := s.read(in, rec)
	r := job.Row{Key: theKey, Ask: job.Encode(a), Done: bad}
	if s.job == Import && bad == nil { // a row that says the same as the row before it is not sent
		if !bytes.Equal(r.Ask, s.ask) {
			s.ask, s.item = r.Ask, strconv.Itoa(s.rows)
		}
		r.Item = s.item
	}
	return r, nil
}

// read reads one record. bad says what is wrong with the record; nil: nothing.
func (s *survey) read(in *csvio.Reader, rec *csvio.Record) (a ask, bad *job.Outcome) {
	if bad = job.Malformed(rec); bad != nil {
		return a, bad
	}
	if name := strings.TrimSpace(in.Value(Name)); alike.Shown(name) != "" {
		a.Name = name
	}
	if s.job == Undo {
		a.Undo = readTaking(in)
	}
	if cell := in.Value(ID); alike.Trim(cell) != "" && !s.ByName {
		id, err := csvio.ParseID(cell)
		if err != nil {
			return a, job.Reject(err.Code, string(ID)+": "+err.Message, "")
		}
		s.rounding.Observe(ID, id, rec.Line)
		a.ID = id
	}
	if cell := alike.Trim(in.Value(Sequence)); cell != "" {
		n, err := strconv.ParseUint(cell, 10, 31)
		if err != nil || n == 0 {
			return a, job.Reject(job.CodeSequenceInvalid, fmt.Sprintf(
				"%s: %.60q is no position in a list: it is a whole number from 1 on", Sequence, cell), "")
		}
		a.Position = int(n) //nolint:gosec // ParseUint allows 31 bits
	}
	return a, nil
}

// End implements job.Survey.
func (s *survey) End(in *csvio.Reader, say, warn func(string)) error {
	if !s.accept {
		if err := s.rounding.Judge(warn); err != nil {
			return err
		}
	}
	for i, column := range in.Unread() {
		if i == shownUnread {
			say(fmt.Sprintf("%d more columns are not read", len(in.Unread())-i))
			break
		}
		say(fmt.Sprintf("the column %q is not read: roles have %s, %s and %s (--map names other columns)",
			column, ID, Name, Sequence))
	}
	if s.Prune && s.rows == 0 {
		return fmt.Errorf("%s has no rows, so --prune would delete every role of the org; give the right table",
			s.input)
	}
	return nil
}
