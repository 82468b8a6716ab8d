package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newTestGroups returns groups that know two codes of rolecall's own, of which ID_ROUNDED is grave.
func newTestGroups() *Groups {
	return NewGroups(
		func(code string) bool { return code == codeRoleUnknown || code == "ID_ROUNDED" },
		func(code string) bool { return code == "ID_ROUNDED" },
		func(string, string) string { return "" })
}

// A group of rows with one code lists its values with their rows, such as six names in 129 rows.
func TestGroupsListTheirValues(t *testing.T) {
	t.Parallel()
	g := newTestGroups()
	for line := range int64(129) {
		g.Add(codeRoleUnknown, fmt.Sprintf("the org has no role %q; it has A", "R"+fmt.Sprint(min(line%10, 5))), "", line+2)
	}
	g.Add("ID_ROUNDED", `deal_id: "4.1E+18" is a rounded number`, "", 200)
	s := Summary{
		Command: "assign", Input: Input{Name: "in.csv"}, State: DryRun, Rows: Rows{Total: 130, Error: 130}, Errors: g.List(),
	}
	got := groupsText(t, s)
	want := lines(
		"  failed",
		`    1 × ID_ROUNDED: deal_id: "4.1E+18" is a rounded number (first at in.csv:200)`,
		`    129 × ROLE_UNKNOWN, such as: the org has no role "R0"; it has A (first at in.csv:2, then 3, 4, 5, 6 …)`,
		`      64 × "R5" (lines 7, 8, 9, 10, 11 …)`,
		`      13 × "R0" (lines 2, 12, 22, 32, 42 …)`,
		`      13 × "R1" (lines 3, 13, 23, 33, 43 …)`,
		`      13 × "R2" (lines 4, 14, 24, 34, 44 …)`,
		`      13 × "R3" (lines 5, 15, 25, 35, 45 …)`,
		`      13 × "R4" (lines 6, 16, 26, 36, 46 …)`,
	)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("text (-want +got):\n%s", d)
	}

	s.UnknownRoles = &UnknownRoles{Names: []UnknownRole{{Name: "r5", Rows: 64}, {Name: "R1", Rows: 13}}}
	var b strings.Builder
	_ = s.WriteText(&b)
	for _, want := range []string{
		"    \"r5\" in 64 rows: lines 7, 8, 9, 10, 11 …\n", "    \"R1\" in 13 rows: lines 3, 13, 23, 33, 43 …\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	if strings.Contains(b.String(), `64 × "R5"`) {
		t.Errorf("the names are listed twice:\n%s", &b)
	}
}

// groupsText returns what people read of the errors.
func groupsText(t *testing.T, s Summary) string {
	t.Helper()
	var b strings.Builder
	s.groups(&b)
	return b.String()
}

// The memory of groups is bounded, and the text says where the other rows are. A dry run has no file of failed rows.
func TestGroupsSayWhereTheRestIs(t *testing.T) {
	t.Parallel()
	g := newTestGroups()
	for line := range int64(1_000) {
		g.Add(codeRoleUnknown, fmt.Sprintf("the org has no role %q", fmt.Sprint(line)), "", line)
	}
	for code := range topGroups {
		g.Add(fmt.Sprint("ZOHO_", code), "no", "", 1)
		g.Add(fmt.Sprint("ZOHO_", code), "no", "", 2)
	}
	g.Add("ID_ROUNDED", `"1E9"`, "", 5)
	s := Summary{Input: Input{Name: "in.csv"}, State: DryRun, Errors: g.List()}
	for _, group := range s.Errors {
		if len(group.Values) > mostValues || len(group.Lines) > mostLines {
			t.Errorf("%s keeps %d values and %d lines", group.Code, len(group.Values), len(group.Lines))
		}
	}
	for files, where := range map[Files]string{
		{}:                       "--results FILE writes all rows",
		{Results: "r.csv"}:       "in r.csv",
		{Failed: "run/fail.csv"}: "in run/fail.csv",
	} {
		s.Files = files
		got := groupsText(t, s)
		for _, want := range []string{
			"  failed\n    1 × ID_ROUNDED", "      and other values in 994 rows, " + where + "\n", "    and 2 more kinds, " + where + "\n",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
	}
}
