package crm_test

import (
	"strings"
	"testing"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// alphabet is an org of six roles with one letter each, so that an order is a word.
const alphabet = `{"contact_roles": [{"id":"11","name":"A"},{"id":"12","name":"B"},{"id":"13","name":"C"},{"id":"14",` +
	`"name":"D"},{"id":"15","name":"E"},{"id":"16","name":"F"}]}`

func inOrder(word string) string {
	var names []string
	for letter := range strings.SplitSeq(word, "") {
		names = append(names, letter+" 1"+string('1'+letter[0]-'A'))
	}
	return rig.PicklistOf(names...)
}

// An update of positions moves the roles as a person would.
func TestRoleMoves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, items string
		shift, swap string // the order afterwards
	}{
		{"up", `{"id":"15","sequence_number":2}`, "AEBCDF", "AECDBF"},
		{"down", `{"id":"12","sequence_number":5}`, "ACDEBF", "AECDBF"},
		{"to the top", `{"id":"16","sequence_number":1}`, "FABCDE", "FBCDEA"},
		{"past the end", `{"id":"11","sequence_number":99}`, "BCDEFA", "FBCDEA"},
		{"where it is", `{"id":"13","sequence_number":3}`, "ABCDEF", "ABCDEF"},
		{"nowhere", `{"id":"13"}`, "ABCDEF", "ABCDEF"},
		{"null", `{"id":"13","sequence_number":null}`, "ABCDEF", "ABCDEF"},
		// One after another: the second role moves in the list that the first left.
		{"two", `{"id":"16","sequence_number":1},{"id":"11","sequence_number":1}`, "AFBCDE", "ABCDEF"},
		{"the reverse, from the top", `{"id":"16","sequence_number":1},{"id":"15","sequence_number":2},{"id":"14",` +
			`"sequence_number":3}`, "FEDABC", "FEDCBA"},
	} {
		want := map[string]string{"": c.shift, "shift": c.shift, "swap": c.swap, "keep": "ABCDEF"}
		for moves, order := range want {
			r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t, alphabet), RoleMoves: moves})
			if status, got := r.Call("PUT", rig.Roles, rig.RoleItems(c.items)); status != 200 ||
				strings.Contains(got, "error") {
				t.Errorf("%s, %s: %d %s", c.name, moves, status, got)
			}
			r.Want("GET", rig.Roles, "", 200, inOrder(order))
		}
	}
}

// A new role at an occupied position pushes the others down, whatever RoleMoves says (Kaizen 66). A role in the path
// moves too.
func TestRoleMovesElsewhere(t *testing.T) {
	t.Parallel()
	for moves, order := range map[string]string{"shift": "CAB", "swap": "CBA", "keep": "ABC"} {
		r := rig.New(t, emulator.Options{Org: rig.ReadOrg(t,
			strings.Replace(alphabet, `,{"id":"14","name":"D"},{"id":"15","name":"E"},{"id":"16","name":"F"}`, "", 1)),
			RoleMoves: moves})
		r.Want("PUT", rig.Roles+"/13", rig.RoleItems(`{"sequence_number":1}`), 200,
			rig.RoleItems(rig.RoleDone("13", "record updated")))
		r.Want("GET", rig.Roles, "", 200, inOrder(order))
		r.Want("POST", rig.Roles, rig.RoleItems(`{"name":"New","sequence_number":2}`), 200,
			rig.RoleItems(rig.RoleDone(rig.DecisionMaker, "contact role added")))
		list := strings.Split(order, "")
		r.Want("GET", rig.Roles, "", 200, rig.PicklistOf(list[0]+" 1"+string('1'+order[0]-'A'),
			"New "+rig.DecisionMaker, list[1]+" 1"+string('1'+order[1]-'A'), list[2]+" 1"+string('1'+order[2]-'A')))
	}
}
