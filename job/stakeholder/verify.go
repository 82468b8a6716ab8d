package stakeholder

import (
	"fmt"
	"strconv"

	"rolecall/csvio"
	"rolecall/job"
)

// verifies returns the outcome of a row of verify: whether the deal matches the row. The deal was read.
func (d *deal) verifies(r *job.Row) job.Outcome {
	a := askOf(r)
	if d.unread != nil {
		return job.Refuse(r.N, d.unread)
	}
	if a.Empty {
		return d.verifiesEmpty(r)
	}
	now, want := d.now(r.Item), before{role: a.role, Absent: a.TakesOff}
	var o job.Outcome
	switch {
	case d.same(now, want):
		o = job.Settle(r.N, job.ActionMatch, "the deal is as the row says", 0)
	case now.Absent:
		o = rejected(r, job.CodeMissing, fmt.Sprintf("the row says %s, and the contact is off the deal", want))
	default:
		o = rejected(r, job.CodeDiffers, fmt.Sprintf("the row says %s, and the contact is %s", want, now))
	}
	o.Prior = job.Encode(now)
	return o
}

// verifiesEmpty returns the outcome of a row that says that nobody is on the deal. Contacts that other rows name are
// allowed, because people may have added them to the file.
func (d *deal) verifiesEmpty(r *job.Row) job.Outcome {
	if others := d.missing(); len(others) > 0 {
		who := "a contact is"
		if n := len(others); n > 1 {
			who = fmt.Sprintf("%d contacts are", n)
		}
		return rejected(r, job.CodeDiffers, fmt.Sprintf("the row says that nobody is on the deal, and %s on it whom "+
			"no row names, such as contact %s", who, others[0]))
	}
	o := *noStakeholder()
	o.Row = r.N
	return o
}

// Wanted returns the input of a verify of an earlier run: what its rows wanted, as the table of a saved plan.
func Wanted(earlier *job.Earlier) (*job.Kind, *job.Made, error) {
	name := earlier.Kind.Name
	if name != Assign && name != Remove && name != Apply && name != Undo {
		return nil, nil, &job.UsageError{Err: fmt.Errorf("%s is a run of %s, and verify takes only runs of %s, %s, %s "+
			"and %s", earlier.Name, name, Assign, Remove, Apply, Undo)}
	}
	made, err := earlier.Taken(append([]csvio.Column{{Name: "run_row", Kind: csvio.PlainColumn}}, planColumns()...),
		func(r *job.Row) []csvio.Value { return wantedCells(name, r) })
	return kind(Verify), made, err
}

// wantedCells returns what a row of a run of the job name wanted, or nil if the row wanted nothing: it could never be
// sent, it followed another row, or it left its contact alone.
func wantedCells(name string, r *job.Row) []csvio.Value {
	a := askOf(r)
	off := name == Remove || a.TakesOff
	switch {
	case r.Key == "" || r.Item == "" || !off && a.role == (role{}):
		return nil
	case r.Unsendable && r.Done != nil && !r.Done.OK():
		return nil
	case r.Done != nil && (r.Done.SameAs != 0 || r.Done.Code == job.CodeSuperseded):
		return nil
	case r.Extra && r.Unsendable: // the contact was to stay
		return nil
	case r.Done != nil && r.Done.OK() && r.Done.Message == leftAlone:
		return nil
	}
	do := planUpdate
	if off {
		do = planRemove
	}
	var cells []csvio.Value
	for _, text := range []string{strconv.FormatInt(r.N, 10), do, r.Key, r.Item, "", a.Name, a.ID, "", ""} {
		cells = append(cells, csvio.Value{Text: text})
	}
	return cells
}
