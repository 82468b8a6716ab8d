package picklist

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
)

// lists passes the answer to each read of the list to change, with the number of the read.
func (r *rig) lists(change func(n int, roles []map[string]any) []map[string]any) {
	n := 0
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
		if q.Method != http.MethodGet || !strings.HasSuffix(q.URL.Path, "/Contacts/roles") {
			pass(w)
			return
		}
		rec := httptest.NewRecorder()
		pass(rec)
		var body map[string][]map[string]any
		if err := json.NewDecoder(bytes.NewReader(rec.Body.Bytes())).Decode(&body); err != nil {
			r.T.Error(err)
		}
		n++
		body["contact_roles"] = change(n, body["contact_roles"])
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(body) // a client that went away is told nothing
	}
}

// An org's positions may leave numbers out. A role that has the wanted number in the list is at its position.
func TestPositionsWithGaps(t *testing.T) {
	t.Parallel()
	for _, rows := range [][]string{{",C,40"}, {",A,10", ",B,20", ",C,40", ",D,50"}, {",C,"}} {
		r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C", "D")})
		r.lists(func(_ int, roles []map[string]any) []map[string]any {
			for i, number := range []int{10, 20, 40, 50} {
				roles[i]["sequence_number"] = number
			}
			return roles
		})
		res, err := start(t.Context(), r.request(Import, append([]string{header}, rows...)...))
		if err != nil || int(res.Summary.Rows.Unchanged) != len(rows) || len(jobtest.Writes(r.Front.Sent())) > 0 {
			t.Errorf("%q: %+v, %v", rows, res, err)
		}
	}
}

// The answer to a creation is lost, and the list does not show the role at once. The creation is sent again and refused
// as a duplicate, and the role still counts as created.
func TestALostCreationThatShowsLate(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B")})
	r.lists(func(n int, roles []map[string]any) []map[string]any {
		if n == 2 {
			return roles[:2]
		}
		return roles
	})
	late, lost := r.Front.Meddle, false
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, body string, pass func(http.ResponseWriter)) {
		if q.Method == http.MethodPost && !lost {
			lost = true
			pass(jobtest.Discarded{})
			panic(http.ErrAbortHandler)
		}
		late(w, q, body, pass)
	}
	if _, err := start(t.Context(), r.request(Import, header, ",New,")); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff([]string{"created SUCCESS"}, r.outcomesOf()); d != "" || len(r.list()) != 3 {
		t.Error(d, r.list())
	}
}

// The same where the process ends in between.
func TestALostCreationThatShowsLateToResume(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B")})
	r.lists(func(n int, roles []map[string]any) []map[string]any {
		if n <= 2 {
			return roles[:2]
		}
		return roles
	})
	late, lost, away := r.Front.Meddle, false, false
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, body string, pass func(http.ResponseWriter)) {
		switch {
		case away:
			jobtest.Answer(
				w,
				http.StatusUnauthorized,
				`{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"Unauthorized","status":"error"}`,
			)
		case q.Method == http.MethodPost && !lost:
			lost, away = true, true
			pass(jobtest.Discarded{})
			panic(http.ErrAbortHandler)
		default:
			late(w, q, body, pass)
		}
	}
	q := r.request(Import, header, ",New,")
	if res, err := start(t.Context(), q); err != nil || res.Stop == nil {
		t.Fatalf("%+v, %v", res, err)
	}
	away = false
	if _, err := job.Resume(t.Context(), r.again(q.RunDir)); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff([]string{"created SUCCESS"}, r.outcomesOf()); d != "" {
		t.Error(d)
	}
}

// Zoho may change a name, such as its spaces. The role counts as created, and a note has the new name.
func TestANameThatZohoChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A")})
	r.lists(func(_ int, roles []map[string]any) []map[string]any {
		for _, role := range roles {
			if role["name"] == "two  spaces" {
				role["name"] = "two spaces"
			}
		}
		return roles
	})
	res, err := start(t.Context(), r.request(Import, header, ",two  spaces,"))
	if err != nil || res.Summary.Rows.Created != 1 ||
		!strings.Contains(strings.Join(res.Summary.Notes, "\n"), `"two spaces"`) {
		t.Errorf("%+v, %v", res, err)
	}
}

// Names on the command line are taken as typed, whatever the flags for tables are. The user is asked also if the list
// does not have the role.
func TestNamedRolesAreReadAsTyped(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("Käufer", "KÃ¤ufer", "A")})
	q := r.request(Delete)
	q.named("Käufer", "A")
	q.Settings.Encoding, q.Settings.Delimiter, q.Settings.Limit, q.Options.ByName = "windows-1252", ';', 1, true
	if res, err := start(t.Context(), q); err != nil || res.Summary.Rows.Deleted != 2 ||
		strings.Join(r.list(), "") != "KÃ¤ufer" {
		t.Errorf("%+v, %v: %q", res, err, r.list())
	}
	declined := errors.New("no")
	q = r.request(Delete)
	q.RunDir += "2"
	q.named("4150868000009999999")
	q.Confirm = func(context.Context, report.Forecast) error { return declined }
	if _, err := start(t.Context(), q); !errors.Is(err, declined) {
		t.Error(err)
	}
}

// Messages do not contain control characters of role names.
func TestNamesDoNotReachTheTerminalRaw(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A\x1b[31mB")})
	q := r.request(Delete)
	q.named("nothere")
	res, err := start(t.Context(), q)
	var b strings.Builder
	if err != nil || res.Summary.WriteText(&b) != nil || strings.ContainsRune(b.String(), '\x1b') ||
		!strings.Contains(b.String(), job.CodeRoleUnknown) {
		t.Errorf("%v, %q", err, b.String())
	}
}

// A creation whose answer was lost stays recorded as sent, even if Zoho certainly refuses its repeat, because the first
// call may have created the role.
func TestARefusedRepeatForgetsNoLostCreation(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B")})
	r.lists(func(n int, roles []map[string]any) []map[string]any {
		if n <= 2 {
			return roles[:2]
		}
		return roles
	})
	late, posts := r.Front.Meddle, 0
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, body string, pass jobtest.Pass) {
		if q.Method != http.MethodPost {
			late(w, q, body, pass)
			return
		}
		if posts++; posts == 1 {
			pass(jobtest.Discarded{})
			panic(http.ErrAbortHandler)
		}
		jobtest.Answer(w, http.StatusUnauthorized,
			`{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"Unauthorized","status":"error"}`)
	}
	q := r.request(Import, header, ",New,")
	if res, err := start(t.Context(), q); err != nil || res.Stop == nil {
		t.Fatalf("%+v, %v", res, err)
	}
	if _, err := job.Resume(t.Context(), r.again(q.RunDir)); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff([]string{"created SUCCESS"}, r.outcomesOf()); d != "" || posts != 2 {
		t.Error(d, posts)
	}
}

// Creations and deletions are on disk before they are sent, because they cannot be sent twice.
func TestCreationsAndDeletionsAreForcedToTheDisk(t *testing.T) {
	t.Parallel()
	for kind, forced := range map[opKind]bool{opCreate: true, opDelete: true, opUpdate: false, opMove: false} {
		c := (&work{}).call([]op{{Kind: kind, row: &row{}}})
		if c.Force != forced || len(c.Rows) != 1 || len(c.Prior) != 1 {
			t.Errorf("%s: %+v", kind, c)
		}
	}
}
