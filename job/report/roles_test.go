package report

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteTextOfRoles(t *testing.T) {
	t.Parallel()
	var many []RoleStep
	var beyond []string
	for n := range 62 {
		many = append(many, RoleStep{Do: DeleteRole, Name: fmt.Sprintf("R%02d", n)})
	}
	for n := range 14 {
		beyond = append(beyond, fmt.Sprintf("R%02d", n))
	}
	for _, test := range []struct {
		name string
		plan Roles
		want string
	}{
		{"nothing", Roles{Steps: []RoleStep{}}, lines("  plan     nothing to do")},
		{"each step", Roles{
			Steps: []RoleStep{
				{Do: CreateRole, Row: 1, Name: "New", To: 2}, {Do: CreateRole, Row: 2, Name: "Last"},
				{Do: RenameRole, ID: "11", Name: "A", NewName: `B "x"`},
				{Do: MoveRole, ID: "12", Name: "C", From: 3, To: 1},
				{Do: MoveRole, ID: "14", Name: "F", From: 2, To: 2}, {Do: DeleteRole, ID: "13", Name: "D\nE"},
			},
			Unchanged: 1200, Unusable: 2, Refusals: []string{"row 3: x", "row 4: y"}, Beyond: []string{"X", "Y"},
			Reads: 2, Calls: 6, CreditsLeft: 90, Fits: true,
		}, lines(
			"  plan     2 to create, 1 to rename, 2 to move, 1 to delete, 1,200 unchanged, 2 cannot be sent, "+
				"2 Zoho will refuse",
			`    create   "New" at 2`,
			`    create   "Last"`,
			`    rename   "A" to "B \"x\""`,
			`    move     "C" from 3 to 1`,
			`    move     "F" past other roles; its position stays 2`,
			`    delete   "D\nE"`,
			`    refused  row 3: x`,
			`    refused  row 4: y`,
			`           not in the file, and left: "X", "Y" (--prune deletes such roles, if no row fails)`,
			"  price    about 6 calls, and 2 reads before them; 90 credits left")},
		{
			"very many", Roles{Steps: many, Refusals: make([]string, 12), Beyond: beyond, Calls: 1, CreditsLeft: -1},
			lines(slices.Concat(
				[]string{"  plan     62 to delete, 12 Zoho will refuse"}, stepLines(many[:60]),
				[]string{"    and 2 more"}, slices.Repeat([]string{"    refused  "}, 10),
				[]string{
					"    and 2 more that Zoho will refuse",
					`           not in the file, and left: "R00", "R01", "R02", "R03", "R04", "R05", "R06", "R07", ` +
						`"R08", "R09", "R10", "R11", and 2 more (--prune deletes such roles, if no row fails)`,
					"  price    about 1 call, and 0 reads before them, a credit each",
					"  credits  " + creditsText(-1, false),
				})...),
		},
	} {
		var b bytes.Buffer
		if err := test.plan.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(test.want, b.String()); d != "" {
			t.Errorf("%s:\n%s", test.name, d)
		}
	}
}

func stepLines(steps []RoleStep) (all []string) {
	for _, s := range steps {
		all = append(all, fmt.Sprintf("    delete   %q", s.Name))
	}
	return all
}

// full is a writer that always fails, like a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

func TestWriteTextOfRolesTellsTrouble(t *testing.T) {
	t.Parallel()
	if err := (&Roles{}).WriteText(full{}); err == nil {
		t.Error("no error")
	}
}

// The summary shows deletions and wrong positions of roles, and only if there are any.
func TestSummaryOfRoles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		roles Roles
		says  []string
		not   []string
	}{
		{Roles{}, nil, []string{"pruned", "order "}},
		{
			Roles{Pruned: 2}, []string{"  pruned   2 deleted that the file does not name\n"},
			[]string{"order ", "not deleted"},
		},
		{Roles{NotPruned: 3}, []string{"  pruned   3 not deleted\n"}, nil},
		{Roles{Pruned: 1, NotPruned: 1, Differs: []RoleStep{{Do: MoveRole, Name: "A", From: 4, To: 1}}},
			[]string{
				"1 deleted that the file does not name, 1 not deleted\n", "  order    differs",
				"    \"A\" is at 4, not at 1\n",
			}, nil,
		},
	} {
		var b bytes.Buffer
		sum := Summary{
			Command: "roles sync", State: Finished, Rows: Rows{Total: 1, Success: 1, Created: 1}, Roles: &test.roles,
		}
		if err := sum.WriteText(&b); err != nil {
			t.Fatal(err)
		}
		for _, text := range test.says {
			if !strings.Contains(b.String(), text) {
				t.Errorf("%+v: %s does not say %q", test.roles, b.String(), text)
			}
		}
		for _, text := range test.not {
			if strings.Contains(b.String(), text) {
				t.Errorf("%+v: %s says %q", test.roles, b.String(), text)
			}
		}
	}
	// A dry run says the plan.
	var b bytes.Buffer
	sum := Summary{
		Command: "roles sync", State: DryRun, Rows: Rows{Total: 1, NotAttempted: 1},
		Roles: &Roles{Steps: []RoleStep{{Do: CreateRole, Name: "New"}}, Calls: 2, CreditsLeft: -1},
	}
	if err := sum.WriteText(&b); err != nil || !strings.Contains(b.String(), `create   "New"`) ||
		!strings.Contains(b.String(), "nothing was sent") {
		t.Errorf("%s, %v", b.String(), err)
	}
}
