package picklist

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// modelRow is a row of a table; the model knows nothing of how a run sends it.
type modelRow struct {
	id, name string
	position int
}

func (m modelRow) line() string {
	position := ""
	if m.position != 0 {
		position = fmt.Sprint(m.position)
	}
	return fmt.Sprintf("%s,%s,%s,-", m.id, m.name, position) // a row with nothing in it would be none
}

type modelRole struct{ id, name string }

// model is an org's list on which the rows are done one by one, as Zoho's documents describe each call (Zoho CRM API
// v7, Insert and Update Contact Roles; Kaizen #66).
type model struct {
	list []modelRole
	rows int // done so far: a role that comes has the row's number in place of an id
	// wishes is the wanted positions of roles by the latest row with one, in the order of these rows. moved reports
	// whether that row asks for nothing else.
	wishes []Wish
	moved  map[string]bool
}

func (m *model) byID(id string) int {
	return slices.IndexFunc(m.list, func(r modelRole) bool { return r.id == id })
}

func (m *model) byName(name string) int {
	return slices.IndexFunc(m.list, func(r modelRole) bool { return r.name == name })
}

// find returns the index of the role that a row without an id names: by the exact name, or by the name in any case. It
// returns -2 if several roles fit.
func (m *model) find(name string) int {
	if i := m.byName(name); i >= 0 {
		return i
	}
	found := -1
	for i, r := range m.list {
		switch {
		case !strings.EqualFold(r.name, name):
		case found >= 0:
			return -2
		default:
			found = i
		}
	}
	return found
}

// do does a row, and returns its action and code. The action "moved" stands for updated or unchanged, because that
// depends on when the position of a role is read.
func (m *model) do(r modelRow) string {
	m.rows++
	name := strings.TrimSpace(r.name)
	i := m.byID(r.id)
	if r.id == "" {
		i = m.find(name)
	}
	switch {
	case i == -2:
		return " ROLE_UNKNOWN"
	case utf8.RuneCountInString(name) > 50:
		if i >= 0 && r.id == "" {
			break
		}
		return " INVALID_DATA"
	case i < 0 && r.id != "":
		return " INVALID_DATA"
	case i < 0 && name == "":
		return " MANDATORY_NOT_FOUND"
	case i < 0 && len(m.list) == 100:
		return " LIMIT_EXCEEDED"
	case i < 0:
		at := len(m.list)
		if r.position > 0 {
			at = min(r.position-1, at)
		}
		role := modelRole{fmt.Sprint(m.rows), name}
		m.list = slices.Insert(m.list, at, role)
		m.wish(role.id, r.position, false)
		return "created SUCCESS"
	}
	role := &m.list[i]
	if r.id != "" && name != "" && name != role.name {
		if m.byName(name) >= 0 {
			return " DUPLICATE_DATA"
		}
		role.name = name
		m.wish(role.id, r.position, false)
		return "updated SUCCESS"
	}
	m.wish(role.id, r.position, true)
	if r.position == 0 {
		return "unchanged SUCCESS"
	}
	return "moved"
}

func (m *model) wish(id string, position int, moved bool) {
	if position == 0 {
		return
	}
	m.wishes = slices.DeleteFunc(m.wishes, func(w Wish) bool { return w.ID == id })
	m.wishes = append(m.wishes, Wish{ID: id, Position: position})
	m.moved[id] = moved
}

// names are those of the model's list, in any order.
func (m *model) names() (names []string) {
	for _, r := range m.list {
		names = append(names, r.name)
	}
	slices.Sort(names)
	return names
}

// The names of the property tests. Some differ only in case.
var someNames = []string{"Ann", "ANN", "Bob", "bob", "Cy", "Dee", "Eve", "Fay", "Gus"}

// drawList draws an org's list; inCase allows names that differ only in case.
func drawList(rt *rapid.T, inCase bool) []string {
	names := rapid.SliceOfNDistinct(rapid.SampledFrom(someNames), 1, 6, func(s string) string {
		if inCase {
			return s
		}
		return strings.ToLower(s)
	}).Draw(rt, "list")
	return names
}

func drawModelRows(rt *rapid.T, roles int, positions bool) (rows []modelRow) {
	for range rapid.IntRange(0, 9).Draw(rt, "rows") {
		var r modelRow
		if rapid.IntRange(0, 9).Draw(rt, "by id") < 5 {
			r.id = idOf(rapid.IntRange(1, roles+1).Draw(rt, "id")) // the last of them is nobody's
		}
		if rapid.IntRange(0, 9).Draw(rt, "named") < 8 {
			r.name = rapid.SampledFrom(append([]string{" Cy ", "HAL", "hal", longName + "x"}, someNames...)).
				Draw(rt, "name")
		}
		if positions && rapid.Bool().Draw(rt, "placed") {
			r.position = rapid.IntRange(1, roles+2).Draw(rt, "position")
		}
		rows = append(rows, r)
	}
	return rows
}

// repeats returns the row that a row may repeat in the results: both rows are equal, and no row between them did
// anything. It does not matter whether the repeat is sent, because it changes nothing or is refused again.
func repeats(rows []modelRow, i int) bool {
	for j := i - 1; j >= 0; j-- {
		a, b := rows[i], rows[j]
		if a.id == b.id && strings.TrimSpace(a.name) == strings.TrimSpace(b.name) && a.position == b.position {
			return true
		}
	}
	return false
}

// propertyRig makes rigs for a property, each in a folder of its own.
func propertyRigs(t testing.TB) func(emulator.Options) *rig {
	return func(o emulator.Options) *rig {
		return newVirtualRig(t, o)
	}
}

func linesOf(rows []modelRow) []string {
	lines := []string{"id,name,sequence_number,note"}
	for _, r := range rows {
		lines = append(lines, r.line())
	}
	return lines
}

// For any table, the org's list ends as if the rows were done one by one, and the results show this for each row.
func TestImportEqualsRowByRow(t *testing.T) {
	t.Parallel()
	newRig := propertyRigs(t)
	rapid.Check(t, func(rt *rapid.T) {
		names := drawList(rt, true)
		positions := rapid.Bool().Draw(rt, "positions")
		rows := drawModelRows(rt, len(names), positions)
		moves := rapid.SampledFrom([]string{"shift", "swap"}).Draw(rt, "role moves")
		r := newRig(emulator.Options{Org: orgOf(names...), RoleMoves: moves})
		m := &model{moved: map[string]bool{}}
		for i, name := range names {
			m.list = append(m.list, modelRole{idOf(i + 1), name})
		}
		var want []string
		for _, row := range rows {
			want = append(want, m.do(row))
		}
		res := r.runIn(rt, r.request(Import, linesOf(rows)...))
		got := r.outcomesOf()
		for i := range want {
			switch {
			case got[i] == want[i],
				want[i] == "moved" && (got[i] == "updated SUCCESS" || got[i] == "unchanged SUCCESS"):
			case repeats(rows, i) && got[i] == "unchanged SUCCESS" && strings.HasSuffix(want[i], "SUCCESS"):
			default:
				rt.Fatalf(
					"row %d of %q is %q, want %q\n%q, want %q\nlist %q",
					i+1,
					linesOf(rows)[1:],
					got[i],
					want[i],
					got,
					want,
					names,
				)
			}
		}
		var now List
		list := r.roles()
		for _, role := range list {
			now = append(now, apiRole(role))
		}
		if d := gocmp.Diff(m.names(), sorted(now.Names())); d != "" {
			rt.Fatalf("%q to %q:\n%s", linesOf(rows), names, d)
		}
		// Each role is at the position that its latest row wants.
		ids, there := map[string]string{}, map[string]bool{}
		for i, row := range r.tableRows(filepath.Join(r.Dir, "run", rundir.Results)) {
			ids[fmt.Sprint(i+1)] = row["rc_role_id"]
			if want[i] == "moved" { // whether it was there already is in the results only
				there[row["rc_role_id"]] = got[i] == "unchanged SUCCESS"
			}
		}
		var come, are []Wish
		for _, w := range m.wishes {
			moved := m.moved[w.ID]
			if w.ID = cmp.Or(ids[w.ID], w.ID); moved && there[w.ID] {
				are = append(are, w)
			} else {
				come = append(come, w)
			}
		}
		if wished := now.Arrange(append(come, are...)); !wished.SameOrder(now) {
			rt.Fatalf("%q to %q:\n%q\n%q is wished", linesOf(rows)[1:], names, now.Names(), wished.Names())
		}
		r.planHeld(rt, res, !positions) // how Zoho moves other roles decides whether a role is in its place already
	})
}

func sorted(names []string) []string { slices.Sort(names); return names }

// runIn is run within a property.
func (r *rig) runIn(rt *rapid.T, q request) *job.Result {
	res, err := start(r.T.Context(), q)
	if err != nil || res.Stop != nil {
		rt.Fatalf("%+v, %v\n%s", res, err, read(r.T, q.Input))
	}
	r.sums(q.RunDir, res)
	if r.T.Failed() {
		rt.Fatalf("%s", read(r.T, q.Input))
	}
	return res
}

// planHeld compares the run with its plan: if no row failed, as many roles were created, deleted and renamed as
// planned, and no more calls were made.
func (r *rig) planHeld(rt *rapid.T, res *job.Result, foreseeable bool) {
	calls, plan := r.Front.Sent(), res.Summary.Roles
	if foreseen := int64(len(plan.Refusals)) + plan.Unusable; foreseen > res.Summary.Rows.Error {
		rt.Fatalf("%d rows failed, and %d were to: %q", res.Summary.Rows.Error, foreseen, plan.Refusals)
	}
	if res.Summary.Rows.Error > 0 {
		return
	}
	if got := int64(len(calls)); got > plan.Calls+1 {
		rt.Fatalf(
			"%d calls, and %d were foretold beside the first:\n%s\n%s",
			got,
			plan.Calls,
			strings.Join(calls, "\n"),
			read(r.T, filepath.Join(r.Dir, "input.csv")),
		)
	}
	if got := plan.Count(report.CreateRole); got != res.Summary.Rows.Created {
		rt.Fatalf("%d were created, and %d foretold", res.Summary.Rows.Created, got)
	}
	if got := plan.Unchanged; foreseeable && got != res.Summary.Rows.Unchanged {
		rt.Fatalf("%d were unchanged, and %d foretold", res.Summary.Rows.Unchanged, got)
	}
	if plan.Unusable != 0 {
		rt.Fatalf("no row failed, and the plan has %+v", plan)
	}
	deleted := res.Summary.Rows.Deleted + res.Summary.Roles.Pruned
	if got := plan.Count(report.DeleteRole); got != deleted {
		rt.Fatalf("%d were deleted, and %d foretold", deleted, got)
	}
}

// If Zoho accepts positions but does not move roles, exactly the rows of roles at wrong positions fail.
func TestPositionsThatZohoKeeps(t *testing.T) {
	t.Parallel()
	newRig := propertyRigs(t)
	rapid.Check(t, func(rt *rapid.T) {
		names := drawList(rt, false)
		var rows []modelRow
		var wishes []Wish
		for i, name := range names {
			if p := rapid.IntRange(0, len(names)).Draw(rt, "position"); p > 0 {
				rows = append(rows, modelRow{idOf(i + 1), name, p})
			}
		}
		r := newRig(emulator.Options{Org: orgOf(names...), RoleMoves: "keep"})
		res := r.runIn(rt, r.request(Import, linesOf(rows)...))
		var now List
		for _, role := range r.roles() {
			now = append(now, apiRole(role))
		}
		for _, came := range []bool{true, false} { // those that come are named first
			for _, row := range rows {
				if (now.At(row.id) != row.position) == came {
					wishes = append(wishes, Wish{ID: row.id, Position: row.position})
				}
			}
		}
		target, differs := now.Arrange(wishes), 0
		for i, row := range rows {
			code, is, to := r.results("rc_code")[i], now.At(row.id), target.At(row.id)
			if (code == job.CodePositionDiffers) != (is != to) {
				rt.Fatalf(
					"%q in %q: row %d is %q; it is at %d, and was to be at %d",
					linesOf(rows)[1:],
					names,
					i+1,
					code,
					is,
					to,
				)
			}
			if is != to {
				differs++
			}
		}
		if calls := r.Front.Sent(); int64(len(calls)) > res.Summary.Roles.Calls+1 {
			rt.Fatalf("%d calls, and %d were foretold beside the first", len(calls), res.Summary.Roles.Calls)
		}
		if got := res.Summary.Roles.Differs; len(got) != differs || !slices.Equal(r.list(), names) {
			rt.Fatalf("%+v, list %q", got, r.list())
		}
	})
}
