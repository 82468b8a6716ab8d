package csvio

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func roleColumns() []Column {
	return []Column{{Name: "id", Kind: IDColumn}, {Name: "name"}, {Name: "sequence_number", Kind: PlainColumn}}
}

// roleName is any name that Zoho may hold, or a user may have typed.
func roleName() *rapid.Generator[string] {
	pieces := rapid.SampledFrom(
		[]string{
			"=",
			"+",
			"-",
			"@",
			"'",
			"\t",
			"\"",
			"a",
			" ",
			"\n",
			",",
			";",
			"|",
			"é",
			"決",
			"😀",
			"1",
			"\u00a0",
			"\u200b",
			"\ufeff",
			"{",
			"]",
			"<",
			"&",
			"_x0041_",
			"rc_",
			"zcrm_",
		},
	)
	return rapid.OneOf(anyText(), rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(pieces, 1, 5).Draw(t, "pieces"), "")
	}), rapid.StringMatching(`'{0,3}[=+\-@']?[^\x00-\x08\x0b-\x1f\x7f-\x9f\x{fffe}\x{ffff}]{0,50}`))
}

// Any list of roles that a TableWriter writes is read back the same, in every
// format, whatever sheet it is on.
func TestRolesAreReadBack(t *testing.T) {
	t.Parallel()
	for _, format := range formats() {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				var rows [][]Value
				var want []string
				for i := range rapid.IntRange(0, 6).Draw(rt, "roles") {
					id, name := rapid.StringMatching(`[1-9][0-9]{0,19}`).Draw(rt, "id"), roleName().Draw(rt, "name")
					rows = append(rows, texts(id, name, itoa(i+1)))
					want = append(want, id+"|"+name+"|"+itoa(i+1))
				}
				o := TableOptions{
					Format:  format,
					BareIDs: rapid.Bool().Draw(rt, "bare"),
					Sheet:   rapid.SampledFrom([]string{"", "roles"}).Draw(rt, "sheet"),
				}
				ro := Options{Vocabulary: roles(), Needs: [][]Field{{"id"}, {"name"}, {"sequence_number"}}}
				r, err := NewReader(bytes.NewReader(written(t, roleColumns(), o, rows...)), ro)
				if err != nil {
					rt.Fatal(err)
				}
				defer func() { _ = r.Close() }()
				var got []string
				for {
					rec, err := r.Read()
					if err != nil {
						break
					}
					id, problem := ParseID(r.Value("id"))
					if problem != nil || rec.Malformed != nil {
						rt.Fatalf("row %d: %v, %v", rec.Row, problem, rec.Malformed)
					}
					if bare := r.Value("id") == id; bare != o.BareIDs {
						rt.Errorf("an id is %q", r.Value("id"))
					}
					got = append(got, id+"|"+r.Value("name")+"|"+r.Value("sequence_number"))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					rt.Errorf("%s (-want +got):\n%s", format, diff)
				}
			})
		})
	}
}

// A TableWriter guards the names of roles, so that no cell is a formula. A
// Reader removes exactly that guard.
func TestRolesAreGuarded(t *testing.T) {
	t.Parallel()
	for _, format := range formats() {
		for _, name := range []string{"=1+1", "+1", "-", "@x", "'=1", "''@", "'", "'a", "\t=", "plain"} {
			r := reader(
				t,
				string(written(t, roleColumns(), TableOptions{Format: format}, texts("7", name, "1"))),
				Options{Vocabulary: roles()},
			)
			rec, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			want := Guard(name)
			if format == FormatJSONL {
				want = name
			}
			if rec.Cells[1] != want || r.Value("name") != name {
				t.Errorf(
					"%s: %q stands there as %q, want %q, and is read as %q",
					format,
					name,
					rec.Cells[1],
					want,
					r.Value("name"),
				)
			}
		}
	}
}

// A user's own file lacks one of the columns that an export has, by its exact
// name. A Reader removes no guard from its texts.
func TestAUsersOwnFileIsNotUnguarded(t *testing.T) {
	t.Parallel()
	other := map[string][]string{
		"id":              {"Id", "Role Id", "nr"},
		"name":            {"Name", "role", "Role Name", "label"},
		"sequence_number": {"Sequence Number", "position", "sequence", "order"},
	}
	rapid.Check(t, func(rt *rapid.T) {
		ours := roles().Ours
		changed := rapid.SliceOfNDistinct(rapid.SampledFrom(ours), 1, 3, rapid.ID).Draw(rt, "changed")
		var header []string
		for _, name := range ours {
			switch {
			case !slices.Contains(changed, name):
				header = append(header, name)
			case name == "name" || rapid.Bool().Draw(rt, "renamed"):
				header = append(header, rapid.SampledFrom(other[name]).Draw(rt, "name"))
			}
		}
		header = append(
			header,
			rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"note", "deal_id", "stage", "xrc_row"}), 0, 4, rapid.ID).
				Draw(rt, "more")...)
		header = rapid.Permutation(header).Draw(rt, "header")
		row := make([]string, len(header))
		for i := range row {
			row[i] = rapid.SampledFrom([]string{"'=x", "''-", "'@", "'+1", "'\t"}).Draw(rt, "cell")
		}
		for way, text := range everyWay(t, header, row) {
			r := reader(t, text, Options{Name: way, Vocabulary: roles()})
			if _, err := r.Read(); err != nil {
				rt.Fatal(err)
			}
			for _, f := range roles().Fields() {
				if got := r.Value(f); r.Has(f) && !slices.Contains(row, got) {
					rt.Errorf("%s: under %q, the %s of %q is read as %q", way, header, f, row, got)
				}
			}
		}
	})
}

// The marks of a table of roles that rolecall wrote, and the cells that lose
// their guard.
func TestOwnRoleTablesAreUnguarded(t *testing.T) {
	t.Parallel()
	noOurs := roles()
	noOurs.Ours = nil
	for name, tt := range map[string]struct {
		known  *Vocabulary
		header string
		want   string // of cells that are all '=x
	}{
		"an export":             {roles(), "id,name,sequence_number", "'=x|=x|=x"},
		"with moved columns":    {roles(), "sequence_number,note, id ,name", "'=x|=x|=x"},
		"a column is gone":      {roles(), "id,name", "'=x|'=x|"},
		"a column is renamed":   {roles(), "ID,name,sequence_number", "'=x|'=x|'=x"},
		"a result":              {roles(), "role,rc_row", "|=x|"},
		"only rc_ columns tell": {noOurs, "id,name,sequence_number", "'=x|'=x|'=x"},
		"and they do":           {noOurs, "id,name,RC_status", "'=x|=x|"},
		"an export of deals":    {roles(), strings.Join(Stakeholders().Ours, ","), "'=x|'=x|"},
		"of deals and of roles": {roles(), "id,name,sequence_number,deal_id", "'=x|=x|=x"},
		"columns of nothing":    {&Vocabulary{}, "id,name", "||"},
		"a name that is no field": {
			&Vocabulary{Columns: roles().Columns, Ours: []string{"made_by"}}, "id,name,made_by", "'=x|=x|",
		},
	} {
		header := strings.Split(tt.header, ",")
		row := slices.Repeat([]string{"'=x"}, len(header))
		for way, text := range everyWay(t, header, row) {
			want := tt.want
			if strings.HasPrefix(way, "jsonl") {
				want = strings.ReplaceAll(want, "|=x", "|'=x") // JSON Lines are never guarded
			}
			r := reader(t, text, Options{Vocabulary: tt.known})
			rec, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			if got := valuesIn(r); got != want || rec.Cells[0] != "'=x" {
				t.Errorf("%s, %s: %s, want %s; cells %q", name, way, got, want, rec.Cells)
			}
		}
	}
}

// A table is written to the sheet that the caller names, with the whole layout.
func TestNamedSheet(t *testing.T) {
	t.Parallel()
	columns := append(roleColumns(), Column{Name: "role", Role: true})
	book := written(
		t,
		columns,
		TableOptions{Format: FormatXLSX, Sheet: "Rôles & co", Roles: []string{"a, b"}},
		texts("1", "x", "1", "a, b"),
	)
	if r := reader(t, string(book), Options{}); r.Dialect().Sheet != "Rôles & co" || r.Dialect().Sheets != 2 {
		t.Errorf("read %s", r.Dialect())
	}
	wantIn(
		t,
		partOf(t, book, "xl/worksheets/sheet1.xml"),
		`<autoFilter ref="$A$1:$D$2"`,
		`<formula1>roles!$A$1:$A$1</formula1>`,
	)
	for name, says := range map[string]string{
		"Roles": "cannot be called Roles", strings.Repeat("x", 32): "31 characters", "a/b": "can not contain",
	} {
		w, err := NewTableWriter(
			&bytes.Buffer{},
			columns,
			TableOptions{Format: FormatXLSX, Sheet: name, Roles: []string{"a, b"}},
		)
		if err == nil {
			err = w.Close()
		}
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("a sheet called %s: %v, want %s", name, err, says)
		}
	}
}
