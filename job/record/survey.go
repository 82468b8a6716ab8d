package record

import (
	"strings"

	"rolecall/csvio"
	"rolecall/job"
)

// survey turns the records of an input into rows.
type survey struct {
	job      string
	accept   bool // send ids that look rounded
	rounding csvio.Rounding
}

func newSurvey(name string, set job.Settings, input string) *survey {
	return &survey{job: name, accept: set.AcceptRoundedIDs, rounding: csvio.Rounding{File: input}}
}

// Row implements job.Survey.
func (s *survey) Row(in *csvio.Reader, rec *csvio.Record) (row job.Row, err error) {
	if row.Done = job.Malformed(rec); row.Done != nil {
		return row, nil
	}
	inserts := s.job == Insert || s.job == Upsert
	if code, message := in.Earlier(); inserts && code == job.CodeOutcomeUnknown { // sent blindly, it may insert twice
		const notSent = "not sent: the row may have taken effect in an earlier run: "
		row.Done = job.Reject(code, notSent+strings.TrimPrefix(message, notSent), "")
		return row, nil
	}
	var a ask
	if s.job == Update || s.job == Delete {
		id, err := csvio.ParseID(in.Value(ID))
		if err != nil {
			row.Done = job.Reject(err.Code, string(ID)+": "+err.Message, "")
			return row, nil //nolint:nilerr // row.Done holds the error
		}
		s.rounding.Observe(ID, id, rec.Line)
		a.ID, row.Key = id, id
	}
	if s.job == Delete {
		row.Item = a.ID // a second row of the record repeats the first
	} else {
		a.Cells = in.Values()
	}
	row.Ask = job.Encode(a)
	return row, nil
}

// End implements job.Survey. It refuses a file whose ids a program or a spreadsheet rounded.
func (s *survey) End(_ *csvio.Reader, _, warn func(string)) error {
	if s.accept {
		return nil
	}
	return s.rounding.Judge(warn)
}
