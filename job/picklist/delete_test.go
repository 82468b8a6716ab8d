package picklist

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/jobtest"
	"rolecall/job/report"
)

func TestDelete(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		org    string
		rows   []string
		want   []string
		list   string
		writes []string
	}{
		{
			"by id, by name in any case", "A B C D", []string{"<A>,", ", b ", "<C>,c"},
			[]string{"deleted SUCCESS <A> A", "deleted SUCCESS <B> B", "deleted SUCCESS <C> C"}, "D",
			[]string{"DELETE /Contacts/roles?ids=<A>,<B>,<C>"},
		},
		{
			"one", "A B", []string{"<A>,"}, []string{"deleted SUCCESS <A> A"}, "B",
			[]string{"DELETE /Contacts/roles?ids=<A>"},
		},
		{
			"a role twice", "A B C", []string{"<A>,", ",a", ",A", "<A>,A"},
			[]string{
				"deleted SUCCESS <A> A", "unchanged SUCCESS <A>", "unchanged SUCCESS <A>", "unchanged SUCCESS <A>",
			},
			"B C", []string{"DELETE /Contacts/roles?ids=<A>"},
		},
		{
			"the last one stays", "A B", []string{",A", ",B"},
			[]string{"deleted SUCCESS <A> A", " LOWER_LIMIT_REACHED <B>"}, "B",
			[]string{"DELETE /Contacts/roles?ids=<A>,<B>"},
		},
		{"the only one", "A", []string{",A"}, []string{" LOWER_LIMIT_REACHED <A>"}, "A", nil},
		{
			"none of that id", "A B", []string{"77777,", ",A"},
			[]string{" INVALID_DATA 77777", "deleted SUCCESS <A> A"}, "B", nil,
		},
		{
			"none of that name", "A B", []string{",Q", ",A"}, []string{" ROLE_UNKNOWN", "deleted SUCCESS <A> A"}, "B",
			nil,
		},
		{"an id and another's name", "A B", []string{"<A>,B"}, []string{" ROLE_MISMATCH <A>"}, "A B", nil},
		{
			"a name that fits two", "a A b", []string{"-,A", ",B"}, []string{" ID_INVALID", "deleted SUCCESS <C> b"},
			"a A", nil,
		},
		{
			"names in two cases", "aa AA b", []string{",Aa", ",AA"},
			[]string{" ROLE_UNKNOWN", "deleted SUCCESS <B> AA"}, "aa b", nil,
		},
		{"nothing in the row", "A B", []string{",,-"}, []string{" ROLE_MISSING"}, "A B", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Org: orgOf(strings.Fields(c.org)...)})
			head := "id,name"
			if strings.Contains(c.rows[0], "-") {
				head += ",note"
				for i := range c.rows {
					if strings.Count(c.rows[i], ",") == 1 {
						c.rows[i] += ","
					}
				}
			}
			asked := 0
			q := r.request(Delete, namedAll(append([]string{head}, c.rows...))...)
			q.Confirm = func(context.Context, report.Forecast) error { asked++; return nil }
			r.run(q)
			var got []string
			for _, row := range r.tableRows(q.RunDir + "/results.csv") {
				role := row["rc_role_id"]
				if row["rc_code"] == job.CodeRoleMismatch {
					role = named("<A>")
				}
				got = append(
					got,
					strings.TrimRight(
						strings.Join([]string{row["rc_action"], row["rc_code"], role, row["rc_prior_role"]}, " "),
						" ",
					),
				)
			}
			if d := gocmp.Diff(namedAll(c.want), got); d != "" {
				t.Errorf("results:\n%s", d)
			}
			if got := strings.Join(r.list(), " "); got != c.list {
				t.Errorf("list %s, want %s", got, c.list)
			}
			if writes := jobtest.Writes(r.Front.Sent()); c.writes != nil &&
				strings.ReplaceAll(strings.Join(writes, "\n"), "%2C", ",") != named(strings.Join(c.writes, "\n")) {
				t.Errorf("%q", writes)
			}
		})
	}
}

// Names and ids of the command line; a word of digits is an id where it is as long as one.
func TestDeleteNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A, or \"B\"", "123", "=C", "D")})
	q := r.request(Delete)
	q.named("a, or \"b\"", "123", "=C")
	res := r.run(q)
	if got := strings.Join(r.list(), " "); got != "D" || res.Summary.Input.Name != "the command line" {
		t.Errorf("%s, %+v", got, res.Summary.Input)
	}
	for word, is := range map[string]bool{
		"123": false, "4150868000000006875": true, "zcrm_4150868000000006875": true, "Decision Maker": false, "": false,
		"123456789012345678901": false,
	} {
		if LooksLikeID(word) != is {
			t.Errorf("%q is an id: %v", word, !is)
		}
	}
}

// Without the user's consent nothing is sent, and no run is left.
func TestDeleteIsAskedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C")})
	q := r.request(Delete, "name", "A", "B")
	no := errors.New("no")
	var shown *report.Roles
	q.Confirm = func(_ context.Context, f report.Forecast) error { shown = f.Roles; return no }
	if _, err := start(t.Context(), q); !errors.Is(err, no) || len(jobtest.Writes(r.Front.Sent())) != 0 ||
		shown.Count(report.DeleteRole) != 2 {
		t.Errorf("%v, %+v", err, shown)
	}
	// If there is nothing to delete, the user is not asked.
	q = r.request(Delete, "name", "Q")
	q.Confirm = func(context.Context, report.Forecast) error { t.Error("asked"); return nil }
	r.run(q)
}

// If Zoho refuses a whole call, and one of the rows may be the reason, each row is sent alone. If the user's rights are
// the reason, no row is sent again.
func TestADeletionRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C")})
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, _ string, pass func(http.ResponseWriter)) {
		if q.Method == http.MethodDelete &&
			(strings.Contains(q.URL.RawQuery, idOf(2)) || strings.HasSuffix(q.URL.Path, idOf(2))) {
			jobtest.Answer(
				w,
				http.StatusBadRequest,
				`{"code":"NOT_ALLOWED","details":{},"message":"not allowed","status":"error"}`,
			)
			return
		}
		pass(w)
	}
	r.run(r.request(Delete, "name", "A", "B"))
	if d := gocmp.Diff([]string{"deleted SUCCESS", " NOT_ALLOWED"}, r.outcomesOf()); d != "" {
		t.Error(d)
	}
	want := []string{
		"DELETE /Contacts/roles?ids=" + idOf(1) + "," + idOf(2),
		"DELETE /Contacts/roles/" + idOf(1),
		"DELETE /Contacts/roles/" + idOf(2),
	}
	if got := jobtest.Writes(r.Front.Sent()); strings.ReplaceAll(
		strings.Join(got, "\n"),
		"%2C",
		",",
	) != strings.Join(
		want,
		"\n",
	) {
		t.Errorf("%q", got)
	}
}

// A hundred ids go in a call.
func TestDeleteOfAHundred(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf(numberedNames(100)...)})
	r.run(r.request(Delete, append([]string{"name"}, numberedNames(100)...)...))
	if got := r.list(); !slices.Equal(got, []string{"Role 100"}) || len(jobtest.Writes(r.Front.Sent())) != 1 {
		t.Errorf("%q", got)
	}
	if got := r.outcomesOf()[99]; got != " LOWER_LIMIT_REACHED" {
		t.Error(got)
	}
}

// A dry run shows what the run would do, and changes nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	for command, want := range map[string][]report.RoleStep{
		Import: {
			{Do: report.CreateRole, Row: 1, Name: "Zeta", To: 2},
			{Do: report.RenameRole, Row: 2, ID: idOf(1), Name: "Alpha", NewName: "Iota"},
			{Do: report.MoveRole, Row: 2, ID: idOf(1), Name: "Iota", From: 1, To: 5},
		},
		Delete: {{Do: report.DeleteRole, Row: 3, ID: idOf(3), Name: "Gamma"}},
	} {
		r := newRig(t, emulator.Options{Org: small()})
		rows := map[string][]string{
			Import: {",Zeta,2", "<A>,Iota,5", ",Gamma,"}, Delete: {",Zeta,", "77777,,", ",Gamma,"},
		}[command]
		q := r.request(command, namedAll(append([]string{header}, rows...))...)
		q.DryRun = true
		res, err := start(t.Context(), q)
		if err != nil || res.Summary.State != report.DryRun || res.Summary.RunDir != "" {
			t.Fatalf("%+v, %v", res, err)
		}
		if d := gocmp.Diff(want, res.Summary.Roles.Steps); d != "" {
			t.Errorf("%s: %s", command, d)
		}
		if calls := r.Front.Sent(); len(calls) != 1 {
			t.Errorf("%q", calls)
		}
		if left := r.leftBehind(); len(left) != 1 {
			t.Errorf("left behind: %q", left)
		}
	}
}

// The roles of the other org's list are matched by name. Roles that the other list does not have are deleted only with
// --prune.
func TestCopy(t *testing.T) {
	t.Parallel()
	for _, prune := range []bool{false, true} {
		from := newRig(t, emulator.Options{Org: orgOf("Gamma", "beta", "=New, \"1\"")})
		to := newRig(t, emulator.Options{Org: orgOf("Alpha", "Beta", "Gamma")})
		q := to.request(Copy)
		q.Options.Prune, q.Settings.Profile = prune, "this"
		q.Connect = connectBy(map[string]*rig{"other": from, "this": to})
		if err := q.from(t.Context(), "other"); err != nil {
			t.Fatal(err)
		}
		to.run(q)
		want := []string{"Gamma", "beta", "=New, \"1\"", "Alpha"}
		if prune {
			want = want[:3]
		}
		if got := to.list(); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if ids := to.idsOf(); ids["Gamma"] != idOf(3) || ids["beta"] != idOf(2) {
			t.Errorf("%v", ids)
		}
		if calls := from.Front.Sent(); !slices.Equal(calls, []string{"GET /Contacts/roles"}) {
			t.Errorf("%q", calls)
		}
		to.Front.Sent()
		q.RunDir += "2"
		if err := q.from(t.Context(), "other"); err != nil {
			t.Fatal(err)
		}
		to.run(q) // there is nothing left to copy
		if writes := jobtest.Writes(to.Front.Sent()); len(writes) != 0 {
			t.Errorf("%q", writes)
		}
	}
}

// Two profiles of one org are not copied, nor is the list of an org that cannot be read.
func TestCopyRefuses(t *testing.T) {
	t.Parallel()
	from, to := newRig(
		t,
		emulator.Options{Org: orgOf("A"), Denied: []string{"roles.read"}},
	), newRig(
		t,
		emulator.Options{Org: orgOf("B")},
	)
	q := to.request(Copy)
	q.Settings.Profile = "this"
	q.Connect = connectBy(map[string]*rig{"other": from, "this": to, "same": to})
	if err := q.from(t.Context(), "same"); err != nil {
		t.Fatal(err)
	}
	var usage *job.UsageError
	if _, err := start(t.Context(), q); !errors.As(err, &usage) || !strings.Contains(err.Error(), "one org") {
		t.Error(err)
	}
	var stop *job.Stop
	if err := q.from(t.Context(), "other"); !errors.As(err, &stop) || stop.Reason != job.Refused {
		t.Error(err)
	}
	if len(jobtest.Writes(to.Front.Sent()))+len(jobtest.Writes(from.Front.Sent())) != 0 {
		t.Error("something was sent")
	}
}

// Advice is given for each code of a failure that Zoho's documents name.
func TestAdvice(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"DUPLICATE_DATA", "MANDATORY_NOT_FOUND", "LIMIT_EXCEEDED", "LOWER_LIMIT_REACHED", "INVALID_DATA",
		"NO_PERMISSION", "AUTHORIZATION_FAILED", "INTERNAL_ERROR",
		job.CodePositionDiffers, job.CodeSequenceInvalid, job.CodeRoleMismatch, job.CodeRoleUnknown,
		job.CodeRoleMissing, csvio.CodeRowMalformed,
	} {
		if advice(Import, code) == "" {
			t.Errorf("no advice for %s", code)
		}
	}
	if advice(Import, "INVALID_DATA") == advice(Delete, "INVALID_DATA") || advice(Import, "XYZ") != "" {
		t.Error("advice")
	}
}
