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
		{args[:3], exitOK, 200, 0, 1},
		{args, exitRowsFailed, 200, 50, 3},
		{args[:103], exitOK, 100, 0, 1},
		{args[:104], exitOK, 101, 0, 2},
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
			exitRowsFailed, "deal 7: AUTHORIZATION_FAILED: User does not have sufficient privilege (HTTP 400)\n  -> the Zoho user"},
		{&api.Error{HTTP: 403, Code: "NO_PERMISSION", Message: "permission denied"}, exitRowsFailed, "NO_PERMISSION"},
		{&api.Error{HTTP: 400, Code: "SOMETHING_NEW", Message: "\x1b[31m"}, exitRowsFailed, "SOMETHING_NEW: \uFFFD[31m"},
		{&api.Error{HTTP: 500, Code: "INTERNAL_ERROR", Message: "m"}, exitTemporary, "INTERNAL_ERROR"},
		{&api.Error{Message: "no answer", Err: errors.New("reset")}, exitTemporary, "again later"},
		{&api.Error{HTTP: 405, Message: "method not allowed"}, exitStopped, "deal 7"},
		{&api.Error{HTTP: 401, Code: "OAUTH_SCOPE_MISMATCH", Ends: api.EndSignIn}, exitSignIn, "OAUTH_SCOPE_MISMATCH"},
		{&api.Error{HTTP: 429, Code: "TOO_MANY_REQUESTS", Ends: api.EndCredits}, exitBudget, "TOO_MANY_REQUESTS"},
	} {
		for _, asJSON := range []bool{false, true} {
			code := exitOK
			var said strings.Builder
			var out bytes.Buffer
			p := &process{
				ctx: t.Context(), stdout: &out, stderr: &said, exit: &code, getenv: func(string) string { return "" },
			}
			c := &showCmd{}
			c.As, c.JSON = "csv", asJSON
			if err := c.refused(p, "7", test.err); err != nil {
				code = p.fail(err)
			}
			if code != test.code || !strings.Contains(said.String(), test.want) {
				t.Errorf("%v: exit code %d, %s", test.err, code, said.String())
			}
			p.writeObject(code, nil, false)
			if d := cmp.Diff(asJSON && code == exitRowsFailed, out.Len() > 0); d != "" {
				t.Errorf("%v: object %s", test.err, &out)
			}
		}
	}
}
