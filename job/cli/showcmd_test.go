package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/job/cli/command"
)

// More contacts than a call takes are read by several calls (Zoho CRM API v6, Remove Contact Role from a Specific Deal:
// at most 100 ids), and more than a page has are all shown.
func TestShowManyContacts(t *testing.T) { //nolint:paralleltest // The working folder is the whole process's.
	r := newRolesRigOf(t, emulator.Options{Deals: 200, Contacts: 250, RolesPerDeal: 200})
	const deal = "4150868000010000200" // it has 200 contacts, from contact 200 on and then from contact 1
	args := []string{"show", deal, "--json"}
	for j := 1; j <= 250; j++ {
		args = append(args, fmt.Sprintf("zcrm_415086800002%07d", j))
	}
	for _, test := range []struct {
		args           []string
		code           int
		shown, missing int
		calls          int
	}{
		{args[:3], command.ExitOK, 200, 0, 1},
		{args, command.ExitRowsFailed, 200, 50, 3},
		{args[:103], command.ExitOK, 100, 0, 1},
		{args[:104], command.ExitOK, 101, 0, 2},
	} {
		before := r.emu.Stats().Calls["GET /Deals/{id}/Contact_Roles"]
		code, stdout, stderr := r.run(test.args...)
		var got struct {
			Contacts, Missing []struct {
				ID   string `json:"contact_id"`
				Code string `json:"code"`
			}
		}
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatal(err)
		}
		calls := r.emu.Stats().Calls["GET /Deals/{id}/Contact_Roles"] - before
		if code != test.code || len(got.Contacts) != test.shown || len(got.Missing) != test.missing ||
			calls != test.calls {
			t.Errorf("%d arguments: exit code %d, %d shown, %d missing, %d calls: %s", len(test.args), code,
				len(got.Contacts), len(got.Missing), calls, stderr)
		}
		if !slices.IsSortedFunc(got.Contacts, func(a, b struct {
			ID   string `json:"contact_id"`
			Code string `json:"code"`
		}) int {
			return strings.Compare(a.ID, b.ID)
		}) {
			t.Errorf("%d arguments: not in order", len(test.args))
		}
	}
}

// How the command ends if the deal cannot be read: Zoho's refusal of this deal is exit code 1, trouble that may pass 5.
func TestShowRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		code int
		want string
	}{
		{&api.Error{HTTP: 400, Code: "AUTHORIZATION_FAILED", Message: "User does not have sufficient privilege"},
			command.ExitRowsFailed, "deal 7: AUTHORIZATION_FAILED: User does not have sufficient privilege (HTTP 400)\n  -> the Zoho user"},
		{&api.Error{HTTP: 403, Code: "NO_PERMISSION", Message: "permission denied"}, command.ExitRowsFailed, "NO_PERMISSION"},
		{&api.Error{HTTP: 400, Code: "SOMETHING_NEW", Message: "\x1b[31m"}, command.ExitRowsFailed, "SOMETHING_NEW: \uFFFD[31m"},
		{&api.Error{HTTP: 500, Code: "INTERNAL_ERROR", Message: "m"}, command.ExitTemporary, "INTERNAL_ERROR"},
		{&api.Error{Message: "no answer", Err: errors.New("reset")}, command.ExitTemporary, "again later"},
		{&api.Error{HTTP: 405, Message: "method not allowed"}, command.ExitStopped, "deal 7"},
		{&api.Error{HTTP: 401, Code: "OAUTH_SCOPE_MISMATCH", Ends: api.EndSignIn}, command.ExitSignIn, "OAUTH_SCOPE_MISMATCH"},
		{&api.Error{HTTP: 429, Code: "TOO_MANY_REQUESTS", Ends: api.EndCredits}, command.ExitBudget, "TOO_MANY_REQUESTS"},
	} {
		for _, asJSON := range []bool{false, true} {
			code := command.ExitOK
			var said strings.Builder
			var out bytes.Buffer
			p := &command.Process{
				Stdout: &out, Stderr: &said, Exit: &code, Getenv: func(string) string { return "" },
			}
			c := &showCmd{}
			c.As, c.JSON = "csv", asJSON
			if err := c.refused(t.Context(), p, "7", test.err); err != nil {
				code = p.Fail(err)
			}
			if code != test.code || !strings.Contains(said.String(), test.want) {
				t.Errorf("%v: exit code %d, %s", test.err, code, said.String())
			}
			p.WriteObject(code, nil, false)
			if d := cmp.Diff(asJSON && code == command.ExitRowsFailed, out.Len() > 0); d != "" {
				t.Errorf("%v: object %s", test.err, &out)
			}
		}
	}
}
