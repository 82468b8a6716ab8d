package stakeholder

import (
	"slices"

	"rolecall/csvio"
	"rolecall/job"
)

// Check checks the ids, names and e-mails of a table as assign does. It needs no org.
type Check struct {
	Nameable int // how many rows with a rounded id give a name or an e-mail, so that --repair-ids may restore the id

	survey *survey
}

// NewCheck returns a Check of a file.
func NewCheck(file string) *Check { return &Check{survey: newSurvey(Assign, job.Settings{}, file)} }

// Row returns what is wrong with the deal or contact of the row that in read last, or nil.
func (c *Check) Row(in *csvio.Reader, rec *csvio.Record) *job.Outcome {
	row := c.survey.row(in, rec)
	if row.Done == nil || !slices.Contains([]string{job.CodeIDMissing, job.CodeIDInvalid, job.CodeIDRounded}, row.Done.Code) {
		return nil
	}
	if row.Done.Code == job.CodeIDRounded && !blank(in, csvio.DealName, csvio.ContactEmail, csvio.ContactName) {
		c.Nameable++
	}
	return row.Done
}

// End checks the table as a whole. An error means that every run refuses the table. doubt is a warning, or "".
func (c *Check) End(in *csvio.Reader) (doubt string, err error) {
	err = c.survey.End(in, func(string) {}, func(text string) {
		if text != in.ForeignIDs() {
			doubt = text
		}
	})
	return doubt, err
}
