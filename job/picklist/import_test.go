package picklist

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rolecall/api/emulator"
	"rolecall/csvio"
	"rolecall/job/jobtest"
	"rolecall/job/rundir"
)

// The org of the tables: A to E stand for idOf(1) to idOf(5), and N1, N2, ... for the roles that come.
func small() *emulator.Org { return orgOf("Alpha", "Beta", "Gamma", "Delta", "Eps/ilon") }

// named puts ids in place of A to E and N1 to N9.
func named(line string) string {
	for i, letter := range strings.Split("ABCDE", "") {
		line = strings.ReplaceAll(line, "<"+letter+">", idOf(i+1))
	}
	for n := range 9 {
		line = strings.ReplaceAll(line, fmt.Sprintf("<N%d>", n+1), newID(n+1))
	}
	return line
}

func namedAll(lines []string) (all []string) {
	for _, line := range lines {
		all = append(all, named(line))
	}
	return all
}

const longName = "0123456789012345678901234567890123456789012345678-" // 50 characters

// Each case has the table below the header id,name,sequence_number; action, code, role id and earlier name of each row
// in results.csv; the list afterwards; and the number of writes.
func TestImport(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		rows   []string
		want   []string
		list   string
		writes int

		differs bool // rows contradict each other, so a second run has another result
	}{
		{
			"create at the end", []string{",Zeta,"}, []string{"created SUCCESS <N1>"},
			"Alpha Beta Gamma Delta Eps/ilon Zeta", 1, false,
		},
		{
			"create where one is: the others move down", []string{",Zeta,2"}, []string{"created SUCCESS <N1>"},
			"Alpha Zeta Beta Gamma Delta Eps/ilon", 1, false,
		},
		{
			"create beyond the end", []string{",Zeta,70"}, []string{"created SUCCESS <N1>"},
			"Alpha Beta Gamma Delta Eps/ilon Zeta", 1, false,
		},
		{
			"create several, out of order", []string{",Zeta,3", ",Eta,1"},
			[]string{"created SUCCESS <N2>", "created SUCCESS <N1>"}, "Eta Alpha Zeta Beta Gamma Delta Eps/ilon", 1,
			false,
		},
		{
			"two that want one place stand in the table's order", []string{",Zeta,2", ",Eta,2"},
			[]string{"created SUCCESS <N1>", "created SUCCESS <N2>"}, "Alpha Zeta Eta Beta Gamma Delta Eps/ilon", 2,
			true,
		},
		{
			"rename", []string{"<B>,Zeta,"}, []string{"updated SUCCESS <B> Beta"}, "Alpha Zeta Gamma Delta Eps/ilon", 1,
			false,
		},
		{
			"rename in another case", []string{"<B>,BETA,"}, []string{"updated SUCCESS <B> Beta"},
			"Alpha BETA Gamma Delta Eps/ilon", 1, false,
		},
		{
			"move by id up", []string{"<D>,,1"}, []string{"updated SUCCESS <D> Delta"},
			"Delta Alpha Beta Gamma Eps/ilon", 1, false,
		},
		{
			"move by id down", []string{"<A>,Alpha,4"}, []string{"updated SUCCESS <A> Alpha"},
			"Beta Gamma Delta Alpha Eps/ilon", 1, false,
		},
		{
			"rename and move", []string{"<B>,Zeta,5"}, []string{"updated SUCCESS <B> Beta"},
			"Alpha Gamma Delta Eps/ilon Zeta", 1, false,
		},
		{
			"move by name, any case, spaces", []string{",  bETA ,1"}, []string{"updated SUCCESS <B> Beta"},
			"Beta Alpha Gamma Delta Eps/ilon", 1, false,
		},
		{
			"a name in another case renames nothing", []string{",bETA,"}, []string{"unchanged SUCCESS <B>"},
			"Alpha Beta Gamma Delta Eps/ilon", 0, false,
		},
		{"unchanged", []string{"<A>,Alpha,1", ",Beta,2", "<C>,,", ",Eps/ilon,", "<D>,Delta,"},
			[]string{
				"unchanged SUCCESS <A>", "unchanged SUCCESS <B>", "unchanged SUCCESS <C>", "unchanged SUCCESS <E>",
				"unchanged SUCCESS <D>"}, "Alpha Beta Gamma Delta Eps/ilon", 0, false,
		},
		{
			"a name that another has", []string{"<B>,Gamma,"}, []string{" DUPLICATE_DATA <B>"},
			"Alpha Beta Gamma Delta Eps/ilon", 1, false,
		},
		{
			"no name and no id", []string{",,3"}, []string{" MANDATORY_NOT_FOUND"}, "Alpha Beta Gamma Delta Eps/ilon",
			1, false,
		},
		{
			"50 characters", []string{"," + longName + ","}, []string{"created SUCCESS <N1>"},
			"Alpha Beta Gamma Delta Eps/ilon " + longName, 1, false,
		},
		{
			"51 characters", []string{"," + longName + "é,", "<A>," + longName + "é,"},
			[]string{" INVALID_DATA", " INVALID_DATA <A>"}, "Alpha Beta Gamma Delta Eps/ilon", 2, false,
		},
		{
			"an id that the org does not have", []string{"77,Zeta,1"}, []string{" INVALID_DATA 77"},
			"Alpha Beta Gamma Delta Eps/ilon", 1, false,
		},
		{"mixed: each row its own", []string{",Zeta,", ",,9", ",Eta,", ",Gamma,1", "<A>,Delta,", "<B>,Iota,", "77,X,"},
			[]string{
				"created SUCCESS <N1>", " MANDATORY_NOT_FOUND", "created SUCCESS <N2>", "updated SUCCESS <C> Gamma",
				" DUPLICATE_DATA <A>", "updated SUCCESS <B> Beta", " INVALID_DATA 77",
			},
			"Gamma Alpha Iota Delta Eps/ilon Zeta Eta", 2, false},
		{
			"never sent",
			[]string{
				",Zeta,0", ",Zeta,1.5", ",Zeta,-1", ",Zeta,x", ",Zeta,99999999999", "x,Zeta,", "4.15087E+18,Zeta,",
				",Zeta,1,more",
			},
			[]string{
				" SEQUENCE_INVALID", " SEQUENCE_INVALID", " SEQUENCE_INVALID", " SEQUENCE_INVALID", " SEQUENCE_INVALID",
				" ID_INVALID", " ID_ROUNDED", " ROW_MALFORMED",
			},
			"Alpha Beta Gamma Delta Eps/ilon", 0, false},
		{"repeats", []string{",Zeta,", ",Zeta,", ", Zeta ,", "<B>,Gamma,", "<B>,Gamma,"},
			[]string{
				"created SUCCESS <N1>", "unchanged SUCCESS <N1>", "unchanged SUCCESS <N1>", " DUPLICATE_DATA <B>",
				" DUPLICATE_DATA <B>"}, "Alpha Beta Gamma Delta Eps/ilon Zeta", 2, false,
		},
		{
			"create, and the same in another case", []string{",Zeta,", ",ZETA,"},
			[]string{"created SUCCESS <N1>", "unchanged SUCCESS <N1>"}, "Alpha Beta Gamma Delta Eps/ilon Zeta", 1,
			false,
		},
		{
			"one role twice: the later row wins", []string{"<B>,Zeta,", "<B>,Eta,"},
			[]string{"updated SUCCESS <B> Beta", "updated SUCCESS <B> Beta"}, "Alpha Eta Gamma Delta Eps/ilon", 2, true,
		},
		{
			"one role to two places: the later row wins", []string{",Beta,5", ",Beta,1"},
			[]string{"updated SUCCESS <B> Beta", "updated SUCCESS <B> Beta"}, "Beta Alpha Gamma Delta Eps/ilon", 2,
			true,
		},
		{
			"where it is, and then elsewhere", []string{",Beta,2", ",Beta,1"},
			[]string{"unchanged SUCCESS <B>", "updated SUCCESS <B> Beta"}, "Beta Alpha Gamma Delta Eps/ilon", 1, true,
		},
		{
			"by id and by name", []string{"<B>,,5", ",beta,1"},
			[]string{"updated SUCCESS <B> Beta", "updated SUCCESS <B> Beta"}, "Beta Alpha Gamma Delta Eps/ilon", 2,
			true,
		},
		{
			"rename, then create with the name that is free", []string{"<B>,Zeta,", ",Beta,"},
			[]string{"updated SUCCESS <B> Beta", "created SUCCESS <N1>"}, "Alpha Zeta Gamma Delta Eps/ilon Beta", 2,
			true,
		},
		{
			"rename, then another gets the name that is free", []string{"<B>,Zeta,", "<A>,Beta,"},
			[]string{"updated SUCCESS <B> Beta", "updated SUCCESS <A> Alpha"}, "Beta Zeta Gamma Delta Eps/ilon", 2,
			true,
		},
		{
			"the name is free only later", []string{"<A>,Beta,", "<B>,Zeta,"},
			[]string{" DUPLICATE_DATA <A>", "updated SUCCESS <B> Beta"}, "Alpha Zeta Gamma Delta Eps/ilon", 2, true,
		},
		{"a name that came free in between is no repeat", []string{",Beta,", "<B>,Zeta,", ",Beta,"},
			[]string{
				"unchanged SUCCESS <B>", "updated SUCCESS <B> Beta",
				"created SUCCESS <N1>"}, "Alpha Zeta Gamma Delta Eps/ilon Beta", 2, true,
		},
		{
			"renamed and back", []string{"<B>,Zeta,", "<B>,Beta,", "<B>,Zeta,"},
			[]string{"updated SUCCESS <B> Beta", "updated SUCCESS <B> Beta", "updated SUCCESS <B> Beta"},
			"Alpha Zeta Gamma Delta Eps/ilon", 3, true,
		},
		{
			"moved by name and back by id", []string{"<B>,,5", ",Beta,1", "<B>,,5"},
			[]string{"updated SUCCESS <B> Beta", "updated SUCCESS <B> Beta", "updated SUCCESS <B> Beta"},
			"Alpha Gamma Delta Eps/ilon Beta", 3, true,
		},
		{
			"a role that is created wins over the role that is there", []string{"<B>,Beta,2", ",Zeta,2"},
			[]string{"unchanged SUCCESS <B>", "created SUCCESS <N1>"}, "Alpha Zeta Beta Gamma Delta Eps/ilon", 1, true,
		},
		{"nothing", nil, nil, "Alpha Beta Gamma Delta Eps/ilon", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Org: small()})
			res := r.run(r.request(Import, namedAll(append([]string{"id,name,sequence_number"}, c.rows...))...))
			results := r.results("rc_action", "rc_code", "rc_role_id", "rc_prior_role")
			if d := cmp.Diff(namedAll(c.want), results); d != "" {
				t.Errorf("results:\n%s", d)
			}
			if got := strings.Join(r.list(), " "); got != c.list {
				t.Errorf("list %s\nwant %s", got, c.list)
			}
			calls := r.Front.Sent()
			if writes := jobtest.Writes(calls); len(writes) != c.writes {
				t.Errorf("%d writes, want %d:\n%s", len(writes), c.writes, strings.Join(writes, "\n"))
			}
			if int64(len(calls)) > res.Summary.Roles.Calls+1 ||
				res.Summary.Spent.Calls != int64(len(calls))+1 { // the org
				t.Errorf(
					"%d calls; the plan says %d at most beside the first, the summary %d",
					len(calls),
					res.Summary.Roles.Calls,
					res.Summary.Spent.Calls,
				)
			}
			if res.Summary.Rows.Error > 0 || c.differs {
				return
			}
			// A second run changes nothing.
			q := r.request(Import, namedAll(append([]string{"id,name,sequence_number"}, c.rows...))...)
			q.RunDir += "2"
			r.run(q)
			if writes := jobtest.Writes(r.Front.Sent()); len(writes) != 0 || strings.Join(r.list(), " ") != c.list {
				t.Errorf("the same again makes %q, and the list %q", writes, r.list())
			}
		})
	}
}

// The details of Zoho's refusals stay in the results, also those of one among many. Those of updates have an id: of the
// role that has the name, or of the row's own (Zoho's OpenAPI file for v8.0, contact roles).
func TestImportTellsZohosWords(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	table := []string{"id,name,note", ",Zeta", ",,x", "<A>,Beta", ",Eta", "<B>," + longName + "!"}
	r.run(r.request(Import, namedAll(table)...))
	want := namedAll([]string{
		`SUCCESS contact role added {"id":"<N1>"} 207 1`,
		`MANDATORY_NOT_FOUND required field not found {"api_name":"name","json_path":"$.contact_roles[1].name"} 207 1`,
		`DUPLICATE_DATA duplicate data {"id":"<B>","api_name":"name","json_path":"$.contact_roles[0].name"} 400 1`,
		`SUCCESS contact role added {"id":"<N2>"} 207 1`,
		`INVALID_DATA invalid data {"id":"<B>","api_name":"name","json_path":"$.contact_roles[0].name",` +
			`"maximum_length":50} 400 1`,
	})
	if d := cmp.Diff(want, r.results("rc_code", "rc_message", "rc_details", "rc_http", "rc_attempts")); d != "" {
		t.Error(d)
	}
}

func TestImportByName(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	q := r.request(Import, "id,name,sequence_number", "77,Beta,1", "no id at all,Zeta,", idOf(1)+",alpha,")
	q.Options.ByName = true
	r.run(q)
	want := namedAll([]string{"updated SUCCESS <B> Beta", "created SUCCESS <N1>", "unchanged SUCCESS <A>"})
	if d := cmp.Diff(want, r.results("rc_action", "rc_code", "rc_role_id", "rc_prior_role")); d != "" {
		t.Error(d)
	}
	if got := strings.Join(r.list(), " "); got != "Beta Alpha Gamma Delta Eps/ilon Zeta" {
		t.Error(got)
	}
}

// With --limit the run reads only the first rows. The other rows are neither sent nor in the results.
func TestImportLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	q := r.request(Import, "name", "Zeta", "Eta", "Theta")
	q.Settings.Limit = 2
	r.run(q)
	got := strings.Join(r.list(), " ") + ": " + strings.Join(r.outcomesOf(), ", ")
	if got != "Alpha Beta Gamma Delta Eps/ilon Zeta Eta: created SUCCESS, created SUCCESS" {
		t.Error(got)
	}
}

// If the org has two roles whose names differ only in case, the exact name finds its role, and any other spelling finds
// neither.
func TestImportOfNamesThatDifferInCase(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("Beta", "beta", "Gamma")})
	r.run(r.request(Import, "name,sequence_number", "beta,1", "BETA,1", "Gamma,"))
	want := []string{"updated SUCCESS " + idOf(2), " ROLE_UNKNOWN", "unchanged SUCCESS " + idOf(3)}
	if d := cmp.Diff(want, r.results("rc_action", "rc_code", "rc_role_id")); d != "" {
		t.Error(d)
	}
	if got := strings.Join(r.list(), " "); got != "beta Beta Gamma" {
		t.Error(got)
	}
}

// An org has at most a hundred roles. Zoho refuses the rows beyond that. Zoho's refusal names no row, so the list shows
// which rows were refused.
func TestImportOfTooManyRoles(t *testing.T) {
	t.Parallel()
	for _, flat := range []bool{false, true} {
		t.Run(fmt.Sprintf("flat %v", flat), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Org: orgOf(numberedNames(98)...)})
			if flat { // the shape is not shown in Zoho's documents
				r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, body string, pass jobtest.Pass) {
					if q.Method == http.MethodPost && len(r.list())+strings.Count(body, `"name"`) > 100 {
						jobtest.Answer(
							w,
							http.StatusBadRequest,
							`{"code":"LIMIT_EXCEEDED","details":{},"message":"limit exceeded","status":"error"}`,
						)
						return
					}
					pass(w)
				}
			}
			r.run(r.request(Import, "name", "V", "W", "X", "Y", "Role 001"))
			want := []string{
				"created SUCCESS " + newID(1),
				"created SUCCESS " + newID(2),
				" LIMIT_EXCEEDED",
				" LIMIT_EXCEEDED",
				"unchanged SUCCESS " + idOf(1),
			}
			if d := cmp.Diff(want, r.results("rc_action", "rc_code", "rc_role_id")); d != "" {
				t.Error(d)
			}
			if posts := jobtest.Writes(r.Front.Sent()); len(posts) != map[bool]int{false: 2, true: 5}[flat] {
				t.Errorf("%d writes", len(posts))
			}
			if got := r.list(); !slices.Equal(got, append(numberedNames(98), "V", "W")) {
				t.Error(got)
			}
		})
	}
}

// One call takes a hundred roles. 150 updates go in two calls.
func TestImportOfMoreThanACallTakes(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf(numberedNames(100)...)})
	lines := []string{"id,name"}
	for i := range 100 {
		lines = append(lines, fmt.Sprintf("%s,Other %03d", idOf(i+1), i+1))
	}
	for i := range 50 {
		lines = append(lines, fmt.Sprintf("%s,Third %03d", idOf(i+1), i+1))
	}
	r.run(r.request(Import, lines...))
	writes := jobtest.Writes(r.Front.Sent())
	if len(writes) != 2 || strings.Count(writes[0], `"id"`) != 100 || strings.Count(writes[1], `"id"`) != 50 {
		t.Errorf("%q", writes)
	}
	for i, name := range r.list() {
		if want := fmt.Sprintf("Third %03d", i+1); i < 50 && name != want {
			t.Errorf("role %d is %s", i+1, name)
		}
	}
}

// A table may have more rows than an org can have roles. The rows without room are refused.
func TestImportOfMoreRowsThanRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("Alpha")})
	res := r.run(r.request(Import, append([]string{"name"}, numberedNames(230)...)...))
	if rows := res.Summary.Rows; rows.Created != 99 || rows.Error != 131 || len(r.list()) != 100 {
		t.Errorf("%+v, %d roles", rows, len(r.list()))
	}
	if writes := jobtest.Writes(r.Front.Sent()); len(writes) != 3 {
		t.Errorf("%d writes", len(writes))
	}
	if len(res.Summary.Errors) != 1 || !strings.Contains(res.Summary.Errors[0].Advice, "100") {
		t.Errorf("%+v", res.Summary.Errors)
	}
}

// before.csv has the list before the run and can be imported, and failed.csv has the failed rows.
func TestFilesOfARun(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	res := r.run(r.request(Import, namedAll([]string{"my label,name,id", "x,=Zeta,", "y,Gamma,<A>"})...))
	want := "id,name,sequence_number\n"
	for i, name := range []string{"Alpha", "Beta", "Gamma", "Delta", "Eps/ilon"} {
		want += fmt.Sprintf("zcrm_%s,%s,%d\n", idOf(i+1), name, i+1)
	}
	if got := read(t, res.Summary.Files.Before); got != want {
		t.Error(cmp.Diff(want, got))
	}
	rows := r.tableRows(filepath.Join(r.Dir, "run", rundir.Results))
	if rows[0]["name"] != "=Zeta" || rows[0]["my label"] != "x" {
		t.Errorf("%v", rows[0])
	}
	if failed := r.tableRows(res.Summary.Files.Failed); len(failed) != 1 || failed[0]["my label"] != "y" ||
		failed[0]["rc_row"] != "2" {
		t.Errorf("%v", failed)
	}
	if got := r.list()[5]; got != "=Zeta" {
		t.Error(got)
	}
	// What was exported comes back as it was: nothing is to be done.
	q := r.request(Import)
	q.Input, q.RunDir = res.Summary.Files.Before, filepath.Join(r.Dir, "back")
	if again := r.run(q); again.Summary.Rows.Unchanged != 5 {
		t.Errorf("%+v", again.Summary.Rows)
	}
}

// A list that has names like formulas is exported guarded and imported as it is.
func TestGuardedNamesComeBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("=1+1", "'=x", "-Beta")})
	res := r.run(r.request(Import, "name", "=1+1"))
	q := r.request(Import)
	q.Input, q.RunDir = res.Summary.Files.Before, filepath.Join(r.Dir, "back")
	if again := r.run(q); again.Summary.Rows.Unchanged != 3 {
		t.Errorf("%+v, %q, list %q", again.Summary.Rows, read(t, q.Input), r.list())
	}
	if got := read(t, q.Input); !strings.Contains(got, csvio.Guard("=1+1")) {
		t.Error(got)
	}
}

// The calls have the right paths and bodies, and there are no other calls.
func TestCallsOfAnImport(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: small()})
	r.run(
		r.request(
			Import,
			namedAll(
				[]string{
					"id,name,sequence_number",
					",Zeta,3",
					",\"Eta \"\"x\"\" é\",",
					"<A>,Iota,",
					"<B>,,9",
					"<B>,Kappa,",
				},
			)...),
	)
	want := namedAll([]string{
		`GET /Contacts/roles`,
		`POST /Contacts/roles {"contact_roles":[{"name":"Zeta","sequence_number":3},{"name":"Eta \"x\" é"}]}`,
		`PUT /Contacts/roles {"contact_roles":[{"id":"<B>","name":"Beta","sequence_number":9},` +
			`{"id":"<A>","name":"Iota"}]}`,
		`GET /Contacts/roles`,
		`PUT /Contacts/roles/<B> {"contact_roles":[{"name":"Kappa"}]}`,
		`GET /Contacts/roles`,
		`PUT /Contacts/roles {"contact_roles":[{"id":"<C>","name":"Gamma","sequence_number":2},` +
			`{"id":"<N1>","name":"Zeta","sequence_number":3}]}`,
		`GET /Contacts/roles`,
	})
	got := r.Front.Sent()
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// If there is not enough room, the first rows of the table are created, whatever their positions are.
func TestTheFirstRowsFindAPlace(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf(numberedNames(98)...)})
	r.run(r.request(Import, "name,sequence_number", "X,", "Y,7", "Z,1"))
	if d := cmp.Diff([]string{"created SUCCESS", "created SUCCESS", " LIMIT_EXCEEDED"}, r.outcomesOf()); d != "" {
		t.Error(d)
	}
	if got := r.list(); got[6] != "Y" || got[99] != "X" {
		t.Errorf("%q", got)
	}
}

// Columns that are not read are named, but a table of many columns makes few notes.
func TestUnreadColumns(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A")})
	res := r.run(r.request(Import, "name,x1,x2,x3,x4,x5,x6,x7,x8,x9,x10,x11,x12,x13", "A"+strings.Repeat(",", 13)))
	notes := res.Summary.Notes
	if len(notes) != shownUnread+1 || !strings.Contains(notes[0], `the column "x1" is not read`) ||
		notes[shownUnread] != "3 more columns are not read" {
		t.Errorf("notes %q", notes)
	}
}
