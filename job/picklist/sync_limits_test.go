package picklist

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// More roles than --max-delete allows are never deleted, whether the plan sees a deletion or foresees that a row fails.
func TestMaxDeleteHoldsWhateverIsForeseen(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf(numberedNames(100)...)})
	lines := []string{header}
	for i := range 80 {
		lines = append(lines, fmt.Sprintf(",Role %03d,", i+1))
	}
	for i := range 19 {
		lines = append(lines, fmt.Sprintf(",New %d,", i))
	}
	q := r.request(Sync, append(lines, ","+strings.Repeat("x", 51)+",")...)
	q.Options.Prune, q.Settings.MaxDelete = true, job.Threshold{Number: 3, Set: true}
	_, err := start(t.Context(), q)
	if stop, ok := errors.AsType[*job.Stop](err); !ok || stop.Reason != job.Refused ||
		len(jobtest.Writes(r.Front.Sent())) > 0 {
		t.Errorf("%v, %d roles", err, len(r.list()))
	}
}

// If the plan expects a row to fail, nothing is deleted, also not to make room.
func TestNoRoomIsMadeWhereARowWillFail(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf(numberedNames(100)...)})
	lines := []string{header}
	for i := range 95 {
		lines = append(lines, fmt.Sprintf(",Role %03d,", i+1))
	}
	q := r.request(Sync, append(lines, ",N1,", ",N2,", ",bad,x")...)
	q.Options.Prune = true
	res, err := start(t.Context(), q)
	if err != nil || len(r.list()) != 100 || res.Summary.Rows.Error != 3 || res.Summary.Roles.NotPruned != 5 {
		t.Errorf("%v, %d roles, %+v", err, len(r.list()), res)
	}
}

// If a row fails, a role that the table does not name is not deleted and keeps its name.
func TestNoPassingNameWhereARowFails(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]string{
		"an id that is nowhere": {"<A>,C,", "77777,Z,", "<B>,B,"},
		"a row of no use":       {"<A>,C,", ",Z,x", "<B>,B,"},
	} {
		r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C")})
		q := r.request(
			Sync,
			append(
				[]string{header},
				strings.Split(
					strings.NewReplacer("<A>", idOf(1), "<B>", idOf(2)).Replace(strings.Join(rows, "\n")),
					"\n",
				)...)...)
		q.Options.Prune = true
		res, err := start(t.Context(), q)
		if err != nil || res.Summary.Rows.Error != 2 {
			t.Fatalf("%s: %+v, %v", name, res, err)
		}
		if d := gocmp.Diff([]string{"A", "B", "C"}, r.list()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// Other roles do not move to the position of a failed row.
func TestAFailedRowLeavesNoHole(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C", "X")})
	if _, err := start(t.Context(), r.request(Sync, header, "77777,Q,", ",A,", ",B,", ",C,")); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff([]string{"A", "B", "C", "X"}, r.list()); d != "" {
		t.Error(d)
	}
}

// Somebody deletes a role during the run. No row says that this role is unchanged.
func TestSyncOfARoleThatIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]string{
		"it was to be moved":  {",New,", ",C,", ",A,", ",B,"},
		"it was to stay":      {",New,", ",A,", ",B,", ",C,"},
		"it was to be called": {",New,", ",A,", ",B,", idOf(3) + ",Sea,"},
	} {
		r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C")})
		r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
			pass(w)
			if q.Method == http.MethodGet {
				del := httptest.NewRequestWithContext(
					t.Context(),
					http.MethodDelete,
					r.URL+"/crm/v8/Contacts/roles/"+idOf(3),
					nil,
				)
				del.Header = q.Header.Clone()
				r.Emu.ServeHTTP(httptest.NewRecorder(), del)
			}
		}
		if _, err := start(t.Context(), r.request(Sync, append([]string{header}, rows...)...)); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if status := r.results("rc_status")[i]; strings.Contains(row, "C,") || strings.Contains(row, "Sea") {
				if status == string(job.Success) && name != "it was to stay" {
					t.Errorf("%s: %s is a success: %q", name, row, r.results("rc_code", "rc_message"))
				}
			}
		}
	}
}

// If the user may not move roles, each row that only moves a role fails, and the moves are not sent twice.
func TestDeniedMoves(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C"), Denied: []string{"roles.update"}})
	if _, err := start(t.Context(), r.request(Sync, header, ",C,", ",A,", ",B,")); err != nil {
		t.Fatal(err)
	}
	for i, code := range r.results("rc_code") {
		if code != "NO_PERMISSION" && code != "SUCCESS" || i == 0 && code != "NO_PERMISSION" {
			t.Errorf("row %d: %s", i+1, code)
		}
	}
	if n := len(jobtest.Writes(r.Front.Sent())); n != 1 {
		t.Errorf("%d writes", n)
	}
}

// A row that repeats a row whose role is at a wrong position has the same outcome.
func TestARepeatOfARowThatDiffers(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C"), RoleMoves: "keep"})
	if _, err := start(t.Context(), r.request(Import, header, ",C,1", ",C,1")); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff([]string{job.CodePositionDiffers, job.CodePositionDiffers}, r.results("rc_code")); d != "" {
		t.Error(d)
	}
}

// The temporary names are right even if names end in tildes.
func TestPassingNamesAmongTildes(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("a", "b")})
	lines := []string{header, idOf(1) + ",b,", idOf(2) + ",a,"}
	for i := range 49 {
		lines = append(lines, ",a"+strings.Repeat("~", i+1)+",", ",b"+strings.Repeat("~", i+1)+",")
	}
	if res, err := start(t.Context(), r.request(Sync, append(lines, ","+strings.Repeat("~", 50)+",")...)); err != nil ||
		res.Summary.Rows.Error > 1 {
		t.Errorf("%+v, %v", res, err)
	}
}

// A run that stops after a deletion reports the deletion.
func TestPrunedIsToldOfAStoppedRun(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C")})
	q := r.request(Sync, header, ",A,", ",B,")
	q.Options.Prune, q.Settings.MaxCredits = true, 3
	res, err := start(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Summary.Roles; len(r.list()) != 2 || got.Pruned != 1 || got.NotPruned != 0 {
		t.Errorf("%d roles, %+v", len(r.list()), got)
	}
}

// If the run only deletes roles that the table does not name, it sends no positions.
func TestPruneAloneSendsNoPositions(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("X", "A", "Y", "B")})
	q := r.request(Sync, header, ",A,", ",B,")
	q.Options.Prune = true
	if _, err := start(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if writes := jobtest.Writes(r.Front.Sent()); len(writes) != 1 || !strings.HasPrefix(writes[0], "DELETE ") {
		t.Errorf("%q", writes)
	}
	if d := gocmp.Diff([]string{"unchanged SUCCESS", "unchanged SUCCESS"}, r.outcomesOf()); d != "" {
		t.Error(d)
	}
}

// A role that is moved before roles that the table does not name is updated, not unchanged.
func TestAMoveBeforeOthersIsOne(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C")})
	res, err := start(t.Context(), r.request(Sync, header, ",B,"))
	if err != nil || res.Summary.Rows.Updated != 1 || strings.Join(r.list(), "") != "BAC" {
		t.Errorf("%+v, %v, %q", res, err, r.list())
	}
}

// If Zoho does not move a role before roles that the table does not name, the row of the role fails.
func TestARoleThatStaysBehindOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("X", "A"), RoleMoves: "keep"})
	if _, err := start(t.Context(), r.request(Sync, header, ",A,")); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff([]string{job.CodePositionDiffers}, r.results("rc_code")); d != "" {
		t.Error(d)
	}
}

// A role that would be at its position only without a role to delete counts as misplaced: its row fails, and nothing is
// deleted.
func TestPruneAfterMovesThatZohoDoesNotMake(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]emulator.Options{
		"kept": {RoleMoves: "keep"}, "denied": {Denied: []string{"roles.update"}},
	} {
		o.Org = orgOf("X", "B", "A")
		r := newRig(t, o)
		q := r.request(Sync, header, ",A,", ",B,")
		q.Options.Prune = true
		res, err := start(t.Context(), q)
		if err != nil || res.Summary.Rows.Error == 0 || strings.Join(r.list(), "") != "XBA" {
			t.Errorf("%s: %+v, %v, %q", name, res, err, r.list())
		}
	}
}

// If there is not enough room even after all deletions, the plan expects a row to fail, so nothing is deleted.
func TestRoomIsForeseen(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf(numberedNames(100)...)})
	lines := []string{header}
	for i := range 99 {
		lines = append(lines, fmt.Sprintf(",Role %03d,", i+1))
	}
	q := r.request(Sync, append(lines, ",X,", ",Y,")...)
	q.Options.Prune = true
	res, err := start(t.Context(), q)
	if err != nil || len(res.Summary.Roles.Refusals) != 1 || len(r.list()) != 100 || res.Summary.Roles.Pruned != 0 {
		t.Errorf("%v, %d roles, %+v", err, len(r.list()), res)
	}
}

// If two roles differ only in case, a row's name stands for the role with exactly this name.
func TestSyncAmongCaseTwins(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("Champion", "champion", "C")})
	res, err := start(t.Context(), r.request(Sync, header, idOf(3)+",champion,", idOf(1)+",Champion,", idOf(2)+",X,"))
	if err != nil || res.Summary.Rows.Error != 0 || strings.Join(r.list(), " ") != "champion Champion X" {
		t.Errorf("%+v, %v, %q", res, err, r.list())
	}
}
