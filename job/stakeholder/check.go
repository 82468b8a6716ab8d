package stakeholder

import (
	"slices"

	"rolecall/csvio"
	"rolecall/job"
)

// Check looks at the ids, names and e-mails of a table as assign does, without an org.
type Check struct {
	Nameable int // rounded ids whose rows give a name or an e-mail, so that --repair-ids may restore them

	survey *survey
}

// NewCheck returns a Check of a file.
func NewCheck(file string) *Check { return &Check{survey: newSurvey(Assign, job.Settings{}, file)} }

// Row returns what is wrong with how the row that in read last names its deal and its contact, or nil.
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

// End checks the table as a whole. An error means that no run takes it, and doubt is a warning.
func (c *Check) End(in *csvio.Reader) (doubt string, err error) {
	err = c.survey.End(in, func(string) {}, func(text string) {
		if text != in.ForeignIDs() {
			doubt = text
		}
	})
	return doubt, err
}
