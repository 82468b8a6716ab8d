package csvio

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVocabularyFields(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]Field{"id", "name", "sequence_number"}, roles().Fields()); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if got := (&Vocabulary{}).Fields(); len(got) != 0 {
		t.Errorf("an empty vocabulary has %q", got)
	}
}

func TestRoleHeaderNames(t *testing.T) {
	t.Parallel()
	for want, names := range map[Field][]string{
		"id": {"id", "ID", " Id ", "role_id", "Role ID", "roleId", "Contact Role.id", "\ufeffid", "i.d"},
		"name": {
			"name", "Name", "NAME ", "role", "Role Name", "contact_role", "Contact Role.name", "Contact_Role",
		},
		"sequence_number": {
			"sequence_number", "Sequence Number", "sequence-number", "sequence", "Position", "POSITION",
		},
		"": {
			"Record Id", "deal_id", "contact_id", "Contact Name", "email", "contact roles", "number", "seq", "rc_id",
			"RC_name", "", " ", "display_value",
		},
	} {
		for _, name := range names {
			r := reader(t, "x,"+name+",y\n", Options{Vocabulary: roles()})
			for _, f := range roles().Fields() {
				if got := r.Has(f); got != (f == want) {
					t.Errorf("%q stands for %s: %v", name, f, got)
				}
			}
			if r.Has(DealID) || r.Has(Role) {
				t.Errorf("%q: a table of roles has stakeholders' fields", name)
			}
		}
	}
}

// Only the columns of the given vocabulary count, with spellings of aliases and
// with names that two columns have. Names of stakeholders' columns do not
// count.
func TestAnyVocabulary(t *testing.T) {
	t.Parallel()
	v := &Vocabulary{Columns: []KnownColumn{
		{Field: "user_id", Aliases: []string{"ID", "User.Id", "-"}},
		{Field: "full_name", Aliases: []string{"id", "User Name", "email"}},
		{Field: "email"},
		{Field: "manager", Aliases: []string{"Record ID"}},
	}}
	r := reader(
		t,
		"Id,USERNAME,E-Mail,Contact Owner,,Record Id\n1,2,3,4,5,6\n",
		Options{Vocabulary: v, Needs: [][]Field{{"full_name"}}},
	)
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	for f, want := range map[Field]string{
		"user_id": "1", "full_name": "2", "email": "3", "manager": "6", "": "", "role": "",
	} {
		if got := r.Value(f); got != want {
			t.Errorf("%q is %q, want %q", f, got, want)
		}
	}
	for name, v := range map[string]*Vocabulary{
		"of nothing": {}, "of one column": {Columns: []KnownColumn{{Field: "b"}}},
	} {
		rows := rowsOf(t, "a,b\n1,2\n3\n", Options{Vocabulary: v})
		if len(rows) != 2 || rows[0].Malformed != nil || rows[1].Malformed == nil {
			t.Errorf("a vocabulary %s: %+v", name, rows)
		}
	}
}

func TestRoleHeaderProblems(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]headerProblem{
		"missing": {
			"id,Sequence\n", nil, []string{"lacks a column name;", `"id", "Sequence"`, `--map name="its name"`},
		},
		"a deal's table": {
			"deal_id,contact_id\n", nil,
			[]string{"lacks a column name, and a column id or sequence_number", "--map id="},
		},
		"two columns": {
			"name,Role,id\n", nil, []string{`"name" and "Role" both stand for name`, `--map name="name"`},
		},
		"the same twice": {"id,name,id\n", nil, []string{`"id" and "id" both stand for id`, "rename"}},
		"only our own":   {"rc_id,rc_name\n", nil, []string{"lacks a column name,", "found", "none"}},
		"mapped to nothing": {
			"id,name\n", map[Field]string{"sequence_number": "Order"},
			[]string{`--map sequence_number="Order"`, `"id", "name"`},
		},
		"mapped to our own": {"id,name,rc_row\n", map[Field]string{"id": "rc_row"}, []string{"rc_", "not read"}},
		"mapped to two":     {"x,x,name\n", map[Field]string{"id": "x"}, []string{"2 columns", `"x"`, "for id"}},
		"mapped twice":      {"x,y\n", map[Field]string{"id": "x", "name": "x"}, []string{"both id and name"}},
		"a deal's field": {
			"id,name\n", map[Field]string{DealID: "id"},
			[]string{"--map deal_id=... names no field", "the fields are id, name or sequence_number"},
		},
		"the first of two": {
			"id,name\n", map[Field]string{Role: "id", ContactID: "name"},
			[]string{"--map contact_id=... names no field"},
		},
		"one column": {"a§b\n", nil, []string{"--delimiter"}},
		"JSON Lines": {
			`{"id":"1","role_name":"a","role":"b"}`, nil, []string{`"role_name" and "role" both stand for name`},
		},
		"JSON Lines, lacks": {`{"id":"1"}`, nil, []string{"lacks a column name;", "as keys of the first object"}},
		"a workbook": {
			zipped(t, workbookParts(inline(1, "id", "Position"))), nil,
			[]string{"lacks a column name;", `in the sheet "Data": "id", "Position"`},
		},
	} {
		_, err := NewReader(
			strings.NewReader(tt.header),
			Options{
				Name:       "x.csv",
				Vocabulary: roles(),
				Map:        tt.mapped,
				Needs:      [][]Field{{"name"}, {"id", "sequence_number"}},
			},
		)
		if _, ok := errors.AsType[*FileError](err); !ok {
			t.Errorf("%s: error %v, want a *FileError", name, err)
			continue
		}
		for _, part := range append(tt.says, "x.csv:1: ") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: message %q, want it to say %q", name, err, part)
			}
		}
		if strings.Contains(err.Error(), "deal_name") || strings.Contains(err.Error(), "stakeholders") {
			t.Errorf("%s: message %q of a table of roles speaks of deals", name, err)
		}
	}
	_, err := NewReader(
		strings.NewReader("x\n"),
		Options{Vocabulary: roles(), Needs: [][]Field{{"name", "id"}, {"sequence_number"}}},
	)
	if problem, ok := errors.AsType[*FileError](err); !ok ||
		!cmp.Equal(problem.Missing, []Field{"name", "sequence_number"}) {
		t.Errorf("missing are %+v", err)
	}
}

func TestRoleMap(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header string
		mapped map[Field]string
		want   string // of the cells 1, 2, 3: those of id, name and sequence_number
	}{
		"another name":           {"Rolle,Nr,x", map[Field]string{"name": "Rolle", "sequence_number": "nr"}, "|1|2"},
		"wins over a known name": {"id,name,label", map[Field]string{"name": "label"}, "1|3|"},
		"settles two columns":    {"name,Role,id", map[Field]string{"name": "Role"}, "3|2|"},
		"takes the column":       {"id,name,position", map[Field]string{"sequence_number": "id"}, "|2|1"},
		"fields change place":    {"id,name,position", map[Field]string{"id": "name", "name": "id"}, "2|1|3"},
	} {
		for format, text := range map[string]string{
			"csv": tt.header + "\n1,2,3\n", "jsonl": jsonLine(tt.header, "1,2,3"),
			"xlsx": zipped(t, workbookParts(inline(1, strings.Split(tt.header, ",")...)+inline(2, "1", "2", "3"))),
		} {
			r := reader(t, text, Options{Vocabulary: roles(), Map: tt.mapped, Needs: [][]Field{{"name"}}})
			if _, err := r.Read(); err != nil {
				t.Fatal(err)
			}
			if got := valuesIn(r); got != tt.want {
				t.Errorf("%s, %s: %s, want %s", name, format, got, tt.want)
			}
		}
	}
}

// jsonLine is a row as an object, its keys and texts without escapes.
func jsonLine(header, row string) string {
	cells := strings.Split(row, ",")
	var b strings.Builder
	for i, name := range strings.Split(header, ",") {
		b.WriteString("{,"[min(i, 1):][:1] + `"` + name + `":"` + cells[i] + `"`)
	}
	return b.String() + "}\n"
}

// valuesIn joins what Value gives for the fields of roles.
func valuesIn(r *Reader) string {
	var all []string
	for _, f := range roles().Fields() {
		all = append(all, r.Value(f))
	}
	return strings.Join(all, "|")
}

// Value returns the cell of the row that was read last, and "" before the first
// row and after the last.
func TestValueIsOfTheLastRow(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"csv": "id,name\n1,a\n2,b\n", "jsonl": jsonLine("id,name", "1,a") + jsonLine("id,name", "2,b"),
		"xlsx": zipped(t, workbookParts(inline(1, "id", "name")+inline(2, "1", "a")+inline(3, "2", "b"))),
	} {
		r := reader(t, text, Options{Vocabulary: roles()})
		for _, want := range []string{"||", "1|a|", "2|b|", "||", "||"} {
			if got := valuesIn(r); got != want || r.Value(Role) != "" {
				t.Errorf("%s: Value gives %s, want %s", name, got, want)
			}
			if rec, err := r.Read(); err == nil && rec.Cells == nil {
				t.Errorf("%s: no cells", name)
			} else if err != nil && !errors.Is(err, io.EOF) {
				t.Error(name, err)
			}
		}
		r = reader(t, text, Options{Vocabulary: roles()})
		if _, err := r.Read(); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil || valuesIn(r) != "||" {
			t.Errorf("%s: after Close %s, %v", name, valuesIn(r), err)
		}
	}
	if r := reader(t, "", Options{Vocabulary: roles(), Needs: [][]Field{{"name"}}}); !r.Empty() || r.Has("id") ||
		r.Value("id") != "" {
		t.Error("an empty file has something")
	}
	r := reader(t, "id,role_id,role,rc_row\n1,2,'=a,4\n", Options{}) // stakeholders
	if _, err := r.Read(); err != nil || r.Value(RoleID) != "2" || r.Value("id") != "" || r.Value(Role) != "=a" ||
		r.Value(DealID) != "" {
		t.Errorf("role_id %q, role %q, %v", r.Value(RoleID), r.Value(Role), err)
	}
}
