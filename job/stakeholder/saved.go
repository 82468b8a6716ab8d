package stakeholder

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"rolecall/api/auth/whole"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/picklist"
)

// The values of csvio.PlanAction in a saved plan: what the plan does to the contact.
const (
	planAdd      = "add"
	planUpdate   = "update"
	planRemove   = "remove"
	planConflict = "conflict" // nothing: the file and somebody else changed the contact
)

// The columns of a saved plan that say what was on the deal when the plan was made. Both are empty if the contact was
// not on the deal.
const (
	nowRole   csvio.Field = "now_role"
	nowRoleID csvio.Field = "now_role_id"
)

// planColumns returns the columns of a saved plan. The column csvio.PlanAction marks it: only plan, apply and verify
// take it.
func planColumns() []csvio.Column {
	return []csvio.Column{
		{Name: string(csvio.PlanAction)},
		{Name: string(csvio.DealID), Kind: csvio.IDColumn}, {Name: string(csvio.ContactID), Kind: csvio.IDColumn},
		{Name: string(csvio.ContactName)},
		{Name: string(csvio.Role)}, {Name: string(csvio.RoleID), Kind: csvio.IDColumn},
		{Name: string(nowRole)}, {Name: string(nowRoleID), Kind: csvio.IDColumn},
	}
}

// withPlans returns the vocabulary of stakeholders with the columns of a saved plan.
func withPlans() *csvio.Vocabulary {
	v := csvio.Stakeholders()
	v.Columns = append(v.Columns, csvio.KnownColumn{Field: csvio.PlanAction}, csvio.KnownColumn{Field: nowRole},
		csvio.KnownColumn{Field: nowRoleID, IDs: true})
	return v
}

// writtenID returns the id in a column of a table that rolecall wrote. The columns of the deal and the contact must
// have an id, and the others may be empty. If the id cannot be read, writtenID sets the row's outcome.
func writtenID(in *csvio.Reader, row *job.Row, f csvio.Field) string {
	if in.Value(f) == "" && f != csvio.DealID && f != csvio.ContactID {
		return ""
	}
	id, err := csvio.ParseID(in.Value(f))
	if err != nil && row.Done == nil {
		row.Done = job.Reject(err.Code, string(f)+": "+err.Message, "")
	}
	return id
}

// savedRow turns the record of a saved plan that in read last into a row. Removals have the later phase.
func savedRow(in *csvio.Reader) (row job.Row) {
	row.Key, row.Item = writtenID(in, &row, csvio.DealID), writtenID(in, &row, csvio.ContactID)
	a := ask{
		role: role{writtenID(in, &row, csvio.RoleID), in.Value(csvio.Role)}, Planned: in.Value(csvio.PlanAction),
		Left: &before{role: role{writtenID(in, &row, nowRoleID), in.Value(nowRole)}},
	}
	switch a.Planned {
	case planAdd:
		a.Left.Absent = true
	case planUpdate:
	case planRemove:
		a.TakesOff, row.Phase = true, phaseRemovals
	case planConflict:
		a.Left.Absent = a.Left.role == role{}
	default:
		row.Done = job.Reject(job.CodeValueInvalid, fmt.Sprintf("%s is %q: it is %s, %s, %s or %s", csvio.PlanAction,
			a.Planned, planAdd, planUpdate, planRemove, planConflict), "")
	}
	if row.Done == nil && !a.TakesOff && a.role == (role{}) && a.Planned != planConflict {
		row.Done = job.Reject(job.CodeRoleMissing, "the row names no role", "")
	}
	row.Ask = job.Encode(a)
	return row
}

// resolveSaved finds the role of a row of a saved plan in the org's list. People may have edited the cell of its id or
// of its name, so both must be the same role.
func (w *work) resolveSaved(r *job.Row) {
	a := askOf(r)
	if a.TakesOff || a.Planned == planConflict {
		return
	}
	byID, errID := w.index.Find(picklist.Cell{Text: a.ID, ByID: true})
	byName, errName := w.index.Find(picklist.Cell{Text: strings.TrimSpace(a.Name)})
	found, err := byID, errID
	if a.ID == "" {
		found, err = byName, errName
	}
	switch {
	case err != nil:
		r.Done = job.Reject(job.CodeRoleUnknown, err.Error()+"; it has "+w.roles.String(), "")
		return
	case errName == nil && byName.ID != found.ID, errName != nil && a.Name != "":
		r.Done = job.Reject(job.CodeRoleMismatch, fmt.Sprintf(
			"role is %q, and role_id is that of %q: give the same role in both", a.Name, found.Name), "")
		return
	}
	a.role = role{found.ID, found.Name}
	r.Ask = job.Encode(a)
}

// Stdout is the value of Options.SavePlan for a plan on stdout.
const Stdout = "-"

// savePlan writes the saved plan of a dry run: its changes and conflicts, in the order of the deals. A new file is
// readable by its owner alone.
func savePlan(out *job.Output) error {
	o, err := job.OptionsOf[Options](out.Settings)
	if err != nil || o.SavePlan == "" {
		return err
	}
	if o.SavePlan == Stdout {
		return writePlan(out.Stdout, out.Rows, csvio.FormatCSV)
	}
	format, _ := csvio.FormatOf(o.SavePlan) // the command has checked it
	file, err := whole.Create(o.SavePlan)
	if err != nil {
		return err
	}
	defer file.Discard()
	if err := writePlan(file, out.Rows, format); err != nil {
		return fmt.Errorf("write %s: %w", o.SavePlan, err)
	}
	return file.Commit()
}

// writePlan writes the changes and conflicts of a dry run as a table.
func writePlan(to io.Writer, rows job.Results, format csvio.Format) error {
	table, err := csvio.NewTableWriter(to, planColumns(), csvio.TableOptions{Format: format})
	if err != nil {
		return err
	}
	for r, err := range byDeal(rows) {
		if err != nil {
			return err
		}
		cells := planCells(&r)
		if cells == nil {
			continue
		}
		if err := table.Write(cells); err != nil {
			return err
		}
	}
	return table.Close()
}

// planCells returns the row of a saved plan for a row of a dry run, or nil if the row changes nothing.
func planCells(r *job.Row) []csvio.Value {
	if r.Done == nil || r.Done.SameAs != 0 {
		return nil
	}
	a, now := askOf(r), job.Decoded[before](r.Done.Prior)
	var do string
	switch {
	case r.Done.Code == job.CodeConflict:
		do = planConflict
	case r.Done.Status != job.NotAttempted || r.Done.Prior == nil:
		return nil
	case a.TakesOff:
		do = planRemove
	case now.Absent:
		do = planAdd
	default:
		do = planUpdate
	}
	var cells []csvio.Value
	for _, text := range []string{do, r.Key, r.Item, now.Contact, a.Name, a.ID, now.Name, now.ID} {
		cells = append(cells, csvio.Value{Text: text})
	}
	return cells
}

// byDeal yields the rows that have a deal, sorted by deal. Each deal has its additions and updates first, then its
// removals.
func byDeal(rows job.Results) iter.Seq2[job.Row, error] {
	return func(yield func(job.Row, error) bool) {
		next, stop := iter.Pull2(rows.ByKey(phaseRemovals))
		defer stop()
		off, offErr, more := next()
		removals := func(before string, all bool) bool {
			for more && (all || offErr != nil || off.Key < before) {
				if !yield(off, offErr) {
					return false
				}
				off, offErr, more = next()
			}
			return true
		}
		for r, err := range rows.ByKey(0) {
			if err == nil && !removals(r.Key, false) || !yield(r, err) {
				return
			}
		}
		removals("", true)
	}
}
