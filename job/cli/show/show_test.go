package show

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api"
)

// refusing is a Zoho whose deal has the contacts 1 to 3, and which refuses some of the calls.
type refusing struct {
	byIDs, list error
	nobody      bool // a read by ids finds nobody, because Zoho takes them for other ids
	role        api.RoleRef
	calls       []string
}

func (z *refusing) Roles(context.Context) ([]api.Role, error) {
	z.calls = append(z.calls, "list")
	return []api.Role{{ID: "11", Name: "Boss", Sequence: 1}}, z.list
}

func (z *refusing) DealContactRoles(context.Context, string, ...string) (on []api.DealContact, err error) {
	z.calls = append(z.calls, "all")
	for _, id := range []string{"3", "1", "2"} {
		on = append(on, api.DealContact{ID: id, Role: z.role, Fields: map[string]json.RawMessage{
			"Full_Name": json.RawMessage(`"N ` + id + `"`), "Email": json.RawMessage(`null`),
		}})
	}
	return on, nil
}

func (z *refusing) DealContactRolesByIDs(
	ctx context.Context, deal string, contacts []string, _ ...string,
) ([]api.DealContact, error) {
	z.calls = append(z.calls, "ids")
	if z.byIDs != nil || z.nobody {
		return nil, z.byIDs
	}
	on, err := (&refusing{role: z.role}).DealContactRoles(ctx, deal)
	return on, err // the parameter has no effect, so show must leave out the other contacts
}

func (z *refusing) DealContactRole(
	_ context.Context, _, contact string, _ ...string,
) (on api.DealContact, is bool, err error) {
	z.calls = append(z.calls, "one")
	return api.DealContact{ID: contact, Role: z.role}, z.byIDs == nil, z.byIDs
}

// brief returns who is shown and who is missing.
func brief(d Deal) (text string) {
	for _, c := range d.Contacts {
		text += fmt.Sprintf("%s=%s/%s ", c.ID, c.RoleID, c.Role)
	}
	for _, m := range d.Missing {
		text += m.ID + ":" + m.Code + " "
	}
	return strings.TrimSpace(text)
}

// No document says what a wrong contact id does to a read by ids, whether the ids are those of contacts, or what the
// list of roles answers to a user who may not see it. The errors are from Zoho CRM API v7, Get Contact Roles of a
// Specific Deal, possible errors.
func TestRead(t *testing.T) {
	t.Parallel()
	both := api.RoleRef{ID: "11", Name: "Boss"}
	badID := &api.Error{HTTP: 400, Code: "INVALID_DATA", Message: "the id given seems to be invalid"}
	badPath := &api.Error{HTTP: 400, Code: "INVALID_DATA", Details: json.RawMessage(`{"resource_path_index":3}`)}
	noDeal := &api.Error{HTTP: 400, Code: "INVALID_DATA", Details: json.RawMessage(`{"resource_path_index":1}`)}
	denied := &api.Error{HTTP: http.StatusForbidden, Code: "NO_PERMISSION"}
	for name, test := range map[string]struct {
		z        refusing
		contacts string
		want     string
		calls    string
		refused  bool
	}{
		"all, by their ids":   {refusing{role: both}, "", "1=11/Boss 2=11/Boss 3=11/Boss", "all", false},
		"several, as asked":   {refusing{role: both}, "3 1", "3=11/Boss 1=11/Boss", "ids", false},
		"one":                 {refusing{role: both}, "2", "2=11/Boss", "one", false},
		"one who is none":     {refusing{byIDs: badID}, "9", "9:INVALID_DATA", "one", false},
		"one, by its place":   {refusing{byIDs: badPath}, "9", "9:INVALID_DATA", "one", false},
		"ids refused":         {refusing{byIDs: badID, role: both}, "1 9", "1=11/Boss 9:NOT_ON_DEAL", "ids all", false},
		"other ids":           {refusing{nobody: true, role: both}, "1 9", "1=11/Boss 9:NOT_ON_DEAL", "ids all", false},
		"no deal":             {refusing{byIDs: noDeal}, "1 9", "", "ids", true},
		"no deal, one":        {refusing{byIDs: noDeal}, "1", "", "one", true},
		"may not":             {refusing{byIDs: denied}, "1 9", "", "ids", true},
		"up to v3, the id":    {refusing{role: api.RoleRef{ID: "11"}}, "2", "2=11/Boss", "one list", false},
		"up to v3, the name":  {refusing{role: api.RoleRef{Name: "Boss"}}, "2", "2=11/Boss", "one list", false},
		"a role off the list": {refusing{role: api.RoleRef{ID: "9"}}, "2", "2=9/", "one list", false},
		"the list is refused": {refusing{role: api.RoleRef{ID: "11"}, list: denied}, "2", "2=11/", "one list", false},
		"no role at all":      {refusing{}, "2", "2=/", "one", false},
		"the sign-in ends meanwhile": {refusing{
			role: api.RoleRef{ID: "11"}, list: &api.Error{HTTP: 401, Ends: api.EndSignIn},
		}, "2", "", "one list", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := test.z
			d, err := Read(t.Context(), &z, "7", strings.Fields(test.contacts))
			if (err != nil) != test.refused {
				t.Fatalf("error %v", err)
			}
			if err == nil && brief(d) != test.want {
				t.Errorf("%s, want %s", brief(d), test.want)
			}
			if got := strings.Join(z.calls, " "); got != test.calls {
				t.Errorf("calls %s, want %s", got, test.calls)
			}
			refusedList := test.z.list != nil && err == nil
			if _, isOwn := errors.AsType[*api.Error](d.RolesRefused); isOwn != refusedList {
				t.Errorf("roles refused: %v", d.RolesRefused)
			}
		})
	}
}

func TestCompareIDs(t *testing.T) {
	t.Parallel()
	ids := []string{"4150868000020000001", "20", "9", "554023000000310003", "10"}
	slices.SortFunc(ids, compareIDs)
	want := []string{"9", "10", "20", "554023000000310003", "4150868000020000001"}
	if d := cmp.Diff(want, ids); d != "" {
		t.Error(d)
	}
}
