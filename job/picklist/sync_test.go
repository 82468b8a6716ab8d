package picklist

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/jobtest"
)

// Each case has the table below the header id,name,sequence_number; action and code of each row; the list afterwards;
// and the number of writes.
func TestSync(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		org    string
		rows   []string
		prune  bool
		want   []string
		list   string
		writes []string
	}{
		{
			"as it is", "A B C", []string{",A,", ",B,", ",C,"}, true,
			[]string{"unchanged SUCCESS", "unchanged SUCCESS", "unchanged SUCCESS"}, "A B C", nil,
		},
		{
			"one moves", "A B C", []string{",C,", ",A,", ",B,"}, true,
			[]string{"updated SUCCESS", "unchanged SUCCESS", "unchanged SUCCESS"}, "C A B",
			[]string{`PUT /Contacts/roles {"contact_roles":[{"id":"<C>","name":"C","sequence_number":1},` +
				`{"id":"<A>","name":"A","sequence_number":2},{"id":"<B>","name":"B","sequence_number":3}]}`},
		},
		{
			"by sequence_number, not by row", "A B C", []string{",B,3", ",C,2", ",A,1"}, true,
			[]string{"updated SUCCESS", "unchanged SUCCESS", "unchanged SUCCESS"}, "A C B",
			[]string{`PUT /Contacts/roles {"contact_roles":[{"id":"<C>","name":"C","sequence_number":2},` +
				`{"id":"<B>","name":"B","sequence_number":3}]}`},
		},
		{
			"create, rename, delete", "A B C", []string{"<A>,A,", ",New,", "<B>,Q,"}, true,
			[]string{"unchanged SUCCESS", "created SUCCESS", "updated SUCCESS"}, "A New Q",
			[]string{
				`POST /Contacts/roles {"contact_roles":[{"name":"New","sequence_number":2}]}`,
				`PUT /Contacts/roles/<B> {"contact_roles":[{"name":"Q"}]}`, "DELETE /Contacts/roles?ids=<C>",
			},
		},
		{
			"without --prune the rest stays behind", "A B C D", []string{",D,", ",New,"}, false,
			[]string{"updated SUCCESS", "created SUCCESS"}, "D New A B C", nil,
		},
		{
			"another spelling", "A B", []string{",a,", ",B,"}, true, []string{"updated SUCCESS", "unchanged SUCCESS"},
			"a B", nil,
		},
		{
			"two change names", "A B", []string{"<A>,B,", "<B>,A,"}, true,
			[]string{"updated SUCCESS", "updated SUCCESS"}, "B A",
			[]string{
				`PUT /Contacts/roles/<B> {"contact_roles":[{"name":"B~"}]}`,
				`PUT /Contacts/roles/<A> {"contact_roles":[{"name":"B"}]}`,
				`PUT /Contacts/roles/<B> {"contact_roles":[{"name":"A"}]}`,
			},
		},
		{
			"a circle of three", "A B C", []string{"<A>,B,", "<B>,C,", "<C>,A,"}, true,
			[]string{"updated SUCCESS", "updated SUCCESS", "updated SUCCESS"}, "B C A", nil,
		},
		{
			"the name of one that goes", "A B C", []string{"<A>,C,", "<B>,B,"}, true,
			[]string{"updated SUCCESS", "unchanged SUCCESS"}, "C B", nil,
		},
		{
			"a new role gets the name of one that is renamed", "A B", []string{"<A>,Q,", "77777,,", ",A,", ",B,"},
			false, []string{"updated SUCCESS", " INVALID_DATA", "created SUCCESS", "unchanged SUCCESS"}, "Q A B", nil,
		},
		{
			"a name given away twice", "A B", []string{"<A>,B,", "<B>,Q,", ",A,"}, true,
			[]string{"updated SUCCESS", "updated SUCCESS", "created SUCCESS"}, "B Q A", nil,
		},
		{
			"the name of one that stays", "A B C", []string{"<A>,C,", "<B>,,"}, false,
			[]string{" DUPLICATE_DATA", "unchanged SUCCESS"}, "A B C", nil,
		},
		{
			"nothing goes where a row failed", "A B C", []string{",A,", "77777,B,"}, true,
			[]string{"unchanged SUCCESS", " INVALID_DATA"}, "A B C", nil,
		},
		{
			"nothing goes where a row cannot be sent", "A B C", []string{",A,", ",B,x"}, true,
			[]string{"unchanged SUCCESS", " SEQUENCE_INVALID"}, "A B C", nil,
		},
		{
			"no names", "A B C", []string{"<C>,,", "<A>,,", "<B>,,"}, true,
			[]string{"updated SUCCESS", "unchanged SUCCESS", "unchanged SUCCESS"}, "C A B", nil,
		},
		{"an empty table without --prune", "A B", nil, false, nil, "A B", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Org: orgOf(strings.Fields(c.org)...)})
			q := r.request(Sync, namedAll(append([]string{header}, c.rows...))...)
			q.Options.Prune = c.prune
			r.run(q)
			if d := gocmp.Diff(c.want, r.outcomesOf()); d != "" {
				t.Errorf("results:\n%s", d)
			}
			if got := strings.Join(r.list(), " "); got != c.list {
				t.Errorf("list %s, want %s", got, c.list)
			}
			if writes := jobtest.Writes(r.Front.Sent()); c.writes != nil {
				if d := gocmp.Diff(namedAll(c.writes), writes); d != "" {
					t.Errorf("writes:\n%s", d)
				}
			}
		})
	}
}

const header = "id,name,sequence_number"

// A table that is no list is refused before anything is sent.
func TestSyncOfWhatIsNoList(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][]string{
		"a role twice, by id":          {"<A>,A,", "<A>,Q,"},
		"a role twice, by id and name": {"<A>,,", ",a,"},
		"a role twice, by name":        {",A,", ",a,"},
		"a name twice":                 {"<A>,Q,", "<B>,Q,"},
		"a new name twice":             {",Q,", ",Q,"},
		"an unknown id twice":          {"77,,", "77,,"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, emulator.Options{Org: orgOf("A", "B")})
			q := r.request(Sync, namedAll(append([]string{header}, rows...))...)
			q.DryRun = strings.Contains(name, "new") // it refuses as well
			res, err := start(t.Context(), q)
			var usage *job.UsageError
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), "line 3") ||
				!strings.Contains(err.Error(), "line 2") ||
				len(jobtest.Writes(r.Front.Sent())) != 0 {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
}

// syncRow is a row of a table for sync: it names a role of the org by its id or by its name in any case, or a new role.
type syncRow struct{ id, name, is string }

// drawTable draws the table of a sync: some of the org's roles in any order, renamed or not, and new roles. No two
// roles get the same name.
func drawTable(rt *rapid.T, names []string) (rows []syncRow) {
	taken := map[string]bool{}
	fresh := func(of []string) string {
		left := slices.DeleteFunc(slices.Clone(of), func(s string) bool { return taken[strings.ToLower(s)] })
		if len(left) == 0 {
			return ""
		}
		return rapid.SampledFrom(left).Draw(rt, "name")
	}
	stays := rapid.SliceOfNDistinct(rapid.IntRange(1, len(names)), 0, len(names), rapid.ID[int]).
		Draw(rt, "roles that stay")
	for _, i := range stays { // those that go by their names have them before others take them
		switch way := rapid.IntRange(0, 3).Draw(rt, "way"); {
		case way == 0 && !taken[strings.ToLower(names[i-1])]:
			rows = append(rows, syncRow{"", flipCase(rt, names[i-1]), idOf(i)})
			taken[strings.ToLower(names[i-1])] = true
		case way == 1 && !taken[strings.ToLower(names[i-1])]:
			rows = append(rows, syncRow{idOf(i), "", idOf(i)})
			taken[strings.ToLower(names[i-1])] = true
		default:
			rows = append(rows, syncRow{id: idOf(i), is: idOf(i), name: "?"})
		}
	}
	freed := map[string]bool{}
	for i := range rows {
		if rows[i].name != "?" {
			continue
		}
		if rows[i].name = fresh(someNames); rows[i].name == "" {
			rows[i].name = fmt.Sprint("spare ", i)
		}
		taken[strings.ToLower(rows[i].name)] = true
		for k, name := range names {
			if idOf(k+1) == rows[i].is && !strings.EqualFold(name, rows[i].name) {
				freed[name] = true
			}
		}
	}
	for range rapid.IntRange(0, 3).Draw(rt, "new roles") {
		name := fresh(append([]string{"Hal", "Ida"}, someNames...))
		if name == "" ||
			slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) && !freed[n] }) {
			continue // by its name it would be that role
		}
		taken[strings.ToLower(name)] = true
		rows = append(rows, syncRow{name: name})
	}
	return rapid.Permutation(rows).Draw(rt, "order")
}

func flipCase(rt *rapid.T, name string) string {
	if rapid.Bool().Draw(rt, "upper case") {
		return strings.ToUpper(name)
	}
	return name
}

// syncCase is an org and the table of a sync.
type syncCase struct {
	names []string
	rows  []syncRow
	prune bool
}

func drawSync(rt *rapid.T) syncCase {
	c := syncCase{names: drawList(rt, false), prune: rapid.Bool().Draw(rt, "prune")}
	c.rows = drawTable(rt, c.names)
	if c.prune && len(c.rows) == 0 {
		c.rows = []syncRow{{name: "Hal"}}
	}
	return c
}

func (c *syncCase) lines() []string {
	lines := []string{header}
	for _, row := range c.rows {
		lines = append(lines, row.id+","+row.name+",")
	}
	return lines
}

// want returns the expected list: the names, and the ids ("" for new roles).
func (c *syncCase) want() (names, ids []string) {
	named := map[string]bool{}
	for _, row := range c.rows {
		name := row.name
		if name == "" {
			name = c.names[c.number(row.is)-1]
		}
		names, ids = append(names, name), append(ids, row.is)
		named[row.is] = true
	}
	for i, name := range c.names {
		if !c.prune && !named[idOf(i+1)] {
			names, ids = append(names, name), append(ids, idOf(i+1))
		}
	}
	return names, ids
}

func (c *syncCase) number(id string) int {
	for i := range c.names {
		if idOf(i+1) == id {
			return i + 1
		}
	}
	return 0
}

// clashes reports whether the table gives a role the name of a role that it does not name. Without --prune this cannot
// work.
func (c *syncCase) clashes() bool {
	names, _ := c.want()
	slices.Sort(names)
	return len(slices.Compact(names)) != len(names)
}

// check compares the org's list with the expected list.
func (c *syncCase) check(rt *rapid.T, r *rig) {
	names, ids := c.want()
	got := r.roles()
	if d := gocmp.Diff(names, r.list()); d != "" {
		rt.Fatalf(
			"%q to %q (prune %v):\n%s\n%q\n%q",
			c.lines()[1:],
			c.names,
			c.prune,
			d,
			r.outcomesOf(),
			r.Front.Sent(),
		)
	}
	for i, role := range got {
		if ids[i] != "" && role.ID != ids[i] || ids[i] == "" && c.number(role.ID) > 0 {
			rt.Fatalf("%s has the id %s, want %q", role.Name, role.ID, ids[i])
		}
	}
}

// For any two lists, the org's list becomes equal to the table, and the named roles keep their ids. A second run has
// nothing to do.
func TestSyncMakesTheListThatOfTheTable(t *testing.T) {
	t.Parallel()
	newRig := propertyRigs(t)
	rapid.Check(t, func(rt *rapid.T) {
		c := drawSync(rt)
		r := newRig(
			emulator.Options{
				Org:       orgOf(c.names...),
				RoleMoves: rapid.SampledFrom([]string{"shift", "swap"}).Draw(rt, "role moves"),
			},
		)
		q := r.request(Sync, c.lines()...)
		q.Options.Prune = c.prune
		if c.clashes() {
			res := r.runIn(rt, q)
			if res.Summary.Rows.Error == 0 {
				rt.Fatalf("%q to %q: %q", c.lines(), c.names, r.outcomesOf())
			}
			return
		}
		res := r.runIn(rt, q)
		if res.Summary.Rows.Error > 0 {
			rt.Fatalf("%q to %q (prune %v): %q\n%q", c.lines()[1:], c.names, c.prune, r.outcomesOf(), r.Front.Sent())
		}
		c.check(rt, r)
		r.planHeld(rt, res, true)
		q.RunDir += "2"
		res, err := start(t.Context(), q)
		if err != nil || res.Stop != nil || res.Summary.Rows.Unchanged != res.Summary.Rows.Total ||
			res.Summary.Roles.Pruned != 0 {
			rt.Fatalf("%+v, %v", res, err)
		}
		if writes := jobtest.Writes(r.Front.Sent()); len(writes) != 0 {
			rt.Fatalf("the second time: %q", writes)
		}
	})
}

// If Zoho accepts positions but does not move roles, rows fail, and nothing is deleted.
func TestSyncWhereZohoKeepsPositions(t *testing.T) {
	t.Parallel()
	newRig := propertyRigs(t)
	rapid.Check(t, func(rt *rapid.T) {
		c := drawSync(rt)
		r := newRig(emulator.Options{Org: orgOf(c.names...), RoleMoves: "keep"})
		q := r.request(Sync, c.lines()...)
		q.Options.Prune = c.prune
		res := r.runIn(rt, q)
		if c.clashes() {
			return
		}
		if calls := r.Front.Sent(); int64(len(calls)) > res.Summary.Roles.Calls+1 {
			rt.Fatalf("%d calls, and %d were foretold beside the first", len(calls), res.Summary.Roles.Calls)
		}
		if res.Summary.Rows.Error == 0 {
			c.check(rt, r)
			return
		}
		for _, o := range r.outcomesOf() {
			if strings.HasPrefix(o, " ") && o != " "+job.CodePositionDiffers {
				rt.Fatalf("%q", o)
			}
		}
		now := r.idsOf()
		for i := range c.names {
			if !slices.ContainsFunc(r.roles(), func(o emulator.OrgRole) bool { return o.ID == idOf(i+1) }) {
				rt.Fatalf("role %d is gone: %v", i+1, now)
			}
		}
		names, _ := c.want()
		for _, name := range names {
			if now[name] == "" {
				rt.Fatalf(
					"%s is missing: %v of %q\n%q\n%s",
					name,
					now,
					c.names,
					r.outcomesOf(),
					strings.Join(r.Front.Sent(), "\n"),
				)
			}
		}
		if len(res.Summary.Roles.Differs) == 0 {
			rt.Fatalf("%+v", res.Summary.Roles)
		}
	})
}

// A plan that deletes more than is allowed is refused before anything is sent; the dry run says so.
func TestMaxDelete(t *testing.T) {
	t.Parallel()
	for most, refused := range map[int64]bool{0: true, 2: true, 3: false} {
		r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C", "D")})
		q := r.request(Sync, "name", "New", "C")
		q.Options.Prune, q.Settings.MaxDelete = true, job.Threshold{Number: most, Set: true}
		q.DryRun = true
		res, err := start(t.Context(), q)
		if err != nil || refused != (len(res.Summary.Notes) == 1) {
			t.Errorf("%+v, %v", res, err)
		}
		q.DryRun = false
		res, err = start(t.Context(), q)
		var stop *job.Stop
		errors.As(err, &stop)
		if refused != (stop != nil && stop.Reason == job.Refused) {
			t.Errorf("%d: %+v, %v", most, res, err)
		}
		if want := map[bool]string{true: "A B C D", false: "New C"}[refused]; strings.Join(r.list(), " ") != want {
			t.Errorf("%d: %q, want %s", most, r.list(), want)
		}
		if refused && len(jobtest.Writes(r.Front.Sent())) != 0 {
			t.Error("something was sent")
		}
	}
}

// In a full org, the roles to delete are deleted first, so that there is room for new roles.
func TestSyncOfAFullOrg(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf(numberedNames(100)...)})
	lines := []string{"name"}
	lines = append(lines, numberedNames(97)...)
	q := r.request(Sync, append(lines, "X", "Y")...)
	q.Options.Prune = true
	res := r.run(q)
	if got := r.list(); !slices.Equal(got, append(numberedNames(97), "X", "Y")) || res.Summary.Roles.Pruned != 3 {
		t.Errorf("%q, %+v", got, res.Summary.Roles)
	}
	if deletes := strings.Join(jobtest.Writes(r.Front.Sent()), "\n"); strings.Count(deletes, "DELETE") != 2 ||
		!strings.HasPrefix(deletes, "DELETE /Contacts/roles?ids="+idOf(98)+","+idOf(99)+"\n") &&
			!strings.HasPrefix(deletes, "DELETE /Contacts/roles?ids="+idOf(98)+"%2C"+idOf(99)+"\n") {
		t.Error(deletes)
	}
	pruned := r.tableRows(res.Summary.Files.Pruned)
	if len(pruned) != 3 || pruned[0]["name"] != "Role 098" || pruned[2]["rc_action"] != job.ActionDeleted ||
		pruned[2]["id"] != idOf(100) {
		t.Errorf("%v", pruned)
	}
}

// roles import of pruned.csv creates roles again that were pruned by mistake.
func TestPrunedCanBeImported(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B", "C")})
	q := r.request(Sync, "name", "A")
	q.Options.Prune = true
	res := r.run(q)
	q = r.request(Import)
	q.Input, q.RunDir, q.Options.ByName = res.Summary.Files.Pruned, q.RunDir+"2", true
	r.run(q)
	if got := strings.Join(r.list(), " "); got != "A B C" {
		t.Error(got)
	}
}

// --prune with a table of no rows would delete everything.
func TestPruneByNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B")})
	q := r.request(Sync, "name")
	q.Options.Prune = true
	_, err := start(t.Context(), q)
	var usage *job.UsageError
	if !errors.As(err, &usage) || len(r.Front.Sent()) != 0 {
		t.Error(err)
	}
}

// If Zoho confirms a temporary name but does not set it, the run does not loop for ever: it sends the rows as they are.
func TestSyncWhereNoNameCanBeFreed(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{"contact_roles":[{"code":"SUCCESS","details":{},"message":"record updated","status":"success"}]}`,
		`{"contact_roles":[{"code":"INVALID_DATA","details":{},"message":"invalid data","status":"error"}]}`,
	} {
		r := newRig(t, emulator.Options{Org: orgOf("A", "B")})
		r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, body string, pass func(http.ResponseWriter)) {
			if strings.Contains(body, "~") {
				jobtest.Answer(w, http.StatusOK, answer)
				return
			}
			pass(w)
		}
		q := r.request(Sync, namedAll([]string{header, "<A>,B,", "<B>,A,"})...)
		q.Options.Prune = true
		r.run(q)
		if got := r.outcomesOf(); !slices.Equal(got, []string{" DUPLICATE_DATA", " DUPLICATE_DATA"}) ||
			strings.Join(r.list(), " ") != "A B" {
			t.Errorf("%q, %q", got, r.list())
		}
	}
}

// A role with a temporary name gets its old name back if the row that should rename it fails.
func TestNamesAreGivenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, emulator.Options{Org: orgOf("A", "B")})
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, body string, pass func(http.ResponseWriter)) {
		if q.Method == http.MethodPut && strings.Contains(body, `"A"`) && strings.HasSuffix(q.URL.Path, idOf(2)) {
			jobtest.Answer(
				w,
				http.StatusBadRequest,
				`{"code":"INVALID_DATA","details":{},"message":"invalid data","status":"error"}`,
			)
			return
		}
		pass(w)
	}
	r.run(r.request(Sync, namedAll([]string{header, "<A>,C,", "<B>,A,", ",B,"})...))
	if got := r.outcomesOf(); !slices.Equal(got, []string{"updated SUCCESS", " INVALID_DATA", " DUPLICATE_DATA"}) ||
		strings.Join(r.list(), " ") != "C B" {
		t.Errorf("%q, %q", got, r.list())
	}
	// A circle that cannot be closed.
	r.Dir = t.TempDir()
	r.Front.Meddle = func(w http.ResponseWriter, q *http.Request, body string, pass func(http.ResponseWriter)) {
		if q.Method == http.MethodPut && strings.HasSuffix(q.URL.Path, idOf(1)) {
			jobtest.Answer(
				w,
				http.StatusBadRequest,
				`{"code":"INVALID_DATA","details":{},"message":"invalid data","status":"error"}`,
			)
			return
		}
		pass(w)
	}
	r.run(r.request(Sync, namedAll([]string{header, "<A>,B,", "<B>,C,"})...))
	if got := r.outcomesOf(); !slices.Equal(got, []string{" INVALID_DATA", " DUPLICATE_DATA"}) ||
		strings.Join(r.list(), " ") != "C B" {
		t.Errorf("%q, %q", got, r.list())
	}
}

// Names that differ only in case are one role of a table, unless the org has both.
func TestSyncCaseTwins(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		org     []string
		refused bool
	}{
		"neither is there": {[]string{"Alpha"}, true},
		"one is there":     {[]string{"Champion"}, true},
		"both are there":   {[]string{"Champion", "champion"}, false},
	} {
		r := newRig(t, emulator.Options{Org: orgOf(test.org...)})
		_, err := start(t.Context(), r.request(Sync, "name", "champion", "Champion"))
		if _, usage := errors.AsType[*job.UsageError](err); usage != test.refused || !usage && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
