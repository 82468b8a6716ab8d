package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"rolecall/csvio"
	"rolecall/csvio/alike"
	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rolemap"
	"rolecall/job/stakeholder"
)

// firstRows is how many rows of a file doctor checks: enough to see whether a spreadsheet changed the ids, and quick to
// read.
const firstRows = 1000

// shownTroubles is the most rows with a mistake that a message names.
const shownTroubles = 3

// seen counts the mistakes in the first rows of a file.
type seen struct {
	rows          int
	malformed     []string
	ids           []string
	check         *stakeholder.Check
	roles         []string            // rows with a wrong role and no role name
	unknown       report.UnknownCount // the role names that the org does not have
	malformedRows int
	idRows        int
	roleRows      int
	checkRole     func(*csvio.Reader) (id string, err error) // nil: the org's roles are not known
	presence      *stakeholder.Presence                      // nil: the org is not known
	lookErr       error                                      // of presence
	contradictions
}

// rows checks the first rows.
func (d *Doctor) rows(ctx context.Context, table *csvio.Reader, file File) {
	found := seen{check: stakeholder.NewCheck(file.Path)}
	if d.session != nil {
		found.presence = stakeholder.NewPresence(d.session.client, d.version, func(string) {})
		found.presence.All = file.Deep
		if err := found.presence.Keys(ctx, d.session.client, file.External); err != nil {
			d.fail(d.trouble(err), "external-id", err.Error(), "give a field that holds the old keys, or make one in Zoho")
			found.presence = nil
		}
	}
	if d.orgRoles != nil {
		found.checkRole = stakeholder.RoleCheck(d.orgRoles)
	}
	end := found.read(ctx, table)
	d.rowIDs(table, &found)
	switch {
	case end != nil:
		d.fail(Configuration, "rows", end.Error(), "correct the file there")
	case found.malformedRows > 0:
		d.warn("rows", fmt.Sprintf("%d of the first %d rows are malformed: %s",
			found.malformedRows, found.rows, join(found.malformed)),
			"correct those rows; a run would put them into failed.csv")
	case found.rows == 0:
		d.warn("rows", "there is a header and no row: a run of it does nothing", "give the right file")
	default:
		d.ok("rows", "the first %d are well-formed", found.rows)
	}
	if n := table.Hidden(); n > 0 {
		hidden := report.Hidden{Rows: int64(n), Of: int64(found.rows)}
		d.warn("hidden", "of the first rows, "+hidden.Count(), "--hidden skip leaves them out, --hidden include takes "+
			"them; without it, assign takes them and remove stops")
	}
	d.rowRoles(&found, file)
	d.inOrg(ctx, &found)
	if n := found.superseded(); n > 0 {
		d.warn("contradictions", fmt.Sprintf("%d of the first %d rows have another role than the last row of the "+
			"same contact and deal: %s", n, found.rows, join(found.shown)),
			"take the wrong rows out; assign sends the last one, and the others fail as SUPERSEDED "+
				"(with --contradictions last they are unchanged)")
	}
}

// rowIDs reports whether the rows name their deals and contacts in a way that a run accepts.
func (d *Doctor) rowIDs(table *csvio.Reader, found *seen) {
	doubt, wrong := found.check.End(table)
	switch problem, unusable := errors.AsType[*csvio.FileError](wrong); {
	case unusable:
		hint := problem.Hint
		problem.Hint = ""
		d.fail(Configuration, "ids", problem.Error(), hint)
	case found.idRows > 0:
		text := fmt.Sprintf("%d of the first %d rows have no usable id, name or e-mail: %s",
			found.idRows, found.rows, join(found.ids))
		if doubt != "" {
			text += "; " + doubt
		}
		next := "correct those rows; a run would put them into failed.csv"
		if n := found.check.Nameable; n > 0 {
			next += fmt.Sprintf("; --repair-ids restores rounded ids where the name or e-mail of the row proves them: "+
				"%d of these rows give one", n)
		}
		d.warn("ids", text, next)
	case doubt != "":
		d.warn("ids", doubt, "if the rows are wrong, export the file again and keep the ids as text; with --repair-ids a "+
			"run restores rounded ids where the name or e-mail of the row proves them")
	case found.rows == found.malformedRows:
		d.skip("ids")
	default:
		d.ok("ids", "of the first %d rows, all are whole", found.rows)
	}
}

// rowRoles reports whether the org has the roles in the first rows, and saves the names that it does not have.
func (d *Doctor) rowRoles(found *seen, file File) {
	if found.checkRole == nil || found.rows == found.malformedRows {
		d.skip("row-roles")
		return
	}
	if err := stakeholder.CheckMap(file.RoleMap, d.orgRoles); err != nil {
		d.fail(Configuration, "role-map", err.Error(), "give "+rolemap.Flag+" roles of the org's list (roles, above)")
	}
	if open := file.RoleMap.Open(); len(open) > 0 {
		d.warn("role-map", rolemap.OpenText(open), "fill in the second column, else those rows fail")
	}
	if found.roleRows == 0 {
		d.ok("row-roles", "the org has each role of the first %d rows", found.rows)
		return
	}
	unknown := found.unknown.List(d.orgRoles.Names())
	texts, next := found.roles, "use roles of the org's list (roles, above), or add them in Zoho first; "+
		"assign would put those rows into failed.csv, remove does not look at roles"
	if unknown != nil {
		texts = append([]string{unknown.String()}, texts...)
		next += "; " + report.UnknownAdvice
	}
	d.show(Check{
		Name: "row-roles", Status: statusWarning, Next: next, UnknownRoles: unknown,
		Message: fmt.Sprintf("%d of the first %d rows have no role of the org's: %s",
			found.roleRows, found.rows, join(texts)),
	})
	if unknown == nil || file.SaveRoleMap == "" {
		return
	}
	if err := rolemap.Save(file.SaveRoleMap, unknown); err != nil {
		d.fail(Configuration, "role-map", err.Error(), "give a file that can be written")
		return
	}
	d.ok("role-map", "the unknown roles of the first %d rows are in %s, to fill in", found.rows, file.SaveRoleMap)
}

// inOrg reports whether the org has the deals and contacts of the file.
func (d *Doctor) inOrg(ctx context.Context, found *seen) {
	if found.presence == nil || found.rows == found.malformedRows {
		return
	}
	looked, missing, none, err := found.presence.End(ctx)
	err = cmp.Or(found.lookErr, err)
	switch {
	case err != nil:
		d.warn("in-org", "the deals and contacts of the file could not be looked up: "+err.Error(), "try again later")
	case len(looked) == 0:
	case none:
		d.warn("in-org", "not in this org: "+strings.Join(missing, "; "),
			"is this the file of another org? A run would put those rows into failed.csv")
	case len(missing) > 0:
		d.warn("in-org", "not in this org: "+strings.Join(missing, "; "),
			"correct those rows, or add the records first; a run would put them into failed.csv")
	default:
		d.ok("in-org", "this org has the deals and contacts that were looked up: %s", join(looked))
	}
}

// read checks up to firstRows rows, and with --deep looks up all rows. The error is why the rest of the file cannot be
// read.
func (s *seen) read(ctx context.Context, table *csvio.Reader) error {
	for s.rows < firstRows || s.presence != nil && s.presence.All {
		rec, err := table.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var bad *job.Outcome
		if rec.Malformed == nil {
			bad = s.check.Row(table, rec)
		}
		if rec.Malformed == nil && bad == nil && s.presence != nil && s.lookErr == nil {
			s.lookErr = s.presence.Add(ctx, table)
		}
		if s.rows == firstRows { // --deep
			continue
		}
		s.rows++
		if rec.Malformed != nil {
			s.malformedRows++
			s.malformed = named(s.malformed, rec.Malformed.Error())
			continue
		}
		if bad != nil {
			s.idRows++
			s.ids = named(s.ids, fmt.Sprintf("line %d, %s", rec.Line, bad.Message))
		}
		s.lookAtRole(table, rec.Line)
	}
	return nil
}

// lookAtRole compares the role of a row with the org's roles. A row without a contact needs no role: an export writes
// such a row for a deal without stakeholders.
func (s *seen) lookAtRole(table *csvio.Reader, line int) {
	role, roleID := table.Value(csvio.Role), table.Value(csvio.RoleID)
	if s.checkRole == nil || table.Value(csvio.ContactID) == "" && role == "" && roleID == "" {
		return
	}
	id, err := s.checkRole(table)
	if err != nil {
		s.roleRows++
	}
	switch {
	case err != nil && alike.Trim(role) != "":
		s.unknown.Add(role)
		return
	case err != nil:
		s.roles = named(s.roles, fmt.Sprintf("line %d: %v", line, err))
		return
	}
	s.compare(table, line, id)
}

// named appends a trouble to the list that a message shows, up to shownTroubles.
func named(list []string, trouble string) []string {
	switch {
	case len(list) < shownTroubles:
		return append(list, trouble)
	case len(list) == shownTroubles:
		return append(list, "...")
	}
	return list
}
